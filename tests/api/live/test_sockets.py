from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from itertools import pairwise
from socket import create_connection

import psycopg
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

from api.live import sockets as live
from contracts.configuration import ConfigAnswer
from contracts.event import Phase
from contracts.feed import FEED
from contracts.picture import MAX_PICTURE_BYTES
from contracts.status import BoxState, BoxStatus, CameraState, CameraStatus
from contracts.video import PieceKind, VideoHeader
from contracts.video import pack as pack_video
from storage import box_configs, status
from tests.api.conftest import StartApi
from tests.api.running import COOKIE, RunningApi, audited, commit_event, heard, lost_database, picture, wanted, watch
from tests.contracts.test_golden import GOLDEN
from tests.support.configured import camera as configured
from tests.support.samples import EVENT_ID, NOON, SESSION, event
from tests.support.waiting import eventually

SOON_S = 1.0
CAMERAS = ("quang-trung-1", "cho-an-luu-1", "yersin-1")


@pytest.fixture
def sockets() -> Iterator[ExitStack]:
    """Closes the sockets that a test opens."""
    with ExitStack() as stack:
        yield stack


def wall(stack: ExitStack, api: RunningApi, user: str) -> ClientConnection:
    """A viewer who has been greeted; what the start of the listener made it miss is read."""
    socket = stack.enter_context(closing(api.wall(user)))
    heard(socket, "hello")
    return socket


def live_box(stack: ExitStack, api: RunningApi, box: str = "an-luu-1") -> ClientConnection:
    socket = stack.enter_context(closing(api.live_box(box)))
    wanted(socket)
    return socket


def quiet(socket: ClientConnection, timeout_s: float = 0.4) -> bool:
    """Whether nothing but the `missed` of a fresh listener comes."""
    try:
        while True:
            message = socket.recv(timeout=timeout_s)
            if not isinstance(message, str) or json.loads(message)["type"] != "missed":
                return False
    except TimeoutError:
        return True


def next_picture(socket: ClientConnection, timeout_s: float = 5.0) -> bytes:
    while isinstance(message := socket.recv(timeout=timeout_s), str):
        pass
    return message


def closed_with(socket: ClientConnection, timeout_s: float = 5.0) -> int:
    try:
        while True:
            socket.recv(timeout=timeout_s)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else 0


def listening(api: RunningApi) -> int | None:
    """The server process behind the API's listener, once it waits for notices."""
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        row = db.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle'"
            " AND application_name = '' AND pid <> pg_backend_pid() AND (query LIKE 'LISTEN%' OR query = 'SELECT 1')"
        ).fetchone()
    return int(row[0]) if row else None


def test_the_first_word_is_hello_with_the_clock(api: RunningApi, sockets: ExitStack) -> None:
    socket = sockets.enter_context(closing(api.wall("lan")))
    first = FEED.validate_json(socket.recv(timeout=5))
    assert first.type == "hello"
    assert abs(first.at.timestamp() - time.time()) < 5


def test_a_committed_event_reaches_its_ward_at_once_and_no_other(api: RunningApi, sockets: ExitStack) -> None:
    lan, minh, admin, tech = (wall(sockets, api, name) for name in ("lan", "minh", "admin", "tech"))
    eventually(lambda: listening(api))
    for revision, phase in enumerate((Phase.OPEN, Phase.UPDATE, Phase.CLOSE)):
        closed = NOON if phase is Phase.CLOSE else None
        started = time.monotonic()
        commit_event(api.conninfo, event(revision=revision, phase=phase, closed_at=closed), seq=revision + 1)
        for viewer in (lan, admin, tech):
            message = heard(viewer, "event")
            FEED.validate_python(message)
            assert (message["event"]["id"], message["event"]["phase"]) == (str(EVENT_ID), phase.value)
        assert time.monotonic() - started < SOON_S
    assert quiet(minh)


def test_a_change_of_state_reaches_its_ward_at_once_and_no_other(api: RunningApi, sockets: ExitStack) -> None:
    lan, minh = (wall(sockets, api, name) for name in ("lan", "minh"))
    eventually(lambda: listening(api))
    camera = CameraStatus(id="quang-trung-1", site="quang-trung", state=CameraState.STREAMING, since=NOON, fps=12)
    word = BoxStatus(box="an-luu-1", session=SESSION, n=1, state=BoxState.ONLINE, at=NOON, cameras=(camera,))
    started = time.monotonic()
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        assert status.apply(db, "an-luu", word)
    assert heard(lan, "box")["state"] == "online"
    changed = heard(lan, "camera")
    assert time.monotonic() - started < SOON_S
    assert (changed["camera"]["id"], changed["camera"]["state"]) == ("quang-trung-1", "streaming")
    assert quiet(minh)


