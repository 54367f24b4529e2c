"""Brings the accounts that the database wants into the broker: when one changes, when the broker comes back, and now
and then, so that one that lost its accounts has them again soon. Several at once do no harm: what is so is not told.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

import psycopg
from prometheus_client import CollectorRegistry, Gauge
from psycopg import Connection, sql
from psycopg.rows import TupleRow
from pydantic import SecretStr

from contracts.accounts import AccountKind, client_of, doctor_client, doctor_login
from ingest.accounts.control import Control, ControlError
from ingest.accounts.plan import Account, Held, Step, steps
from ingest.accounts.roles import INGEST, rights_of, rights_of_ingest
from ingest.config import MqttSettings
from storage import broker_accounts
from storage.broker_accounts import AccountRow
from storage.sealing import Seal, SealError

log = logging.getLogger(__name__)

AT_ONCE: Final = 50
"""Commands in one message."""
RETRY_S: Final = 2.0
LOOK_S: Final = 0.3


class AccountsWorker:
    """Owns the connection to the database; `own` are the settings by which the ingest workers sign in."""

    def __init__(self, conninfo: SecretStr, control: Control, seal: Seal, own: MqttSettings, every_s: float) -> None:
        self._conninfo = conninfo
        self._control = control
        self._seal = seal
        self._own = own
        self._own_mark = _mark_of_own(own)
        self._every_s = every_s
        self.registry = CollectorRegistry()
        self._good = Gauge(
            "phoan_accounts_in_order_timestamp_seconds",
            "when the broker last held what it should",
            registry=self.registry,
        )

    def run(self, stop: threading.Event) -> None:
        """Keep the broker's accounts until `stop` is set."""
        self._control.start()
        said = ""
        try:
            while not stop.is_set():
                try:
                    self._keep(stop)
                except (psycopg.Error, ControlError) as error:
                    text = str(error).strip().partition("\n")[0]
                    if text != said:
                        log.error("the broker's accounts are not kept now, trying on: %s", text)
                    said = text
                    stop.wait(RETRY_S)
        finally:
            self._control.stop()

    def _keep(self, stop: threading.Event) -> None:
        """Go on until `stop` is set. Raises psycopg.Error and ControlError."""
        with psycopg.connect(self._conninfo.get_secret_value(), autocommit=True, connect_timeout=5) as db:
            db.execute(sql.SQL("LISTEN {}").format(sql.Identifier(broker_accounts.CHANNEL)))
            while not stop.is_set():
                self._control.arrived.clear()
                self._bring(broker_accounts.accounts(db))
                broker_accounts.silence(db)
                self._wait(db, stop)

    def _wait(self, db: Connection[TupleRow], stop: threading.Event) -> None:
        """Until something may have changed."""
        deadline = time.monotonic() + self._every_s
        while not stop.is_set() and not self._control.arrived.is_set() and time.monotonic() < deadline:
            if list(db.notifies(timeout=LOOK_S, stop_after=1)):
                return

    def _bring(self, rows: list[AccountRow]) -> None:
        wanted, held = self._wanted(rows), self._control.held()
        passwords = self._passwords(rows, steps(wanted, held))
        unread = {login for login, password in passwords.items() if password is None}
        # What they had before is good no more: somebody else may hold it.
        shut = {login: replace(wanted.accounts[login], shut_out=True) for login in unread}
        todo = steps(replace(wanted, accounts={**wanted.accounts, **shut}), held)
        refused: list[str] = []
        for start in range(0, len(todo), AT_ONCE):
            refused += self._control.tell([_command(step, passwords) for step in todo[start : start + AT_ONCE]])
        if todo:
            log.info("brought the broker's accounts into order: %s", _counted(todo))
        for sentence in refused:
            log.error("the broker refuses %s", sentence)
        if not refused and not unread:
            self._good.set_to_current_time()

    def _wanted(self, rows: list[AccountRow]) -> Held:
        accounts: dict[str, Account] = {}
        roles = {row.login: rights_of(AccountKind(row.kind), row.ward_id, row.name) for row in rows}
        for row in rows:
            mark, kind = hashlib.sha256(row.password_hash).hexdigest()[:32], AccountKind(row.kind)
            out = row.revoked_at is not None
            accounts[row.login] = Account(mark, client_of(kind, row.name), (row.login,), out)
            if kind is AccountKind.BOX:
                accounts[doctor_login(row.login)] = Account(mark, doctor_client(row.name), (row.login,), out)
        if self._own.username:
            roles[INGEST] = rights_of_ingest()
            accounts[self._own.username] = Account(self._own_mark, None, (INGEST,))
        return Held(accounts, roles)

    def _passwords(self, rows: list[AccountRow], todo: list[Step]) -> dict[str, str | None]:
        """Those that `todo` needs; None for one that cannot be read, which is said."""
        sealed = {login: row.sealed for row in rows for login in _logins(row)}
        found: dict[str, str | None] = {}
        for login in (step.password_of for step in todo if step.password_of):
            if login not in sealed:
                assert self._own.password
                found[login] = self._own.password.get_secret_value()
                continue
            try:
                found[login] = self._seal.open(sealed[login])
            except SealError as error:
                log.error("the password of %s cannot be read: %s", login, error)
                found[login] = None
        return found


def _command(step: Step, passwords: Mapping[str, str | None]) -> dict[str, object]:
    command = {"command": step.command, **step.fields}
    return {**command, "password": passwords[step.password_of]} if step.password_of else command


def _logins(row: AccountRow) -> Iterable[str]:
    return (row.login, doctor_login(row.login)) if row.kind == AccountKind.BOX else (row.login,)


def _mark_of_own(own: MqttSettings) -> str:
    """A person may have chosen this password, so its mark is slow to make."""
    password = own.password.get_secret_value() if own.password else ""
    return hashlib.pbkdf2_hmac("sha512", password.encode(), b"phoan ingest at the broker", 200_000).hex()[:32]


def _counted(todo: Iterable[Step]) -> str:
    names = [step.command for step in todo]
    return ", ".join(f"{names.count(name)} {name}" for name in dict.fromkeys(names))
