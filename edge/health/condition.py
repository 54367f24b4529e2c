"""How a check becomes an event: what must last opens, what is gone for long enough closes, and nothing flaps. Pure.

Between bad and good lies unclear, which changes nothing: a check whose measure swings about its limit, or that cannot
tell now, neither opens nor closes anything.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from edge.rules.command import Close, Command, Open, Update, Why
from edge.rules.presence import begun

RESTORED: Final = "restored"
ACCEPTED: Final = "accepted"
"""It has been so for long: this is how the camera is now."""

WORSE: Final = 0.2
"""An open event is updated when it has grown worse by this much, of 1."""

LONGEST_PAUSE: Final = timedelta(seconds=15)
"""What was bad before a longer pause without a reading need not have been bad all the time."""


class Verdict(StrEnum):
    BAD = "bad"
    UNCLEAR = "unclear"
    GOOD = "good"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a check says of one moment. `extent` is how bad it is, 0 to 1; `why` the numbers that decided."""

    at: datetime
    verdict: Verdict
    extent: float
    why: Why


@dataclass(frozen=True, slots=True)
class Patience:
    """How long what must last. `accept_after` is when a lasting state counts as the camera's own; None is never."""

    after: timedelta
    clear_after: timedelta
    cool_down: timedelta
    accept_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one check stands. `bad_since` is set while it is bad or open, `good_since` while an open one is good."""

    opened: bool = False
    worst: float = 0.0
    last: datetime | None = None
    bad_since: datetime | None = None
    good_since: datetime | None = None
    closed_at: datetime | None = None


def decide(patience: Patience, standing: Standing, reading: Reading) -> tuple[Standing, tuple[Command, ...]]:
    """The standing after a reading, and what follows from it."""
    if standing.opened:
        after, commands = _while_open(patience, standing, reading)
    else:
        after, commands = _while_closed(patience, standing, reading)
    return replace(after, last=reading.at), commands


def _while_closed(patience: Patience, standing: Standing, reading: Reading) -> tuple[Standing, tuple[Command, ...]]:
    now = reading.at
    paused = standing.last is not None and now - standing.last > LONGEST_PAUSE
    bad_since = None if paused else standing.bad_since
    if reading.verdict is Verdict.GOOD:
        return replace(standing, bad_since=None), ()
    if reading.verdict is Verdict.UNCLEAR:
        return replace(standing, bad_since=bad_since), ()
    since = begun(bad_since, now)
    if now - since < patience.after or _cools_down(patience, standing, now):
        return replace(standing, bad_since=since), ()
    opened = Standing(opened=True, worst=reading.extent, bad_since=since)
    return opened, (Open(0, (), {**reading.why, "seconds": round((now - since).total_seconds(), 1)}),)


def _while_open(patience: Patience, standing: Standing, reading: Reading) -> tuple[Standing, tuple[Command, ...]]:
    now = reading.at
    bad_since = begun(standing.bad_since, now)
    if reading.verdict is Verdict.GOOD:
        since = begun(standing.good_since, now)
        if now - since >= patience.clear_after:
            return Standing(closed_at=now), (Close(RESTORED),)
        return replace(standing, good_since=since), ()
    if reading.verdict is Verdict.UNCLEAR:
        return standing, ()
    if patience.accept_after is not None and now - bad_since >= patience.accept_after:
        return Standing(closed_at=now), (Close(ACCEPTED),)
    if reading.extent < standing.worst + WORSE:
        return replace(standing, bad_since=bad_since, good_since=None), ()
    why = {**reading.why, "seconds": round((now - bad_since).total_seconds(), 1)}
    return replace(standing, worst=reading.extent, bad_since=bad_since, good_since=None), (Update(0, (), why),)


def _cools_down(patience: Patience, standing: Standing, now: datetime) -> bool:
    """A clock that was set back before the close does not keep it closed for longer than the cool-down."""
    return standing.closed_at is not None and abs(now - standing.closed_at) < patience.cool_down
