"""What the running box says of itself to programs beside it: the container's health check, and the updater.

A small file in the box's folder, written anew every few seconds; without a disk there is no pulse, and nothing else
suffers. Moments are of the kernel's clock since it started, which nobody sets.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationError

from contracts.ids import new_id
from contracts.status import CameraState, CameraStatus

log = logging.getLogger(__name__)

FILE: Final = "pulse.json"
EVERY_S: Final = 3.0
STALE_S: Final = 20.0
"""A box that has not said anything for this long hangs, or is gone."""

_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")


class Pulse(BaseModel):
    """How the box is. `run` names one start of the program."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    run: UUID
    version: str
    boot: str
    beat_s: float
    linked: bool
    cameras: int
    streaming: int

    def fresh(self, boot: str, now_s: float) -> bool:
        """Whether the box runs: it said so lately, and since the machine started."""
        return self.boot == boot and 0 <= now_s - self.beat_s <= STALE_S


class PulseFile:
    """Owns the file. `linked` and `cameras` are asked each time."""

    def __init__(
        self, folder: Path, version: str, linked: Callable[[], bool], cameras: Callable[[], tuple[CameraStatus, ...]]
    ) -> None:
        self._path = folder / FILE
        self._version = version
        self._linked = linked
        self._cameras = cameras
        self._run = new_id()
        self._failing = False

    def run(self, stop: threading.Event) -> None:
        """Write until `stop` is set, then leave none."""
        while True:
            self._write()
            if stop.wait(EVERY_S):
                break
        self._path.unlink(missing_ok=True)

    def _write(self) -> None:
        states = [camera.state for camera in self._cameras()]
        pulse = Pulse(
            run=self._run,
            version=self._version,
            boot=boot(),
            beat_s=clock(),
            linked=self._linked(),
            cameras=len(states),
            streaming=states.count(CameraState.STREAMING),
        )
        draft = self._path.with_suffix(".draft")
        try:
            draft.write_text(pulse.model_dump_json())  # not synced: after a power cut it means nothing
            draft.replace(self._path)
        except OSError as error:
            if not self._failing:
                log.warning("the box's pulse cannot be written to %s: %s", self._path, error.strerror)
            self._failing = True
        else:
            self._failing = False


def read(folder: Path) -> Pulse | None:
    """What the box said last, if it runs; None when it does not, or cannot say so."""
    try:
        pulse = Pulse.model_validate_json((folder / FILE).read_bytes())
    except (OSError, ValidationError):
        return None
    return pulse if pulse.fresh(boot(), clock()) else None


def boot() -> str:
    """Names the time since the machine started."""
    return _BOOT.read_text().strip()


def clock() -> float:
    """Seconds since the machine started, the same for all programs on it."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
