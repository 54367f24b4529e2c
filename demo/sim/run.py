"""Runs a fleet in one process: a link a box, and a few threads that feed the boxes in turn."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from demo.sim.box import Rate, RunningBox
from demo.sim.fleet import Fleet
from edge.config import MqttSettings
from edge.supervise import Supervisor

log = logging.getLogger(__name__)

FEEDERS: Final = 4
FEED_EVERY_S: Final = 0.05
SAY_EVERY_S: Final = 5.0
STOP_TIMEOUT_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Plan:
    """A run: who speaks, how much, where to, and for how long. Rates are those of the whole fleet."""

    fleet: Fleet
    seed: int
    events_per_s: float
    samples_per_s: float
    mqtt: MqttSettings
    data: Path
    outbox_max_records: int
    seconds: float | None
    drain_s: float

    def rate(self, number: int) -> Rate:
        """The share of the box of that number, from 0."""
        boxes = self.fleet.boxes
        return Rate(self.events_per_s / boxes, self.samples_per_s / boxes, (number + 0.5) / boxes)


@dataclass(frozen=True, slots=True)
class Said:
    """What a run has handed over, and what the centre had not acknowledged at its end."""

    events: int
    samples: int
    seconds: float
    drain_seconds: float
    pending: int
    dropped: int
    failed: bool


def run(plan: Plan, enough: threading.Event, stop: threading.Event) -> Said:
    """Speak for `plan.seconds` or until `enough`, then wait for the acknowledgements, at most `plan.drain_s` or until
    `stop`.
    """
    supervisor = Supervisor()
    boxes = [
        RunningBox(box, plan.data / box.id, plan.seed, plan.rate(number), plan.mqtt, plan.outbox_max_records)
        for number, box in enumerate(plan.fleet.all())
    ]
    for box in boxes:
        supervisor.start(f"link {box.id}", lambda box=box: box.link.run(supervisor.stop))  # type: ignore[misc]
    started = time.monotonic()
    for number in range(FEEDERS):
        supervisor.start(f"feeder {number}", lambda part=boxes[number::FEEDERS]: _feed(part, enough, started))  # type: ignore[misc]
    log.info("%d boxes speak", len(boxes))
    _watch(boxes, enough, supervisor, plan.seconds)
    enough.set()
    spoke_s = time.monotonic() - started
    drain_s = _drain(boxes, stop, supervisor, plan.drain_s)
    supervisor.stop.set()
    supervisor.join(STOP_TIMEOUT_S)
    said = Said(
        events=sum(box.events for box in boxes),
        samples=sum(box.samples for box in boxes),
        seconds=round(spoke_s, 2),
        drain_seconds=round(drain_s, 2),
        pending=sum(box.outbox.pending for box in boxes),
        dropped=sum(box.outbox.dropped for box in boxes),
        failed=supervisor.failed,
    )
    for box in boxes:
        box.close()
    return said


def _feed(boxes: Sequence[RunningBox], enough: threading.Event, started: float) -> None:
    while not enough.wait(FEED_EVERY_S):
        for box in boxes:
            box.feed(time.monotonic() - started)


def _watch(boxes: Sequence[RunningBox], enough: threading.Event, supervisor: Supervisor, seconds: float | None) -> None:
    """Wait for the end of the speaking, and say now and then how it goes."""
    deadline = None if seconds is None else time.monotonic() + seconds
    say_at = time.monotonic() + SAY_EVERY_S
    while not enough.wait(0.1) and not supervisor.stop.is_set():
        now = time.monotonic()
        if deadline is not None and now >= deadline:
            return
        if now >= say_at:
            say_at = now + SAY_EVERY_S
            said = sum(box.events + box.samples for box in boxes)
            log.info("%d records handed over, %d wait", said, sum(box.outbox.pending for box in boxes))


def _drain(boxes: Sequence[RunningBox], stop: threading.Event, supervisor: Supervisor, longest_s: float) -> float:
    """Wait until nothing is pending; the seconds that took."""
    began = time.monotonic()
    while time.monotonic() - began < longest_s and not stop.is_set() and not supervisor.stop.is_set():
        if not any(box.outbox.pending for box in boxes):
            break
        time.sleep(0.02)
    return time.monotonic() - began
