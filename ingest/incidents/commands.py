"""What the rules of incidents order, and what every rule needs to know of kinds and severities. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from contracts.event import EventKind, Severity
from contracts.incident import UNFINISHED, Cause, Recover, Relapse
from storage.correlation import Known, Sighting

BOX_SILENT: Final = "box_silent"
"""The kind of an incident that no event tells of, since its box cannot."""

PAYMENT: Final = "payment/"
"""What the groups of outages of payments begin with (ingest.payments.incidents); no event tells of them either."""

SILENCES: Final = frozenset({EventKind.DEVICE_SILENT.value, EventKind.GATEWAY_SILENT.value})

SYMPTOMS: Final = SILENCES | frozenset(
    {
        EventKind.CAMERA_STALLED.value,
        EventKind.CAMERA_FROZEN.value,
        EventKind.CAMERA_DARK.value,
        EventKind.CAMERA_WRONG_CLOCK.value,
    }
)
"""What a failing box, uplink or power supply does to cameras and devices. A covered or turned camera is another matter:
somebody may have done that before cutting the power.
"""

SELF_RESOLVING: Final = SYMPTOMS | {EventKind.CAMERA_BLURRED.value, EventKind.MAINS_LOST.value, BOX_SILENT}
"""What needs nobody any more once it has ended."""

RANK: Final = {severity.value: rank for rank, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class Open:
    """Something to work on begins."""

    incident: Known


@dataclass(frozen=True, slots=True)
class Put:
    """`event` is part of `incident`, which is like this then. `raised`: it is more severe than it was."""

    incident: Known
    event: Sighting
    raised: bool = False


@dataclass(frozen=True, slots=True)
class Hide:
    """`under` explains the incident and stands for it."""

    id: UUID
    under: UUID


@dataclass(frozen=True, slots=True)
class Show:
    """Nothing explains the incident any more."""

    id: UUID


@dataclass(frozen=True, slots=True)
class Move:
    """The incident ended or began again without an officer."""

    id: UUID
    what: Recover | Relapse


@dataclass(frozen=True, slots=True)
class Blame:
    """More is known of why a box is silent."""

    id: UUID
    cause: Cause


Command = Open | Put | Hide | Show | Move | Blame


def is_unfinished(incident: Known) -> bool:
    return incident.state in UNFINISHED


def is_over(incident: Known) -> bool:
    """Whether nothing of it lasts and nobody needs to look."""
    return not incident.open_events and SELF_RESOLVING.issuperset(incident.kinds)


def is_symptom(incident: Known) -> bool:
    """Whether a failing box may be all that is wrong."""
    return SYMPTOMS.issuperset(incident.kinds)


def box_key(box: str) -> str:
    """The group of a box's silences."""
    return f"box/{box}"
