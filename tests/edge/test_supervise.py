from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time

import pytest

from edge.supervise import Supervisor, backoff_s
from tests.support.waiting import eventually


class LineCutError(Exception):
    """An error that the tests list as transient."""


@pytest.mark.parametrize(
    ("attempt", "longest_s", "most"), [(1, 15, 0.5), (2, 15, 1), (3, 15, 2), (5, 15, 8), (6, 15, 15), (10_000, 3, 3)]
)
def test_back_off_doubles_up_to_the_longest_and_half_of_it_is_random(
    attempt: int, longest_s: float, most: float
) -> None:
    waits = [backoff_s(attempt, longest_s) for _ in range(200)]
    assert most / 2 <= min(waits) < max(waits) <= most


def test_a_listed_error_restarts_the_source(caplog: pytest.LogCaptureFixture) -> None:
    supervisor, runs = Supervisor(), []

    def run() -> None:
        runs.append(time.monotonic())
        if len(runs) < 3:
            raise LineCutError("the line is cut")
        supervisor.stop.wait()

    supervisor.keep_running("line", run, transient=(LineCutError,), longest_s=0.1)
    eventually(lambda: len(runs) == 3)
    supervisor.stop.set()
    supervisor.join(2)
    assert not supervisor.failed
    assert runs[1] - runs[0] >= 0.05
    assert [record.getMessage() for record in caplog.records] == ["line stopped, trying on: the line is cut"]


def test_what_recovered_for_long_starts_with_the_shortest_wait_and_is_logged_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    supervisor = Supervisor()
    ended: list[float] = []

    def run() -> None:
        if len(ended) == 3:
            supervisor.stop.wait(1.05)
        ended.append(time.monotonic())
        raise LineCutError("the line is cut")

    supervisor.keep_running("line", run, transient=(LineCutError,), longest_s=1.0)
    eventually(lambda: len(ended) == 5)
    supervisor.stop.set()
    supervisor.join(2)
    assert ended[4] - ended[3] < 0.6
    assert len(caplog.records) == 2


def test_an_unlisted_error_ends_the_process(caplog: pytest.LogCaptureFixture) -> None:
    supervisor = Supervisor()

    def run() -> None:
        raise ZeroDivisionError

    supervisor.keep_running("line", run, transient=(LineCutError,))
    assert supervisor.stop.wait(2)
    assert supervisor.failed
    assert [record.levelno for record in caplog.records] == [logging.CRITICAL]


def test_a_source_that_returns_is_run_again() -> None:
    supervisor, runs = Supervisor(), []
    supervisor.keep_running("line", lambda: runs.append(1), transient=(), longest_s=0.05)
    eventually(lambda: len(runs) >= 3)
    supervisor.stop.set()
    supervisor.join(2)


def test_the_listener_hears_each_error_and_whether_it_is_new() -> None:
    supervisor, heard = Supervisor(), []
    texts = iter(["a", "a", "b", "a"])

    def run() -> None:
        text = next(texts, None)
        if text is None:
            supervisor.stop.set()
            return
        raise LineCutError(text)

    supervisor.keep_running(
        "line",
        run,
        transient=(LineCutError,),
        longest_s=0.05,
        on_error=lambda error, first: heard.append((str(error), first)),
    )
    supervisor.join(5)
    assert heard == [("a", True), ("a", False), ("b", True), ("a", True)]


def test_joining_waits_no_longer_than_it_may_and_names_who_did_not_end(caplog: pytest.LogCaptureFixture) -> None:
    supervisor, release = Supervisor(), threading.Event()

    def wait() -> None:
        release.wait(5)

    supervisor.start("stubborn", wait)
    began = time.monotonic()
    supervisor.join(0.2)
    assert time.monotonic() - began < 1
    assert "thread stubborn did not end in time" in caplog.text
    release.set()
    supervisor.join(2)


def test_what_has_been_replaced_is_not_run_again() -> None:
    supervisor, runs = Supervisor(), []

    def run() -> None:
        runs.append(1)
        raise LineCutError("the line is cut")

    supervisor.keep_running("line", run, transient=(LineCutError,), longest_s=0.05, until=lambda: len(runs) == 2)
    supervisor.join(2)
    assert len(runs) == 2
    assert not supervisor.stop.is_set()


def test_giving_up_ends_the_process_and_says_why(caplog: pytest.LogCaptureFixture) -> None:
    supervisor = Supervisor()
    supervisor.give_up("analysis hangs")
    assert supervisor.failed
    assert supervisor.stop.is_set()
    assert caplog.messages == ["analysis hangs, ending this process"]


@pytest.mark.parametrize(("takes_s", "code"), [(30, 1), (0, 0)])
def test_a_program_that_hangs_while_it_ends_is_ended(takes_s: int, code: int) -> None:
    program = f"import time; from edge.supervise import at_most\nwith at_most(0.5): time.sleep({takes_s})"
    assert subprocess.run([sys.executable, "-c", program], timeout=20, check=False).returncode == code
