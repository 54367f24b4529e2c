from __future__ import annotations

import json
from typing import Any

import pytest

from contracts.event import EventBatch
from contracts.records import Ack
from contracts.wire import MAX_MESSAGE_BYTES, BrokenMessageError, read
from tests.contracts.test_golden import GOLDEN

SOUND: dict[str, Any] = json.loads((GOLDEN / "event_batch.json").read_text())


def changed(path: str, value: object) -> bytes:
    """The sound batch with one field changed."""
    message = json.loads(json.dumps(SOUND))
    *parents, last = path.split(".")
    place = message
    for part in parents:
        place = place[int(part)] if part.isdigit() else place[part]
    place[last] = value
    return json.dumps(message).encode()


def test_fields_of_a_newer_sender_are_ignored() -> None:
    assert read(EventBatch, changed("records.0.event.mood", "calm")) == read(EventBatch, changed("v", 1))


@pytest.mark.parametrize(
    ("payload", "reason", "named"),
    [
        (b"", "not_json", "message"),
        (b"\xff\xfe", "not_json", "message"),
        (b"[]", "invalid", "message"),
        (b"x" * (MAX_MESSAGE_BYTES + 1), "too_large", "262145 bytes"),
        (changed("v", 2), "unknown_version", "version 2"),
        (changed("box", "An Lưu"), "invalid", "box"),
        (changed("epoch", "0b6cdbe0-9a80-4abc-8def-0000000000e1"), "invalid", "epoch"),
        (changed("sent_at", "2026-02-10T05:00:00"), "invalid", "sent_at"),
        (changed("sent_at", "0001-01-01T00:00:00+14:00"), "invalid", "sent_at"),
        (changed("sent_at", "9999-12-31T23:59:59-14:00"), "invalid", "sent_at"),
        (changed("records", []), "invalid", "records"),
        (changed("records.0.seq", 0), "invalid", "records.0.seq"),
        (changed("records.0.event.severity", "terrible"), "invalid", "records.0.event.severity"),
        (changed("records.0.event.tracks.0.box.x2", 1.01), "invalid", "records.0.event.tracks.0.box.x2"),
        (changed("records.0.event.closed_at", "2026-02-10T05:00:00Z"), "invalid", "records.0.event"),
        (changed("records.0.event.snapshot", "../../etc/passwd"), "invalid", "records.0.event.snapshot"),
        (changed("records.0.event.camera", None), "invalid", "records.0.event: "),
        (changed("records.0.event.device", "khoi-cho-1"), "invalid", "records.0.event: "),
    ],
)
def test_a_broken_message_is_refused_with_a_reason(payload: bytes, reason: str, named: str) -> None:
    with pytest.raises(BrokenMessageError) as caught:
        read(EventBatch, payload)
    assert caught.value.reason == reason
    assert named in caught.value.detail


def test_times_of_other_zones_become_utc() -> None:
    batch = read(EventBatch, changed("sent_at", "2026-02-10T12:00:00+07:00"))
    assert batch == read(EventBatch, changed("v", 1))


def test_a_range_that_runs_backwards_is_refused() -> None:
    epoch = SOUND["epoch"]
    with pytest.raises(BrokenMessageError, match="last is before first"):
        read(Ack, json.dumps({"v": 1, "epoch": epoch, "ranges": [{"first": 3, "last": 2}]}).encode())
