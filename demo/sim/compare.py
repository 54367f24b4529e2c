"""Holds the database against the ledgers of a fleet: is every record there, once, and as it was said?

A record is settled when the outbox is known to have taken it. Settled records must be in the ledger of committed
numbers, each under a number that no other has, and in their table. One that may have been taken (the box was killed at
that moment) may be there, or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any, Final, LiteralString
from uuid import UUID

import psycopg
from psycopg.rows import TupleRow

from contracts.telemetry import series_of
from demo.sim import ledger
from demo.sim.ledger import HandOver
from storage import records

EVENTS: Final[LiteralString] = (
    "SELECT box_id, id, revision, body, phase, severity, camera_id, at, closed_at, count"
    " FROM events WHERE box_id = ANY(%s)"
)
SAMPLES: Final[LiteralString] = """
WITH measured AS (
    SELECT box_id, 'telemetry' AS series, device_id, metric, zone_id, at, value FROM telemetry
    UNION ALL SELECT box_id, 'counts', device_id, metric, zone_id, at, value FROM counts
    UNION ALL SELECT box_id, 'health', device_id, metric, zone_id, at, value FROM health
)
SELECT * FROM measured WHERE box_id = ANY(%s)
"""
NUMBERS: Final[LiteralString] = (
    "SELECT box_id, epoch, lower(span), upper(span) FROM box_ledgers, unnest(seqs) AS span WHERE box_id = ANY(%s)"
)

SampleKey = tuple[str, str, str, str, datetime]
"""Table, device, metric, zone and time."""


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event as the database holds it."""

    id: UUID
    revision: int
    body: dict[str, Any]
    columns: tuple[Any, ...]


@dataclass(slots=True)
class Held:
    """What the database holds of one box."""

    events: list[EventRow] = field(default_factory=list)
    samples: list[tuple[SampleKey, float]] = field(default_factory=list)
    numbers: dict[UUID, set[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many records were settled, and what is not right with them. `gaps` counts missing numbers of all boxes."""

    records: int = 0
    unsettled: int = 0
    lost: int = 0
    duplicates: int = 0
    wrong: int = 0
    gaps: int = 0

    def __add__(self, other: Verdict) -> Verdict:
        return Verdict(*(getattr(self, name) + getattr(other, name) for name in Verdict.__slots__))

    @property
    def right(self) -> bool:
        return self.lost == self.duplicates == self.wrong == self.gaps == 0


def compare(connection: psycopg.Connection[TupleRow], data: Path) -> Verdict:
    """The verdict on all boxes that have a ledger in `data`."""
    ledgers = {path.parent.name: path for path in sorted(data.glob(f"*/{ledger.NAME}"))}
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        held = _held(connection, list(ledgers))
        gaps = sum(gap.last_seq - gap.first_seq + 1 for gap in records.gaps(connection) if gap.box_id in ledgers)
    verdicts = (judge(ledger.read(path), held.pop(box)) for box, path in ledgers.items())
    return sum(verdicts, Verdict(gaps=gaps))


def judge(given: Iterable[HandOver], held: Held) -> Verdict:
    """The verdict on one box."""
    said = _Said()
    for hand_over in given:
        said.add(hand_over, held.numbers)
    events = _judge_events(said.events, held.events)
    samples = _judge_samples(said.samples, held.samples)
    committed = sum(len(numbers) for numbers in held.numbers.values())
    surplus = max(0, committed - (said.records - said.lost) - said.may_be_doubled)
    numbers = Verdict(said.records, said.unsettled, lost=said.lost, duplicates=surplus, wrong=said.numbered_again)
    return events + samples + numbers


@dataclass(frozen=True, slots=True)
class _Revision:
    body: dict[str, Any]
    must_be_there: bool


@dataclass(slots=True)
class _Said:
    """A ledger, sorted for the comparison."""

    events: dict[UUID, dict[int, _Revision]] = field(default_factory=dict)
    samples: dict[SampleKey, tuple[float, bool]] = field(default_factory=dict)
    records: int = 0
    unsettled: int = 0
    lost: int = 0
    may_be_doubled: int = 0
    numbered_again: int = 0
    newest: dict[UUID, int] = field(default_factory=dict)

    def add(self, hand_over: HandOver, numbers: dict[UUID, set[int]]) -> None:
        """Sort one hand-over; what is not committed by its number is lost, and not looked for in the tables."""
        settled = hand_over.epoch is not None and hand_over.last is not None
        self.may_be_doubled += (hand_over.tries - settled) * len(hand_over)
        committed = numbers.get(hand_over.epoch, set()) if hand_over.epoch else set()
        first = (hand_over.last or 0) - len(hand_over) + 1
        if hand_over.epoch and hand_over.last:
            self.numbered_again += first <= self.newest.get(hand_over.epoch, 0)
            self.newest[hand_over.epoch] = hand_over.last
        for number, raw in enumerate(chain(hand_over.events, hand_over.samples), first):
            there = settled and number in committed
            self.records += settled
            self.unsettled += not settled
            self.lost += settled and not there
            if "revision" in raw:
                self.events.setdefault(UUID(raw["id"]), {})[raw["revision"]] = _Revision(raw, there)
            else:
                self.samples[_sample_key(raw)] = (raw["value"], there)


def _judge_events(said: dict[UUID, dict[int, _Revision]], rows: Sequence[EventRow]) -> Verdict:
    verdict = Verdict()
    found = {}
    for row in rows:
        revisions = said.get(row.id)
        if revisions is None or row.id in found:
            verdict += Verdict(duplicates=1)
            continue
        found[row.id] = row.revision
        revision = revisions.get(row.revision)
        right = revision and revision.body == row.body and _columns(row.body) == row.columns
        verdict += Verdict(wrong=0 if right else 1)
    lost = sum(
        revision.must_be_there and number > found.get(id_, -1)
        for id_, revisions in said.items()
        for number, revision in revisions.items()
    )
    return verdict + Verdict(lost=lost)


def _judge_samples(said: dict[SampleKey, tuple[float, bool]], rows: Sequence[tuple[SampleKey, float]]) -> Verdict:
    duplicates = wrong = 0
    found = set()
    for key, value in rows:
        if key not in said or key in found:
            duplicates += 1
            continue
        found.add(key)
        wrong += said[key][0] != value
    lost = sum(there and key not in found for key, (_, there) in said.items())
    return Verdict(lost=lost, duplicates=duplicates, wrong=wrong)


def _sample_key(raw: dict[str, Any]) -> SampleKey:
    at = datetime.fromisoformat(raw["at"])
    return series_of(raw["metric"]).value, raw["device"], raw["metric"], raw.get("zone", ""), at


def _columns(body: dict[str, Any]) -> tuple[Any, ...]:
    """What the columns beside an event's body must say."""
    at, closed = datetime.fromisoformat(body["at"]), body.get("closed_at")
    closed_at = datetime.fromisoformat(closed) if closed else None
    return body["phase"], body["severity"], body["camera"], at, closed_at, body["count"]


def _held(connection: psycopg.Connection[TupleRow], boxes: list[str]) -> dict[str, Held]:
    held = {box: Held() for box in boxes}
    for box, id_, revision, body, *columns in connection.execute(EVENTS, (boxes,)):
        held[box].events.append(EventRow(id_, revision, body, tuple(columns)))
    for box, *key, value in connection.execute(SAMPLES, (boxes,)):
        held[box].samples.append((tuple(key), value))
    for box, epoch, first, end in connection.execute(NUMBERS, (boxes,)):
        held[box].numbers.setdefault(epoch, set()).update(range(first, end))
    return held
