"""What the updater remembers over a power cut: which wish it works on, how far it is, and what became of the last one.

One small file that is replaced as a whole. One that cannot be read is as none: then `good` is what runs.
"""

from __future__ import annotations

import logging
import os
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationError

from contracts.release import Fault, ReleaseReport, ReportState
from edge.footage.disk import sync

log = logging.getLogger(__name__)

FILE: Final = "journal.json"


class Step(StrEnum):
    """How far a wish is."""

    IDLE = "idle"  # nothing is under way
    LOADING = "loading"
    BUILDING = "building"
    TRIAL = "trial"  # `current` names it, or is about to
    BACK = "back"  # it failed; `current` is to name `good` again


class Progress(BaseModel):
    """The journal. `linked` and `streaming` are what the box did before a trial; `tries` how often it was begun.

    `settled` is the last wish that came to an end, well or not: it is not tried again. `report` waits for the centre.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    step: Step = Step.IDLE
    wish: UUID | None = None
    version: str = ""
    linked: bool = False
    streaming: int = 0
    tries: int = 0
    fault: Fault | None = None
    detail: str = ""
    settled: UUID | None = None
    previous: str | None = None
    report: ReleaseReport | None = None

    def reported(self, running: str, state: ReportState, fault: Fault | None = None, detail: str = "") -> Progress:
        """The same with something to tell the centre."""
        if self.wish is None:
            return self
        report = ReleaseReport(
            wish=self.wish,
            version=self.version,
            running=running,
            state=state,
            reason=fault,
            detail=detail[:500],
            at=datetime.now(UTC),
        )
        return self.model_copy(update={"report": report})


class Journal:
    """Owns the file."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / FILE
        self.now = self._read()

    def write(self, progress: Progress) -> Progress:
        """From now on this holds; once this returns it survives a power cut."""
        draft = self._path.with_suffix(".draft")
        with draft.open("wb") as file:
            file.write(progress.model_dump_json().encode())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)
        sync(self._path.parent)
        self.now = progress
        return progress

    def hold(self, progress: Progress) -> Progress:
        """As `write`; on a disk that takes nothing it holds for this run: going back must not wait for room."""
        try:
            return self.write(progress)
        except OSError as error:
            log.error("the journal of updates %s cannot be written: %s", self._path, error.strerror)
        self.now = progress
        return progress

    def change(self, **fields: object) -> Progress:
        return self.write(self.now.model_copy(update=fields))

    def _read(self) -> Progress:
        try:
            return Progress.model_validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return Progress()
        except (OSError, ValidationError):
            log.error("the journal of updates %s cannot be read; what was under way is taken back", self._path)
            return Progress(step=Step.BACK, fault=Fault.NOT_INSTALLED, detail="the journal was damaged")
