from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from edge.devices.throttle import Course, Measured, due, take

START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
EVERY = timedelta(seconds=60)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def sent(metric: str, *values: tuple[float, float], until: float = 0) -> list[tuple[float, float]]:
    """Which of some values, each of its second, go at once or when their time has come; by second and value."""
    course: Course | None = None
    found: list[tuple[float, float]] = []
    last = max(until, max(second for second, _ in values))
    waiting = dict(values)
    for second in range(int(last) + 1):
        if second in waiting:
            course, goes = take(course, metric, Measured(at(second), waiting[second]), at(second), EVERY)
            if goes:
                found.append((second, waiting[second]))
        if course is not None:
            course, held = due(course, metric, at(second), EVERY)
            if held is not None:
                found.append((second, held.value))
    return found


@pytest.mark.parametrize(
    ("metric", "values", "until", "expected"),
    [
        ("temperature", [(0, 30)], 0, [(0, 30)]),
        ("temperature", [(0, 30), (5, 30.1)], 70, [(0, 30), (60, 30.1)]),
        ("temperature", [(0, 30), (2, 34)], 30, [(0, 30), (10, 34)]),
        ("temperature", [(0, 30), (2, 34), (5, 30.2)], 70, [(0, 30), (60, 30.2)]),
        ("temperature", [(0, 30), (20, 34)], 20, [(0, 30), (20, 34)]),
        ("smoke", [(0, 0), (1, 1), (2, 0)], 2, [(0, 0), (1, 1), (2, 0)]),
        ("smoke", [(0, 0), (30, 0), (61, 0)], 61, [(0, 0), (60, 0)]),
        ("power_w", [(0, 1000), (11, 1040)], 20, [(0, 1000)]),
        ("power_w", [(0, 1000), (11, 1060)], 20, [(0, 1000), (11, 1060)]),
    ],
)
def test_what_is_news_goes_soon_and_the_rest_in_its_time(
    metric: str, values: list[tuple[float, float]], until: float, expected: list[tuple[float, float]]
) -> None:
    assert sent(metric, *values, until=until) == expected


def test_a_yes_or_no_that_flutters_goes_once_a_second_at_most() -> None:
    course, _ = take(None, "smoke", Measured(START, 0), START, EVERY)
    goes = 0
    for tenth in range(1, 100):
        moment = at(tenth / 10)
        course, now = take(course, "smoke", Measured(moment, float(tenth % 2)), moment, EVERY)
        goes += now
    assert goes <= 10


def test_what_comes_late_changes_nothing() -> None:
    course, _ = take(None, "temperature", Measured(at(100), 30), at(100), EVERY)
    assert take(course, "temperature", Measured(at(50), 70), at(200), EVERY) == (course, False)
