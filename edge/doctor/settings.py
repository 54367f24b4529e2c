"""What the box runs on, as far as it can be read: its file, its passwords, and what the centre pushed over them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from contracts.report import Finding
from contracts.settings import SettingsError, load
from edge import pulse
from edge.config import EdgeSettings
from edge.configuration import credentials
from edge.configuration.configuration import FOLDER
from edge.configuration.document import merged, with_logins
from edge.configuration.kept import Files, Revision
from edge.doctor.checks import bad, ok, warn
from edge.pulse import Pulse

PUSHED: Final = "settings_pushed"
"""The code that says that the centre's configuration is over the box's own."""


@dataclass(frozen=True, slots=True)
class Box:
    """`settings` is None where the file is broken: then only the machine is looked at."""

    settings: EdgeSettings | None
    findings: tuple[Finding, ...]
    pulse: Pulse | None = None


def read_box(config: Path) -> Box:
    """Read it all; what is wrong is a finding, never an error."""
    try:
        logins = credentials.load(credentials.beside(config))
        base = with_logins(load(EdgeSettings, config), logins)
    except (SettingsError, ValueError) as error:
        said = str(error) if isinstance(error, SettingsError) else "the addresses of its cameras cannot be read."
        return Box(None, (bad("settings_bad", reason=said[:200]),))
    revision = _pushed(base.data_dir)
    settings = base
    try:
        if revision:
            settings = merged(base, revision.document, logins)
    except SettingsError as error:
        return Box(base, (bad("settings_bad", reason=str(error)[:200]),), pulse.read(base.data_dir))
    said_last = pulse.read(base.data_dir)
    return Box(settings, tuple(_findings(settings, revision, said_last)), said_last)


def _pushed(data_dir: Path) -> Revision | None:
    """The last good configuration of the centre's."""
    folder = data_dir / FOLDER
    try:
        return Files(folder).good() if folder.is_dir() else None
    except OSError:
        return None


def _findings(settings: EdgeSettings, revision: Revision | None, said: Pulse | None) -> Iterator[Finding]:
    if settings.cameras:
        yield ok("settings_good", cameras=len(settings.cameras))
    else:
        yield warn("settings_no_cameras")
    if revision:
        yield ok(PUSHED, revision=revision.revision)
    if said:
        yield ok("box_running", streaming=said.streaming, cameras=said.cameras)
    else:
        yield warn("box_stopped")
