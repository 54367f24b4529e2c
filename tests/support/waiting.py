"""Waiting for what other threads and processes bring about."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(what: Callable[[], T | None], timeout_s: float = 10.0) -> T:
    """The first true result of `what`. Raises AssertionError when there is none in time."""
    deadline = time.monotonic() + timeout_s
    while True:
        result = what()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout_s} s: {what}")
        time.sleep(0.02)
