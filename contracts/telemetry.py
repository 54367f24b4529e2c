"""Numbers over time: how many people a zone holds, how fast a camera runs, how full an outbox is.

One narrow shape for all of them, (device, metric, value, time); the batch that carries them is here too.
"""

from __future__ import annotations

from pydantic import Field, FiniteFloat

from contracts.ids import Code, Slug
from contracts.records import Batch, Record
from contracts.wire import Message, Timestamp


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
