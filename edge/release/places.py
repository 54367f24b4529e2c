"""Where versions lie, and the two links that say which of them runs.

    base/                the environment that was installed by hand; never changed, never removed
    versions/0.2.0/      a version: an environment of its own that finds in base what it does not bring
    current -> versions/0.2.0    what the box runs
    good -> versions/0.1.0       what is proven to run here; the updater itself runs from there
    update/              the updater's journal, and a bundle while it is fetched

A link is replaced in one step, so a power cut leaves the old one or the new one.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.footage.disk import sync

WHOLE: Final = ".whole"
"""Written into a version's folder last: one without it is torn."""


@dataclass(frozen=True, slots=True)
class Places:
    """One installation."""

    folder: Path

    @property
    def current(self) -> Path:
        return self.folder / "current"

    @property
    def good(self) -> Path:
        return self.folder / "good"

    @property
    def work(self) -> Path:
        return self.folder / "update"

    def of(self, version: str) -> Path:
        return self.folder / "versions" / version

    def program(self, version: str) -> Path:
        return self.of(version) / "bin" / "phoan-edge"

    def is_whole(self, version: str) -> bool:
        return (self.of(version) / WHOLE).exists()

    def point(self, link: Path, version: str) -> None:
        """Have `link` name a version. Once this returns it survives a power cut."""
        draft = link.with_name(f".{link.name}.draft")
        draft.unlink(missing_ok=True)
        draft.symlink_to(self.of(version).relative_to(self.folder))
        os.replace(draft, link)
        sync(self.folder)

    def named(self, link: Path) -> str | None:
        """The version that a link names; None when it names none that is here."""
        try:
            version = Path(os.readlink(link)).name
        except OSError:
            return None
        return version if self.of(version).is_dir() else None

    def remove(self, version: str) -> None:
        """Remove a version's folder, beginning with what says that it is whole."""
        (self.of(version) / WHOLE).unlink(missing_ok=True)
        shutil.rmtree(self.of(version), ignore_errors=True)

    def tidy(self, keep: set[str | None]) -> list[str]:
        """Remove all versions but these, and bundles; returns what was removed."""
        removed = []
        for path in sorted((self.folder / "versions").iterdir()):
            if path.name not in keep:
                self.remove(path.name)
                removed.append(path.name)
        for bundle in self.work.glob("*.tar*"):
            bundle.unlink()
        return removed
