"""One lean box: says what a real box says, at a real box's times, but keeps its records in memory. Pure.

It is for measuring a centre: a real outbox and link cost more than the centre's share of a box, so hundreds of them on
one machine would measure themselves. What the centre hears is the same: measurements as `edge.measure` makes them,
sensors' values, revisions of events, a status every few seconds; at most so many messages ahead of the centre's
acknowledgement, and again what is not acknowledged in time.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from contracts.event import EventRecord
from contracts.ids import new_id
from contracts.records import SeqRange
from contracts.status import BoxState, BoxStatus, CameraState, CameraStatus, OutboxStatus
from contracts.topics import BoxTopic, Channel
from contracts.wire import iso_milliseconds
from demo.sim.fleet import ZONE, SimBox
from demo.sim.traffic import Stream, Traffic
from edge.centre.link import CHANNELS, MAX_BATCH_RECORDS, MAX_IN_FLIGHT, RESEND_LONGEST_S, RESEND_S
from edge.centre.outbox import Kind, Stored

LINE: Final = "cua"
_OF_BOX: Final = ("box.cpu_percent", "box.memory_percent", "box.disk_free_bytes", "outbox.pending")
_OF_CAMERA: Final = (
    "camera.streaming",
    "camera.fps",
    "camera.analysed_fps",
    "camera.regions_skipped",
    "camera.brightness",
    "camera.sharpness",
)
_OF_LINE: Final = ("line.in", "line.out")
_OF_DEVICE: Final = ("temperature_c", "humidity_percent", "power_w")


def measured(box: SimBox) -> list[Stream]:
    """What a box tells of itself and its cameras in every measurement: one zone and one line a camera."""
    return [
        *(Stream(box.id, metric) for metric in _OF_BOX),
        *(Stream(camera, metric) for camera in box.cameras for metric in _OF_CAMERA),
        *(Stream(camera, "zone.people", ZONE) for camera in box.cameras),
        *(Stream(camera, metric, LINE) for camera in box.cameras for metric in _OF_LINE),
    ]


def sensed(device: str) -> list[Stream]:
    """What one sensor tells."""
    return [Stream(device, metric) for metric in _OF_DEVICE]


@dataclass(frozen=True, slots=True)
class Made:
    """A record that waits for the centre. `at` is on the monotonic clock."""

    stored: Stored
    at: float


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to be sent now, and again after `again_s`."""

    channel: Channel
    records: Sequence[Stored]
    again_s: float


@dataclass(frozen=True, slots=True)
class Settled:
    """So many records were committed so long after they were made."""

    seconds: float
    records: int


