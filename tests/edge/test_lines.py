from __future__ import annotations

import threading

from edge.lines import LineCount
from edge.rule_settings import LineSettings
from edge.rules.presence import Sighting
from tests.edge.rules.frames import at, sighting, standing

DOWN = LineSettings(id="cong-cho", points=((0.5, 0.0), (0.5, 1.0)), counts=("person", "vehicle"))
"""Looking down it, `in` is towards the picture's left."""


def walk(count: LineCount, *columns: float, label: str = "person", name: str = "a", start: float = 0.0) -> None:
    for index, x in enumerate(columns):
        count.observe(at(start + index), (seen(x, label, name),))


def seen(x: float, label: str, name: str) -> Sighting:
    return sighting(name, standing((x, 0.5)), label)


def test_persons_and_vehicles_are_counted_apart_and_by_direction() -> None:
    count = LineCount(DOWN)
    walk(count, 0.7, 0.3, 0.7, 0.3)
    for label in ("motorcycle", "bicycle"):
        walk(count, 0.3, 0.7, label=label, name=label[0], start=10)
    walk(count, 0.3, 0.7, label="dog", name="d", start=20)
    assert count.take() == {"line.in": 2, "line.out": 1, "line.in_vehicle": 0, "line.out_vehicle": 2}


def test_a_count_is_taken_once_and_nobody_is_zero() -> None:
    count = LineCount(DOWN)
    walk(count, 0.7, 0.3)
    assert count.take()["line.in"] == 1
    assert set(count.take().values()) == {0}


def test_what_a_line_does_not_count_has_no_metric() -> None:
    assert LineCount(LineSettings(id="cong-cho", points=DOWN.points)).take() == {"line.in": 0, "line.out": 0}


def test_a_way_across_is_one_crossing_however_the_measurements_cut_it() -> None:
    count, counted = LineCount(DOWN), 0
    for index, x in enumerate((0.7, 0.51, 0.495, 0.505, 0.495, 0.48, 0.3)):
        count.observe(at(index * 0.5), (seen(x, "person", "a"),))
        counted += count.take()["line.in"]
    assert counted == 1


def test_no_crossing_is_lost_or_doubled_while_another_thread_takes_the_counts() -> None:
    count, taken, done = LineCount(DOWN), [0], threading.Event()

    def measure() -> None:
        while not done.is_set():
            taken[0] += sum(count.take().values())

    thread = threading.Thread(target=measure)
    thread.start()
    walk(count, *(0.7 if index % 2 else 0.3 for index in range(4001)))
    done.set()
    thread.join(10)
    assert taken[0] + sum(count.take().values()) == 4000
