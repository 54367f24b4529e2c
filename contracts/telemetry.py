"""Numbers over time: how many people a zone holds, how fast a camera runs, how full an outbox is.

One narrow shape for all of them, (device, metric, value, time); the batch that carries them is here too.
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache

from pydantic import Field, FiniteFloat

from contracts.ids import Code, Slug
from contracts.records import Batch, Record
from contracts.wire import Message, Timestamp


class Series(StrEnum):
    """What a measurement is about; each kind is kept for its own length of time."""

    TELEMETRY = "telemetry"  # sensors and meters
    COUNTS = "counts"  # what cameras count
    HEALTH = "health"  # how boxes and cameras fare


_SERIES = {
    "zone": Series.COUNTS,
    "line": Series.COUNTS,
    "box": Series.HEALTH,
    "camera": Series.HEALTH,
    "outbox": Series.HEALTH,
}


@lru_cache(maxsize=4096)  # metrics come from outside
def series_of(metric: str) -> Series:
    """The kind of a metric, told by the word before its first dot."""
    return _SERIES.get(metric.partition(".")[0], Series.TELEMETRY)


class Sample(Message):
    """One measurement. `device` is what was measured: a box, a camera or a sensor; `zone` a part of its picture."""

    at: Timestamp
    device: Slug
    metric: Code
    value: FiniteFloat
    zone: Slug | None = None


class SampleRecord(Sample, Record):
    """A measurement with its place in the box's sequence."""


class TelemetryBatch(Batch):
    """Payload of the `telemetry` channel."""

    records: tuple[SampleRecord, ...] = Field(min_length=1, max_length=2000)