class LeanBox:
    """What one box has said and not heard of. `now` is the monotonic clock, `clock` the wall's."""

    def __init__(self, box: SimBox, seed: int) -> None:
        self.box = box
        self.epoch: UUID = new_id()
        self.session: UUID = new_id()
        self.made = 0
        self._n = 0
        self._dice = random.Random(f"{seed}/{box.id}")
        self._traffic = Traffic(box, seed)
        self._measured = measured(box)
        self._waiting: dict[int, Made] = {}
        self._since = datetime.now(UTC)
        self._sent: list[tuple[float, int]] = []
        self._cursor = 0
        self._resend_s = RESEND_S

    def topic(self, channel: Channel) -> str:
        return str(BoxTopic(self.box.ward, self.box.id, channel))

    @property
    def pending(self) -> int:
        return len(self._waiting)

    def measure(self, now: float, clock: datetime) -> None:
        """One measurement of the box and its cameras."""
        self._take_samples(self._measured, now, clock)

    def sense(self, device: str, now: float, clock: datetime) -> None:
        """One report of a sensor."""
        self._take_samples(sensed(device), now, clock)

    def see(self, now: float, clock: datetime) -> None:
        """The next revision of an event."""
        event = self._traffic.next_event(clock)
        self._keep(Kind.EVENT, EventRecord(seq=self.made + 1, event=event).to_bytes().decode(), now)

    def status(self, clock: datetime, state: BoxState = BoxState.ONLINE) -> bytes:
        """How the box is; a will and a farewell say less."""
        if state is BoxState.OFFLINE:
            return BoxStatus(box=self.box.id, session=self.session, n=self._n + 1, state=state, at=clock).to_bytes()
        self._n += 1
        cameras = tuple(
            CameraStatus(
                id=camera, site=self.box.site, state=CameraState.STREAMING, since=self._since, width=1920, height=1080,
                fps=round(self._dice.uniform(24.7, 25.3), 1), analysed_fps=round(self._dice.uniform(4.8, 5.2), 1),
            )
            for camera in self.box.cameras
        )  # fmt: skip
        outbox = OutboxStatus(epoch=self.epoch, head=self.made, pending=self.pending, dropped=0)
        return BoxStatus(
            box=self.box.id, session=self.session, n=self._n, state=state, at=clock, version="lean", outbox=outbox,
            cameras=cameras,
        ).to_bytes()  # fmt: skip

    def reconnected(self) -> None:
        """A new connection: what waits is sent again from its beginning."""
        self._sent.clear()
        self._cursor = 0

    def disconnected(self) -> None:
        """The next connection's will names the next session."""
        self.session, self._n = new_id(), 0

    def outgoing(self, now: float) -> Iterator[Outgoing]:
        """What may be sent now, and is then on its way."""
        oldest = next(iter(self._waiting), None)
        self._sent = [(at, last) for at, last in self._sent if oldest is not None and last >= oldest]
        if self._sent and now - self._sent[0][0] > self._resend_s:
            self._resend_s = min(RESEND_LONGEST_S, 2 * self._resend_s)
            self.reconnected()
        while len(self._sent) < MAX_IN_FLIGHT and (batch := self._batch()):
            self._cursor = batch[-1].seq
            self._sent.append((now, self._cursor))
            yield Outgoing(CHANNELS[batch[0].kind], batch, self._resend_s)

    def acknowledged(self, epoch: UUID, ranges: Iterable[SeqRange], now: float) -> list[Settled]:
        """The centre has committed these; how long each record had waited, those of one moment together."""
        if epoch != self.epoch:
            return []
        ages: dict[float, int] = {}
        for span in ranges:
            for seq in range(span.first, min(span.last, self.made) + 1):
                made = self._waiting.pop(seq, None)
                if made:
                    ages[made.at] = ages.get(made.at, 0) + 1
        if ages:
            self._resend_s = RESEND_S
        return [Settled(now - at, records) for at, records in ages.items()]

    def _take_samples(self, streams: Iterable[Stream], now: float, clock: datetime) -> None:
        at = iso_milliseconds(clock.replace(microsecond=clock.microsecond // 1000 * 1000))
        for stream in streams:
            zone = f',"zone":"{stream.zone}"' if stream.zone else ""
            body = (
                f'{{"seq":{self.made + 1},"at":"{at}","device":"{stream.device}","metric":"{stream.metric}",'
                f'"value":{self._dice.randrange(100_000) / 1000}{zone}}}'
            )
            self._keep(Kind.SAMPLE, body, now)

    def _keep(self, kind: Kind, body: str, now: float) -> None:
        self.made += 1
        self._waiting[self.made] = Made(Stored(1, self.epoch, self.made, kind, body), now)

    def _batch(self) -> list[Stored]:
        """The next records behind the cursor that one message holds: of one kind, and not too many."""
        batch: list[Stored] = []
        if self._cursor >= self.made:
            return batch
        for seq in range(self._cursor + 1, self.made + 1):
            made = self._waiting.get(seq)
            if made is None:
                continue
            if batch and (made.stored.kind is not batch[0].kind or len(batch) >= MAX_BATCH_RECORDS):
                break
            batch.append(made.stored)
        return batch
