"""Frames as the tables of the rule tests write them: when, and who is seen."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from edge.rules.presence import Observation, Sighting
from tests.support.samples import NOON

BOX = (0.25, 0.25, 0.5, 0.75)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def track(name: str) -> UUID:
    """The id of the person whom the table calls `name`, one letter."""
    return UUID(int=(0x019C4573_9A80_7ABC << 64) + (0x8DEF << 48) + ord(name))


def frame(seconds: float, names: str) -> Observation:
    """The frame at `seconds`, in which the persons `names` are in the zone."""
    return Observation(at(seconds), tuple(Sighting(track(name), "person", BOX, 0.9) for name in names))


def frames(text: str, step_s: float = 1.0) -> list[Observation]:
    """One frame a word, `step_s` apart; a word names who is seen, and `-` is nobody."""
    return [frame(index * step_s, word.strip("-")) for index, word in enumerate(text.split())]
