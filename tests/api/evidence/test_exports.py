"""Exports of evidence over the API: what is in them, who may make and fetch them, and what the audit log tells."""

from __future__ import annotations

import io
import json
import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest

from api.evidence import key as evidence_key
from api.evidence.check import State, Verdict, check
from contracts.command import RecordingReply, RecordingWanted, ReplyState
from contracts.evidence import AbsentWhy, ClockNote, FileKind, Manifest
from contracts.ids import digest_of, new_id
from contracts.model import ModelCard
from contracts.telemetry import Sample
from storage import recordings, records
from storage.records import Commit, Origin
from storage.samples import SampleLines
from tests.api.conftest import StartApi
from tests.api.running import JPEG, RunningApi, audited, commit_event, problem
from tests.support.evidence import taken_apart
from tests.support.samples import EPOCH, EVENT_ID, NOON, event

MP4 = b"\x00\x00\x00\x20ftypisom" + bytes(5000)
SMALL = b"\xff\xd8\xff\xe0" + bytes(200) + b"\xff\xd9"
REASON = "đối chiếu vụ mất xe"
EXPORTS = "/api/v1/evidence/exports"
CARD = ModelCard(
    name="ssdlite-mobilenet-person", digest="cd" * 32, licence="MIT", source="a package", classes=("person",)
)
SHOWN = event(snapshot=digest_of(JPEG), thumbnail=digest_of(SMALL), clip=digest_of(MP4), clip_began_at=NOON, card=CARD)


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key.pem"
    evidence_key.make(path)
    return path


@pytest.fixture
def filmed(start_api: StartApi, key: Path) -> RunningApi:
    """An API with a key, an event and all of its media."""
    api = start_api(evidence_key=key)
    commit_event(api.conninfo, SHOWN)
    with api.box() as box:
        for data in (JPEG, SMALL, MP4):
            box.put(f"/api/v1/box/media/{digest_of(data)}", content=data).raise_for_status()
    return api


def ask(client: httpx.Client, **thing: object) -> httpx.Response:
    return client.post(EXPORTS, json={"reason": REASON, **thing})


def exported(client: httpx.Client, **thing: object) -> tuple[dict[str, Any], bytes]:
    """What the API says of an export, and its package."""
    answer = ask(client, **thing)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    package = client.get(made["package"])
    assert package.headers["content-type"] == "application/zip"
    assert package.headers["content-disposition"] == f'attachment; filename="{made["file_name"]}"'
    return made, package.content


def checked(data: bytes) -> tuple[Verdict, Manifest]:
    verdict = check(io.BytesIO(data))
    assert verdict.state is State.UNTOUCHED, verdict.faults
    assert verdict.manifest
    return verdict, verdict.manifest


def medium(api: RunningApi, data: bytes) -> Path:
    """Where the bytes lie on the centre's disk."""
    digest = digest_of(data)
    return api.settings.media_dir / digest[:2] / digest


def test_an_export_holds_the_media_the_record_and_who_took_it_why(filmed: RunningApi) -> None:
    with filmed.client("lan") as lan:
        made, data = exported(lan, event=str(EVENT_ID))
    _, manifest = checked(data)
    content = taken_apart(data)
    assert list(content) == [
        "clip.mp4", "snapshot.jpg", "thumbnail.jpg", "event.json", "README.txt", "verify.html",
        "key.pem", "manifest.json", "manifest.sig",
    ]  # fmt: skip
    assert (content["clip.mp4"], content["snapshot.jpg"], content["thumbnail.jpg"]) == (MP4, JPEG, SMALL)
    assert json.loads(content["event.json"])["event"]["id"] == str(EVENT_ID)
    assert (manifest.export.by, manifest.export.by_name, manifest.export.role) == ("lan", "Lan", "police")
    assert (manifest.export.reason, manifest.export.id) == (REASON, UUID(made["id"]))
    assert (manifest.ward.id, manifest.ward.name) == ("an-luu", "Phường An Lưu")
    (scene,) = manifest.scenes
    assert scene.camera is not None
    assert (scene.site.name, scene.camera.name, scene.box.name) == (
        "Phố Quang Trung", "Ngã ba Quang Trung", "Hộp An Lưu 1",
    )  # fmt: skip
    assert (scene.began_at, scene.detector, manifest.detectors) == (NOON, CARD.name, (CARD,))
    assert manifest.absent == ()
    assert (made["sha256"], made["bytes"], made["files"]) == (digest_of(data), len(data), 6)
    assert made["manifest_sha256"] == digest_of(content["manifest.json"])
    assert [file["path"] for file in made["file_list"]] == [file.path for file in manifest.files]