def test_open_walls_of_the_ward_hear_that_a_box_watches_or_is_called_otherwise(
    api: RunningApi, sockets: ExitStack
) -> None:
    lan, minh = (wall(sockets, api, name) for name in ("lan", "minh"))
    eventually(lambda: listening(api))
    document = {"cameras": [configured("quang-trung-1", "rtsp://10.0.0.5/1")]}
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        box_configs.make(db, "an-luu-1", document, {"quang-trung-1": {"name": "Ngã ba"}}, made_by="tech")
        assert heard(lan, "cameras") == {"type": "cameras", "box": "an-luu-1"}
        assert quiet(lan)
        given_up = ConfigAnswer(revision=1, state="refused", reason="no", running=0)
        assert box_configs.answer_all(db, {"an-luu-1": given_up}) == ["an-luu-1"]
        assert quiet(lan)  # nothing is known of what runs, so nothing changed
        box_configs.make(db, "an-luu-1", document, {"quang-trung-1": {"name": "Ngã tư"}}, made_by="tech")
        heard(lan, "cameras")
        assert box_configs.answer_all(db, {"an-luu-1": given_up.model_copy(update={"revision": 2, "running": 1})})
        heard(lan, "cameras")
    assert quiet(minh)


def test_a_box_is_asked_only_for_what_somebody_watches(api: RunningApi, sockets: ExitStack) -> None:
    box = sockets.enter_context(closing(api.live_box()))
    assert wanted(box) == [], "it hears at once that nobody watches"
    lan, admin = (wall(sockets, api, name) for name in ("lan", "admin"))
    watch(lan, "quang-trung-1")
    assert wanted(box) == ["quang-trung-1"]
    watch(admin, *CAMERAS)
    assert wanted(box) == ["cho-an-luu-1", "quang-trung-1"]
    admin.close()
    assert wanted(box) == ["quang-trung-1"]
    watch(lan)
    assert wanted(box) == []


def test_a_box_that_comes_late_hears_what_is_wanted_already(api: RunningApi, sockets: ExitStack) -> None:
    lan = wall(sockets, api, "lan")
    first = live_box(sockets, api)
    watch(lan, "quang-trung-1")
    wanted(first)
    first.close()
    late = sockets.enter_context(closing(api.live_box()))
    assert wanted(late) == ["quang-trung-1"]


@pytest.mark.parametrize(
    ("user", "asked", "seen"),
    [
        ("lan", ["quang-trung-1"], ["quang-trung-1"]),
        ("lan", list(CAMERAS), ["quang-trung-1", "cho-an-luu-1"]),
        ("lan", [], []),
        ("lan", ["yersin-1"], []),
        ("minh", list(CAMERAS), ["yersin-1"]),
        ("admin", list(CAMERAS), list(CAMERAS)),
        ("tech", list(CAMERAS), []),
    ],
)
def test_pictures_reach_who_asked_and_may_see(
    api: RunningApi, sockets: ExitStack, user: str, asked: list[str], seen: list[str]
) -> None:
    boxes = {box: live_box(sockets, api, box) for box in ("an-luu-1", "phuong-4-1")}
    keeper = wall(sockets, api, "admin")
    viewer = wall(sockets, api, user)
    watch(viewer, *asked)
    watch(keeper, *CAMERAS)
    for box in boxes.values():
        wanted(box)
    time.sleep(0.1)  # the two wishes are heard side by side
    for camera in CAMERAS:
        boxes["phuong-4-1" if camera == "yersin-1" else "an-luu-1"].send(picture(camera))
    for _ in CAMERAS:
        next_picture(keeper)
    arrived = {next_picture(viewer) for _ in seen}
    assert arrived == {picture(camera) for camera in seen}
    assert quiet(viewer, 0.2)


def test_a_box_cannot_speak_for_anothers_camera(api: RunningApi, sockets: ExitStack) -> None:
    box, other = live_box(sockets, api), live_box(sockets, api, "phuong-4-1")
    viewer = wall(sockets, api, "lan")
    watch(viewer, "quang-trung-1")
    wanted(box)
    other.send(picture("quang-trung-1", b"\xff\xd8\xfffalse"))
    other.send(picture("yersin-1"))
    box.send(picture("quang-trung-1"))
    assert next_picture(viewer) == picture("quang-trung-1")


