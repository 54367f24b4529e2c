"""How a camera fared over a span of time, told by the measurements of its box: an unbroken row of states. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import groupby
from statistics import fmean

from storage.history import Span
from storage.timeline import CameraNow, Share

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NEARLY = 0.001


class Fared(StrEnum):
    STREAMING = "streaming"
    PARTLY = "partly"  # on and off within one bucket
    DOWN = "down"
    SILENT = "silent"  # nobody measured: the box or its line was away


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which a camera fared the same; `share` is how much of it it streamed."""

    start: datetime
    end: datetime
    state: Fared
    share: float | None


def bucket_of(moment: datetime, step: timedelta) -> datetime:
    """The start of the bucket that holds `moment`."""
    return moment - (moment - _EPOCH) % step


def stretches(
    shares: Sequence[Share], span: Span, step: timedelta, *, now: datetime, camera: CameraNow
) -> list[Stretch]:
    """From the start of `span` to its end, or to now: no gap, no overlap, and neighbours differ."""
    measured = {share.bucket: share.share for share in shares}
    if bucket_of(now, step) not in measured:  # it has hardly begun
        measured |= _told(camera, bucket_of(now, step))
    found = []
    for state, same in groupby(_buckets(measured, span, step, now), key=lambda bucket: bucket.state):
        run = list(same)
        values = [bucket.share for bucket in run if bucket.share is not None]
        found.append(Stretch(run[0].start, run[-1].end, state, fmean(values) if values else None))
    return found


def _buckets(measured: dict[datetime, float], span: Span, step: timedelta, now: datetime) -> Iterator[Stretch]:
    end = min(span.end, now)
    bucket = bucket_of(span.start, step)
    while bucket < end:
        share = measured.get(bucket)
        yield Stretch(max(bucket, span.start), min(bucket + step, end), _state(share), share)
        bucket += step


def _state(share: float | None) -> Fared:
    if share is None:
        return Fared.SILENT
    if share <= _NEARLY:
        return Fared.DOWN
    return Fared.PARTLY if share < 1 - _NEARLY else Fared.STREAMING


def _told(camera: CameraNow, bucket: datetime) -> dict[datetime, float]:
    """What the camera's own last word is worth for the bucket that has just begun; a silent box's is worth nothing."""
    if camera.box_state != "online":
        return {}
    return {bucket: float(camera.state == "streaming")}
