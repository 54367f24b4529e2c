from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import pytest

from api.hub import MAX_WAITING, Hub, LiveBox, Viewer
from contracts.feed import BoxChanged, Missed
from contracts.status import BoxState
from storage.pool import open_pool
from tests.support.samples import NOON


def change(number: int) -> BoxChanged:
    return BoxChanged(box="an-luu-1", state=BoxState.ONLINE, at=NOON + timedelta(seconds=number))


@pytest.fixture
def hub(database: str) -> Iterator[Hub]:
    pool = open_pool(database, name="test")
    yield Hub(pool)
    pool.close()


def test_a_viewer_that_does_not_read_misses_some_and_keeps_a_bounded_queue(hub: Hub) -> None:
    stuck = Viewer(frozenset({"an-luu"}))
    hub.enter(stuck)
    for number in range(MAX_WAITING * 3):
        hub.publish("an-luu", change(number))
        assert len(stuck.messages) <= MAX_WAITING
    assert stuck.messages[0] == Missed()
    assert stuck.messages[-1] == change(MAX_WAITING * 3 - 1), "what comes after the gap is kept"


def test_a_message_goes_to_its_ward_only(hub: Hub) -> None:
    here, there = Viewer(frozenset({"an-luu"})), Viewer(frozenset({"phuong-4"}))
    for viewer in (here, there):
        hub.enter(viewer)
    hub.publish("an-luu", change(1))
    assert (list(here.messages), list(there.messages)) == ([change(1)], [])
    hub.leave(here)
    hub.publish("an-luu", change(2))
    assert list(here.messages) == [change(1)]


def test_a_newer_picture_replaces_an_unsent_one(hub: Hub) -> None:
    viewer = Viewer(frozenset())
    hub.enter(viewer)
    hub.watch(viewer, frozenset({"quang-trung-1"}))
    for message in (b"old", b"new"):
        hub.picture("quang-trung-1", message)
    hub.picture("yersin-1", b"not asked for")
    assert viewer.pictures == {"quang-trung-1": b"new"}
    hub.watch(viewer, frozenset())
    assert viewer.pictures == {}, "what is no longer wanted is not sent"


def test_boxes_are_asked_for_the_union_of_what_is_watched(hub: Hub) -> None:
    box, other = LiveBox(frozenset({"quang-trung-1", "cho-an-luu-1"})), LiveBox(frozenset({"yersin-1"}))
    viewers = [Viewer(frozenset()), Viewer(frozenset())]
    for viewer, cameras in zip(viewers, ({"quang-trung-1"}, {"quang-trung-1", "yersin-1"}), strict=True):
        hub.enter(viewer)
        hub.watch(viewer, frozenset(cameras))
    for one in (box, other):
        hub.box_arrived(one)
    assert (set(box.wanted), set(other.wanted)) == ({"quang-trung-1"}, {"yersin-1"})
    hub.leave(viewers[1])
    assert (set(box.wanted), set(other.wanted)) == ({"quang-trung-1"}, set())
    hub.box_left(box)
    hub.leave(viewers[0])
    assert box.wanted == {"quang-trung-1"}, "who left is not asked"


def test_a_box_is_woken_only_by_changes(hub: Hub) -> None:
    box, viewer = LiveBox(frozenset({"quang-trung-1"})), Viewer(frozenset())
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
        assert box.wanted == {"quang-trung-1"}
        hub.picture("quang-trung-1", b"picture")
        return [await waiting, await hub.next_picture("quang-trung-1", 0.05)]

    assert asyncio.run(scenario()) == [b"picture", None]
    assert box.wanted == frozenset(), "nobody watches any more"
