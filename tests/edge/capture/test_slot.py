from __future__ import annotations

import threading

from edge.capture.slot import LatestSlot, Slots


def test_an_item_is_taken_once() -> None:
    slot: LatestSlot[str] = LatestSlot()
    assert slot.take() is None
    slot.put("a")
    assert slot.take() == "a"
    assert slot.take() is None
    assert slot.dropped == 0


def test_the_newest_replaces_what_nobody_took_and_is_counted() -> None:
    slot: LatestSlot[int] = LatestSlot()
    for number in range(5):
        slot.put(number)
    assert slot.take() == 4
    assert slot.dropped == 4


def test_putting_wakes_whoever_waits_for_any_of_several_slots() -> None:
    ready = threading.Event()
    slots: list[LatestSlot[int]] = [LatestSlot(ready), LatestSlot(ready)]
    slots[1].put(1)
    assert ready.is_set()


def test_a_fast_writer_and_a_slow_reader_lose_nothing_but_the_dropped() -> None:
    slot: LatestSlot[int] = LatestSlot()

    def write() -> None:
        for number in range(20_000):
            slot.put(number)

    writer = threading.Thread(target=write)
    taken: list[int] = []
    writer.start()
    while writer.is_alive():
        if (item := slot.take()) is not None:
            taken.append(item)
    if (item := slot.take()) is not None:
        taken.append(item)
    assert taken == sorted(taken)
    assert taken[-1] == 19_999
    assert len(taken) + slot.dropped == 20_000


def test_several_slots_are_given_the_same_and_emptied_each_for_itself() -> None:
    one, other = LatestSlot[str](), LatestSlot[str]()
    both = Slots(one, other)
    both.put("first")
    assert one.take() == "first"
    both.put("second")
    assert (one.take(), other.take(), other.take()) == ("second", "second", None)
    assert (one.dropped, other.dropped) == (0, 1)
