from __future__ import annotations

import http.client
import os
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psycopg
import pytest

from api.footage import media, parts
from api.footage.media import MAX_BYTES
from contracts.ids import digest_of
from contracts.media import LENGTH_HEADER, MAX_MEDIA_BYTES, OFFSET_HEADER
from tests.api.running import JPEG, RunningApi, commit_event, problem
from tests.support.samples import BOX_TOKEN, EVENT_ID, event
from tests.support.waiting import eventually

DIGEST = digest_of(JPEG)
MEDIA = "/api/v1/box/media"


def kept(api: RunningApi) -> list[Path]:
    return sorted(path for path in api.settings.media_dir.rglob("*") if path.is_file())


def noted(api: RunningApi) -> list[tuple[object, ...]]:
    with psycopg.connect(api.conninfo) as db:
        return db.execute("SELECT digest, bytes, media_type, box_id FROM media").fetchall()


def test_a_picture_is_kept_by_its_digest_and_a_repeat_changes_nothing(api: RunningApi) -> None:
    with api.box() as box, api.box("phuong-4-1") as other:
        for sender in (box, box, other):
            assert sender.put(f"{MEDIA}/{DIGEST}", content=JPEG).status_code == 204
    assert [path.read_bytes() for path in kept(api)] == [JPEG]
    assert noted(api) == [(DIGEST, len(JPEG), "image/jpeg", "an-luu-1")]


def test_many_uploads_at_once_all_end_well(api: RunningApi) -> None:
    pictures = [JPEG + bytes([number % 4]) for number in range(24)]

    def upload(data: bytes) -> int:
        with api.box() as box:
            return box.put(f"{MEDIA}/{digest_of(data)}", content=data).status_code

    with ThreadPoolExecutor(24) as threads:
        assert set(threads.map(upload, pictures)) == {204}
    assert sorted(path.read_bytes() for path in kept(api)) == sorted(set(pictures))
    assert len(noted(api)) == 4


@pytest.mark.parametrize(
    ("digest", "content", "expected"),
    [
        (DIGEST, JPEG + b"x", (422, "wrong_digest")),
        ("0" * 64, JPEG, (422, "wrong_digest")),
        (digest_of(b"GIF89a"), b"GIF89a", (415, "not_media")),
        (digest_of(b""), b"", (415, "not_media")),
        (digest_of(b"<html>"), b"<html>", (415, "not_media")),
        (DIGEST.upper(), JPEG, (422, "invalid")),
        (DIGEST[:-1], JPEG, (422, "invalid")),
        (DIGEST + "%0a", JPEG, (422, "invalid")),
        (DIGEST + "%00", JPEG, (422, "invalid")),
        ("..", JPEG, (404, "not_found")),
        ("%2e%2e", JPEG, (422, "invalid")),
        ("..%2f..%2fetc%2fpasswd", JPEG, (404, "not_found")),
        ("%2fetc%2fpasswd", JPEG, (404, "not_found")),
        ("..%5c..%5cx", JPEG, (422, "invalid")),
    ],
)
def test_what_is_not_a_picture_of_that_digest_is_refused(
    shared_api: RunningApi, digest: str, content: bytes, expected: tuple[int, str]
) -> None:
    with shared_api.box() as box:
        assert problem(box.put(f"{MEDIA}/{digest}", content=content)) == expected
    assert kept(shared_api) == []


def put_headers(api: RunningApi, length: int, token: str = BOX_TOKEN) -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection("127.0.0.1", api.port, timeout=10)
    connection.putrequest("PUT", f"{MEDIA}/{DIGEST}")
    connection.putheader("Authorization", f"Bearer {token}")
    connection.putheader("Content-Length", str(length))
    connection.endheaders()
    return connection


@pytest.mark.parametrize("token", [BOX_TOKEN, "a-stranger"])
def test_a_body_that_is_too_long_is_refused_before_it_ends(shared_api: RunningApi, token: str) -> None:
    connection = put_headers(shared_api, 10**12, token)
    if token == BOX_TOKEN:
        connection.send(JPEG + bytes(MAX_BYTES - len(JPEG) + 1))
    answer = connection.getresponse()
    assert answer.status == (413 if token == BOX_TOKEN else 401)
    assert answer.headers["Content-Type"] == "application/problem+json"
    connection.close()
    assert kept(shared_api) == []


def test_the_largest_picture_is_taken(api: RunningApi) -> None:
    data = JPEG + bytes(MAX_BYTES - len(JPEG))
    with api.box() as box:
        assert box.put(f"{MEDIA}/{digest_of(data)}", content=data).status_code == 204
        assert problem(box.put(f"{MEDIA}/{digest_of(data + b'0')}", content=data + b"0")) == (413, "too_large")


