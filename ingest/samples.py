"""Reads batches of measurements, the bulk of all messages, straight into lines for the database. Pure.

A measurement read through the contract's model costs five times as much, and nearly all are sound. So a batch is first
read strictly here; whatever is in the least unusual is refused, and the contract then says what it is. This reader may
therefore refuse more than the contract, never take more: tests/ingest/test_samples.py holds the two against each other.
"""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import datetime
from math import isfinite
from typing import Annotated, Any, Final

import msgspec
from pydantic import ValidationError

from contracts.records import Batch
from contracts.telemetry import Sample, Series, series_of
from contracts.wire import MAX_MESSAGE_BYTES, VERSION
from storage.records import Commit, Origin
from storage.samples import key_text

MOST_KEYS: Final = 200_000
"""Names that are remembered as sound, some 40 MB; a ward with more begins anew."""

_Seq = Annotated[int, msgspec.Meta(ge=1, lt=2**62)]


class _Sample(msgspec.Struct, gc=False):
    seq: _Seq
    at: str
    device: str
    metric: str
    value: float
    zone: str | None = None


class _Samples(msgspec.Struct, gc=False):
    v: int
    box: str
    epoch: Any
    sent_at: Any
    records: Annotated[list[_Sample], msgspec.Meta(min_length=1, max_length=2000)]


_decoder = msgspec.json.Decoder(_Samples)

Key = tuple[str, str, str | None]


class _Keys(dict[Key, tuple[Series, str]]):
    """Which table a (device, metric, zone) belongs to and its part of a line; each is checked by the contract once."""

    def __missing__(self, key: Key) -> tuple[Series, str]:
        device, metric, zone = key
        sound = Sample(at=_ANY_TIME, device=device, metric=metric, value=0.0, zone=zone)
        if len(self) >= MOST_KEYS:
            self.clear()
        self[key] = found = series_of(sound.metric), key_text(sound.device, sound.metric, sound.zone)
        return found


_USUAL_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)
_ANY_TIME: Final = datetime.fromisoformat("2026-01-01T00:00:00Z")
_keys = _Keys()


def read_samples(payload: bytes, ward: str, box: str, into: Commit) -> bool:
    """Add a batch of measurements of `box` to `into` if it is sound in every detail; whether it was."""
    if len(payload) > MAX_MESSAGE_BYTES:
        return False
    try:
        batch = _decoder.decode(payload)
        if batch.v != VERSION or batch.box != box:
            return False
        header = Batch.model_validate_json(
            msgspec.json.encode({"box": box, "epoch": batch.epoch, "sent_at": batch.sent_at})
        )
        lines, times = _lines(batch.records, box)
    except (msgspec.MsgspecError, UnicodeDecodeError, ValidationError, ValueError):
        return False
    into.samples.extend(lines, min(times), max(times))
    into.seqs.setdefault(Origin(ward, box, header.epoch), set()).update(sample.seq for sample in batch.records)
    return True


def _lines(samples: list[_Sample], box: str) -> tuple[dict[Series, list[str]], set[str]]:
    """The lines by table, and their times. Raises ValueError for what is not written as our own boxes write it."""
    lines: dict[Series, list[str]] = defaultdict(list)
    times: set[str] = set()
    for sample in samples:
        at, value = sample.at, sample.value
        if at not in times:
            _require_usual_time(at)
            times.add(at)
        if not isfinite(value):
            raise ValueError("not a number")
        series, key = _keys[sample.device, sample.metric, sample.zone]
        lines[series].append(f"{key}\t{at}\t{value!r}\t{box}\n")
    return lines, times


def _require_usual_time(at: str) -> None:
    """Raises ValueError unless `at` is a real moment, written as contracts.wire writes it."""
    if not _USUAL_TIME.fullmatch(at):
        raise ValueError("an unusual time")
    datetime.fromisoformat(at)