BROKEN_PICTURES = {
    "empty": b"",
    "short": b"\x00\x00",
    "no header": b"\x00\x00\x00\x00\xff\xd8\xff",
    "header beyond the end": b"\xff\xff\xff\xff{}",
    "not JSON": b"\x00\x00\x00\x02{]\xff\xd8\xff",
    "not a JPEG": picture("quang-trung-1", b"GIF89a"),
    "no UTF-8": b"\x00\x00\x00\x02\xff\xfe\xff\xd8\xff",
    "a camera that is no name": b"\x00\x00\x00\x0f" + b'{"camera":"\\u0"}'[:15] + b"\xff\xd8\xff",
    "a text": "hello",
    "an empty text": "",
}


@pytest.mark.parametrize("broken", BROKEN_PICTURES.values(), ids=BROKEN_PICTURES)
def test_a_broken_message_does_not_end_a_boxs_connection(
    api: RunningApi, sockets: ExitStack, broken: bytes | str
) -> None:
    box, viewer = live_box(sockets, api), wall(sockets, api, "lan")
    watch(viewer, "quang-trung-1")
    wanted(box)
    box.send(broken)
    box.send(picture("quang-trung-1"))
    assert next_picture(viewer) == picture("quang-trung-1")


def test_the_largest_picture_passes_and_a_larger_one_ends_the_connection(api: RunningApi, sockets: ExitStack) -> None:
    box, viewer = live_box(sockets, api), wall(sockets, api, "lan")
    watch(viewer, "quang-trung-1")
    wanted(box)
    head = len(picture("quang-trung-1", b""))
    largest = picture("quang-trung-1", b"\xff\xd8" + bytes(MAX_PICTURE_BYTES - head - 2))
    assert len(largest) == MAX_PICTURE_BYTES
    box.send(largest)
    assert next_picture(viewer) == largest
    with suppress(OSError, ConnectionClosed):  # it may be closed, or reset, before all is sent
        box.send(largest + b"x")
    assert closed_with(box) in (1009, 0), "a reset may overtake the close frame"


@pytest.mark.parametrize(
    "words",
    [
        "{",
        "",
        "null",
        b"\xff\x00",
        '{"type":"watch"}',
        '{"type":"watch","cameras":["\\u0000"]}',
        '{"type":"sing","cameras":[]}',
        json.dumps({"type": "watch", "cameras": ["a"] * 65}),
        "[" * 10_000,
    ],
    ids=range(9),
)
def test_what_the_api_does_not_understand_does_not_end_a_viewers_feed(
    api: RunningApi, sockets: ExitStack, words: str | bytes
) -> None:
    box, viewer = live_box(sockets, api), wall(sockets, api, "lan")
    viewer.send(words)
    watch(viewer, "quang-trung-1")
    assert wanted(box) == ["quang-trung-1"]


@pytest.mark.parametrize(
    ("revoke", "code"),
    [
        ("DELETE FROM sessions", live.NOT_SIGNED_IN),
        ("UPDATE users SET disabled = true", live.NOT_SIGNED_IN),
        ("UPDATE sessions SET expires_at = now()", live.NOT_SIGNED_IN),
        ("UPDATE users SET wards = '{phuong-4}' WHERE username = 'lan'", live.COME_AGAIN),
        ("UPDATE users SET role = 'technician' WHERE username = 'lan'", live.COME_AGAIN),
    ],
)
def test_an_open_feed_ends_with_the_rights_it_began_with(
    api: RunningApi, sockets: ExitStack, revoke: str, code: int
) -> None:
    viewer = wall(sockets, api, "lan")
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        db.execute(revoke.encode())
    assert closed_with(viewer) == code


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://["])
def test_another_sites_page_gets_no_feed(shared_api: RunningApi, origin: str) -> None:
    with closing(shared_api.wall("lan", Origin=origin)) as socket:
        assert closed_with(socket) == live.WRONG_ORIGIN
    with closing(shared_api.wall("lan", Origin=shared_api.url)) as socket:
        assert heard(socket, "hello")


@pytest.mark.parametrize("token", [None, "made-up", "a" * 5000])
def test_a_stranger_gets_no_feed(shared_api: RunningApi, token: str | None) -> None:
    with closing(shared_api.wall(token=token)) as socket:
        assert closed_with(socket) == live.NOT_SIGNED_IN


