"""Threads that do what they are given, in the order in which it is given.

They are daemons, unlike those of concurrent.futures: one that hangs inside a library must not keep the process from
ending.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Workers:
    """Owns `count` threads, which end when nobody has the workers any more."""

    def __init__(self, count: int, name: str) -> None:
        self._tasks: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        for number in range(count):
            threading.Thread(target=_work, args=(self._tasks,), name=f"{name}-{number}", daemon=True).start()
        weakref.finalize(self, _dismiss, self._tasks, count)

    def submit(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Have `work` done by the next thread that is free; its result or error is in the future."""
        future: Future[T] = Future()

        def task() -> None:
            try:
                future.set_result(work(*args, **kwargs))
            except BaseException as error:
                future.set_exception(error)

        self._tasks.put(task)
        return future


def _work(tasks: SimpleQueue[Callable[[], None] | None]) -> None:
    while (task := tasks.get()) is not None:
        task()
        del task  # what it holds may be all that keeps the workers


def _dismiss(tasks: SimpleQueue[Callable[[], None] | None], count: int) -> None:
    for _ in range(count):
        tasks.put(None)
