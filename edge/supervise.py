"""Keeps threads running: a source works or raises, and only listed errors restart it.

Anything unlisted is a bug: it is logged, the process ends with exit code 1, and systemd starts a clean one.
"""

from __future__ import annotations

import contextlib
import logging
import os
import random
import threading
import time
from collections.abc import Callable, Iterator

log = logging.getLogger(__name__)


def backoff_s(attempt: int, longest_s: float) -> float:
    """Seconds to wait before try `attempt` (1, 2, ...): doubling from a half, capped, with half of it random."""
    base = min(longest_s, 0.5 * float(2 ** min(attempt - 1, 16)))
    return base * random.uniform(0.5, 1.0)


@contextlib.contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """End the process with exit code 1 if what is within takes longer.

    For the last steps of a program: a thread that hangs may hold what the others need to end.
    """
    last = threading.Timer(seconds, os._exit, args=(1,))
    last.daemon = True
    last.start()
    try:
        yield
    finally:
        last.cancel()


class Supervisor:
    """Owns the threads of one process and the event that ends them all."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.failed = False
        self._threads: list[threading.Thread] = []

    def start(self, name: str, run: Callable[[], None]) -> None:
        """Run `run` in a thread; if it raises, the whole process is told to stop."""
        thread = threading.Thread(target=self._guard, args=(name, run), name=name, daemon=True)
        self._threads = [*(old for old in self._threads if old.is_alive()), thread]
        thread.start()

    def keep_running(
        self,
        name: str,
        run: Callable[[], None],
        *,
        transient: tuple[type[Exception], ...],
        longest_s: float = 15.0,
        on_error: Callable[[Exception, bool], None] | None = None,
        until: Callable[[], bool] = bool,
    ) -> None:
        """Run `run` in a thread, again after back-off whenever it returns or raises a `transient` error.

        What worked for longer than `longest_s` has recovered: its next failure is the first again.
        `on_error(error, first)` replaces the log line of an error; `first` is false while the same text repeats.
        Not again once `until()` holds.
        """

        def loop() -> None:
            attempt, last = 0, ""
            while not self.stop.is_set() and not until():
                began = time.monotonic()
                try:
                    run()
                    attempt, last = 0, ""
                except transient as error:
                    if time.monotonic() - began > longest_s:
                        attempt, last = 0, ""
                    attempt += 1
                    text = str(error)
                    if on_error:
                        on_error(error, text != last)
                    elif text != last:
                        log.warning("%s stopped, trying on: %s", name, text)
                    last = text
                self.stop.wait(backoff_s(max(attempt, 1), longest_s))

        self.start(name, loop)

    def give_up(self, why: str) -> None:
        """Tell the whole process to stop, and to say that it failed."""
        log.critical("%s, ending this process", why)
        self.failed = True
        self.stop.set()

    def join(self, timeout_s: float) -> None:
        """Wait for the threads to end, at most `timeout_s` in all."""
        deadline = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
            if thread.is_alive():
                log.warning("thread %s did not end in time", thread.name)

    def _guard(self, name: str, run: Callable[[], None]) -> None:
        try:
            run()
        except Exception:
            log.critical("bug in %s, ending this process", name, exc_info=True)
            self.failed = True
            self.stop.set()
