"""Which tests of whole programs run in which of pytest's processes, and in which order.

Without more than one process only the order counts.
"""

from __future__ import annotations

from typing import Final

import pytest
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

WHOLE: Final = ("tests/e2e/", "tests/faults/")
STAGE: Final = ("tests/e2e/test_demo.py", "tests/e2e/ward/")
"""All that run the sample ward: one after the other, since a ward takes a whole machine, and one port of it."""

TURNS: Final = (
    *STAGE,
    # What mostly waits goes on beside the ward, and what computes comes when it is over; the shortest come last.
    "tests/faults/test_faults.py",
    "tests/faults/",
    "tests/e2e/test_recordings.py",
    "tests/e2e/test_update.py",
    "tests/e2e/test_technician_visit.py",
    "tests/e2e/test_accessibility.py",
    "tests/e2e/test_triage.py",
    "tests/e2e/test_payments.py",
)
LONGEST_S: Final = 400
"""For one test, what it starts included. Some have a limit of their own."""


def arrange(items: list[pytest.Item]) -> None:
    """Put tests of whole programs in their order behind all others, with time enough for each."""
    whole = [item for item in items if item.nodeid.startswith(WHOLE)]
    for item in whole:
        if item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(LONGEST_S))
    rest = [item for item in items if not item.nodeid.startswith(WHOLE)]
    items[:] = [*rest, *sorted(whole, key=lambda item: turn(item.nodeid))]


def turn(nodeid: str) -> int:
    """The number of the first that it begins with; behind all where it is none of them."""
    return next((number for number, prefix in enumerate(TURNS) if nodeid.startswith(prefix)), len(TURNS))


class OneStage(LoadFileScheduling):  # type: ignore[misc]
    """Gives whole files to processes, and all files of the sample ward to one."""

    def _split_scope(self, nodeid: str) -> str:
        return "stage" if nodeid.startswith(STAGE) else super()._split_scope(nodeid)
