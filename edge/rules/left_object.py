"""Left object: a thing that was not there before stays, and nobody is near it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from edge.geometry import Box, iou
from edge.rules.command import Command
from edge.rules.episode import QUIET, Episode, Finding, Patience
from edge.rules.presence import Sighting, begun
from edge.rules.schedule import Schedule

HIDDEN: Final = timedelta(seconds=10)
"""A thing unseen for so long has gone; until then somebody who passes may hide it."""

SAME_PLACE: Final = 0.3
"""Two boxes that overlap by this share of their union are one thing. A bag's box is small and trembles."""

SETTLING: Final = timedelta(seconds=10)
"""What a detector finds so soon after the rule began to watch was there before."""

ADDED: Final = "object"
"""The label of things that are found because they were not there before (edge.still): they never are old by that."""


@dataclass(frozen=True, slots=True)
class LeftObject:
    """The rule. It opens once a thing has been there, and alone, for `min_seconds`, and holds while it is there.
    A person is near when the thing touches the person's box grown by `near`, a share of the box's height.
    """

    schedule: Schedule
    min_seconds: float
    near: float
    patience: Patience


@dataclass(frozen=True, slots=True)
class Things:
    """What one analysed frame shows: the things in the rule's zone, and everybody in the picture."""

    at: datetime
    things: tuple[Sighting, ...]
    people: tuple[Sighting, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """A thing in its place. `alone_since` is when the last person left it; an `old` one was there before. Once it has
    been `left` it stays so, whoever comes to look at it.
    """

    since: datetime
    alone_since: datetime
    seen: Sighting
    last: datetime
    old: bool
    left: bool = False


@dataclass(frozen=True, slots=True)
class LeftObjectState:
    """`began` is when the rule began to watch."""

    items: tuple[Item, ...] = ()
    began: datetime | None = None
    episode: Episode = QUIET


def decide(
    rule: LeftObject, state: LeftObjectState, observation: Things
) -> tuple[LeftObjectState, tuple[Command, ...]]:
    """The state after a frame and what follows from it. Things are followed out of hours too, to know what is old."""
    at = observation.at
    began = begun(state.began, at)
    active = rule.schedule.active(at)
    items = _after(rule, state.items, observation, began, active=active)
    if not active:
        episode, commands = state.episode.ended("schedule")
        return LeftObjectState(items, began, episode), commands
    found = _finding(rule, items, at)
    seen = found if found is not None and found.sightings else None
    episode, commands = state.episode.after(rule.patience, at, opens=seen, holds=found)
    return LeftObjectState(items, began, episode), commands


def _after(
    rule: LeftObject, items: Iterable[Item], observation: Things, began: datetime, *, active: bool
) -> tuple[Item, ...]:
    at = observation.at
    waiting = [item for item in items if abs(at - item.last) <= HIDDEN]
    after = []
    for sighting in observation.things:
        known = _known(sighting, waiting)
        near = any(_is_near(rule, person.box, sighting.box) for person in observation.people)
        if known is None:
            settling = at - began < SETTLING and sighting.label != ADDED
            after.append(Item(at, at, sighting, at, old=settling or not active))
            continue
        waiting.remove(known)
        after.append(_seen_again(rule, known, sighting, at, near=near))
    return (*after, *waiting)


def _known(sighting: Sighting, items: Sequence[Item]) -> Item | None:
    """The thing in the same place. A track that is carried away is not in its place."""
    nearest = max(items, key=lambda item: iou(item.seen.box, sighting.box), default=None)
    return nearest if nearest and iou(nearest.seen.box, sighting.box) >= SAME_PLACE else None


def _seen_again(rule: LeftObject, item: Item, sighting: Sighting, at: datetime, *, near: bool) -> Item:
    since = begun(item.since, at)
    alone_since = at if near else begun(item.alone_since, at)
    left = item.left or (not item.old and (at - alone_since).total_seconds() >= rule.min_seconds)
    return Item(since, alone_since, sighting, at, item.old, left)


def _is_near(rule: LeftObject, person: Box, thing: Box) -> bool:
    reach = rule.near * (person[3] - person[1])
    return (
        person[0] - reach <= thing[2]
        and thing[0] <= person[2] + reach
        and person[1] - reach <= thing[3]
        and thing[1] <= person[3] + reach
    )


def _finding(rule: LeftObject, items: Iterable[Item], at: datetime) -> Finding | None:
    left = [item for item in items if item.left]
    if not left:
        return None
    longest = min(left, key=lambda item: item.since)
    why: dict[str, float | str] = {
        "track": str(longest.seen.track),
        "label": longest.seen.label,
        "seconds_there": round((longest.last - longest.since).total_seconds(), 1),
        "seconds_alone": round((longest.last - longest.alone_since).total_seconds(), 1),
        "threshold_s": rule.min_seconds,
    }
    return Finding(len(left), tuple(item.seen for item in left if item.last == at), why)