def test_a_box_that_hangs_up_in_the_middle_leaves_nothing_behind(
    api: RunningApi, caplog: pytest.LogCaptureFixture
) -> None:
    connection = put_headers(api, 1000)
    connection.send(JPEG[:100])
    assert isinstance(connection.sock, socket.socket)
    connection.close()
    with api.box() as box:
        assert box.put(f"{MEDIA}/{DIGEST}", content=JPEG).status_code == 204
    assert len(kept(api)) == 1
    assert "Traceback" not in caplog.text


def test_slow_uploads_do_not_keep_others_from_the_database(api: RunningApi) -> None:
    slow = [put_headers(api, 1000) for _ in range(20)]
    for connection in slow:
        connection.send(JPEG[:100])
    with api.client("lan") as client:
        assert eventually(lambda: client.get("/api/v1/session", timeout=2).status_code) == 200
    for connection in slow:
        connection.close()


CLIP = b"\x00\x00\x00\x20ftypisom" + bytes(range(256)) * 400
CLIP_DIGEST = digest_of(CLIP)


def send(box: httpx.Client, offset: int, end: int, data: bytes = CLIP, digest: str = CLIP_DIGEST) -> httpx.Response:
    """A piece of `data`."""
    headers = {OFFSET_HEADER: str(offset), LENGTH_HEADER: str(len(data))}
    return box.patch(f"{MEDIA}/{digest}", content=data[offset:end], headers=headers)


def state(box: httpx.Client, digest: str = CLIP_DIGEST) -> dict[str, object]:
    said: dict[str, object] = box.get(f"{MEDIA}/{digest}").raise_for_status().json()
    return said


def test_a_clip_comes_in_pieces_and_is_kept_when_it_is_whole(api: RunningApi) -> None:
    with api.box() as box:
        assert state(box) == {"offset": 0, "complete": False}
        for offset in range(0, len(CLIP), 30_000):
            assert state(box) == {"offset": offset, "complete": False}
            assert noted(api) == []
            answer = send(box, offset, offset + 30_000)
            assert answer.json()["offset"] == min(len(CLIP), offset + 30_000)
        assert answer.json()["complete"] is True
        assert state(box) == {"offset": 0, "complete": True}
    assert noted(api) == [(CLIP_DIGEST, len(CLIP), "video/mp4", "an-luu-1")]
    assert [path.read_bytes() for path in kept(api)] == [CLIP]


@pytest.mark.parametrize("offset", [0, 10_000, 30_001, 90_000])
def test_a_piece_that_belongs_elsewhere_is_refused_and_changes_nothing(api: RunningApi, offset: int) -> None:
    with api.box() as box:
        send(box, 0, 30_000).raise_for_status()
        assert problem(send(box, offset, offset + 100)) == (409, "wrong_offset")
        assert state(box) == {"offset": 30_000, "complete": False}


def test_a_whole_that_has_not_its_digest_is_thrown_away_and_can_be_sent_anew(api: RunningApi) -> None:
    with api.box() as box:
        send(box, 0, 30_000).raise_for_status()
        wrong = CLIP[:50_000] + b"x" + CLIP[50_001:]
        assert problem(send(box, 30_000, len(CLIP), wrong)) == (422, "wrong_digest")
        assert kept(api) == []
        assert state(box) == {"offset": 0, "complete": False}
        assert send(box, 0, len(CLIP)).json()["complete"] is True


def test_what_is_neither_picture_nor_film_is_not_kept(api: RunningApi) -> None:
    page = b"<html>" + bytes(1000)
    with api.box() as box:
        assert problem(send(box, 0, len(page), page, digest_of(page))) == (415, "not_media")
    assert kept(api) == []


def test_more_than_was_announced_is_refused(api: RunningApi) -> None:
    headers = {OFFSET_HEADER: "0", LENGTH_HEADER: "1000"}
    with api.box() as box:
        assert problem(box.patch(f"{MEDIA}/{CLIP_DIGEST}", content=CLIP, headers=headers)) == (422, "too_long")


@pytest.mark.parametrize(
    ("offset", "length"), [("-1", "1000"), ("0", "0"), ("0", str(MAX_MEDIA_BYTES + 1)), ("x", "1"), ("0", "1e3")]
)
def test_offsets_and_lengths_that_cannot_be_are_refused(shared_api: RunningApi, offset: str, length: str) -> None:
    with shared_api.box() as box:
        headers = {OFFSET_HEADER: offset, LENGTH_HEADER: length}
        assert problem(box.patch(f"{MEDIA}/{CLIP_DIGEST}", content=b"x", headers=headers)) == (422, "invalid")


