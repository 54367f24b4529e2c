from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import pytest

from api.live.hub import Hub, LiveBox
from api.live.stream import MAIN, MOST_WAITING
from api.live.viewer import MAX_WAITING, Viewer
from contracts.feed import BoxChanged, Missed, Watch
from contracts.picture import PictureHeader
from contracts.status import BoxState
from contracts.video import PieceKind, VideoHeader
from storage.pool import open_pool
from storage.scope import Scope
from tests.support.samples import NOON

CAMERA = "quang-trung-1"


def change(number: int) -> BoxChanged:
    return BoxChanged(box="an-luu-1", state=BoxState.ONLINE, at=NOON + timedelta(seconds=number))


def told(camera: str, no_video: str | None = None) -> PictureHeader:
    return PictureHeader(camera=camera, captured_at=NOON, width=640, height=360, no_video=no_video)


def piece(kind: PieceKind, camera: str = CAMERA) -> VideoHeader:
    return VideoHeader(camera=camera, kind=kind, captured_at=NOON)


def plays(hub: Hub, *cameras: str) -> Viewer:
    """A viewer who wants video of `cameras`."""
    viewer = Viewer(Scope())
    hub.enter(viewer)
    hub.watch(viewer, frozenset(cameras), dict.fromkeys(cameras, MAIN))
    return viewer


def drained(viewer: Viewer) -> list[bytes]:
    """All the pieces that wait for a viewer."""
    found: list[bytes] = []
    while pieces := viewer.next_pieces():
        found += pieces
    return found


@pytest.fixture
def hub(database: str) -> Iterator[Hub]:
    pool = open_pool(database, name="test")
    yield Hub(pool)
    pool.close()


def test_a_viewer_that_does_not_read_misses_some_and_keeps_a_bounded_queue(hub: Hub) -> None:
    stuck = Viewer(Scope.of_wards(["an-luu"]))
    hub.enter(stuck)
    for number in range(MAX_WAITING * 3):
        hub.publish("an-luu", change(number), site=None)
        assert len(stuck.messages) <= MAX_WAITING
    assert stuck.messages[0] == Missed()
    assert stuck.messages[-1] == change(MAX_WAITING * 3 - 1), "what comes after the gap is kept"


def test_a_message_goes_to_its_ward_only(hub: Hub) -> None:
    here, there = Viewer(Scope.of_wards(["an-luu"])), Viewer(Scope.of_wards(["phuong-4"]))
    for viewer in (here, there):
        hub.enter(viewer)
    hub.publish("an-luu", change(1), site=None)
    assert (list(here.messages), list(there.messages)) == ([change(1)], [])
    hub.leave(here)
    hub.publish("an-luu", change(2), site=None)
    assert list(here.messages) == [change(1)]


def test_a_newer_picture_replaces_an_unsent_one(hub: Hub) -> None:
    viewer = Viewer(Scope())
    hub.enter(viewer)
    hub.watch(viewer, frozenset({"quang-trung-1"}))
    for message in (b"old", b"new"):
        hub.picture(told("quang-trung-1"), message)
    hub.picture(told("yersin-1"), b"not asked for")
    assert viewer.pictures == {"quang-trung-1": b"new"}
    hub.watch(viewer, frozenset())
    assert viewer.pictures == {}, "what is no longer wanted is not sent"


def test_boxes_are_asked_for_the_union_of_what_is_watched(hub: Hub) -> None:
    box, other = LiveBox(frozenset({"quang-trung-1", "cho-an-luu-1"})), LiveBox(frozenset({"yersin-1"}))
    viewers = [Viewer(Scope()), Viewer(Scope())]
    for viewer, cameras in zip(viewers, ({"quang-trung-1"}, {"quang-trung-1", "yersin-1"}), strict=True):
        hub.enter(viewer)
        hub.watch(viewer, frozenset(cameras))
    for one in (box, other):
        hub.box_arrived(one)
    assert (set(box.wanted.cameras), set(other.wanted.cameras)) == ({"quang-trung-1"}, {"yersin-1"})
    hub.leave(viewers[1])
    assert (set(box.wanted.cameras), set(other.wanted.cameras)) == ({"quang-trung-1"}, set())
    hub.box_left(box)
    hub.leave(viewers[0])
    assert box.wanted.cameras == ("quang-trung-1",), "who left is not asked"


