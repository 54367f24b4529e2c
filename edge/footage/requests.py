"""What the centre asks of the recordings: cuts a range of time into one MP4, has it uploaded, and says how it went.

`judge` decides; Requests owns what is under way. Nothing is remembered over a restart: the centre asks again.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from queue import SimpleQueue
from typing import Final
from uuid import UUID

from contracts.command import LONGEST_RANGE_S, RecordingReply, RecordingWanted, Refusal, ReplyState
from contracts.event import Severity
from contracts.media import MAX_MEDIA_BYTES
from edge.centre.outbox import MediaKind, Medium, Outbox
from edge.footage.disk import DiskFullError
from edge.footage.media import MediaStore
from edge.footage.mp4 import Mp4Error
from edge.footage.recorder import Recorder
from edge.footage.redact import Redactor
from edge.footage.reel import Footage
from edge.footage.segments import Segment, cut, segments_of

log = logging.getLogger(__name__)

TICK_S: Final = 0.5
AHEAD: Final = timedelta(minutes=1)
"""A range may end a little later than now: clocks differ."""

LATE: Final = timedelta(seconds=20)
"""How long after a range's end its last pictures are waited for; some cameras send a key frame in ten seconds."""

MOST_REMEMBERED: Final = 256


class RefusedError(Exception):
    """The request cannot be fulfilled."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


def judge(wanted: RecordingWanted, *, recorded: bool, kept: list[Segment], now: datetime) -> Refusal | None:
    """Why a request is refused at once; None when it is worth trying."""
    if not recorded:
        return Refusal.NOT_RECORDED
    length = (wanted.end - wanted.begin).total_seconds()
    if not 0 < length <= LONGEST_RANGE_S or wanted.end > now + AHEAD:
        return Refusal.BAD_RANGE
    if not any(segment.overlaps(wanted.begin, wanted.end) for segment in kept):
        return Refusal.NOTHING_LEFT
    return None


def ready(wanted: RecordingWanted, reached: datetime | None, now: datetime) -> bool:
    """Whether all that will ever be there of a range is on the disk."""
    return (reached is not None and reached >= wanted.end) or now > wanted.end + LATE


class Requests:
    """`hear` may be called from any thread; `replies` are for whoever speaks to the centre."""

    def __init__(
        self,
        recorder: Recorder | None,
        media: MediaStore,
        outbox: Outbox,
        redactor: Redactor,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.replies: SimpleQueue[RecordingReply] = SimpleQueue()
        self._recorder = recorder
        self._media = media
        self._outbox = outbox
        self._redactor = redactor
        self._now = now
        self._heard: SimpleQueue[RecordingWanted] = SimpleQueue()
        self._waiting: dict[UUID, RecordingWanted] = {}
        self._said: OrderedDict[UUID, RecordingReply] = OrderedDict()

    def hear(self, wanted: RecordingWanted) -> None:
        """The centre asks, perhaps again."""
        self._heard.put(wanted)

    def run(self, stop: threading.Event) -> None:
        """Fulfil requests until `stop` is set."""
        while not stop.wait(TICK_S):
            self.tick()

    def tick(self) -> None:
        """Take up what was heard, and fulfil what has become possible."""
        while not self._heard.empty():
            self._take_up(self._heard.get())
        for wanted in list(self._waiting.values()):
            if self._recorder and ready(wanted, self._recorder.reached(wanted.camera), self._now()):
                del self._waiting[wanted.id]
                self._say(self._fulfil(self._recorder, wanted))

    def _take_up(self, wanted: RecordingWanted) -> None:
        before = self._said.get(wanted.id)
        if before:
            self.replies.put(before)
            return
        recorded = self._recorder is not None and self._recorder.records(wanted.camera)
        refusal = judge(wanted, recorded=recorded, kept=self._kept(wanted.camera, recorded), now=self._now())
        if refusal:
            self._say(RecordingReply(id=wanted.id, state=ReplyState.REFUSED, reason=refusal.value))
        else:
            self._waiting[wanted.id] = wanted
            self._say(RecordingReply(id=wanted.id, state=ReplyState.ACCEPTED))

    def _kept(self, camera: str, recorded: bool) -> list[Segment]:
        return segments_of(self._recorder.folder / camera) if self._recorder and recorded else []

    def _fulfil(self, recorder: Recorder, wanted: RecordingWanted) -> RecordingReply:
        try:
            footage = self._cut(recorder, wanted)
            digest = self._media.put_file(footage.path, Severity.CRITICAL)
        except RefusedError as error:
            return RecordingReply(id=wanted.id, state=ReplyState.REFUSED, reason=error.reason.value)
        except (Mp4Error, DiskFullError) as error:
            log.error("cannot cut what the centre asks of camera %s: %s", wanted.camera, error)
            return RecordingReply(id=wanted.id, state=ReplyState.REFUSED, reason=Refusal.DISK_FULL.value)
        if not self._outbox.ask_upload(Medium(digest, MediaKind.RECORDING), Severity.CRITICAL):
            return RecordingReply(id=wanted.id, state=ReplyState.REFUSED, reason=Refusal.DISK_FULL.value)
        return RecordingReply(
            id=wanted.id, state=ReplyState.DONE, digest=digest, began_at=footage.began, ended_at=footage.ended
        )

    def _cut(self, recorder: Recorder, wanted: RecordingWanted) -> Footage:
        """The range as it may leave the box. Raises RefusedError, Mp4Error."""
        if not self._media.has_room():
            raise RefusedError(Refusal.DISK_FULL)
        path = self._media.drafts / f"{wanted.id}.mp4"
        footage = cut(segments_of(recorder.folder / wanted.camera), wanted.begin, wanted.end, path)
        if footage is None:
            raise RefusedError(Refusal.NOTHING_LEFT)
        leaving = self._redactor.redacted(wanted.camera, footage.path)
        if leaving.stat().st_size > MAX_MEDIA_BYTES:
            leaving.unlink()
            raise RefusedError(Refusal.TOO_LARGE)
        return Footage(leaving, footage.began, footage.ended)

    def _say(self, reply: RecordingReply) -> None:
        self._said[reply.id] = reply
        if len(self._said) > MOST_REMEMBERED:
            self._said.popitem(last=False)
        self.replies.put(reply)
