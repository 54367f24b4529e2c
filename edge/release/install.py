"""Writes what systemd needs to run a box: units, the account, the journal's bounds, and the first version's folder.

Knows the files and where they belong; what the units say is in the templates beside this module. Starts nothing: who
installs is told what to do next.
"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Final

from contracts.release import BundleError
from contracts.settings import SettingsError
from edge.release.environment import BASE, base_of, make
from edge.release.places import Places

UNITS: Final = ("phoan-edge.service", "phoan-edge-update.service", "phoan-edge-update.timer")
OTHERS: Final = {
    "phoan.sysusers": "usr/lib/sysusers.d/phoan.conf",
    "journald": "etc/systemd/journald.conf.d/phoan.conf",
}
WATCHDOG: Final = {"watchdog": "etc/systemd/system.conf.d/phoan-watchdog.conf"}
_UNIT_FOLDER: Final = "etc/systemd/system"
COMMAND: Final = "usr/local/bin/phoan-edge"


@dataclass(frozen=True, slots=True)
class Installation:
    """Where a box is installed. `root` is another machine's file system, for images and tests."""

    root: Path = Path("/")
    folder: Path = Path("/opt/phoan")
    etc: Path = Path("/etc/phoan")
    data: Path = Path("/var/lib/phoan")
    user: str = "phoan"
    memory_high: str = "75%"
    memory_max: str = "85%"
    watchdog: bool = False

    def texts(self) -> dict[str, str]:
        """Every file, by its place below the root."""
        places = {name: f"{_UNIT_FOLDER}/{name}" for name in UNITS} | OTHERS | (WATCHDOG if self.watchdog else {})
        return {place: self.text(name) for name, place in places.items()}

    def text(self, name: str) -> str:
        """A template with this box's places in it."""
        values = {
            "folder": self.folder, "etc": self.etc, "data": self.data, "user": self.user,
            "memory_high": self.memory_high, "memory_max": self.memory_max,
        }  # fmt: skip
        return template(name).format(**values)

    def below(self, path: Path) -> Path:
        return self.root / path.relative_to("/")

    def write(self) -> list[Path]:
        """Write all files. Raises SettingsError where that cannot be done."""
        written = []
        try:
            for place, text in self.texts().items():
                path = self.root / place
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
                path.chmod(0o644)
                written.append(path)
            self.below(self.etc).mkdir(mode=0o750, parents=True, exist_ok=True)
            self.below(self.folder).mkdir(parents=True, exist_ok=True)
            written += self._link()
        except OSError as error:
            raise SettingsError(f"{error.filename}: cannot be written: {error.strerror}; run it with sudo.") from None
        return written

    def _link(self) -> list[Path]:
        """Have `phoan-edge` found by who types it, unless something else bears that name."""
        link, program = self.root / COMMAND, self.folder / "current" / "bin" / "phoan-edge"
        if link.is_symlink() or not link.exists():
            link.parent.mkdir(parents=True, exist_ok=True)
            link.unlink(missing_ok=True)
            link.symlink_to(program)
            return [link]
        return []

    def first_version(self) -> str:
        """Make the running version the one that the units start, unless one is there. Raises SettingsError."""
        places, running = Places(self.below(self.folder)), version("phoan")
        base = places.folder / BASE
        try:
            if not base.exists():
                base.symlink_to(sys.prefix)
            found = places.named(places.good)
            if found and places.is_whole(found):
                if places.named(places.current) is None:
                    places.point(places.current, found)
                return found
            places.remove(running)
            make(places, base_of(places), running, [])
            for link in (places.good, places.current):
                places.point(link, running)
        except BundleError as error:
            raise SettingsError(f"{places.folder}: version {running} cannot be made there: {error}.") from None
        except OSError as error:
            raise SettingsError(f"{places.folder}: cannot be written: {error.strerror}; run it with sudo.") from None
        return running

    def own(self) -> None:
        """Give the settings' folder to the box's account, if there is one already."""
        try:
            shutil.chown(self.below(self.etc), self.user, self.user)
        except (LookupError, PermissionError):
            return  # the account comes with systemd-sysusers; what to do next says so


def template(name: str) -> str:
    """The text of a template."""
    return (files(__package__) / "units" / f"{name}.txt").read_text(encoding="utf-8")


def next_steps(installation: Installation) -> str:
    """What whoever installed does now, in words and commands."""
    etc, user, usual = installation.etc, installation.user, Installation()
    enrol = "enrol CODE@CENTRE" if etc == usual.etc else f"--config {etc}/edge.yaml enrol CODE@CENTRE"
    enrol += "" if installation.data == usual.data else f" --data {installation.data}"
    steps = [
        "sudo systemd-sysusers",
        f"sudo chown {user}:{user} {etc}",
        "sudo systemctl daemon-reload && sudo systemctl restart systemd-journald",
        f"sudo {installation.folder}/current/bin/phoan-edge {enrol}    # the code: on the wall, page Devices",
        "sudo systemctl enable --now phoan-edge.service phoan-edge-update.timer",
        "systemctl status phoan-edge && journalctl -u phoan-edge -f",
    ]
    return "\n".join(["What to do next:", *(f"  {number}. {step}" for number, step in enumerate(steps, 1))])


def is_root() -> bool:
    return os.geteuid() == 0
