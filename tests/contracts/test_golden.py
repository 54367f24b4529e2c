"""The bytes on the wire are pinned: a change of these files is a change of the contract with every box in the field."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from contracts.event import Event, EventBatch, EventRecord, Phase
from contracts.feed import FEED, BoxChanged, CameraChanged, EventChanged, Hello, Missed, Watch
from contracts.picture import PictureHeader
from contracts.records import Ack, SeqRange
from contracts.status import BoxState, BoxStatus, CameraFault, CameraState, CameraStatus, OutboxStatus
from contracts.telemetry import SampleRecord, TelemetryBatch
from contracts.wire import Message
from tests.support.samples import EPOCH, NOON, SESSION, event

GOLDEN = Path(__file__).parent / "golden"

CAMERA = CameraStatus(
    id="quang-trung-1",
    site="quang-trung",
    state=CameraState.FAILED,
    since=NOON,
    fault=CameraFault.STALLED.value,
    width=768,
    height=576,
)
CLOSED = Event.model_validate(
    event().model_dump()
    | {
        "revision": 2,
        "phase": Phase.CLOSE,
        "count": 0,
        "closed_at": NOON + timedelta(seconds=12.5),
        "close_reason": "cleared",
        "snapshot": "ab" * 32,
    }
)
MESSAGES: dict[str, Message] = {
    "event_batch": EventBatch(
        box="an-luu-1",
        epoch=EPOCH,
        sent_at=NOON,
        records=(EventRecord(seq=1, event=event()), EventRecord(seq=2, event=CLOSED)),
    ),
    "telemetry_batch": TelemetryBatch(
        box="an-luu-1",
        epoch=EPOCH,
        sent_at=NOON,
        records=(
            SampleRecord(seq=3, at=NOON, device="quang-trung-1", metric="zone.people", value=4, zone="via-he"),
            SampleRecord(seq=4, at=NOON, device="an-luu-1", metric="outbox.pending", value=0),
        ),
    ),
    "status": BoxStatus(
        box="an-luu-1",
        session=SESSION,
        n=7,
        state=BoxState.ONLINE,
        at=NOON,
        version="0.1.0",
        outbox=OutboxStatus(epoch=EPOCH, head=4, pending=2, dropped=0),
        cameras=(CAMERA,),
    ),
    "will": BoxStatus(box="an-luu-1", session=SESSION, n=0, state=BoxState.OFFLINE, at=NOON),
    "ack": Ack(epoch=EPOCH, ranges=(SeqRange(first=1, last=2), SeqRange(first=4, last=4))),
    "picture_header": PictureHeader(
        camera="quang-trung-1", captured_at=NOON, width=768, height=576, tracks=event().tracks
    ),
    "feed_hello": Hello(at=NOON),
    "feed_event": EventChanged(ward="an-luu", box="an-luu-1", event=event(), received_at=NOON),
    "feed_camera": CameraChanged(box="an-luu-1", camera=CAMERA),
    "feed_box": BoxChanged(box="an-luu-1", state=BoxState.OFFLINE, at=NOON),
    "feed_missed": Missed(),
    "watch": Watch(cameras=("cho-an-luu-1", "quang-trung-1")),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_is_written_as_it_always_was(name: str) -> None:
    assert MESSAGES[name].to_bytes() == (GOLDEN / f"{name}.json").read_bytes().rstrip(b"\n")


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_is_read_back_as_it_was(name: str) -> None:
    message = MESSAGES[name]
    assert type(message).model_validate_json((GOLDEN / f"{name}.json").read_bytes()) == message


def test_there_is_no_golden_file_that_nothing_writes() -> None:
    assert {file.stem for file in GOLDEN.glob("*.json")} == MESSAGES.keys()


@pytest.mark.parametrize("name", [name for name in MESSAGES if name.startswith("feed_")])
def test_feed_messages_are_told_apart_by_their_type(name: str) -> None:
    assert FEED.validate_json((GOLDEN / f"{name}.json").read_bytes()) == MESSAGES[name]
