"""Whose turn it is on one speaker: what is too late is dropped, what is urgent comes first. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID

from contracts.announcement import RANK, PlayFault, PlayState, Priority


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something to be said on one speaker. `own`: by the box's own rule."""

    id: UUID
    speaker: str
    digest: str
    priority: Priority
    expires_at: datetime
    own: bool = False


@dataclass(frozen=True, slots=True)
class Play:
    what: Waiting


@dataclass(frozen=True, slots=True)
class Drop:
    """It is not said, for good."""

    what: Waiting
    state: PlayState
    reason: PlayFault | None


def choose(
    waiting: Sequence[Waiting], there: Callable[[str], bool], now: datetime, *, quiet: bool
) -> Play | Drop | None:
    """What to do next; `waiting` is in the order in which it came, `there` says whether a sound is on the disk."""
    for what in waiting:
        if now >= what.expires_at:
            return Drop(what, PlayState.EXPIRED, None if there(what.digest) else PlayFault.NOT_FETCHED)
        if quiet and what.priority is not Priority.FIRE:
            return Drop(what, PlayState.FAILED, PlayFault.QUIET_HOURS)
    ready = [what for what in waiting if there(what.digest)]
    return Play(max(ready, key=lambda what: RANK[what.priority])) if ready else None


def gives_way(playing: Priority, waiting: Sequence[Waiting], there: Callable[[str], bool]) -> bool:
    """Whether what is said of a fire waits for something that is not."""
    if playing is Priority.FIRE:
        return False
    return any(what.priority is Priority.FIRE and there(what.digest) for what in waiting)


def is_quiet(at: time, start: time, end: time) -> bool:
    """Whether a time of day lies between the two, also over midnight."""
    return start <= at < end if start <= end else at >= start or at < end
