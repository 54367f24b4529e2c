"""Whether a device is there: from what it measured, what its will said, and what is known of its gateway. Pure.

A last will alone is not enough: a hung device keeps its connection, and a battery sensor has none. So silence counts,
measured in the device's own periods; and behind a dead gateway nothing is known of a device, so nothing is said of it.
What falls silent with its gateway falls silent first, as often as not: a device is missed only when its gateway has
said something since.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from contracts.devices.reading import Sign

PERIODS: Final = 3
"""A device that missed this many of its messages is stale; one or two are lost by radio every day."""


class Life(StrEnum):
    """What is known of a device."""

    UNKNOWN = "unknown"  # not heard yet, or its gateway is gone
    ONLINE = "online"
    STALE = "stale"  # silent for too long, whatever its will says
    OFFLINE = "offline"  # it said so itself, or its will did


MISSING: Final = frozenset({Life.STALE, Life.OFFLINE})


@dataclass(frozen=True, slots=True)
class Habit:
    """How a device behaves: it sends at least once in a `period`, over a `gateway` or on its own."""

    period: timedelta
    gateway: str | None = None

    @property
    def patience(self) -> timedelta:
        return PERIODS * self.period


@dataclass(frozen=True, slots=True)
class Vital:
    """What was heard of a device, by a box that could hear it `since` then: it may have begun to listen, or the gateway
    may have come back. `will_at`: when `will` was said.
    """

    since: datetime
    heard_at: datetime | None = None
    will: Sign | None = None
    will_at: datetime | None = None

    def measured(self, at: datetime) -> Vital:
        return replace(self, heard_at=at)

    def audible(self, since: datetime) -> Vital:
        """It can be heard again; what it said before counts no more, and it has its time to say something."""
        return replace(self, since=max(self.since, since))

    def said(self, sign: Sign, at: datetime) -> Vital:
        return replace(self, will=sign, will_at=at)

    @property
    def last(self) -> datetime | None:
        """When it gave its last sign of life."""
        awake = self.will_at if self.will is not None and self.will is not Sign.OFFLINE else None
        return max(filter(None, (self.heard_at, awake)), default=None)


def missed_at(habit: Habit, vital: Vital) -> datetime:
    """From when on a device that is stale or offline is missed."""
    if vital.will is Sign.OFFLINE and vital.will_at is not None and not _heard_after_will(vital):
        return vital.will_at
    return max(vital.last or vital.since, vital.since) + habit.patience


def life(habit: Habit, vital: Vital, gateway: Life | None, now: datetime) -> Life:
    """What is known of a device now. `gateway` is what is known of its gateway, none of a device without one.

    A clock that was set back makes what was heard lie ahead: that counts as heard now.
    """
    if gateway in MISSING:
        return Life.UNKNOWN
    if vital.will is Sign.OFFLINE and not _heard_after_will(vital):
        return Life.OFFLINE
    last = vital.heard_at or (vital.will_at if vital.will is not None else None)
    if last is None or last < vital.since:
        return Life.STALE if now - vital.since > habit.patience else Life.UNKNOWN
    return Life.STALE if now - last > habit.patience else Life.ONLINE


def _heard_after_will(vital: Vital) -> bool:
    return vital.heard_at is not None and vital.will_at is not None and vital.heard_at > vital.will_at


def lives(habits: Mapping[str, Habit], vitals: Mapping[str, Vital], now: datetime) -> dict[str, Life]:
    """What is known of every device that has a habit, gateways among them. A gateway may hang behind another."""
    known: dict[str, Life] = {}

    def of(device: str, above: frozenset[str]) -> Life:
        if device not in known:
            habit = habits[device]
            named = habit.gateway if habit.gateway in habits and habit.gateway not in above else None
            gateway = of(named, above | {device}) if named is not None else None
            found = life(habit, vitals[device], gateway, now)
            if named is not None and found in MISSING and not _spoke_since(named, missed_at(habit, vitals[device])):
                found = Life.UNKNOWN
            known[device] = found
        return known[device]

    def _spoke_since(gateway: str, moment: datetime) -> bool:
        last = vitals[gateway].last
        return last is not None and last > moment

    for device in habits:
        of(device, frozenset({device}))
    return known


def behind(gateway: str, habits: Mapping[str, Habit]) -> frozenset[str]:
    """All devices that are reached over `gateway`, also over others behind it."""
    found: set[str] = set()
    edge = {gateway}
    while edge:
        edge = {device for device, habit in habits.items() if habit.gateway in edge} - found - {gateway}
        found |= edge
    return frozenset(found)
