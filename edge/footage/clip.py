"""A clip for every event: which moments it shows, and the thread that cuts it from the ring while they pass.

Decided here: from `before` the opening until `after` it, or until the close when that is later, but never longer than
`longest`. Of a payment code the moments before count: who exchanged it is seen before the first sign of it, and the new
one may hang there for days. What the camera sent goes into the file as it is. Where a camera has privacy masks the
finished clip is drawn anew with the masks in it, by a second thread, since that may take longer than the ring can wait.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from queue import Empty, SimpleQueue
from typing import Final
from uuid import UUID

from contracts.event import Event, Phase, Severity
from edge.events import EventBook
from edge.footage.disk import DiskFullError
from edge.footage.media import MediaStore
from edge.footage.mp4 import Mp4Error
from edge.footage.redact import Redactor
from edge.footage.reel import Footage, Reel
from edge.footage.ring import Ring
from edge.footage.settings import ClipSettings

log = logging.getLogger(__name__)

TICK_S: Final = 0.5
LATE: Final = timedelta(seconds=2)
"""How long after its end a clip waits for packets that are still on their way; then the camera is taken to be gone."""


@dataclass(frozen=True, slots=True)
class Span:
    """From when until when a clip shows its event."""

    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class ClipRule:
    """How long clips are, around the opening; and before the first sign, of what shows itself before it is sure."""

    before: timedelta
    after: timedelta
    longest: timedelta
    before_sign: timedelta = timedelta(0)

    def span(self, event: Event, sign: datetime | None = None) -> Span:
        """What the clip of `event` shows, as far as is known at this revision. `sign`: when it first showed itself."""
        if sign is not None:
            return Span(sign - self.before_sign, event.opened_at + self.after)
        begin = event.opened_at - self.before
        latest = begin + self.longest
        if event.closed_at is None:
            return Span(begin, latest)
        return Span(begin, min(latest, max(event.opened_at + self.after, event.closed_at)))


def rule_of(settings: ClipSettings) -> ClipRule:
    return ClipRule(
        timedelta(seconds=settings.before_s),
        timedelta(seconds=settings.after_s),
        timedelta(seconds=settings.longest_s),
        timedelta(seconds=settings.payment_before_s),
    )


@dataclass(slots=True)
class Cut:
    """A clip in the making: `number` is the packet to go on with, once there is a first one; `sign` when the event
    first showed itself, if that was before it opened.
    """

    event: UUID
    severity: Severity
    camera: str
    span: Span
    reel: Reel
    sign: datetime | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    cut: Cut
    footage: Footage


class Clips:
    """Owns the cuts. `hear` may be called from any thread; `run` cuts, `run_finishing` masks and keeps."""

    def __init__(
        self,
        settings: ClipSettings,
        rings: Mapping[str, Ring],
        media: MediaStore,
        book: EventBook,
        redactor: Redactor,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._rule = rule_of(settings)
        self._rings = rings
        self._media = media
        self._book = book
        self._redactor = redactor
        self._now = now
        self._heard: SimpleQueue[tuple[Event, datetime | None]] = SimpleQueue()
        self._cuts: dict[UUID, Cut] = {}
        self.finished: SimpleQueue[Finished] = SimpleQueue()

    def hear(self, event: Event, sign: datetime | None = None) -> None:
        """An event opened or changed. `sign`: when what opened had first shown itself."""
        if event.camera in self._rings:
            self._heard.put((event, sign))

    def run(self, stop: threading.Event) -> None:
        """Cut clips until `stop` is set; what is being cut then is finished with what there is."""
        while not stop.wait(TICK_S):
            self.tick()
        for cut in list(self._cuts.values()):
            self._end(cut)
        while not self.finished.empty():
            finished = self.finished.get()
            if self._redactor.masks(finished.cut.camera):
                finished.footage.path.unlink()  # nothing unmasked may leave, and there is no time left to mask it
            else:
                self.finish(finished)

    def tick(self) -> None:
        """Take up what was heard, and write what came since the last time."""
        self._listen()
        room = not self._cuts or self._media.has_room()
        for cut in list(self._cuts.values()):
            if room:
                self._write(cut)
            else:
                self._give_up(cut, "the disk is full")

    def run_finishing(self, stop: threading.Event) -> None:
        """Mask and keep clips as they come until `stop` is set."""
        while not stop.is_set():
            try:
                self.finish(self.finished.get(timeout=TICK_S))
            except Empty:
                continue

    def finish(self, finished: Finished) -> None:
        """Mask where it must be, keep, and tell: the event's next revision bears the clip."""
        cut, footage = finished.cut, finished.footage
        try:
            path = self._redactor.redacted(cut.camera, footage.path)
            clip = self._media.put_file(path, cut.severity)
        except (DiskFullError, Mp4Error) as error:
            log.error("no clip of event %s of camera %s: %s", cut.event, cut.camera, error)
            footage.path.unlink(missing_ok=True)
            return
        self._book.add_clip(cut.event, clip, footage.began, self._now())

    def _listen(self) -> None:
        while not self._heard.empty():
            event, sign = self._heard.get()
            cut = self._cuts.get(event.id)
            if cut:
                cut.span = self._rule.span(event, cut.sign)
            elif event.revision == 0 and event.camera:
                reel = Reel(self._media.drafts / f"{event.id}.mp4")
                span = self._rule.span(event, sign)
                self._cuts[event.id] = Cut(event.id, event.severity, event.camera, span, reel, sign)
            elif event.phase is Phase.CLOSE:
                continue  # its clip reached its greatest length before

    def _write(self, cut: Cut) -> None:
        """Write what the ring has for this clip; end it when its time is over."""
        ring = self._rings.get(cut.camera)
        if ring is None:
            self._end(cut)  # the camera was removed
            return
        if cut.number is None:
            cut.number = ring.key_at(cut.span.begin)
        over = self._now() > cut.span.end + LATE
        try:
            for kept in ring.read(cut.number) if cut.number is not None else ():
                if kept.packet.captured_at > cut.span.end:
                    over = True
                    break
                cut.reel.add(kept.video, kept.packet)
                cut.number = kept.number + 1
        except Mp4Error as error:
            self._give_up(cut, str(error))
            return
        if over:
            self._end(cut)

    def _end(self, cut: Cut) -> None:
        del self._cuts[cut.event]
        try:
            footage = cut.reel.finish()
        except Mp4Error as error:
            cut.reel.abandon()
            log.error("no clip of event %s of camera %s: %s", cut.event, cut.camera, error)
            return
        if footage:
            self.finished.put(Finished(cut, footage))
        else:
            log.warning("no clip of event %s: camera %s sent nothing meanwhile", cut.event, cut.camera)

    def _give_up(self, cut: Cut, why: str) -> None:
        del self._cuts[cut.event]
        cut.reel.abandon()
        log.error("no clip of event %s of camera %s: %s", cut.event, cut.camera, why)
