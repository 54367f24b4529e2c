"""Files that are made once and then kept: written whole or not at all, for one account, and never over another.

Each secret has one reader, the account under which a service runs in its container; that account owns the file. Only
root can give files away: run by somebody else, the files stay theirs.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

SECRET = 0o400
PUBLIC = 0o444
EDITED = 0o644


@dataclass(frozen=True, slots=True)
class Owner:
    """The account, by number, under which a service runs in its container."""

    uid: int

    def give(self, path: Path) -> None:
        if os.geteuid() == 0:
            os.chown(path, self.uid, self.uid)


CENTRE = Owner(10001)
PROXY = Owner(10002)
BROKER = Owner(1883)
DATABASE = Owner(70)
GRAFANA = Owner(472)
HOST = Owner(0)


class Folder:
    """Owns a folder; `made` names what was written in this run."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.made: list[str] = []

    def prepare(self) -> None:
        """Nobody else gets through this folder, whatever the files in it allow."""
        self.path.mkdir(parents=True, exist_ok=True)
        self.path.chmod(0o700)
        for part in ("certificates", "secrets", "settings"):
            (self.path / part).mkdir(exist_ok=True)
        backups = self.path / "backups"
        if not backups.exists():
            backups.mkdir(mode=0o700)
            CENTRE.give(backups)

    def keep(self, name: str, content: bytes, owner: Owner, mode: int = SECRET) -> None:
        """Write `name` unless it is there."""
        if not (self.path / name).exists():
            self.replace(name, content, owner, mode)

    def replace(self, name: str, content: bytes, owner: Owner, mode: int = SECRET) -> None:
        """Write `name`, in one step for whoever reads it."""
        path = self.path / name
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            owner.give(draft)
            draft.chmod(mode)
            draft.rename(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        self.made.append(name)

    def text(self, name: str) -> str:
        """What `name` holds, without the line's end."""
        return (self.path / name).read_text(encoding="utf-8").rstrip("\n")
