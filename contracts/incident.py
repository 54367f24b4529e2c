"""An incident's life: what can happen to it, where that leads, and how it looks on the wire.

Officers and the centre itself move incidents; both ask `advance` here first. Which events gather into an incident is
decided by ingest.incidents, and what several processes may do at once is guarded again by the database.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from contracts.event import Severity
from contracts.ids import Code, Slug, Uuid7
from contracts.wire import Message, Timestamp


class IncidentState(StrEnum):
    """How far the work on an incident is."""

    NEW = "new"
    SEEN = "seen"
    ASSIGNED = "assigned"
    RESOLVED = "resolved"
    FALSE_ALARM = "false_alarm"


UNFINISHED: Final = (IncidentState.NEW, IncidentState.SEEN, IncidentState.ASSIGNED)


class Cause(StrEnum):
    """Why a box is silent, as far as the centre can tell."""

    UNKNOWN = "unknown"
    BOX = "box"
    UPLINK_OR_POWER = "uplink_or_power"  # the whole site is silent, and nobody said whether it had power
    UPLINK = "uplink"
    POWER = "power"


class ResolveReason(StrEnum):
    """What became of a real incident."""

    HANDLED = "handled"  # somebody went there
    REMINDED = "reminded"  # people were spoken to, by radio or loudspeaker
    HANDED_OVER = "handed_over"  # another agency has it
    NOTHING_FOUND = "nothing_found"
    REPAIRED = "repaired"
    OTHER = "other"


RECOVERED: Final = "recovered"
"""The reason when what was wrong ended by itself; only the centre gives it."""


class FalseAlarmReason(StrEnum):
    """Why nothing had happened."""

    ANIMAL = "animal"
    WEATHER = "weather"
    LIGHT = "light"
    ALLOWED = "allowed"  # guards, cleaners, traders who may be there
    MAINTENANCE = "maintenance"
    WRONG_ZONE = "wrong_zone"
    TEST = "test"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class See:
    """An officer looks at it."""


@dataclass(frozen=True, slots=True)
class Assign:
    """It is somebody's business now."""

    to: str


@dataclass(frozen=True, slots=True)
class Resolve:
    """The work is done."""

    reason: ResolveReason


@dataclass(frozen=True, slots=True)
class Dismiss:
    """It was a false alarm."""

    reason: FalseAlarmReason


@dataclass(frozen=True, slots=True)
class Escalate:
    """More people must know, now."""


@dataclass(frozen=True, slots=True)
class Reopen:
    """It was not done after all."""


@dataclass(frozen=True, slots=True)
class Recover:
    """What was wrong ended by itself."""


@dataclass(frozen=True, slots=True)
class Relapse:
    """What had ended by itself began again."""


Happening = See | Assign | Resolve | Dismiss | Escalate | Reopen | Recover | Relapse

_S = IncidentState

TRANSITIONS: Final[dict[tuple[IncidentState, type[Happening]], IncidentState]] = {
    (_S.NEW, See): _S.SEEN,
    (_S.NEW, Assign): _S.ASSIGNED,
    (_S.NEW, Resolve): _S.RESOLVED,
    (_S.NEW, Dismiss): _S.FALSE_ALARM,
    (_S.NEW, Escalate): _S.SEEN,
    (_S.NEW, Recover): _S.RESOLVED,
    (_S.SEEN, Assign): _S.ASSIGNED,
    (_S.SEEN, Resolve): _S.RESOLVED,
    (_S.SEEN, Dismiss): _S.FALSE_ALARM,
    (_S.SEEN, Escalate): _S.SEEN,
    (_S.SEEN, Recover): _S.RESOLVED,
    (_S.ASSIGNED, Assign): _S.ASSIGNED,
    (_S.ASSIGNED, Resolve): _S.RESOLVED,
    (_S.ASSIGNED, Dismiss): _S.FALSE_ALARM,
    (_S.ASSIGNED, Escalate): _S.ASSIGNED,
    (_S.ASSIGNED, Recover): _S.RESOLVED,
    (_S.RESOLVED, Reopen): _S.SEEN,
    (_S.RESOLVED, Relapse): _S.NEW,
    (_S.FALSE_ALARM, Reopen): _S.SEEN,
}

ACTIONS: Final[dict[type[Happening], str]] = {
    See: "see",
    Assign: "assign",
    Resolve: "resolve",
    Dismiss: "false_alarm",
    Escalate: "escalate",
    Reopen: "reopen",
    Recover: "recover",
    Relapse: "relapse",
}
"""What a step of the work is called where it is stored and told."""

UNDO_WITHIN: Final = timedelta(minutes=1)

UNDOABLE: Final = frozenset({"see", "assign", "resolve", "false_alarm", "reopen"})
"""An escalation has been heard by others, and nothing calls that back."""


def advance(state: IncidentState, what: Happening) -> IncidentState | None:
    """The state that follows; None where `what` cannot happen."""
    return TRANSITIONS.get((state, type(what)))


def sources(what: Happening) -> list[IncidentState]:
    """The states in which `what` can happen."""
    return [state for state, kind in TRANSITIONS if kind is type(what)]


@dataclass(frozen=True, slots=True)
class LastStep:
    """The newest step that moved an incident; `actor` is None for the centre's own."""

    action: str
    actor: str | None
    at: datetime


def may_undo(last: LastStep | None, actor: str, now: datetime) -> bool:
    """Whoever took the last step may take it back for a minute."""
    return last is not None and last.actor == actor and last.action in UNDOABLE and now - last.at <= UNDO_WITHIN


class Incident(Message):
    """An incident as lists and the live feed show it. `under` is the incident that explains this one and stands for it
    in the lane; `version` counts the steps of the work, and an officer's step names the one that they saw.
    """

    id: Uuid7
    ward: Slug
    site: Slug | None = None
    box: Slug | None = None
    camera: Slug | None = None
    device: Slug | None = None
    kind: Code
    severity: Severity
    state: IncidentState
    version: int
    cause: Cause | None = None
    under: Uuid7 | None = None
    assignee: str | None = None
    assignee_name: str | None = None
    reason: Code | None = None
    escalations: int = 0
    opened_at: Timestamp
    reported_at: Timestamp
    last_at: Timestamp
    acknowledged_at: Timestamp | None = None
    ended_at: Timestamp | None = None
    events: int = 0
    open_events: int = 0
    seconds_to_acknowledge: float | None = None
    seconds_to_resolve: float | None = None
