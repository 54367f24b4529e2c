from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from contracts.report import Finding, Level
from edge.detect.ssdlite import SsdliteDetector
from edge.doctor.capacity import cameras_carried, run_detector
from edge.doctor.checks import Check, ok, run_checks


def test_a_check_that_fails_by_itself_is_told_and_keeps_nothing_from_the_others() -> None:
    def broken() -> Iterator[Finding]:
        yield ok("a_good")
        raise RuntimeError("a secret that must not be told")

    found = run_checks([Check("first", broken), Check("second", lambda: [ok("b_good")])], 5)
    assert [(one.code, one.level) for one in found] == [("check_broken", Level.WARN), ("b_good", Level.OK)]
    assert found[0].values == {"check": "first", "reason": "RuntimeError"}


def test_a_check_that_hangs_is_told_in_time_and_left() -> None:
    gate = threading.Event()

    def hangs() -> list[Finding]:
        gate.wait(30)
        return [ok("late_good")]

    began = time.monotonic()
    found = run_checks([Check("slow", hangs), Check("quick", lambda: [ok("b_good")])], 0.3)
    took = time.monotonic() - began
    gate.set()
    assert [one.code for one in found] == ["check_late", "b_good"]
    assert took < 3


def test_checks_run_beside_each_other_and_are_told_in_order() -> None:
    both = threading.Barrier(2, timeout=5)

    def meet(code: str) -> list[Finding]:
        both.wait()
        return [ok(code)]

    found = run_checks([Check("a", lambda: meet("a_good")), Check("b", lambda: meet("b_good"))], 10)
    assert [one.code for one in found] == ["a_good", "b_good"]


@pytest.mark.parametrize(
    ("cores", "decode_s", "fps", "look_s", "most"),
    [
        (2, 0.020, 5.0, 0.0386, 6),  # where the benchmark carried six
        (4, 0.020, 5.0, 0.0386, 13),
        (4, 0.100, 5.0, 0.0386, 9),  # larger pictures
        (4, 0.020, 2.0, 0.0386, 29),  # fewer looks
        (1, 0.500, 5.0, 0.1, 0),
    ],
)
def test_how_many_cameras_a_box_carries(cores: int, decode_s: float, fps: float, look_s: float, most: int) -> None:
    assert cameras_carried(cores, decode_s, fps, look_s) == most


def test_the_detector_is_really_run(ssdlite: SsdliteDetector) -> None:
    speed = run_detector(ssdlite, runs_s=0.3)
    assert 0 < speed.cpu_s < 2
    assert 0 < speed.wall_s < 5
    assert speed.look_s > speed.cpu_s  # a look is of several of the smallest inputs
