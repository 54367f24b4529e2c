from __future__ import annotations

import http.client
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from api.media import MAX_BYTES
from contracts.ids import digest_of
from tests.api.running import JPEG, RunningApi, problem
from tests.support.samples import BOX_TOKEN
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
        (digest_of(b"GIF89a"), b"GIF89a", (415, "not_jpeg")),
        (digest_of(b""), b"", (415, "not_jpeg")),
        (digest_of(b"<html>"), b"<html>", (415, "not_jpeg")),
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
