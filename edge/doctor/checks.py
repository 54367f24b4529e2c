"""Runs checks beside each other in limited time. A check that fails by itself or does not end is a finding, too: the
doctor comes to its end whatever the machine is like.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from contracts.report import Finding, Level

log = logging.getLogger(__name__)

CHECKING: Final = "check "
"""How the names of threads begin that look."""

Look = Callable[[], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at, by a name for whoever mends the doctor."""

    name: str
    look: Look


def ok(code: str, **values: float | str) -> Finding:
    return Finding(code=code, level=Level.OK, values=values)


def warn(code: str, **values: float | str) -> Finding:
    return Finding(code=code, level=Level.WARN, values=values)


def bad(code: str, **values: float | str) -> Finding:
    return Finding(code=code, level=Level.BAD, values=values)


def run_checks(checks: Sequence[Check], limit_s: float) -> list[Finding]:
    """The findings of all, in the order of `checks`. What is not there in time is left to itself."""
    found: list[list[Finding] | None] = [None] * len(checks)

    def look(number: int, check: Check) -> None:
        found[number] = _looked(check)

    threads = [
        threading.Thread(target=look, args=pair, name=f"{CHECKING}{pair[1].name}", daemon=True)
        for pair in enumerate(checks)
    ]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + limit_s
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    # A copy: a late thread may still write.
    return [
        finding
        for check, findings in zip(checks, tuple(found), strict=True)
        for finding in ([warn("check_late", check=check.name)] if findings is None else findings)
    ]


def _looked(check: Check) -> list[Finding]:
    try:
        return list(check.look())
    except Exception as error:
        log.debug("check %s failed", check.name, exc_info=True)
        return [warn("check_broken", check=check.name, reason=type(error).__name__)]