def test_the_audit_tells_of_an_export_before_and_after_it_and_the_manifest_names_the_entry(filmed: RunningApi) -> None:
    with filmed.client("lan") as lan:
        made, data = exported(lan, event=str(EVENT_ID))
        lan.get(made["package"])
    _, manifest = checked(data)
    asked, done, fetched = audited(filmed, "evidence.asked", "evidence.exported", "evidence.fetched")
    for entry in (asked, done, fetched):
        assert (entry.actor, entry.object, entry.ward) == ("lan", f"event:{EVENT_ID}", "an-luu")
        assert entry.details["export"] == made["id"]
    assert (asked.seq, asked.digest.hex()) == (manifest.chain.seq, manifest.chain.digest)
    assert (asked.details["reason"], asked.details["key"]) == (REASON, manifest.key_id)
    assert (done.details["sha256"], done.details["manifest"]) == (digest_of(data), made["manifest_sha256"])


def test_a_clip_that_has_not_come_yet_is_listed_as_missing_with_its_digest(filmed: RunningApi) -> None:
    late = event(id=new_id(), clip="ab" * 32, snapshot=digest_of(JPEG))
    commit_event(filmed.conninfo, late, seq=2)
    with filmed.client("lan") as lan:
        made, data = exported(lan, event=str(late.id))
    _, manifest = checked(data)
    (absent,) = manifest.absent
    assert (absent.path, absent.sha256, absent.why, absent.found) == ("clip.mp4", "ab" * 32, AbsentWhy.MISSING, None)
    assert "clip.mp4" not in taken_apart(data)
    assert (made["absent"], made["absent_list"][0]["why"]) == (1, "missing")


def test_damaged_media_are_refused_and_said_and_never_signed(
    filmed: RunningApi, caplog: pytest.LogCaptureFixture
) -> None:
    damaged = MP4[:-1] + b"!"
    medium(filmed, MP4).write_bytes(damaged)
    with filmed.client("lan") as lan:
        _, data = exported(lan, event=str(EVENT_ID))
    _, manifest = checked(data)
    (absent,) = manifest.absent
    assert (absent.path, absent.why) == ("clip.mp4", AbsentWhy.DAMAGED)
    assert (absent.sha256, absent.found) == (digest_of(MP4), digest_of(damaged))
    assert damaged not in data
    assert [file.path for file in manifest.files][:2] == ["snapshot.jpg", "thumbnail.jpg"]
    assert f"medium {digest_of(MP4)} is damaged" in caplog.text


def test_an_incident_comes_with_its_steps_and_all_its_events_that_the_user_may_watch(filmed: RunningApi) -> None:
    other = event(id=new_id(), camera="cho-an-luu-1", site="cho-an-luu", opened_at=NOON + timedelta(minutes=1))
    commit_event(filmed.conninfo, other, seq=2)
    incident = put_incident(filmed, SHOWN, other)
    with filmed.client("lan") as lan:
        lan.post(f"/api/v1/incidents/{incident}/see", json={"version": 0}).raise_for_status()
        _, data = exported(lan, incident=str(incident))
    _, manifest = checked(data)
    content = taken_apart(data)
    assert [scene.folder for scene in manifest.scenes] == ["events/001/", "events/002/"]
    assert content["events/001/clip.mp4"] == MP4
    assert json.loads(content["events/002/event.json"])["event"]["id"] == str(other.id)
    record = json.loads(content["incident.json"])
    assert (record["incident"]["id"], [step["action"] for step in record["steps"]]) == (str(incident), ["see"])
    narrow(filmed, "lan", "quang-trung")
    with filmed.client("lan") as lan:
        _, data = exported(lan, incident=str(incident))
    _, manifest = checked(data)
    assert ([scene.site.id for scene in manifest.scenes], manifest.scenes_left_out) == (["quang-trung"], 1)


