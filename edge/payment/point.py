"""One payment point as a camera sees it: verified, unreadable, covered, missing, or showing somebody else's code.

A state machine over looks. What a look finds becomes a happening here, `TRANSITIONS` says where that leads, and
entering or leaving a state that is an alarm becomes a command. Time counts only while the place can be seen: who stands
before the board hides it, and proves nothing. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from contracts.event import EventKind, Severity
from edge.geometry import Box, iou
from edge.payment.candidate import SPAN, Candidate, Code, Nature, weighed
from edge.rules.command import Why

LONGEST_STEP: Final = timedelta(seconds=10)
"""Of a longer gap between two looks only so much counts: nobody knows what was there in it."""

ELSEWHERE: Final = timedelta(seconds=10)
"""A code that does not hang where ours does must stay for so long: a customer's telephone does not."""

AT_HOME: Final = 0.1
"""A code that overlaps our place by this share of the union hangs over ours; stickers are rarely of the same size."""

SETTLED_AFTER: Final = timedelta(seconds=10)
"""Ours must be read, and nothing else, for so long until a swap counts as undone."""


class PointState(StrEnum):
    """What is known of a point's code."""

    UNKNOWN = "unknown"
    VERIFIED = "verified"
    UNREADABLE = "unreadable"
    COVERED = "covered"
    MISSING = "missing"
    MISMATCH = "mismatch"
    FOREIGN = "foreign"


class Appearance(StrEnum):
    """How the place of the code looks, compared with how it looked when the code was last verified."""

    SAME = "same"
    CHANGED = "changed"
    GONE = "gone"  # as the wall behind it
    UNSURE = "unsure"  # nothing to compare with, or too dark


class Happening(StrEnum):
    """What looks amount to."""

    OURS = "ours"
    SETTLED = "settled"
    WRONG = "wrong"
    NO_PAYMENT_CODE = "no_payment_code"
    UNREAD = "unread"
    CHANGED = "changed"
    GONE = "gone"


_S, _H = PointState, Happening

TRANSITIONS: Final[dict[tuple[PointState, Happening], PointState]] = {
    (_S.UNKNOWN, _H.OURS): _S.VERIFIED,
    (_S.UNKNOWN, _H.WRONG): _S.MISMATCH,
    (_S.UNKNOWN, _H.NO_PAYMENT_CODE): _S.FOREIGN,
    (_S.UNKNOWN, _H.UNREAD): _S.UNREADABLE,
    (_S.VERIFIED, _H.WRONG): _S.MISMATCH,
    (_S.VERIFIED, _H.NO_PAYMENT_CODE): _S.FOREIGN,
    (_S.VERIFIED, _H.UNREAD): _S.UNREADABLE,
    (_S.VERIFIED, _H.CHANGED): _S.COVERED,
    (_S.VERIFIED, _H.GONE): _S.MISSING,
    (_S.UNREADABLE, _H.OURS): _S.VERIFIED,
    (_S.UNREADABLE, _H.WRONG): _S.MISMATCH,
    (_S.UNREADABLE, _H.NO_PAYMENT_CODE): _S.FOREIGN,
    (_S.UNREADABLE, _H.CHANGED): _S.COVERED,
    (_S.UNREADABLE, _H.GONE): _S.MISSING,
    (_S.COVERED, _H.OURS): _S.VERIFIED,
    (_S.COVERED, _H.WRONG): _S.MISMATCH,
    (_S.COVERED, _H.NO_PAYMENT_CODE): _S.FOREIGN,
    (_S.COVERED, _H.GONE): _S.MISSING,
    (_S.MISSING, _H.OURS): _S.VERIFIED,
    (_S.MISSING, _H.WRONG): _S.MISMATCH,
    (_S.MISSING, _H.NO_PAYMENT_CODE): _S.FOREIGN,
    (_S.MISSING, _H.CHANGED): _S.COVERED,
    # A swap is over when ours was read for a while, or when the place is empty; not because it is hard to read.
    (_S.MISMATCH, _H.SETTLED): _S.VERIFIED,
    (_S.MISMATCH, _H.GONE): _S.MISSING,
    (_S.FOREIGN, _H.SETTLED): _S.VERIFIED,
    (_S.FOREIGN, _H.WRONG): _S.MISMATCH,
    (_S.FOREIGN, _H.GONE): _S.MISSING,
}
"""A pair that is not named changes nothing."""

