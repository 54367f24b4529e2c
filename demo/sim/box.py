"""One simulated box: its script, its ledger, and the outbox and link that a real box has."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from contracts.event import Event
from contracts.status import CameraState, CameraStatus
from contracts.telemetry import Sample
from demo.sim import ledger
from demo.sim.fleet import SimBox, edge_settings
from demo.sim.ledger import HandOver, Ledger
from demo.sim.traffic import Traffic
from edge.centre.link import Link
from edge.centre.outbox import Outbox
from edge.config import MqttSettings

log = logging.getLogger(__name__)

DISK: Final = "disk"
"""The folder, in a box's own, of what a real box has on its disk; the ledger lies outside it."""

EVENTS_AT_ONCE: Final = 20
SAMPLES_AT_ONCE: Final = 500
SAMPLES_EVERY_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class Rate:
    """How much one box says. `phase` (0 to 1) keeps the boxes of a fleet from all speaking at one moment."""

    events_per_s: float
    samples_per_s: float
    phase: float

    def events(self, elapsed_s: float) -> int:
        """Events that should have been said by now."""
        return int(self.events_per_s * elapsed_s + self.phase)

    def samples(self, elapsed_s: float) -> int:
        """Samples that should have been said by now; they come in bursts, as a real box measures."""
        bursts = int(elapsed_s / SAMPLES_EVERY_S + self.phase)
        return int(self.samples_per_s * bursts * SAMPLES_EVERY_S)


class RunningBox:
    """Owns the box's folder. `feed` is called by one thread only; the link runs in another."""

    def __init__(
        self, box: SimBox, folder: Path, seed: int, rate: Rate, mqtt: MqttSettings, outbox_max_records: int
    ) -> None:
        self.id = box.id
        self.events = self.samples = 0
        self._rate = rate
        self._traffic = Traffic(box, seed)
        self._owed: tuple[Sequence[Event], Sequence[Sample]] | None = None
        self._refused = False
        path = folder / ledger.NAME
        if path.exists():
            self._remember(path)
        self._ledger = Ledger(path)
        self.outbox = Outbox(folder / DISK / "outbox.db", max_records=outbox_max_records)
        self._statuses = tuple(
            CameraStatus(id=camera, site=box.site, state=CameraState.STREAMING, since=datetime.now(UTC), fps=25.0)
            for camera in box.cameras
        )
        self.link = Link(
            edge_settings(box, folder, mqtt), self.outbox, "sim", lambda: self._statuses, threading.Event()
        )

    def feed(self, elapsed_s: float) -> None:
        """Hand over what should have been said `elapsed_s` after the start, a bounded part of it at a time."""
        if self._owed and not self._hand_over_again(*self._owed):
            return
        for _ in range(min(EVENTS_AT_ONCE, self._rate.events(elapsed_s) - self.events)):
            if not self._hand_over([self._traffic.next_event(datetime.now(UTC))], []):
                return
        due = min(SAMPLES_AT_ONCE, self._rate.samples(elapsed_s) - self.samples)
        if due > 0:
            self._hand_over([], self._traffic.next_samples(due, datetime.now(UTC)))

    def close(self) -> None:
        """Close the files; the link must have ended."""
        self.outbox.close()
        self._ledger.close()

    def _remember(self, path: Path) -> None:
        """Take the script up where the last run was killed."""
        last: HandOver | None = None
        for last in ledger.read(path):
            self._traffic.remember_events(map(Event.model_validate, last.events))
            self._traffic.remember_samples(map(Sample.model_validate, last.samples))
        if last and last.last is None:
            events = [Event.model_validate(event) for event in last.events]
            self._owed = (events, [Sample.model_validate(sample) for sample in last.samples])

    def _hand_over(self, events: Sequence[Event], samples: Sequence[Sample]) -> bool:
        self._ledger.give(events=events, samples=samples)
        return self._append(events, samples)

    def _hand_over_again(self, events: Sequence[Event], samples: Sequence[Sample]) -> bool:
        self._ledger.again()
        return self._append(events, samples)

    def _append(self, events: Sequence[Event], samples: Sequence[Sample]) -> bool:
        """Whether the outbox took them; what it refuses stays owed."""
        try:
            for event in events:
                self.outbox.append_event(event)
            if samples:
                self.outbox.append_samples(samples)
        except sqlite3.OperationalError as error:
            if not self._refused:
                log.error("box %s: the outbox refuses records: %s", self.id, error)
            self._owed, self._refused = (events, samples), True
            return False
        self._ledger.taken(self.outbox.epoch, self.outbox.head)
        self.events += len(events)
        self.samples += len(samples)
        self._owed, self._refused = None, False
        return True