def put_incident(api: RunningApi, *events: Any) -> UUID:
    incident = new_id()
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        db.execute(
            "INSERT INTO incidents (id, ward_id, site_id, kind, severity, opened_at, events)"
            " VALUES (%s, 'an-luu', 'quang-trung', 'intrusion', 'high', %s, %s)",
            (incident, NOON, len(events)),
        )
        for one in events:
            db.execute(
                "INSERT INTO incident_events (event_id, event_opened_at, incident_id) VALUES (%s, %s, %s)",
                (one.id, one.opened_at, incident),
            )
    return incident


def narrow(api: RunningApi, user: str, site: str) -> None:
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        db.execute("UPDATE users SET sites = %s WHERE username = %s", ([site], user))


def test_a_recording_is_exported_once_its_box_has_sent_it(filmed: RunningApi) -> None:
    wanted = RecordingWanted(id=new_id(), camera="quang-trung-1", begin=NOON, end=NOON + timedelta(minutes=1))
    with psycopg.connect(filmed.conninfo, autocommit=True) as db:
        place = recordings.place_of(db, wanted.camera)
        assert place
        recordings.ask(db, wanted, place, reason="tìm trẻ lạc", by="lan")
        with filmed.client("lan") as lan:
            assert problem(ask(lan, recording=str(wanted.id))) == (409, "not_ready")
        done = RecordingReply(
            id=wanted.id, state=ReplyState.DONE, digest=digest_of(MP4), began_at=wanted.begin, ended_at=wanted.end
        )
        assert recordings.answer(db, place.box_id, done)
    with filmed.client("lan") as lan:
        _, data = exported(lan, recording=str(wanted.id))
    _, manifest = checked(data)
    assert taken_apart(data)["recording.mp4"] == MP4
    assert (manifest.scenes[0].kind, manifest.files[0].kind) == ("recording", FileKind.RECORDING)
    assert json.loads(taken_apart(data)["recording.json"])["reason"] == "tìm trẻ lạc"


@pytest.mark.parametrize(
    ("lags", "offset_ms", "note"),
    [
        ([0.25, 0.04, 3.0], -40, ClockNote.FROM_RECORDS),
        ([-7.5, -7.25], 7500, ClockNote.FROM_RECORDS),  # the box's clock is ahead
        ([90.0, 30.0], None, ClockNote.LATE_RECORDS),
        ([], None, ClockNote.NO_RECORDS),
    ],
)
def test_the_clock_of_the_box_is_known_from_how_soon_its_records_came(
    filmed: RunningApi, lags: list[float], offset_ms: int | None, note: ClockNote
) -> None:
    origin = Origin("an-luu", "an-luu-1", EPOCH)
    with psycopg.connect(filmed.conninfo, autocommit=True) as db:
        for n, lag in enumerate(lags):
            at = NOON + timedelta(seconds=10 * n)
            lines = SampleLines()
            lines.add("an-luu-1", Sample(at=at, device="an-luu-1", metric="box.cpu_percent", value=4))
            records.write(db, Commit(samples=lines, seqs={origin: {50 + n}}))
            received = at + timedelta(seconds=lag)
            db.execute("UPDATE health SET received_at = %s WHERE at = %s", (received, at))
    with filmed.client("lan") as lan:
        _, data = exported(lan, event=str(EVENT_ID))
    clock = checked(data)[1].scenes[0].clock
    assert (clock.offset_ms, clock.clock_note, clock.records) == (offset_ms, note, len(lags))


def test_without_a_key_nothing_is_exported(start_api: StartApi) -> None:
    api = start_api()
    commit_event(api.conninfo, SHOWN)
    with api.client("lan") as lan:
        assert problem(ask(lan, event=str(EVENT_ID))) == (503, "export_not_set_up")
        assert lan.get("/api/v1/evidence/keys").json() == {"items": []}
    assert audited(api, "evidence.asked") == []


@pytest.fixture(scope="module")
def quiet(shared_api: RunningApi) -> RunningApi:
    """An API with a key and an event, for tests that are refused."""
    commit_event(shared_api.conninfo, SHOWN)
    return shared_api


