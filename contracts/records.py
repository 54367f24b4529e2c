"""Batches of records from a box and their acknowledgement: the promise that nothing is lost or counted twice.

A record bears `(epoch, seq)`. An epoch is one opening of a box's outbox; within it `seq` counts 1, 2, 3 ... without
gaps and is never used again (docs/decisions/002). What a record says is in `contracts.event` and
`contracts.telemetry`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field, model_validator

from contracts.ids import Slug, Uuid7
from contracts.wire import Message, Timestamp, Versioned

Seq = Annotated[int, Field(strict=True, ge=1, lt=2**62)]


class Record(Message):
    """One numbered thing that a box wants committed."""

    seq: Seq


class Batch(Versioned):
    """Records of one epoch of one box, in one MQTT message."""

    box: Slug
    epoch: Uuid7
    sent_at: Timestamp


class SeqRange(Message):
    """The sequence numbers `first` to `last`, both included."""

    first: Seq
    last: Seq

    @model_validator(mode="after")
    def _ordered(self) -> SeqRange:
        if self.last < self.first:
            raise ValueError("last is before first")
        return self


class Ack(Versioned):
    """The centre has committed these records; only now may the box forget them."""

    epoch: Uuid7
    ranges: tuple[SeqRange, ...]


def ranges_of(seqs: Iterable[int]) -> tuple[SeqRange, ...]:
    """The fewest ranges that cover exactly `seqs`, in order."""
    ranges: list[SeqRange] = []
    start = end = None
    for seq in sorted(set(seqs)):
        if end is not None and seq == end + 1:
            end = seq
            continue
        if start is not None and end is not None:
            ranges.append(SeqRange(first=start, last=end))
        start = end = seq
    if start is not None and end is not None:
        ranges.append(SeqRange(first=start, last=end))
    return tuple(ranges)
