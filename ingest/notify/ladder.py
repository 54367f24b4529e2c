"""Decides who is to be told of an incident and when: steps, severities, quiet hours, escalation. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from contracts.event import Severity
from ingest.notify.settings import QuietHours, WardSettings

RANK: Final = {severity.value: rank for rank, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class Planned:
    """A message of one step to one channel. `forced`: an officer asked for it, so acknowledging does not stop it."""

    step: int
    channel: str
    due_at: datetime
    forced: bool = False


def plan(ward: WardSettings, severity: str, called_at: datetime) -> list[Planned]:
    """Everything that is to be told, if nobody acknowledges, of an incident that began to need somebody then."""
    return [
        Planned(number, channel, heard_at(ward, severity, called_at + step.after))
        for number, step in enumerate(ward.steps)
        if RANK[severity] >= RANK[step.min_severity]
        for channel in step.channels
    ]


def escalate(ward: WardSettings, told: Collection[int], now: datetime) -> list[Planned]:
    """What an officer's call for help brings about now: the next step after those `told`, whatever the severity."""
    following = min(max(told, default=0) + 1, len(ward.steps) - 1)
    return [
        Planned(number, channel, now, forced=True)
        for number in range(following + 1)
        for channel in ward.steps[number].channels
    ]


def heard_at(ward: WardSettings, severity: str, at: datetime) -> datetime:
    """`at`, or the end of the quiet hours that it lies in; what is critical is told at any hour."""
    if ward.quiet is None or severity == Severity.CRITICAL:
        return at
    local = at.astimezone(ZoneInfo(ward.time_zone))
    if not _is_quiet(ward.quiet, local):
        return at
    end = local.replace(hour=ward.quiet.end.hour, minute=ward.quiet.end.minute, second=0, microsecond=0)
    return (end if end > local else end + timedelta(days=1)).astimezone(at.tzinfo)


def _is_quiet(quiet: QuietHours, local: datetime) -> bool:
    now = local.time()
    if quiet.start <= quiet.end:
        return quiet.start <= now < quiet.end
    return now >= quiet.start or now < quiet.end
