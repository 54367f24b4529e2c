"""`phoan-ingest accounts`: keeps the broker's accounts, or writes the state with which a broker begins."""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path

from contracts.settings import SettingsError
from ingest.accounts.control import Control
from ingest.accounts.initial import initial_state
from ingest.accounts.settings import AccountsSettings
from ingest.accounts.worker import AccountsWorker
from ingest.config import IngestSettings
from ingest.metrics import serve
from storage.sealing import SealError, read_seal

log = logging.getLogger(__name__)


def run(settings: IngestSettings, stop: threading.Event) -> int:
    """Keep the accounts until `stop` is set. Raises SettingsError for what the settings lack."""
    found = _section(settings)
    if settings.mqtt.username and settings.mqtt.password is None:
        raise SettingsError("field mqtt.password: is missing; the broker's account of ingest is made with it.")
    try:
        seal = read_seal(found.key_file)
    except SealError as error:
        raise SettingsError(f"field accounts.key_file: {error}") from None
    control = Control(settings.mqtt, found.username, _password(found))
    worker = AccountsWorker(settings.database, control, seal, settings.mqtt, found.every_s)
    figures = found.metrics
    stop_metrics = serve(worker.registry, figures.host, figures.port) if figures else None
    log.info("keeping the broker's accounts")
    try:
        worker.run(stop)
    finally:
        if stop_metrics:
            stop_metrics()
    log.info("the broker's accounts are kept no more")
    return 0


def write_initial_state(settings: IngestSettings, file: Path) -> int:
    """Write the plugin's first file, with the administrator alone; one that is there is left as it is."""
    found = _section(settings)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        print(f"{file} is there already and was left as it is")
        return 0
    except OSError as error:
        raise SettingsError(f"{file}: cannot be written: {error.strerror}.") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as state:
        state.write(initial_state(found.username, _password(found)))
    print(f"wrote {file}: give it to the account that the broker runs under")
    return 0


def _section(settings: IngestSettings) -> AccountsSettings:
    if settings.accounts is None:
        raise SettingsError("The settings have no section accounts, which says how to sign in at the broker.")
    return settings.accounts


def _password(found: AccountsSettings) -> str:
    try:
        password = found.password_file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsError(f"field accounts.password_file: cannot be read: {error.strerror}.") from None
    if not password:
        raise SettingsError("field accounts.password_file: the file is empty.")
    return password