@pytest.mark.parametrize(
    ("user", "thing", "expected"),
    [
        ("lan", {}, (422, "invalid")),
        ("lan", {"event": str(EVENT_ID), "incident": str(EVENT_ID)}, (422, "invalid")),
        ("lan", {"event": str(EVENT_ID), "reason": "  a  "}, (422, "invalid")),
        ("lan", {"event": str(new_id())}, (404, "not_found")),
        ("lan", {"incident": str(new_id())}, (404, "not_found")),
        ("lan", {"recording": str(new_id())}, (404, "not_found")),
        ("minh", {"event": str(EVENT_ID)}, (404, "not_found")),
        ("tech", {"event": str(EVENT_ID)}, (403, "no_video")),
    ],
)
def test_an_export_is_of_one_thing_that_one_may_watch_for_a_reason(
    quiet: RunningApi, user: str, thing: dict[str, Any], expected: tuple[int, str]
) -> None:
    with quiet.client(user) as client:
        assert problem(ask(client, **thing)) == expected
    assert audited(quiet, "evidence.asked", "evidence.exported") == []
    assert list((quiet.settings.media_dir / "exports").iterdir()) == []


def test_only_who_made_a_package_fetches_it_and_only_for_an_hour(filmed: RunningApi) -> None:
    with filmed.client("lan") as lan, filmed.client("admin") as admin:
        made, data = exported(lan, event=str(EVENT_ID))
        part = lan.get(made["package"], headers={"Range": "bytes=0-99"})
        assert (part.status_code, part.content) == (206, data[:100])
        assert problem(admin.get(made["package"])) == (404, "not_found")
        (file,) = (filmed.settings.media_dir / "exports").iterdir()
        os.utime(file, times=(time.time() - 3601,) * 2)
        assert problem(lan.get(made["package"])) == (410, "export_gone")
        again, _ = exported(lan, event=str(EVENT_ID))
        assert [path.stem for path in (filmed.settings.media_dir / "exports").iterdir()] == [again["id"]]


def test_administrators_list_what_was_exported_page_by_page(filmed: RunningApi) -> None:
    with filmed.client("lan") as lan, filmed.client("admin") as admin:
        made = [exported(lan, event=str(EVENT_ID))[0]["id"] for _ in range(3)]
        first = admin.get(EXPORTS, params={"limit": 2}).json()
        second = admin.get(EXPORTS, params={"limit": 2, "cursor": first["next_cursor"]}).json()
        assert [item["id"] for item in first["items"] + second["items"]] == made[::-1]
        assert second["next_cursor"] is None
        assert {item["exported_by"] for item in first["items"]} == {"lan"}
        assert problem(lan.get(EXPORTS)) == (403, "admins_only")


def test_anybody_can_read_the_public_keys_that_sign_and_signed(
    start_api: StartApi, filmed: RunningApi, tmp_path: Path
) -> None:
    with filmed.client() as anybody, filmed.client("lan") as lan:
        (before,) = anybody.get("/api/v1/evidence/keys").json()["items"]
        assert (before["current"], before["first_used_at"]) == (True, None)
        _, data = exported(lan, event=str(EVENT_ID))
        (used,) = anybody.get("/api/v1/evidence/keys").json()["items"]
    verdict, _ = checked(data)
    assert (used["id"], used["pem"]) == (verdict.key_id, taken_apart(data)["key.pem"].decode())
    assert used["first_used_at"] is not None
    newer = evidence_key.make(tmp_path / "newer.pem")
    with start_api(evidence_key=tmp_path / "newer.pem").client() as anybody:
        keys = anybody.get("/api/v1/evidence/keys").json()["items"]
    assert [(key["id"], key["current"]) for key in keys] == [(newer.public.id, True), (used["id"], False)]


def test_media_that_are_too_large_together_are_refused_before_anything_is_written(filmed: RunningApi) -> None:
    with medium(filmed, MP4).open("r+b") as file:
        file.truncate(3 * 1024**3)  # sparse: it takes no room
    with filmed.client("lan") as lan:
        assert problem(ask(lan, event=str(EVENT_ID))) == (422, "export_too_large")
    assert audited(filmed, "evidence.asked") == []


def test_two_export_at_once_and_a_third_is_asked_to_wait(filmed: RunningApi) -> None:
    desk = filmed.server.config.app.state.evidence  # type: ignore[union-attr]
    with desk.place(), desk.place(), filmed.client("lan") as lan:
        answer = ask(lan, event=str(EVENT_ID))
        assert (problem(answer), answer.headers["retry-after"]) == ((503, "busy"), "5")
    with filmed.client("lan") as lan:
        assert ask(lan, event=str(EVENT_ID)).status_code == 201


def test_the_page_that_checks_is_served_with_a_policy_of_its_own(shared_api: RunningApi) -> None:
    with shared_api.client() as client:
        answer = client.get("/verify")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "connect-src" not in policy, "it may load nothing at all"
