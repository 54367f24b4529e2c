"""Runs many lean boxes on one thread, a real MQTT connection each, and tells every second what is heard of them.

A line of JSON a second: what was made and committed, how late, what the connections carried, and what this process
itself has cost, so that whoever measures a centre sees when the crowd is what is slow.
"""

from __future__ import annotations

import json
import random
import selectors
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final, TextIO

from demo.sim.fleet import Fleet
from demo.sim.lean import LeanBox, Settled
from demo.sim.member import Member, Pace
from demo.sim.timetable import Timetable
from edge.config import MqttSettings

TELL_EVERY_S: Final = 1.0
LONGEST_WAIT_S: Final = 0.2


@dataclass(frozen=True, slots=True)
class CrowdPlan:
    """A run of a crowd; its boxes come one after another within `ramp_s`."""

    fleet: Fleet
    seed: int
    mqtt: MqttSettings
    pace: Pace
    ramp_s: float
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Told:
    """A crowd at one moment. All figures count from its beginning but two, which are of the time since the last word:
    `late`, [milliseconds from made to acknowledged, records], and `behind_ms`, how late the latest duty was done.
    """

    at: float
    connected: int
    connects: int
    made: int
    committed: int
    pending: int
    up_bytes: int
    down_bytes: int
    cpu_s: float
    behind_ms: float
    late: Sequence[tuple[float, int]]


class Crowd:
    """Owns the boxes, the selector and the timetable. Everything runs on the caller's thread."""

    def __init__(self, plan: CrowdPlan, out: TextIO) -> None:
        self._plan = plan
        self._out = out
        self._selector = selectors.DefaultSelector()
        self._times = Timetable()
        self._committed = 0
        self._late: list[Settled] = []
        self._members = [
            Member(LeanBox(box, plan.seed), plan.mqtt, self._selector, self._times, self._settled)
            for box in plan.fleet.all()
        ]

    def run(self, enough: threading.Event) -> None:
        """Speak until `enough` or until the time is up."""
        start, dice = time.monotonic(), random.Random(self._plan.seed)
        for number, member in enumerate(self._members):
            member.begin(start + self._plan.ramp_s * number / len(self._members), self._plan.pace, dice)
        self._times.at(start + TELL_EVERY_S, self._tell, TELL_EVERY_S)
        while not enough.is_set() and (self._plan.seconds is None or time.monotonic() < start + self._plan.seconds):
            for key, _ in self._selector.select(self._times.wait_s(LONGEST_WAIT_S)):
                key.data()
            self._times.do()
        self._tell(time.monotonic())
        for member in self._members:
            member.leave()

    def _settled(self, settled: list[Settled]) -> None:
        self._committed += sum(one.records for one in settled)
        self._late += settled

    def _tell(self, now: float) -> None:
        carried = [member.carried() for member in self._members]
        told = Told(
            at=now,
            connected=sum(member.connected for member in self._members),
            connects=sum(member.connects for member in self._members),
            made=sum(member.box.made for member in self._members),
            committed=self._committed,
            pending=sum(member.box.pending for member in self._members),
            up_bytes=sum(up for up, _ in carried),
            down_bytes=sum(down for _, down in carried),
            cpu_s=time.process_time(),
            behind_ms=round(self._times.behind_ms, 1),
            late=[(round(1000 * one.seconds, 1), one.records) for one in self._late],
        )
        self._late, self._times.behind_ms = [], 0.0
        self._out.write(json.dumps(asdict(told), separators=(",", ":")) + "\n")
        self._out.flush()
