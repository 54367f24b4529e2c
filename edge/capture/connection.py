"""The life of one camera's connection as a table. Pure: what happened and when go in, the new state comes out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from contracts.status import CameraFault, CameraState


@dataclass(frozen=True, slots=True)
class Attempted:
    """A connection is being tried."""


@dataclass(frozen=True, slots=True)
class FrameArrived:
    """A picture was decoded."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Broke:
    """The connection failed or ended."""

    fault: CameraFault


CameraNews = Attempted | FrameArrived | Broke

TRANSITIONS: dict[tuple[CameraState, type[CameraNews]], CameraState] = {
    (CameraState.CONNECTING, Attempted): CameraState.CONNECTING,
    (CameraState.CONNECTING, FrameArrived): CameraState.STREAMING,
    (CameraState.CONNECTING, Broke): CameraState.FAILED,
    (CameraState.STREAMING, FrameArrived): CameraState.STREAMING,
    (CameraState.STREAMING, Broke): CameraState.FAILED,
    # A camera that failed stays shown as failed while it is tried again: an officer must not see it flicker.
    (CameraState.FAILED, Attempted): CameraState.FAILED,
    (CameraState.FAILED, FrameArrived): CameraState.STREAMING,
    (CameraState.FAILED, Broke): CameraState.FAILED,
}


@dataclass(frozen=True, slots=True)
class Connection:
    """Where a camera stands. `since` is when it came into this state (or this fault)."""

    state: CameraState
    since: datetime
    fault: CameraFault | None = None
    width: int | None = None
    height: int | None = None


def advance(connection: Connection, news: CameraNews, now: datetime) -> Connection:
    """The connection after `news`; the very same object when nothing changed.

    Raises KeyError for news that the state rules out, which is a bug in the caller.
    """
    state = TRANSITIONS[connection.state, type(news)]
    match news:
        case Attempted():
            after = replace(connection, state=state)
        case FrameArrived(width, height):
            after = replace(connection, state=state, fault=None, width=width, height=height)
        case Broke(fault):
            after = replace(connection, state=state, fault=fault)
    if after == connection:
        return connection
    if (after.state, after.fault) != (connection.state, connection.fault):
        after = replace(after, since=now)
    return after
