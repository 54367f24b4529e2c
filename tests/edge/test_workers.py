from __future__ import annotations

import subprocess
import sys
import threading
import time

import pytest

from edge.workers import Workers
from tests.support.waiting import eventually

HANGING = "import time; from edge.workers import Workers; workers = Workers(1, 'x'); workers.submit(time.sleep, 600)"


def alive(name: str) -> int:
    return sum(thread.name.startswith(name) for thread in threading.enumerate())


def test_work_is_begun_in_order_and_its_results_and_errors_are_told() -> None:
    workers, begun = Workers(1, "ordered"), list[int]()
    done = [workers.submit(begun.append, number) for number in range(5)]
    wrong = workers.submit(int, "x")
    assert [future.result(5) for future in done] == [None] * 5
    assert begun == [0, 1, 2, 3, 4]
    with pytest.raises(ValueError, match="invalid literal"):
        wrong.result(5)
    assert workers.submit(int, "7").result(5) == 7


def test_as_much_is_done_at_once_as_there_are_threads() -> None:
    workers, meeting = Workers(2, "both"), threading.Barrier(2)
    both = [workers.submit(meeting.wait, 5) for _ in range(2)]
    assert sorted(future.result(5) for future in both) == [0, 1]


def test_threads_end_with_their_workers() -> None:
    workers = Workers(3, "short-lived")
    assert workers.submit(int, "1").result(5) == 1
    assert alive("short-lived") == 3
    del workers
    eventually(lambda: alive("short-lived") == 0)


def test_work_that_hangs_does_not_keep_the_process_from_ending() -> None:
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", HANGING], check=True, timeout=30)
    assert time.monotonic() - began < 30
