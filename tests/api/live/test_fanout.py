from __future__ import annotations

from datetime import timedelta

import pytest

from api.live.fanout import Fanout
from api.live.stream import MAIN, MOST_WAITING, Streams, carried
from api.live.viewer import Viewer
from contracts.feed import Watch
from contracts.video import NoSub, PieceKind, StreamName, VideoHeader
from storage.scope import Scope
from tests.support.samples import NOON

CAMERA, OTHER = "quang-trung-1", "cho-an-luu-1"
SUB: Streams = frozenset({"sub"})
BOTH = MAIN | SUB
END = b"there is none"


class Hall:
    """Some viewers, and a box that says what a test lets it say."""

    def __init__(self) -> None:
        self.viewers: list[Viewer] = []
        self.fanout = Fanout(self.viewers)

    def ask(self, streams: Streams) -> None:
        """What the box is told."""
        sub = (CAMERA,) if "sub" in streams else None
        main = (CAMERA,) if streams == BOTH else None
        video = (CAMERA,) if streams else None
        self.fanout.asked([CAMERA], Watch(cameras=(CAMERA,), video=video, sub=sub, main=main))

    def viewer(self, streams: Streams) -> Viewer:
        viewer = Viewer(Scope())
        self.viewers.append(viewer)
        self.want(viewer, streams)
        return viewer

    def want(self, viewer: Viewer, streams: Streams) -> None:
        self.fanout.watch(viewer, {CAMERA: streams} if streams else {})

    def send(self, kind: PieceKind, message: bytes, stream: StreamName = "main") -> None:
        told = VideoHeader(camera=CAMERA, kind=kind, captured_at=NOON, stream=None if stream == "main" else stream)
        self.fanout.take(told, message)

    def group(self, stream: StreamName, name: str = "") -> list[bytes]:
        """The beginning of a stream, up to its second picture."""
        mark = f"{stream[0]}{name}".encode()
        kinds: list[PieceKind] = ["init", "key", "delta"]
        for kind in kinds:
            self.send(kind, mark + kind.encode(), stream)
        return [mark + kind.encode() for kind in kinds]

    def end(self) -> None:
        told = VideoHeader(
            camera=CAMERA, kind="end", captured_at=NOON + timedelta(seconds=1), stream="sub", no_sub=NoSub.FAILED.value
        )
        self.fanout.take(told, END)


@pytest.fixture
def hall() -> Hall:
    return Hall()


def drained(viewer: Viewer) -> list[bytes]:
    found: list[bytes] = []
    while pieces := viewer.next_pieces():
        found += pieces
    return found


@pytest.mark.parametrize(
    ("wanted", "sub", "gets"),
    [
        (MAIN, True, MAIN),
        (SUB, True, SUB),
        (BOTH, True, BOTH),
        (MAIN, False, MAIN),
        (SUB, False, MAIN),
        (BOTH, False, MAIN),
    ],
)
def test_without_a_sub_stream_the_main_stream_is_carried(wanted: Streams, sub: bool, gets: Streams) -> None:
    assert carried(wanted, sub=sub) == gets


def test_each_stream_goes_to_those_who_want_it(hall: Hall) -> None:
    hall.ask(BOTH)
    large, small, both = hall.viewer(MAIN), hall.viewer(SUB), hall.viewer(BOTH)
    sub, main = hall.group("sub"), hall.group("main")
    assert (drained(large), drained(small)) == (main, sub)
    assert sorted(drained(both)) == sorted(main + sub)


def test_who_comes_late_joins_each_stream_at_its_own_last_key_frame(hall: Hall) -> None:
    hall.ask(BOTH)
    hall.viewer(BOTH)
    hall.group("sub")
    main = hall.group("main")
    hall.send("key", b"s2", "sub")
    assert drained(hall.viewer(SUB)) == [b"sinit", b"s2"]
    assert drained(hall.viewer(MAIN)) == main


