"""One payment point as a camera sees it: verified, unreadable, covered, missing, or showing somebody else's code.

A state machine over looks. What a look finds becomes a happening here, `TRANSITIONS` says where that leads, and
entering or leaving a state that is an alarm becomes a command. Time counts only while the place can be seen: who stands
before the board hides it, and proves nothing. Out of hours the board may be away or behind a shutter, but whoever was
before one that was left out, after which it looks otherwise, is told of. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from contracts.event import EventKind, Severity
from edge.geometry import Box, iou
from edge.payment.candidate import SPAN, Candidate, Code, Nature, weighed
from edge.payment.state import ALARMS, TRANSITIONS, Appearance, Happening
from edge.payment.state import PointState as PointState
from edge.rules.command import Why

LONGEST_STEP: Final = timedelta(seconds=10)
"""Of a longer gap between two looks only so much counts: nobody knows what was there in it."""

ELSEWHERE: Final = timedelta(seconds=10)
"""A code that does not hang where ours does must stay for so long: a customer's telephone does not."""

AT_HOME: Final = 0.1
"""A code that overlaps our place by this share of the union hangs over ours; stickers are rarely of the same size."""

SETTLED_AFTER: Final = timedelta(seconds=10)
"""Ours must be read, and nothing else, for so long until a swap counts as undone."""

LEFT_OUT_AFTER: Final = timedelta(minutes=10)
"""A board that is still there so long after closing was left out for the night: nobody is packing up any more."""

HIDDEN_LONG: Final = timedelta(minutes=5)
"""Who is before the board for longer than that hides it for whoever would pay, too: from then on it is unread."""

ZERO: Final = timedelta(0)


@dataclass(frozen=True, slots=True)
class PointRule:
    """How long a point may be unread before it is unreadable, look otherwise before it is covered or missing, and have
    somebody before it out of hours.
    """

    unread_after: timedelta = timedelta(minutes=2)
    changed_after: timedelta = timedelta(seconds=20)
    touched_after: timedelta = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Look:
    """What was read in a point's region, and how its place looks. `hidden`: somebody stands before it; `open`: it is
    within its hours; `known`: it is known who may be paid there, without which only what is no payment code tells.
    """

    at: datetime
    codes: tuple[Code, ...] = ()
    appearance: Appearance = Appearance.UNSURE
    hidden: bool = False
    open: bool = True
    known: bool = True


@dataclass(frozen=True, slots=True)
class Lasting:
    """How long something was seen to be so, and since when it was."""

    seen: timedelta = ZERO
    since: datetime | None = None

    def longer(self, passed: timedelta, at: datetime) -> Lasting:
        """After a look at `at` that found it so again, `passed` after the look before."""
        return Lasting(self.seen + passed, self.since or at - passed)


