from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import psycopg

from api.evidence import key as evidence_key
from api.footage import media_keeping
from api.footage.media import MediaFolder
from api.footage.media_keeping import MediaKeeping
from contracts.ids import digest_of
from storage import audit
from storage.pool import open_pool
from tests.api.conftest import StartApi
from tests.api.running import JPEG, RunningApi
from tests.api.work.test_incidents import happens, numbered
from tests.support.waiting import eventually

MEDIA = "/api/v1/box/media"
OLD, HELD, FRESH = (JPEG + bytes([number]) for number in range(3))


def aged(api: RunningApi, *pictures: bytes) -> None:
    """Let pictures have come two months ago."""
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        digests = [digest_of(picture) for picture in pictures]
        db.execute("UPDATE media SET received_at = now() - interval '60 days' WHERE digest = ANY(%s)", (digests,))


def here(api: RunningApi) -> set[bytes]:
    return {path.read_bytes() for path in api.settings.media_dir.rglob("*") if path.is_file()}


def swept(api: RunningApi) -> None:
    """Remove what is over, as the API does once an hour."""
    pool = open_pool(api.conninfo, name="test", size=1)
    try:
        MediaKeeping(pool, MediaFolder(Path(api.settings.media_dir)), timedelta(days=30)).remove_all()
    finally:
        pool.close()


def upload(api: RunningApi, *pictures: bytes) -> None:
    with api.box() as box:
        for picture in pictures:
            box.put(f"{MEDIA}/{digest_of(picture)}", content=picture).raise_for_status()


def test_old_pictures_go_but_for_those_of_incidents_that_somebody_works_on(api: RunningApi) -> None:
    upload(api, OLD, HELD, FRESH)
    happens(api, numbered(1, snapshot=digest_of(HELD)))
    aged(api, OLD, HELD)
    swept(api)
    assert here(api) == {HELD, FRESH}
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        db.execute("UPDATE incidents SET state = 'resolved', ended_at = now()")
    swept(api)
    assert here(api) == {FRESH}


def test_what_was_removed_is_said_so_and_is_not_taken_again(api: RunningApi) -> None:
    upload(api, OLD)
    (incident,) = happens(api, numbered(1, snapshot=digest_of(OLD)))
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        db.execute("UPDATE incidents SET state = 'resolved', ended_at = now()")
    aged(api, OLD)
    swept(api)
    with api.client("lan") as client, api.box() as box:
        (event,) = client.get(f"/api/v1/incidents/{incident}").json()["events"]
        answer = client.get(f"/api/v1/events/{event['event']['id']}/snapshot")
        assert (answer.status_code, answer.json()["code"]) == (410, "media_removed")
        assert box.get(f"{MEDIA}/{digest_of(OLD)}").json()["complete"]
        box.put(f"{MEDIA}/{digest_of(OLD)}", content=OLD).raise_for_status()
    assert here(api) == set()


def test_each_removal_stands_in_the_audit_with_a_digest_of_what_went(api: RunningApi) -> None:
    upload(api, OLD, HELD)
    aged(api, OLD, HELD)
    swept(api)
    swept(api)
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        (entry,) = [one for one in audit.entries(db) if one.action == "media.removed"]
    listed = "\n".join(sorted([digest_of(OLD), digest_of(HELD)]))
    assert entry.details["count"] == 2
    assert entry.details["digests"] == digest_of(listed.encode())


def test_two_processes_remove_each_its_own_and_enter_each_file_once(api: RunningApi) -> None:
    pictures = [JPEG + bytes([number]) for number in range(40)]
    upload(api, *pictures)
    aged(api, *pictures)
    with ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(swept, api) for _ in range(4)]:
            done.result()
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        counts = [one.details["count"] for one in audit.entries(db) if one.action == "media.removed"]
    assert sum(map(int, map(str, counts))) == len(pictures)
    assert here(api) == set()


def test_an_export_says_what_was_removed_before_it(start_api: StartApi, tmp_path: Path) -> None:
    evidence_key.make(tmp_path / "key.pem")
    api = start_api(evidence_key=tmp_path / "key.pem")
    upload(api, OLD)
    happens(api, numbered(1, snapshot=digest_of(OLD)))
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        db.execute("UPDATE incidents SET state = 'resolved', ended_at = now()")
    aged(api, OLD)
    swept(api)
    with api.client("lan") as client:
        (event,) = client.get("/api/v1/events").json()["items"]
        asked = {"event": event["event"]["id"], "reason": "đối chiếu"}
        made = client.post("/api/v1/evidence/exports", json=asked).raise_for_status().json()
    assert [(one["kind"], one["why"]) for one in made["absent_list"]] == [("snapshot", "removed")]


def test_more_than_one_turn_takes_are_removed_too(start_api: StartApi) -> None:
    api = start_api(session_check_s=0.1)
    pictures = [JPEG + bytes([number]) for number in range(7)]
    upload(api, *pictures)
    aged(api, *pictures)
    before, media_keeping.AT_ONCE = media_keeping.AT_ONCE, 3  # type: ignore[misc]
    try:
        swept(api)
    finally:
        media_keeping.AT_ONCE = before  # type: ignore[misc]
    assert here(api) == set()


def test_a_running_api_does_so_by_itself(start_api: StartApi) -> None:
    first = start_api()
    upload(first, OLD, FRESH)
    aged(first, OLD)
    second = start_api()
    eventually(lambda: here(second) == {FRESH})