def test_a_box_that_knows_no_sub_streams_sends_the_main_stream_to_all(hall: Hall) -> None:
    hall.ask(SUB)
    small = hall.viewer(SUB)
    main = hall.group("main")
    assert drained(small) == main
    assert drained(hall.viewer(SUB)) == main
    hall.want(small, BOTH)
    hall.ask(BOTH)
    hall.want(small, MAIN)
    hall.ask(MAIN)
    hall.send("delta", b"on")
    assert drained(small) == [b"on"], "it goes on without a break"


def test_until_the_sub_stream_comes_who_wants_it_gets_the_main_stream_that_others_get(hall: Hall) -> None:
    hall.ask(BOTH)
    hall.viewer(MAIN)
    main = hall.group("main")
    small = hall.viewer(SUB)
    assert drained(small) == main
    hall.send("delta", b"left out")
    sub = hall.group("sub")
    hall.send("delta", b"of the main stream")
    assert drained(small) == sub


def test_when_the_sub_stream_fails_the_main_stream_is_joined_and_the_reason_told(hall: Hall) -> None:
    hall.ask(BOTH)
    small, large = hall.viewer(SUB), hall.viewer(MAIN)
    main = hall.group("main")
    sub = hall.group("sub")
    assert (drained(small), drained(large)) == (sub, main)
    hall.end()
    assert drained(small) == [END, *main]
    assert drained(large) == []
    assert drained(hall.viewer(SUB)) == [END, *main], "who comes later is told too"
    hall.send("delta", b"of the sub-stream, on its way", "sub")
    assert drained(small) == []
    again = hall.group("sub", "again")
    assert drained(small) == again


def test_a_main_stream_that_went_instead_is_not_joined_later(hall: Hall) -> None:
    hall.ask(SUB)
    small = hall.viewer(SUB)
    hall.end()
    main = hall.group("main")
    assert drained(small) == [END, *main]
    sub = hall.group("sub")
    assert drained(small) == sub
    large = hall.viewer(MAIN)
    assert drained(large) == [], "what there was is old"
    hall.ask(BOTH)
    main = hall.group("main", "new")
    assert drained(large) == main


def test_a_stream_that_is_no_longer_asked_for_ends_here(hall: Hall) -> None:
    hall.ask(BOTH)
    hall.viewer(BOTH)
    hall.group("main")
    hall.group("sub")
    hall.ask(SUB)
    assert drained(hall.viewer(MAIN)) == []
    hall.ask(frozenset())
    hall.send("key", b"on its way", "sub")
    hall.send("init", b"on its way", "sub")
    hall.end()
    assert drained(hall.viewer(SUB)) == []


def test_what_was_seen_goes_to_each_viewer_once(hall: Hall) -> None:
    hall.ask(BOTH)
    viewers = [hall.viewer(MAIN), hall.viewer(SUB), hall.viewer(BOTH)]
    hall.group("main")
    hall.group("sub")
    for viewer in viewers:
        drained(viewer)
    hall.send("tracks", b"seen")
    assert [drained(viewer) for viewer in viewers] == [[b"seen"]] * 3


def test_a_slow_viewer_of_both_streams_keeps_a_bounded_queue_of_each(hall: Hall) -> None:
    hall.ask(BOTH)
    slow = hall.viewer(BOTH)
    hall.group("main")
    hall.group("sub")
    for number in range(400):
        for stream in ("main", "sub"):
            hall.send("delta" if number % 50 else "key", b"%d" % number, stream)
            hall.send("tracks", b"seen")
        assert all(len(queue) <= MOST_WAITING + 2 for queue in slow.playing.values())
    hall.end()
    hall.end()
    assert [len(queue) <= MOST_WAITING + 2 for queue in slow.playing.values()] == [True]
    assert drained(slow)[0] == END, "it overtakes what waits, and is told once"


def test_a_sub_stream_that_begins_anew_is_played_anew(hall: Hall) -> None:
    hall.ask(SUB)
    small = hall.viewer(SUB)
    hall.group("sub")
    again = hall.group("sub", "again")
    assert drained(small) == again
