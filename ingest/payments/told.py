"""What is told of a payment point, and how it follows the evidence: a change must last before it is told. Pure.

Outages are spans with the times of the measurements. What is not heard ends a span where it was last heard; nothing of
the silence counts as an outage.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from ingest.payments.evidence import Cause, State
from ingest.payments.settings import PayabilitySettings

WIDTH: Final[dict[str | None, int]] = {Cause.DEVICE: 0, Cause.STALL: 1, Cause.UPLINK: 2, Cause.POWER: 3}
"""The wider explains the narrower."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one look says of a point. `at`: when what decides was measured. `sure`: somebody or something says so."""

    state: State
    at: datetime
    cause: str | None = None
    place: str | None = None
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Hint:
    """What the last looks say against what is told, and since when."""

    state: State
    since: datetime
    cause: str | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of a point. `cause` and `place`: why it cannot be paid at, or why nothing is known."""

    state: State
    since: datetime
    cause: str | None = None
    place: str | None = None
    hint: Hint | None = None

    def is_out(self, cause: str, place: str) -> bool:
        return self.state is State.NOT_PAYABLE and self.cause == cause and self.place == place


@dataclass(frozen=True, slots=True)
class Begin:
    """An outage of `point` begins."""

    point: str
    cause: str
    place: str
    at: datetime


@dataclass(frozen=True, slots=True)
class End:
    """The outage of `point` that lasts has ended."""

    point: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Widen:
    """The outage of `point` that lasts has a wider cause than was thought."""

    point: str
    cause: str
    place: str


Change = Begin | End | Widen


@dataclass(frozen=True, slots=True)
class Span:
    """From the last look to this one; there may have been none before."""

    last: datetime | None
    now: datetime

    def within(self, at: datetime) -> datetime:
        """When something that is seen now for the first time can have happened."""
        return min(max(at, self.last or at), self.now)


def follow(
    point: str, told: Told | None, verdict: Verdict, span: Span, settings: PayabilitySettings
) -> tuple[Told, list[Change]]:
    """What is told of `point` after a look, and what becomes of its outages."""
    if told is None:
        told = Told(State.UNKNOWN, span.within(verdict.at), "unwatched")
    if _same(told, verdict) or _keeps_its_own(point, told, verdict, span.now, settings):
        return replace(told, hint=None), []
    if verdict.state in (State.UNKNOWN, State.CLOSED):
        at = verdict.at if verdict.state is State.UNKNOWN else span.now
        return _changed(point, told, verdict, max(at, told.since))
    if told.state is not State.NOT_PAYABLE and verdict.state is State.PAYABLE:
        return _changed(point, told, verdict, max(span.within(verdict.at), told.since))
    if _wider(point, told, verdict):
        assert verdict.cause is not None
        assert verdict.place is not None
        after = Told(State.NOT_PAYABLE, told.since, verdict.cause, verdict.place)
        return after, [Widen(point, verdict.cause, verdict.place)]
    hint = _hinted(told, verdict, span)
    if span.now - hint.since < patience(verdict, settings):
        return replace(told, hint=hint), []
    return _changed(point, told, verdict, max(hint.since, told.since))


def patience(verdict: Verdict, settings: PayabilitySettings) -> timedelta:
    """How long the looks must say so before it is told."""
    if verdict.state is not State.NOT_PAYABLE:
        return timedelta(seconds=settings.back_after_s)
    if verdict.sure:
        return timedelta(seconds=settings.told_after_s if verdict.cause == Cause.POWER else 0)
    if verdict.cause == Cause.BANK:
        return timedelta(seconds=settings.bank_after_s)
    alone = verdict.cause in (Cause.DEVICE, Cause.STALL)
    return timedelta(seconds=settings.alone_after_s if alone else settings.crowd_after_s)


def outages(told: Mapping[str, Told]) -> dict[tuple[str, str], list[str]]:
    """The points of each outage that lasts, by its cause and place."""
    found: dict[tuple[str, str], list[str]] = {}
    for point, one in sorted(told.items()):
        if one.state is State.NOT_PAYABLE and one.cause and one.place:
            found.setdefault((one.cause, one.place), []).append(point)
    return found


def _same(told: Told, verdict: Verdict) -> bool:
    if told.state is not verdict.state:
        return False
    return told.state in (State.PAYABLE, State.CLOSED) or (told.cause, told.place) == (verdict.cause, verdict.place)


def _keeps_its_own(point: str, told: Told, verdict: Verdict, now: datetime, settings: PayabilitySettings) -> bool:
    """A soundbox that died long before the street lost power has a cause of its own."""
    long_out = now - told.since > settings.together + timedelta(seconds=settings.alone_after_s)
    return _wider(point, told, verdict) and long_out


def _wider(point: str, told: Told, verdict: Verdict) -> bool:
    """Whether the verdict explains the outage that is told by a wider cause, or by one that others share."""
    if told.state is not State.NOT_PAYABLE or verdict.state is not State.NOT_PAYABLE:
        return False
    before, after = WIDTH.get(told.cause), WIDTH.get(verdict.cause)
    if before is None or after is None:
        return False
    return after > before or (after == before and told.place == point != verdict.place)


def _hinted(told: Told, verdict: Verdict, span: Span) -> Hint:
    known = told.hint is not None and told.hint.state is verdict.state
    since = told.hint.since if told.hint is not None and known else span.within(verdict.at)
    return Hint(verdict.state, since, verdict.cause, verdict.place)


def _changed(point: str, told: Told, verdict: Verdict, at: datetime) -> tuple[Told, list[Change]]:
    changes: list[Change] = []
    if told.state is State.NOT_PAYABLE:
        changes.append(End(point, at))
    if verdict.state is State.NOT_PAYABLE:
        assert verdict.cause is not None
        assert verdict.place is not None
        changes.append(Begin(point, verdict.cause, verdict.place, at))
    return Told(verdict.state, at, verdict.cause, verdict.place), changes
