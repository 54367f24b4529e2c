"""The fast reader against the contract: it may refuse more, never take more, and what it takes it takes alike."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.telemetry import SampleRecord, TelemetryBatch
from contracts.wire import MAX_MESSAGE_BYTES, BrokenMessageError, read
from ingest.samples import read_samples
from storage.records import Commit, Origin
from tests.support.samples import EPOCH, NOON

SOUND = json.loads(
    TelemetryBatch(
        box="an-luu-1",
        epoch=EPOCH,
        sent_at=NOON,
        records=(
            SampleRecord(seq=1, at=NOON, device="cam-bien-1", metric="temperature", value=21.5),
            SampleRecord(seq=2, at=NOON, device="quang-trung-1", metric="zone.people", value=3, zone="via-he"),
        ),
    ).to_bytes()
)

ODD_TIMES = [
    "2026-02-30T00:00:00.000Z", "2026-01-01T24:00:00.000Z", "2026-01-01 00:00:00.000Z", "2026-01-01T00:00:00Z",
    "2026-01-01T07:00:00.000+07:00", "2026-01-01T00:00:00,000Z", "2026-W01-1T00:00:00.000Z", "0000-01-01T00:00:00.000Z",
    "2026-01-01T00:00:00.000z", "2026-01-01T00:00:00.000Z\n", "２026-01-01T00:00:00.000Z", "", 1767225600, None,
]  # fmt: skip
NAMES = ["cam-bien-1", "", "Cảm biến", "a\tb", "a\nb", "\\N", "a" * 200, "x.y", "zone.people", "box", 5, None]
ODD = st.one_of(
    st.sampled_from([*ODD_TIMES, *NAMES, -1, 0, 1, 2**62 - 1, 2**62, 1.0, 1.5, True, [], {}, "1", 1e308]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(),
    st.text(max_size=20),
)
FIELDS = ("seq", "at", "device", "metric", "value", "zone", "more")


def by_the_contract(payload: bytes) -> Commit | None:
    try:
        batch = read(TelemetryBatch, payload)
    except BrokenMessageError:
        return None
    commit = Commit(seqs={Origin("an-luu", batch.box, batch.epoch): {record.seq for record in batch.records}})
    for record in batch.records:
        commit.samples.add(batch.box, record)
    return commit


def fast(payload: bytes) -> Commit | None:
    commit = Commit()
    return commit if read_samples(payload, "an-luu", "an-luu-1", commit) else None


def test_a_sound_batch_is_read_as_the_contract_reads_it() -> None:
    payload = json.dumps(SOUND).encode()
    taken, expected = fast(payload), by_the_contract(payload)
    assert taken is not None
    assert expected is not None
    assert taken.samples.tables() == expected.samples.tables()
    assert taken.seqs == expected.seqs


@given(field=st.sampled_from(FIELDS), odd=ODD)
def test_it_never_takes_what_the_contract_refuses(field: str, odd: object) -> None:
    payload = json.dumps({**SOUND, "records": [SOUND["records"][0], {**SOUND["records"][1], field: odd}]}).encode()
    taken = fast(payload)
    if taken is not None:
        expected = by_the_contract(payload)
        assert expected is not None
        assert taken.samples.tables() == expected.samples.tables()
        assert taken.seqs == expected.seqs


@pytest.mark.parametrize("time", ODD_TIMES)
def test_a_time_that_is_written_otherwise_is_left_to_the_contract(time: object) -> None:
    assert fast(json.dumps({**SOUND, "records": [{**SOUND["records"][0], "at": time}]}).encode()) is None


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2}, {"v": None}, {"box": "an-luu-2"}, {"epoch": "no-uuid"}, {"epoch": str(EPOCH).replace("-7", "-4")},
        {"sent_at": "today"}, {"records": []}, {"records": None}, {"records": SOUND["records"] * 1001},
    ],
)  # fmt: skip
def test_a_batch_that_is_odd_as_a_whole_is_left_to_the_contract(change: dict[str, Any]) -> None:
    assert fast(json.dumps({**SOUND, **change}).encode()) is None


@pytest.mark.parametrize("payload", [b"", b"{", b"\xff\xfe", b"[]", b" " * (MAX_MESSAGE_BYTES + 1), b'{"v":1}'])
def test_what_is_no_batch_is_left_to_the_contract(payload: bytes) -> None:
    assert fast(payload) is None


def test_a_refused_batch_leaves_nothing_behind() -> None:
    commit = Commit()
    broken = {**SOUND, "records": [SOUND["records"][0], {**SOUND["records"][1], "metric": "Không"}]}
    assert not read_samples(json.dumps(broken).encode(), "an-luu", "an-luu-1", commit)
    assert len(commit.samples) == 0
    assert commit.seqs == {}