ALARMS: Final[dict[PointState, tuple[EventKind, Severity]]] = {
    PointState.MISMATCH: (EventKind.PAYMENT_CODE_MISMATCH, Severity.CRITICAL),
    PointState.FOREIGN: (EventKind.PAYMENT_CODE_FOREIGN, Severity.HIGH),
    PointState.COVERED: (EventKind.PAYMENT_CODE_COVERED, Severity.HIGH),
    PointState.MISSING: (EventKind.PAYMENT_CODE_MISSING, Severity.MEDIUM),
    PointState.UNREADABLE: (EventKind.PAYMENT_CODE_UNREADABLE, Severity.LOW),
}


@dataclass(frozen=True, slots=True)
class PointRule:
    """How long a point may be unread before it is unreadable, and look otherwise before it is covered or missing."""

    unread_after: timedelta = timedelta(minutes=2)
    changed_after: timedelta = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Look:
    """What was read in a point's region, and how its place looks. `hidden`: somebody stands before it."""

    at: datetime
    codes: tuple[Code, ...] = ()
    appearance: Appearance = Appearance.UNSURE
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Raise:
    """An alarm begins. `since` is when what it tells of was first seen: the evidence must begin before that."""

    kind: EventKind
    severity: Severity
    since: datetime
    why: Why
    place: Box | None = None


@dataclass(frozen=True, slots=True)
class Clear:
    """An alarm is over; `reason` is the state of the point after it, or `taken_away` of an added code."""

    kind: EventKind
    reason: str


@dataclass(frozen=True, slots=True)
class Point:
    """What is remembered of a point. `home` is where ours was last read, `ours_since` when it began to be read without
    any other between; the spans count seen time only.
    """

    state: PointState = PointState.UNKNOWN
    seen_at: datetime | None = None
    home: Box | None = None
    ours_at: datetime | None = None
    ours_since: datetime | None = None
    unread: timedelta = timedelta(0)
    changed: timedelta = timedelta(0)
    gone: timedelta = timedelta(0)
    candidates: tuple[Candidate, ...] = ()
    added: str | None = None


def decide(rule: PointRule, point: Point, look: Look) -> tuple[Point, tuple[Raise | Clear, ...]]:
    """The point after a look, and the alarms that begin or end with it."""
    after = _remembered(point, look)
    state = after.state
    for happening in _happenings(rule, after, look):
        state = TRANSITIONS.get((state, happening), state)
    commands = _of_state(rule, after, state, look.at) if state is not after.state else ()
    after = replace(after, state=state)
    added, of_added = _added(after, look.at)
    return replace(after, added=added), (*commands, *of_added)


def _remembered(point: Point, look: Look) -> Point:
    """With what the look adds: the time that passed, ours if it was read, and all that was not ours."""
    if point.seen_at is not None and look.at < point.seen_at:  # the clock was set back
        point = Point(point.state, home=point.home, added=point.added)
    passed = min(look.at - (point.seen_at or look.at), LONGEST_STEP)
    candidates = weighed(point.candidates, look.codes, look.at)
    point = replace(point, seen_at=look.at, candidates=candidates)
    if any(one.last == look.at for one in candidates):
        point = replace(point, ours_since=None)
    ours = next((code for code in look.codes if code.nature is Nature.OURS), None)
    if ours is not None:
        return _verified(point, ours, look.at)
    return point if look.hidden else _unverified(point, look.appearance, passed)


def _verified(point: Point, ours: Code, at: datetime) -> Point:
    since = point.ours_since if point.ours_at is not None and at - point.ours_at <= LONGEST_STEP else None
    zero = timedelta(0)
    return replace(
        point, home=ours.place, ours_at=at, ours_since=since or at, unread=zero, changed=zero, gone=zero
    )  # fmt: skip


