"""What a look at a ward's payment points begins with: measurements, each with its time, and what people said. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum
from typing import Final

TELLERS: Final = frozenset({"soundbox", "pos"})
"""Devices that tell of money themselves. A plug or meter only says whether the stall has power."""

ALIVE, UNKNOWN, SILENT = 2, 1, 0
"""Values of the metric `device.life`; unknown is a device behind a dead gateway."""


class State(StrEnum):
    """Whether a point can be paid at."""

    PAYABLE = "payable"
    NOT_PAYABLE = "not_payable"
    UNKNOWN = "unknown"
    CLOSED = "closed"


class Cause(StrEnum):
    """Why a point cannot be paid at; from DEVICE to POWER the wider explains the narrower."""

    DEVICE = "device"  # the soundbox or POS is silent, and the stall has power
    STALL = "stall"  # all of a stall's devices are silent, and its neighbours' are not
    UPLINK = "uplink"
    POWER = "power"
    BANK = "bank"
    CODE = "code"  # its code is covered, gone or somebody else's: the event of the code is the incident


class Blind(StrEnum):
    """Why nothing is known of a point."""

    BOX = "box"  # nothing of it is heard: the box is silent
    GATEWAY = "gateway"  # its devices hang on a dead gateway
    UNWATCHED = "unwatched"  # nothing at the site measures anything


@dataclass(frozen=True, slots=True)
class Word:
    """A measurement's value and its own time."""

    value: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Device:
    """A device of a point; `life` is its newest word on `device.life`."""

    id: str
    kind: str
    life: Word | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """A payment point; `banks` are the BINs of its payees, `alarms` the kinds of its open `payment_code_*` events."""

    id: str
    site: str
    devices: Sequence[Device] = ()
    banks: frozenset[str] = frozenset()
    alarms: frozenset[str] = frozenset()
    alarmed_at: datetime | None = None
    code: Word | None = None
    patrolled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Box:
    """A box's word on what lies behind its line. `banks`: by BIN."""

    id: str
    dns: Word | None = None
    internet: Word | None = None
    banks: Mapping[str, Word] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Site:
    """`mains`: 1 while there is mains power, each sensor's newest word. `boxes` are those that read its devices."""

    id: str
    boxes: Sequence[str] = ()
    mains: Sequence[Word] = ()
    opens: time | None = None
    closes: time | None = None


@dataclass(frozen=True, slots=True)
class Ward:
    """All that is known of a ward at a moment. `notices`: the banks of which officers say that they are down, and since
    when."""

    points: Sequence[Point]
    sites: Mapping[str, Site]
    boxes: Mapping[str, Box] = field(default_factory=dict)
    notices: Mapping[str, datetime] = field(default_factory=dict)


def is_open(site: Site, clock: time) -> bool:
    """Whether people pay at `site` at this time of the ward's day."""
    if site.opens is None or site.closes is None:
        return True
    if site.opens < site.closes:
        return site.opens <= clock < site.closes
    return clock >= site.opens or clock < site.closes
