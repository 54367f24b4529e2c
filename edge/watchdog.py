"""Notices threads that hang: a camera's is left to itself and replaced, one that all cameras need ends the process.

A sub-stream is only a comfort: one that hangs again and again is given up.

Python cannot end a thread that is inside a C library. So a hung one stays until the process ends, and only a few may.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from edge.centre.sub import Sub
from edge.notify import ALIVE, ServiceNotice
from edge.station import Station
from edge.supervise import Supervisor

log = logging.getLogger(__name__)

TICK_S: Final = 1.0
LIMIT_S: Final = 60.0
"""Whoever does not come by for this long hangs: all that a thread waits for has a limit of some 20 s in sum."""

MOST_REPLACED: Final = 3
"""A camera whose thread hangs more often costs the box more than a fresh start does."""


class Verdict(StrEnum):
    FINE = "fine"
    REPLACE = "replace"
    END = "end"


@dataclass(frozen=True, slots=True)
class Pulse:
    """How long a thread has not come by, and how often it has been replaced; None for one that cannot be."""

    silent_s: float
    replaced: int | None = None


def judge(pulse: Pulse, limit_s: float = LIMIT_S) -> Verdict:
    """What to do about a thread."""
    if pulse.silent_s <= limit_s:
        return Verdict.FINE
    if pulse.replaced is None or pulse.replaced >= MOST_REPLACED:
        return Verdict.END
    return Verdict.REPLACE


class Beating(Protocol):
    """Says when its thread last came by, on the monotonic clock."""

    @property
    def beat_at(self) -> float: ...


class Watchdog:
    """Looks at every thread once a second, and tells systemd that somebody does."""

    def __init__(
        self,
        supervisor: Supervisor,
        stations: Collection[Station],
        vital: dict[str, Beating],
        replace: Callable[[Station], None],
        notice: ServiceNotice,
        *,
        subs: Collection[Sub] = (),
        replace_sub: Callable[[Sub], None] = Sub.renew_capture,
        limit_s: float | None = None,
    ) -> None:
        self._supervisor = supervisor
        self._stations = stations
        self._vital = vital
        self._replace = replace
        self._notice = notice
        self._subs = subs
        self._replace_sub = replace_sub
        self._limit_s = LIMIT_S if limit_s is None else limit_s
        self._replaced: Counter[str] = Counter()

    def run(self, stop: threading.Event) -> None:
        """Look until `stop` is set."""
        while not stop.wait(TICK_S):
            self._look(time.monotonic())

    def _look(self, now: float) -> None:
        for name, duty in self._vital.items():
            silent_s = now - duty.beat_at
            if judge(Pulse(silent_s), self._limit_s) is Verdict.END:
                self._supervisor.give_up(f"{name} hangs since {silent_s:.0f} s")
                return
        for station in self._stations:
            station.check(now)
            self._look_at(station, now)
        for sub in self._subs:
            self._look_at_sub(sub, now)
        self._notice.say(ALIVE)

    def _look_at(self, station: Station, now: float) -> None:
        camera = station.settings.id
        if station.capture.abandoned:  # it leaves
            return
        silent_s = now - station.capture.beat_at
        match judge(Pulse(silent_s, self._replaced[camera]), self._limit_s):
            case Verdict.REPLACE:
                self._replaced[camera] += 1
                log.error("the thread of camera %s hangs since %.0f s, another takes over", camera, silent_s)
                self._replace(station)
            case Verdict.END:
                self._supervisor.give_up(f"the thread of camera {camera} hangs again and again")

    def _look_at_sub(self, sub: Sub, now: float) -> None:
        name = f"sub-stream of camera {sub.camera}"
        silent_s = now - sub.capture.beat_at
        if sub.capture.abandoned or judge(Pulse(silent_s), self._limit_s) is Verdict.FINE:
            return
        self._replaced[name] += 1
        if self._replaced[name] > MOST_REPLACED:
            log.error("the thread of the %s hangs again and again, nobody sees it until this box starts anew", name)
            sub.capture.abandon()
        else:
            log.error("the thread of the %s hangs since %.0f s, another takes over", name, silent_s)
            self._replace_sub(sub)