def test_a_box_is_asked_for_a_camera_that_became_known_after_it_dialled_in(hub: Hub) -> None:
    box, other = LiveBox(frozenset(), "an-luu-1"), LiveBox(frozenset({"yersin-1"}), "phuong-4-1")
    viewer = Viewer(Scope())
    hub.enter(viewer)
    hub.watch(viewer, frozenset({"quang-trung-1", "cho-an-luu-1"}))
    for one in (box, other):
        hub.box_arrived(one)
    assert len(box.wanted.cameras) == 0
    hub.cameras_known("an-luu-1", frozenset({"quang-trung-1"}))
    hub.cameras_known("phuong-4-1", frozenset({"yersin-1"}))
    assert (set(box.wanted.cameras), set(other.wanted.cameras)) == ({"quang-trung-1"}, set())
    hub.cameras_known("an-luu-1", frozenset({"cho-an-luu-1"}))
    assert set(box.wanted.cameras) == {"quang-trung-1", "cho-an-luu-1"}


def test_a_box_is_woken_only_by_changes(hub: Hub) -> None:
    box, viewer = LiveBox(frozenset({"quang-trung-1"})), Viewer(Scope())
    hub.box_arrived(box)
    assert box.wake.is_set()
    box.wake.clear()
    hub.enter(viewer)
    hub.watch(viewer, frozenset({"yersin-1"}))
    assert not box.wake.is_set()
    hub.watch(viewer, frozenset({"quang-trung-1"}))
    assert box.wake.is_set()


def test_a_single_picture_is_waited_for_only_so_long(hub: Hub) -> None:
    box = LiveBox(frozenset({"quang-trung-1"}))

    async def scenario() -> list[bytes | None]:
        hub.box_arrived(box)
        waiting = asyncio.create_task(hub.next_picture("quang-trung-1", 5))
        await asyncio.sleep(0)
        assert box.wanted.cameras == ("quang-trung-1",)
        hub.picture(told("quang-trung-1"), b"picture")
        return [await waiting, await hub.next_picture("quang-trung-1", 0.05)]

    assert asyncio.run(scenario()) == [b"picture", None]
    assert box.wanted.cameras == (), "nobody watches any more"


def test_who_comes_late_gets_the_header_and_what_came_since_the_last_key_frame(hub: Hub) -> None:
    first = plays(hub, CAMERA)
    for kind, message in (("init", b"I"), ("key", b"K1"), ("delta", b"D1"), ("key", b"K2"), ("delta", b"D2")):
        hub.video(piece(kind), message)  # type: ignore[arg-type]
    late = plays(hub, CAMERA)
    hub.video(piece("delta"), b"D3")
    assert drained(first) == [b"I", b"K1", b"D1", b"K2", b"D2", b"D3"]
    assert drained(late) == [b"I", b"K2", b"D2", b"D3"]


def test_a_viewer_that_is_slow_is_skipped_forward_alone(hub: Hub) -> None:
    slow, quick = plays(hub, CAMERA), plays(hub, CAMERA)
    hub.video(piece("init"), b"I")
    passed: list[bytes] = []
    for number in range(300):
        hub.video(piece("delta" if number % 100 else "key"), b"%d" % number)
        passed += drained(quick)
        assert len(slow.playing[CAMERA, "main"]) <= MOST_WAITING + 1
    assert passed == [b"I", *(b"%d" % number for number in range(300))]
    assert drained(slow) == [b"I"], "its queue ran over after the last key frame"
    hub.video(piece("delta"), b"300")
    assert drained(slow) == []
    hub.video(piece("key"), b"301")
    assert drained(slow) == [b"301"]