@pytest.mark.parametrize("path", ["/api/v1/live", "/api/v1/box/live"])
def test_who_hangs_up_at_once_is_no_error(api: RunningApi, caplog: pytest.LogCaptureFixture, path: str) -> None:
    lines = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Host: x")
    request = "\r\n".join((f"GET {path} HTTP/1.1", *lines, "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", "", ""))
    for _ in range(10):
        with create_connection(("127.0.0.1", api.port)) as connection:
            connection.sendall(request.encode())
    with closing(api.wall("lan")) as socket:
        assert heard(socket, "hello")
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer x"}, {"Cookie": f"{COOKIE}=x"}])
def test_a_stranger_is_no_box(shared_api: RunningApi, headers: dict[str, str]) -> None:
    with pytest.raises(InvalidStatus) as refused:
        shared_api.socket("/api/v1/box/live", **headers)
    assert refused.value.response.status_code == 403


def test_after_a_lost_listener_viewers_fetch_anew_and_hear_on(api: RunningApi, sockets: ExitStack) -> None:
    viewer = wall(sockets, api, "lan")
    pid = eventually(lambda: listening(api))
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        db.execute("SELECT pg_terminate_backend(%s)", (pid,))
    commit_event(api.conninfo, event())
    heard(viewer, "missed", 10)
    commit_event(api.conninfo, event(revision=1, count=3), seq=2)
    assert heard(viewer, "event")["event"]["count"] == 3


def test_a_notice_that_cannot_be_read_ends_nothing(api: RunningApi, sockets: ExitStack) -> None:
    viewer = wall(sockets, api, "lan")
    eventually(lambda: listening(api))
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        for payload in ("{", '[["x","y"]]', ""):
            db.execute("SELECT pg_notify('phoan_events', %s)", (payload,))
        db.execute("SELECT pg_notify('phoan_status', 'no-such-box')")
    commit_event(api.conninfo, event())
    assert heard(viewer, "event")["event"]["id"] == str(EVENT_ID)


def test_a_feed_outlives_a_database_that_is_away(api: RunningApi, sockets: ExitStack) -> None:
    box, viewer = live_box(sockets, api), wall(sockets, api, "lan")
    watch(viewer, "quang-trung-1")
    wanted(box)
    with lost_database(api):
        time.sleep(5.5)  # longer than a look at the session waits for a connection
        box.send(picture("quang-trung-1"))
        assert next_picture(viewer) == picture("quang-trung-1")
    heard(viewer, "missed", 15)
    with api.client("lan") as client:
        eventually(lambda: client.get("/api/v1/events").status_code == 200, 30)
    commit_event(api.conninfo, event())
    assert heard(viewer, "event", 15)["event"]["id"] == str(EVENT_ID)


def test_who_comes_while_the_database_is_away_is_told_to_try_later(start_api: StartApi, sockets: ExitStack) -> None:
    api = start_api()
    token = api.session("lan")
    with lost_database(api):
        socket = sockets.enter_context(closing(api.wall(token=token)))
        assert closed_with(socket, 10) == live.TRY_LATER


def test_a_viewer_that_does_not_read_slows_nobody(api: RunningApi, sockets: ExitStack) -> None:
    box = live_box(sockets, api)
    stuck, viewer = wall(sockets, api, "lan"), wall(sockets, api, "admin")
    watch(stuck, "quang-trung-1")
    watch(viewer, "quang-trung-1")
    wanted(box)
    time.sleep(0.1)  # the two wishes are heard side by side
    for number in range(12):
        shown = picture("quang-trung-1", b"\xff\xd8\xff" + bytes([number]) + bytes(2_000_000))
        started = time.monotonic()
        box.send(shown)
        assert next_picture(viewer) == shown
        assert time.monotonic() - started < SOON_S


def piece(kind: PieceKind, camera: str = "quang-trung-1", data: bytes = b"mp4") -> bytes:
    """A piece of video as a box sends it."""
    init = {"codec": "avc1.64001f", "width": 640, "height": 360} if kind == "init" else {}
    return pack_video(VideoHeader.model_validate({"camera": camera, "kind": kind, "captured_at": NOON} | init), data)


SMALL_KEY = (GOLDEN / "video_key_sub.json").read_bytes()


def watch_video(socket: ClientConnection, *cameras: str) -> None:
    socket.send(json.dumps({"type": "watch", "cameras": cameras, "video": cameras}))