def _unverified(point: Point, appearance: Appearance, passed: timedelta) -> Point:
    """With the time that passed counted to what is wrong; a look that cannot tell neither adds nor takes away."""
    if appearance is Appearance.UNSURE:
        return replace(point, unread=point.unread + passed)
    return replace(
        point,
        unread=point.unread + passed,
        changed=point.changed + passed if appearance is Appearance.CHANGED else timedelta(0),
        gone=point.gone + passed if appearance is Appearance.GONE else timedelta(0),
    )


def _happenings(rule: PointRule, point: Point, look: Look) -> Iterable[Happening]:
    """What the looks so far amount to, the weakest first: a later one may overrule what an earlier one led to."""
    if point.gone >= rule.changed_after:
        yield Happening.GONE
    elif point.changed >= rule.changed_after:
        yield Happening.CHANGED
    elif point.unread >= rule.unread_after:
        yield Happening.UNREAD
    if point.ours_at == look.at:
        yield Happening.OURS
        if point.ours_since is not None and look.at - point.ours_since >= SETTLED_AFTER:
            yield Happening.SETTLED
    over = _over_ours(point)
    if over is not None and over.last == look.at:
        yield Happening.WRONG if over.code.nature is Nature.NOT_OURS else Happening.NO_PAYMENT_CODE


def _over_ours(point: Point) -> Candidate | None:
    """The surest code that hangs in place of ours: ours was not read since it was first read."""
    found = [
        one
        for one in point.candidates
        if (point.ours_at is None or point.ours_at < one.first)
        and one.sure(SPAN if _at_home(point, one) else ELSEWHERE)
    ]
    return max(found, key=lambda one: (one.code.nature is Nature.NOT_OURS, one.reads), default=None)


def _at_home(point: Point, candidate: Candidate) -> bool:
    return point.home is not None and iou(point.home, candidate.code.place) >= AT_HOME


def _of_state(rule: PointRule, point: Point, state: PointState, at: datetime) -> tuple[Raise | Clear, ...]:
    """The alarms that end and begin when `point` goes over into `state`."""
    ends = (Clear(ALARMS[point.state][0], state.value),) if point.state in ALARMS else ()
    if state not in ALARMS:
        return ends
    kind, severity = ALARMS[state]
    over = _over_ours(point) if state in (PointState.MISMATCH, PointState.FOREIGN) else None
    if over is not None:
        why: Why = {
            "code": over.code.key,
            "nature": over.code.nature.value,
            "reads": over.reads,
            "seconds": round((over.last - over.first).total_seconds(), 1),
        }
        return (*ends, Raise(kind, severity, over.first, why, over.code.place))
    lasted = {
        PointState.COVERED: point.changed, PointState.MISSING: point.gone, PointState.UNREADABLE: point.unread,
    }[state]  # fmt: skip
    threshold = rule.unread_after if state is PointState.UNREADABLE else rule.changed_after
    why = {"seconds": round(lasted.total_seconds(), 1), "threshold_s": threshold.total_seconds()}
    return (*ends, Raise(kind, severity, at - lasted, why, point.home))


def _added(point: Point, at: datetime) -> tuple[str | None, tuple[Raise | Clear, ...]]:
    """The alarm of a code that was put up beside ours, while ours is still there."""
    beside = [
        one
        for one in point.candidates
        if one.sure(ELSEWHERE) and point.ours_at is not None and point.ours_at >= one.first
    ]
    kind = EventKind.PAYMENT_CODE_ADDED
    if point.added is not None:
        if any(one.code.key == point.added for one in point.candidates):
            return point.added, ()
        return None, (Clear(kind, "taken_away"),)
    newest = max((one for one in beside if one.last == at), key=lambda one: one.reads, default=None)
    if newest is None or point.state in (PointState.MISMATCH, PointState.FOREIGN):
        return None, ()
    why: Why = {"code": newest.code.key, "nature": newest.code.nature.value, "reads": newest.reads}
    return newest.code.key, (Raise(kind, Severity.HIGH, newest.first, why, newest.code.place),)
