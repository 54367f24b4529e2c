"""What a simulated box says next: lives of events on its cameras, rounds of samples of everything it measures. Pure.

The content follows from the seed and from how much was said before; only the times come from the clock. So a box that
is killed goes on where it was, once it has been told again (`remember`) what it had said.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from contracts.event import Event, EventKind, Phase, PictureBox, Severity, TrackSighting
from contracts.telemetry import Sample
from demo.sim.fleet import ZONE, SimBox

_TICK: Final = timedelta(milliseconds=1)
_SEVERITIES: Final = (Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL)
_WEIGHTS: Final = (50, 30, 15, 5)
_LONGEST_LIFE: Final = 6
"""Revisions that an event has at most, from its opening to its close."""

_OF_BOX: Final = ("box.cpu_percent", "box.memory_percent", "outbox.pending")
_OF_CAMERA: Final = ("zone.people", "camera.fps", "camera.streaming")
_OF_DEVICE: Final = ("temperature_c", "humidity_percent", "power_w")


@dataclass(frozen=True, slots=True)
class Stream:
    """One thing that is measured again and again."""

    device: str
    metric: str
    zone: str | None = None


def streams(box: SimBox) -> tuple[Stream, ...]:
    """Everything that a box measures, in the order of a round."""
    return (
        *(Stream(device, metric) for device in box.devices for metric in _OF_DEVICE),
        *(Stream(camera, metric, ZONE if metric == "zone.people" else None)
          for camera in box.cameras for metric in _OF_CAMERA),
        *(Stream(box.id, metric) for metric in _OF_BOX),
    )  # fmt: skip


class Traffic:
    """The script of one box. Not safe for several threads."""

    def __init__(self, box: SimBox, seed: int) -> None:
        self._box = box
        self._seed = f"{seed}/{box.id}"
        self._streams = streams(box)
        self._samples = 0
        self._round_at: datetime | None = None
        self._events = 0
        self._open: dict[str, Event] = {}

    def next_samples(self, count: int, now: datetime) -> list[Sample]:
        """The next `count` measurements. A round bears one time, which no other round bears."""
        samples = []
        for _ in range(count):
            turn = self._samples % len(self._streams)
            if turn == 0 or self._round_at is None:
                self._round_at = _after(self._round_at, now)
            stream = self._streams[turn]
            samples.append(
                Sample(
                    at=self._round_at,
                    device=stream.device,
                    metric=stream.metric,
                    zone=stream.zone,
                    value=zlib.crc32(f"{self._seed}/{self._samples}".encode()) % 100_000 / 1000,
                )
            )
            self._samples += 1
        return samples

    def next_event(self, now: datetime) -> Event:
        """The next revision on the camera whose turn it is: an opening, an update or a close."""
        camera = self._box.cameras[self._events % len(self._box.cameras)]
        dice = random.Random(f"{self._seed}/event/{self._events}")
        before = self._open.get(camera)
        event = self._changed(before, dice, now) if before else self._opened(camera, dice, now)
        self.remember_events([event])
        return event

    def remember_events(self, events: Iterable[Event]) -> None:
        """Events said, now or by an earlier run."""
        for event in events:
            self._events += 1
            self._open.pop(event.source, None)
            if event.phase is not Phase.CLOSE:
                self._open[event.source] = event

    def remember_samples(self, samples: Iterable[Sample]) -> None:
        """Samples said by an earlier run."""
        for sample in samples:
            self._samples += 1
            self._round_at = sample.at

    def _opened(self, camera: str, dice: random.Random, now: datetime) -> Event:
        at = _after(None, now)
        count = dice.randint(1, 6)
        return Event(
            id=_id(at, dice),
            revision=0,
            phase=Phase.OPEN,
            kind=dice.choice(list(EventKind)),
            severity=dice.choices(_SEVERITIES, _WEIGHTS)[0],
            site=self._box.site,
            camera=camera,
            zone=ZONE,
            rule=f"luat-{dice.randint(1, 3)}",
            opened_at=at,
            at=at,
            captured_at=at,
            count=count,
            peak_count=count,
            confidence=round(dice.random(), 3),
            tracks=tuple(_tracks(at, dice)),
            model="mo-phong",
            why={"seconds_in_zone": round(dice.uniform(1, 60), 1), "threshold_s": 1.0},
        )

    def _changed(self, before: Event, dice: random.Random, now: datetime) -> Event:
        at = _after(before.at, now)
        closing = dice.random() < 0.4 or before.revision >= _LONGEST_LIFE - 2
        count = 0 if closing else dice.randint(1, 9)
        return before.model_copy(
            update={
                "revision": before.revision + 1,
                "phase": Phase.CLOSE if closing else Phase.UPDATE,
                "at": at,
                "captured_at": at,
                "closed_at": at if closing else None,
                "close_reason": "cleared" if closing else None,
                "count": count,
                "peak_count": max(count, before.peak_count),
                "tracks": () if closing else tuple(_tracks(at, dice)),
            }
        )


def _after(earlier: datetime | None, now: datetime) -> datetime:
    """`now` to the millisecond, as the wire has it, but later than `earlier`."""
    at = now.replace(microsecond=now.microsecond // 1000 * 1000)
    return at if earlier is None else max(at, earlier + _TICK)


def _id(at: datetime, dice: random.Random) -> UUID:
    """A UUIDv7 of that moment whose random part is the dice's."""
    milliseconds = round(at.timestamp() * 1000)
    return UUID(int=milliseconds << 80 | 7 << 76 | dice.getrandbits(12) << 64 | 2 << 62 | dice.getrandbits(62))


def _tracks(at: datetime, dice: random.Random) -> Iterator[TrackSighting]:
    for _ in range(dice.randint(1, 3)):
        x, y = round(dice.uniform(0, 0.8), 4), round(dice.uniform(0, 0.6), 4)
        picture_box = PictureBox(x1=x, y1=y, x2=round(x + 0.1, 4), y2=round(y + 0.3, 4))
        yield TrackSighting(id=_id(at, dice), label="person", box=picture_box, confidence=round(dice.random(), 3))