def test_video_reaches_who_asked_and_may_see_and_each_look_is_in_the_audit(api: RunningApi, sockets: ExitStack) -> None:
    box = live_box(sockets, api)
    lan, minh, tech = (wall(sockets, api, name) for name in ("lan", "minh", "tech"))
    for viewer in (minh, tech, lan):
        watch_video(viewer, "quang-trung-1")
    asked = heard(box, "watch")
    assert (asked["cameras"], asked["video"]) == (["quang-trung-1"], ["quang-trung-1"])
    for message in (piece("init"), piece("key"), piece("delta"), piece("tracks", data=b"")):
        box.send(message)
        assert next_picture(lan) == message
    assert quiet(minh, 0.2)
    assert quiet(tech, 0.2)
    assert [(entry.actor, entry.object) for entry in audited(api, "live.began")] == [("lan", "camera:quang-trung-1")]


def test_a_look_at_both_streams_is_one_look(api: RunningApi, sockets: ExitStack) -> None:
    box, viewer = live_box(sockets, api), wall(sockets, api, "lan")
    asked = {"type": "watch", "cameras": ["quang-trung-1"], "video": ["quang-trung-1"], "sub": ["quang-trung-1"]}
    viewer.send(json.dumps(asked))
    told = heard(box, "watch")
    assert (told["video"], told["sub"]) == (["quang-trung-1"], ["quang-trung-1"])
    small = VideoHeader.model_validate_json(SMALL_KEY)
    begin = small.model_copy(update={"kind": "init", "codec": "avc1.64001f", "width": 384, "height": 288})
    for message in (pack_video(begin, b"mp4"), pack_video(small, b"mp4")):
        box.send(message)
        assert next_picture(viewer) == message
    viewer.send(json.dumps(asked | {"main": ["quang-trung-1"]}))
    assert heard(box, "watch")["main"] == ["quang-trung-1"]
    box.send(piece("init"))
    assert next_picture(viewer) == piece("init")
    assert len(audited(api, "live.began")) == 1


def test_who_comes_late_sees_the_camera_at_once(api: RunningApi, sockets: ExitStack) -> None:
    box, first = live_box(sockets, api), wall(sockets, api, "lan")
    watch_video(first, "quang-trung-1")
    wanted(box)
    for message in (piece("init"), piece("key", data=b"1"), piece("key", data=b"2"), piece("delta", data=b"3")):
        box.send(message)
        next_picture(first)
    late = wall(sockets, api, "admin")
    watch_video(late, "quang-trung-1")
    assert [next_picture(late) for _ in range(3)] == [
        piece("init"),
        piece("key", data=b"2"),
        piece("delta", data=b"3"),
    ]


def test_a_box_cannot_speak_for_anothers_video(api: RunningApi, sockets: ExitStack) -> None:
    box, other, viewer = live_box(sockets, api), live_box(sockets, api, "phuong-4-1"), wall(sockets, api, "lan")
    watch_video(viewer, "quang-trung-1")
    wanted(box)
    other.send(piece("init", data=b"false"))
    time.sleep(0.1)
    box.send(piece("init"))
    assert next_picture(viewer) == piece("init")


@pytest.mark.parametrize("broken", [b"\x01", b"\x01\xff\xff\xff{}", b"\x01\x00\x00\x02{}x", piece("key", data=b"")])
def test_a_broken_piece_does_not_end_a_boxs_connection(api: RunningApi, sockets: ExitStack, broken: bytes) -> None:
    box, viewer = live_box(sockets, api), wall(sockets, api, "lan")
    watch_video(viewer, "quang-trung-1")
    wanted(box)
    box.send(broken)
    box.send(piece("init"))
    assert next_picture(viewer) == piece("init")


def test_a_viewer_that_does_not_read_video_slows_nobody_and_goes_on_at_a_key_frame(
    api: RunningApi, sockets: ExitStack
) -> None:
    box = live_box(sockets, api)
    stuck, viewer = wall(sockets, api, "lan"), wall(sockets, api, "admin")
    for each in (stuck, viewer):
        watch_video(each, "quang-trung-1")
    wanted(box)
    time.sleep(0.1)  # the two wishes are heard side by side
    box.send(piece("init"))
    next_picture(viewer)
    sent = []
    for number in range(120):
        message = piece("delta" if number % 40 else "key", data=bytes([number]) * 200_000)
        started = time.monotonic()
        box.send(message)
        assert next_picture(viewer) == message
        assert time.monotonic() - started < SOON_S
        sent.append(message)
    got = [next_picture(stuck)]
    with suppress(TimeoutError):
        while True:
            got.append(next_picture(stuck, 0.5))
    places = [sent.index(message) for message in got[1:]]
    assert places == sorted(places)
    assert len(places) < len(sent), "some were left out"
    after_a_gap = [place for before, place in pairwise(places) if place != before + 1]
    assert all(place % 40 == 0 for place in after_a_gap)