NOT_SO: Final = Lasting()


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
    any other between. Out of hours, `left_out` is how long ours was seen to be there, and `touched` how long somebody
    was before it since.
    """

    state: PointState = PointState.UNKNOWN
    seen_at: datetime | None = None
    home: Box | None = None
    ours_at: datetime | None = None
    ours_since: datetime | None = None
    unread: Lasting = NOT_SO
    changed: Lasting = NOT_SO
    gone: Lasting = NOT_SO
    hidden: Lasting = NOT_SO
    open: bool = True
    left_out: timedelta = ZERO
    touched: Lasting = NOT_SO
    candidates: tuple[Candidate, ...] = ()
    added: str | None = None


def decide(rule: PointRule, point: Point, look: Look) -> tuple[Point, tuple[Raise | Clear, ...]]:
    """The point after a look, and the alarms that begin or end with it."""
    after = _remembered(rule, point, look)
    state = after.state
    for happening in _happenings(rule, after, look, closing=point.open and not look.open):
        state = TRANSITIONS.get((state, happening), state)
    commands = _of_state(rule, after, state, look.at) if state is not after.state else ()
    after = replace(after, state=state)
    added, of_added = _added(after, look.at)
    return replace(after, added=added), (*commands, *of_added)


def rejudged(point: Point, *, known: bool) -> tuple[Point, tuple[Clear, ...]]:
    """The point once others may be paid there, so that what was read before must be read again; or, where it is not
    known any more who may, as if nothing had been read, and the alarms that are void with that.
    """
    after = replace(point, candidates=(), ours_at=None, ours_since=None, unread=NOT_SO, added=None)
    voided = (Clear(EventKind.PAYMENT_CODE_ADDED, "rejudged"),) if point.added is not None else ()
    if known or point.state in (PointState.UNKNOWN, PointState.FOREIGN):
        return after, voided
    if point.state in ALARMS:
        voided = (Clear(ALARMS[point.state][0], PointState.UNKNOWN.value), *voided)
    return replace(after, state=PointState.UNKNOWN), voided


def _remembered(rule: PointRule, point: Point, look: Look) -> Point:
    """With what the look adds: the time that passed, ours if it was read, and all that was not ours."""
    if point.seen_at is not None and look.at < point.seen_at:  # the clock was set back
        point = Point(point.state, home=point.home, open=point.open, added=point.added)
    if look.open is not point.open:
        point = replace(
            point, open=look.open, unread=NOT_SO, changed=NOT_SO, gone=NOT_SO, left_out=ZERO, touched=NOT_SO
        )
    passed = min(look.at - (point.seen_at or look.at), LONGEST_STEP)
    candidates = weighed(point.candidates, look.codes, look.at)
    point = _watched_out_of_hours(rule, replace(point, seen_at=look.at, candidates=candidates), look, passed)
    if any(one.last == look.at for one in candidates):
        point = replace(point, ours_since=None)
    ours = next((code for code in look.codes if code.nature is Nature.OURS), None)
    if ours is not None:
        return _verified(point, ours, look.at)
    if look.hidden:
        hidden = point.hidden.longer(passed, look.at)
        unread = point.unread.longer(passed, look.at) if hidden.seen > HIDDEN_LONG else point.unread
        return replace(point, hidden=hidden, unread=unread)
    return _unverified(replace(point, hidden=NOT_SO), look.appearance, passed)


def _watched_out_of_hours(rule: PointRule, point: Point, look: Look, passed: timedelta) -> Point:
    """With what the look adds to the night: ours is still there, somebody is before it, or the board is away."""
    if look.open:
        return point
    if any(code.nature is Nature.OURS for code in look.codes) or look.appearance is Appearance.SAME:
        left_out = min(point.left_out + passed, LEFT_OUT_AFTER)
        return replace(point, left_out=left_out) if look.hidden else replace(point, left_out=left_out, touched=NOT_SO)
    if look.hidden:
        return replace(point, touched=point.touched.longer(passed, look.at))
    if point.gone.seen >= rule.changed_after:
        return replace(point, left_out=ZERO, touched=NOT_SO)
    return point


def _verified(point: Point, ours: Code, at: datetime) -> Point:
    since = point.ours_since if point.ours_at is not None and at - point.ours_at <= LONGEST_STEP else None
    return replace(
        point, home=ours.place, ours_at=at, ours_since=since or at,
        unread=NOT_SO, changed=NOT_SO, gone=NOT_SO, hidden=NOT_SO,
    )  # fmt: skip


def _unverified(point: Point, appearance: Appearance, passed: timedelta) -> Point:
    """With the time that passed counted to what is wrong; a look that cannot tell neither adds nor takes away."""
    at = point.seen_at
    assert at is not None
    unread = point.unread.longer(passed, at)
    if appearance is Appearance.UNSURE:
        return replace(point, unread=unread)
    return replace(
        point,
        unread=unread,
        changed=point.changed.longer(passed, at) if appearance is Appearance.CHANGED else NOT_SO,
        gone=point.gone.longer(passed, at) if appearance is Appearance.GONE else NOT_SO,
    )


def _happenings(rule: PointRule, point: Point, look: Look, *, closing: bool) -> Iterable[Happening]:
    """What the looks so far amount to, the weakest first: a later one may overrule what an earlier one led to."""
    if closing:
        yield Happening.CLOSED
    if look.known:
        unread = _unread(rule, point)
        if unread is not None:
            yield unread if look.open else _out_of_hours(rule, point, unread)
    if point.ours_at == look.at:
        yield Happening.OURS
        if point.ours_since is not None and look.at - point.ours_since >= SETTLED_AFTER:
            yield Happening.SETTLED
    over = _over_ours(point)
    if over is not None and over.last == look.at:
        yield Happening.WRONG if over.code.nature is Nature.NOT_OURS else Happening.NO_PAYMENT_CODE


def _unread(rule: PointRule, point: Point) -> Happening | None:
    """What it amounts to that ours is not read."""
    if point.gone.seen >= rule.changed_after:
        return Happening.GONE
    if point.changed.seen >= rule.changed_after:
        return Happening.CHANGED
    return Happening.UNREAD if point.unread.seen >= rule.unread_after else None


def _out_of_hours(rule: PointRule, point: Point, unread: Happening) -> Happening:
    touched = point.left_out >= LEFT_OUT_AFTER and point.touched.seen >= rule.touched_after
    return Happening.TOUCHED if unread is Happening.CHANGED and touched else Happening.PUT_AWAY


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
    why = {"seconds": round(lasted.seen.total_seconds(), 1), "threshold_s": threshold.total_seconds()}
    since = lasted.since
    if not point.open:  # whoever did it came before
        why["somebody_s"] = round(point.touched.seen.total_seconds(), 1)
        since = point.touched.since
    return (*ends, Raise(kind, severity, since or at, why, point.home))


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