def test_what_was_kept_of_a_stream_ends_when_its_box_is_told_that_nobody_watches(hub: Hub) -> None:
    box, viewer = LiveBox(frozenset({CAMERA})), plays(hub, CAMERA)
    hub.box_arrived(box)
    hub.video(piece("init"), b"I")
    hub.video(piece("key"), b"K")
    hub.leave(viewer)
    hub.asked(box, box.wanted)
    hub.video(piece("delta"), b"on its way still")
    assert drained(plays(hub, CAMERA)) == []


def test_a_box_that_leaves_takes_its_streams_with_it(hub: Hub) -> None:
    box, viewer = LiveBox(frozenset({CAMERA})), plays(hub, CAMERA)
    hub.box_arrived(box)
    hub.video(piece("init"), b"I")
    hub.box_left(box)
    assert drained(plays(hub, CAMERA)) == []
    hub.video(piece("init"), b"I2")
    hub.video(piece("key"), b"K2")
    assert drained(viewer)[-2:] == [b"I2", b"K2"], "who watches on sees it come back"


def test_a_box_hears_who_wants_video_and_who_pictures(hub: Hub) -> None:
    box = LiveBox(frozenset({CAMERA, "cho-an-luu-1"}))
    hub.box_arrived(box)
    player = plays(hub, CAMERA, "yersin-1")
    assert box.wanted == Watch(cameras=(CAMERA,), video=(CAMERA,))
    other = Viewer(Scope())
    hub.enter(other)
    hub.watch(other, frozenset({CAMERA, "cho-an-luu-1"}))
    assert box.wanted == Watch(cameras=("cho-an-luu-1", CAMERA), video=(CAMERA,), pictures=(CAMERA,))
    hub.leave(player)
    assert box.wanted == Watch(cameras=("cho-an-luu-1", CAMERA))


def test_pictures_go_to_those_without_video(hub: Hub) -> None:
    player, other = plays(hub, CAMERA), Viewer(Scope())
    hub.enter(other)
    hub.watch(other, frozenset({CAMERA}))
    hub.picture(told(CAMERA), b"old box")
    assert (player.pictures, other.pictures) == ({CAMERA: b"old box"},) * 2
    hub.video(piece("init"), b"I")
    hub.picture(told(CAMERA), b"besides")
    assert player.pictures == {CAMERA: b"old box"}
    assert other.pictures == {CAMERA: b"besides"}
    assert drained(other) == []
    hub.picture(told(CAMERA, "codec"), b"instead")
    assert player.pictures == {CAMERA: b"instead"}


def test_asking_again_for_the_same_does_not_begin_anew(hub: Hub) -> None:
    viewer = plays(hub, CAMERA)
    hub.video(piece("init"), b"I")
    drained(viewer)
    hub.watch(viewer, frozenset({CAMERA}), {CAMERA: MAIN})
    assert drained(viewer) == []


def test_a_box_hears_which_streams_are_wanted(hub: Hub) -> None:
    box = LiveBox(frozenset({CAMERA, "cho-an-luu-1"}))
    hub.box_arrived(box)
    grid, large = Viewer(Scope()), Viewer(Scope())
    for viewer in (grid, large):
        hub.enter(viewer)
    both = frozenset({CAMERA, "cho-an-luu-1"})
    hub.watch(grid, both, dict.fromkeys(both, frozenset({"sub"})))
    names = tuple(sorted(both))
    assert box.wanted == Watch(cameras=names, video=names, sub=names)
    hub.watch(large, frozenset({CAMERA}), {CAMERA: MAIN})
    assert box.wanted == Watch(cameras=names, video=names, sub=names, main=(CAMERA,))
    hub.leave(grid)
    assert box.wanted == Watch(cameras=(CAMERA,), video=(CAMERA,)), "as it always was"


def test_a_box_that_has_dialled_in_anew_keeps_its_streams_when_its_old_line_dies(hub: Hub) -> None:
    old, new = LiveBox(frozenset({CAMERA})), LiveBox(frozenset({CAMERA}))
    viewer = plays(hub, CAMERA)
    for box in (old, new):
        hub.box_arrived(box)
        hub.asked(box, box.wanted)
    hub.video(piece("init"), b"I")
    hub.box_left(old)
    hub.video(piece("key"), b"K")
    assert drained(viewer) == [b"I", b"K"]