def test_boxes_do_not_see_each_others_parts(api: RunningApi) -> None:
    with api.box() as box, api.box("phuong-4-1") as other:
        send(box, 0, 30_000).raise_for_status()
        assert state(other) == {"offset": 0, "complete": False}
        assert problem(send(other, 30_000, 60_000)) == (409, "wrong_offset")
        send(other, 0, 100).raise_for_status()
        assert state(box)["offset"] == 30_000


def open_piece(api: RunningApi, offset: int, announced: int) -> http.client.HTTPConnection:
    """A request whose body has not come yet."""
    connection = http.client.HTTPConnection("127.0.0.1", api.port, timeout=30)
    connection.putrequest("PATCH", f"{MEDIA}/{CLIP_DIGEST}")
    headers = {"Authorization": f"Bearer {BOX_TOKEN}", "Content-Length": str(announced)}
    for name, value in (headers | {OFFSET_HEADER: str(offset), LENGTH_HEADER: str(len(CLIP))}).items():
        connection.putheader(name, value)
    connection.endheaders()
    return connection


def test_what_came_before_a_line_broke_is_kept(api: RunningApi, caplog: pytest.LogCaptureFixture) -> None:
    connection = open_piece(api, 0, len(CLIP))
    connection.send(CLIP[:40_000])
    with api.box() as box:
        eventually(lambda: state(box)["offset"] == 40_000)
        assert problem(send(box, 40_000, len(CLIP))) == (409, "busy")
        connection.close()
        eventually(lambda: send(box, 40_000, len(CLIP)).is_success)
    assert [path.read_bytes() for path in kept(api)] == [CLIP]
    assert "Traceback" not in caplog.text


def test_a_line_that_falls_silent_holds_its_upload_only_for_a_while(
    api: RunningApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media, "SILENCE_S", 0.5)
    connection = open_piece(api, 0, len(CLIP))
    connection.send(CLIP[:40_000])
    with api.box() as box:
        eventually(lambda: state(box)["offset"] == 40_000)
        eventually(lambda: send(box, 40_000, len(CLIP)).is_success)
    connection.close()


def test_parts_that_nobody_goes_on_with_are_removed(api: RunningApi) -> None:
    with api.box() as box:
        send(box, 0, 30_000).raise_for_status()
        (part,) = kept(api)
        old = part.stat().st_mtime - parts.MAX_AGE_S - 60
        os.utime(part, (old, old))
        other = CLIP + b"x"
        send(box, 0, 100, other, digest_of(other)).raise_for_status()
        assert state(box)["offset"] == 0


def test_a_box_cannot_fill_the_disk_with_parts(api: RunningApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "MAX_BOX_BYTES", MAX_MEDIA_BYTES + 80_000)
    with api.box() as box:
        for number in range(6):
            data = CLIP + bytes([number])
            send(box, 0, 30_000, data, digest_of(data)).raise_for_status()
        assert sum(path.stat().st_size for path in kept(api)) <= 30_000 * 3


def test_a_clip_is_given_to_who_may_see_it_also_in_parts(api: RunningApi) -> None:
    commit_event(api.conninfo, event(clip=CLIP_DIGEST, thumbnail=DIGEST))
    address = f"/api/v1/events/{EVENT_ID}"
    with api.box() as box, api.client("lan") as client:
        asked = {"event": str(EVENT_ID), "reason": "xem lại vụ xâm nhập"}
        client.post("/api/v1/playback", json=asked).raise_for_status()
        assert client.get(f"{address}/clip").status_code == 404
        assert send(box, 0, len(CLIP)).json()["complete"] is True
        box.put(f"{MEDIA}/{DIGEST}", content=JPEG).raise_for_status()
        whole = client.get(f"{address}/clip")
        assert (whole.content, whole.headers["content-type"]) == (CLIP, "video/mp4")
        part = client.get(f"{address}/clip", headers={"Range": "bytes=1000-1999"})
        assert (part.status_code, part.content) == (206, CLIP[1000:2000])
        assert part.headers["content-range"] == f"bytes 1000-1999/{len(CLIP)}"
        beyond = client.get(f"{address}/clip", headers={"Range": "bytes=999999999-"})
        assert (problem(beyond), beyond.headers["content-range"]) == ((416, "bad_range"), f"bytes */{len(CLIP)}")
        assert problem(client.get(f"{address}/clip", headers={"Range": "bytes=9-1"})) == (400, "bad_range")
        assert client.get(f"{address}/thumbnail").content == JPEG
