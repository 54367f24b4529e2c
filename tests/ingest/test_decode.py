from __future__ import annotations

import json
from typing import Any

import pytest

from contracts.event import EventBatch, EventRecord
from contracts.status import BoxState, BoxStatus
from contracts.telemetry import SampleRecord, Series, TelemetryBatch
from contracts.topics import BoxTopic, Channel
from ingest.decode import Status, UnknownBoxError, decode
from storage.records import Commit, KnownBox, Origin
from tests.support.samples import EPOCH, NOON, SESSION, event, smoke

DIRECTORY = {
    "an-luu-1": KnownBox("an-luu-1", "an-luu", ["quang-trung-1"], ["khoi-cho-1"], ["quang-trung", "cho-an-luu"]),
    "an-luu-2": KnownBox("an-luu-2", "an-luu", [], ["khoi-dinh"], ["dinh"]),
}
ORIGIN = Origin("an-luu", "an-luu-1", EPOCH)
EVENTS = str(BoxTopic("an-luu", "an-luu-1", Channel.EVENTS))
TELEMETRY = str(BoxTopic("an-luu", "an-luu-1", Channel.TELEMETRY))
STATUS = str(BoxTopic("an-luu", "an-luu-1", Channel.STATUS))
BATCH = EventBatch(box="an-luu-1", epoch=EPOCH, sent_at=NOON, records=(EventRecord(seq=1, event=event()),)).to_bytes()
SAMPLES = TelemetryBatch(
    box="an-luu-1",
    epoch=EPOCH,
    sent_at=NOON,
    records=(SampleRecord(seq=2, at=NOON, device="quang-trung-1", metric="camera.fps", value=10),),
).to_bytes()
ONLINE = BoxStatus(box="an-luu-1", session=SESSION, n=1, state=BoxState.ONLINE, at=NOON)


def test_sound_batches_become_records_of_their_origin() -> None:
    commit = Commit()
    assert decode(EVENTS, BATCH, DIRECTORY, commit) is None
    assert decode(TELEMETRY, SAMPLES, DIRECTORY, commit) is None
    assert [(origin, record.seq) for origin, record in commit.events] == [(ORIGIN, 1)]
    assert commit.samples.tables() == {
        Series.HEALTH: ["quang-trung-1\tcamera.fps\t\t2026-02-10T05:00:00.000Z\t10.0\tan-luu-1\n"]
    }
    assert commit.seqs == {ORIGIN: {1, 2}}
    assert commit.rejected == []


def test_a_status_is_handed_back_with_its_ward() -> None:
    assert decode(STATUS, ONLINE.to_bytes(), DIRECTORY, Commit()) == Status("an-luu", ONLINE)


@pytest.mark.parametrize(
    ("topic", "payload", "reason"),
    [
        ("phoan/1/an-luu/box/an-luu-1/gossip", BATCH, "wrong_topic"),
        (EVENTS.replace("/an-luu/", "/phuong-4/"), BATCH, "wrong_ward"),
        (EVENTS, b"not json", "not_json"),
        (EVENTS, BATCH.replace(b'"box":"an-luu-1"', b'"box":"an-luu-2"'), "wrong_box"),
        (EVENTS, BATCH.replace(b'"v":1', b'"v":3'), "unknown_version"),
        (STATUS, b"{}", "invalid"),
        (STATUS, ONLINE.to_bytes().replace(b"an-luu-1", b"an-luu-2"), "wrong_box"),
    ],
)
def test_a_broken_message_is_rejected_whole(topic: str, payload: bytes, reason: str) -> None:
    commit = Commit()
    assert decode(topic, payload, DIRECTORY, commit) is None
    assert [(rejected.reason, rejected.payload) for rejected in commit.rejected] == [(reason, payload)]
    assert not commit.seqs


def test_an_undeclared_box_is_told_apart_since_it_may_be_declared_by_now() -> None:
    commit = Commit()
    with pytest.raises(UnknownBoxError):
        decode(EVENTS, BATCH, {}, commit)
    assert (len(commit.samples), commit.events, commit.seqs, commit.rejected) == (0, [], {}, [])


def batch_of(*records: dict[str, Any]) -> bytes:
    return json.dumps({**json.loads(BATCH), "records": records}).encode()


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ({"camera": "yersin-1"}, "unknown_camera"),
        ({"severity": "terrible"}, "invalid"),
        ({"opened_at": "yesterday"}, "invalid"),
    ],
)
def test_a_broken_record_does_not_take_the_others_with_it(broken: dict[str, str], reason: str) -> None:
    sound = json.loads(BATCH)["records"][0]
    commit = Commit()
    decode(EVENTS, batch_of(sound, {"seq": 2, "event": {**sound["event"], **broken}}), DIRECTORY, commit)
    assert [record.seq for _, record in commit.events] == [1]
    assert [rejected.reason for rejected in commit.rejected] == [reason]
    assert commit.seqs == {ORIGIN: {1, 2}}, "a quarantined record is acknowledged, or it would be sent for ever"


@pytest.mark.parametrize(
    ("name", "changes", "reason"),
    [
        ("its own device", {}, None),
        ("a device that it adopted a moment ago", {"device": "zigbee-khoi-9"}, None),
        ("another box's device", {"device": "khoi-dinh"}, "unknown_device"),
        ("an adopted device at a site where the box has nothing", {"device": "moi", "site": "dinh"}, "unknown_site"),
    ],
)
def test_a_box_speaks_for_its_own_devices(name: str, changes: dict[str, object], reason: str | None) -> None:
    commit = Commit()
    told = EventBatch(box="an-luu-1", epoch=EPOCH, sent_at=NOON, records=(EventRecord(seq=1, event=smoke(**changes)),))
    decode(EVENTS, told.to_bytes(), DIRECTORY, commit)
    assert [rejected.reason for rejected in commit.rejected] == ([reason] if reason else []), name
    assert len(commit.events) == (0 if reason else 1)


@pytest.mark.parametrize("seq", [None, "1", 0, -5, 2**62, 1.5, True])
def test_a_record_without_a_usable_number_is_quarantined(seq: object) -> None:
    sound = json.loads(BATCH)["records"][0]
    commit = Commit()
    decode(EVENTS, batch_of({**sound, "seq": seq}), DIRECTORY, commit)
    assert [rejected.reason for rejected in commit.rejected] == ["invalid"]
    assert not commit.seqs
