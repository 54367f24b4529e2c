from __future__ import annotations

import pytest

from api.live import looks
from api.live.looks import GRACE_S, Ended, RecentLooks, WatchPeriods


def test_a_period_begins_once_and_ends_when_the_camera_was_let_go_for_a_while() -> None:
    periods = WatchPeriods()
    assert periods.begin(["b", "a"], 100) == ["a", "b"]
    assert periods.begin(["a", "b"], 130) == []
    assert periods.begin(["b"], 160) == []
    assert periods.ended(160 + GRACE_S - 0.1) == []
    assert periods.ended(160 + GRACE_S) == [Ended("a", 60)]
    assert periods.ended(1000) == [], "an end is told once"
    assert periods.end_all(400) == [Ended("b", 300)]
    assert periods.end_all(500) == []


def test_a_camera_that_comes_back_at_once_is_still_the_same_period() -> None:
    periods = WatchPeriods()
    periods.begin(["a"], 0)
    periods.begin([], 50)
    assert periods.begin(["a"], 50 + GRACE_S / 2) == []
    assert periods.ended(500) == []
    assert periods.end_all(600) == [Ended("a", 600)]


def test_a_camera_that_comes_back_later_is_a_new_period() -> None:
    periods = WatchPeriods()
    periods.begin(["a"], 0)
    periods.begin([], 50)
    assert periods.ended(50 + GRACE_S) == [Ended("a", 50)]
    assert periods.begin(["a"], 100) == ["a"]


def test_who_leaves_while_a_camera_is_let_go_watched_it_until_then() -> None:
    periods = WatchPeriods()
    periods.begin(["a"], 0)
    periods.begin([], 50)
    assert periods.end_all(55) == [Ended("a", 50)]


def test_a_look_is_new_once_in_a_while_for_each_session_and_thing() -> None:
    recent = RecentLooks(window_s=60)
    assert recent.is_new("one", "event:1", 0)
    assert recent.is_new("one", "event:1", 0), "what was not entered is still new"
    recent.remember("one", "event:1", 0)
    assert not recent.is_new("one", "event:1", 59)
    assert recent.is_new("two", "event:1", 59)
    assert recent.is_new("one", "event:2", 59)
    assert recent.is_new("one", "event:1", 60)


def test_only_so_many_looks_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looks, "MOST_REMEMBERED", 5)
    recent = RecentLooks(window_s=60)
    for number in range(100):
        recent.remember("one", f"event:{number}", 0)
    assert [recent.is_new("one", f"event:{number}", 1) for number in range(94, 100)] == [True, *[False] * 5]
