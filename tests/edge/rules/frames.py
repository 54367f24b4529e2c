"""Frames as the tables of the rule tests write them: when, and who is seen, and where."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from edge.geometry import Box, Point
from edge.rules.command import Close, Command, Open, Update
from edge.rules.presence import Observation, Sighting
from tests.support.samples import NOON

BOX = (0.25, 0.25, 0.5, 0.75)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def track(name: str) -> UUID:
    """The id of the person whom the table calls `name`, one letter."""
    return UUID(int=(0x019C4573_9A80_7ABC << 64) + (0x8DEF << 48) + ord(name))


def sighting(name: str, box: Box = BOX, label: str = "person") -> Sighting:
    return Sighting(track(name), label, box, 0.9)


def standing(foot: Point, width: float = 0.04, height: float = 0.1) -> Box:
    """The box of somebody whose foot is there."""
    x, y = foot
    return x - width / 2, y - height, x + width / 2, y


def frame(seconds: float, names: str) -> Observation:
    """The frame at `seconds`, in which the persons `names` are in the zone."""
    return Observation(at(seconds), tuple(sighting(name) for name in names))


def frames(text: str, step_s: float = 1.0) -> list[Observation]:
    """One frame a word, `step_s` apart; a word names who is seen, and `-` is nobody."""
    return [frame(index * step_s, word.strip("-")) for index, word in enumerate(text.split())]


def path(
    feet: Sequence[Point | None], step_s: float = 0.5, name: str = "a", label: str = "person"
) -> list[Observation]:
    """One track, frame by frame; None is a frame in which it is not seen."""
    return [
        Observation(at(index * step_s), (sighting(name, standing(foot), label),) if foot else ())
        for index, foot in enumerate(feet)
    ]


def replay(decide: Any, rule: object, state: object, seen: Sequence[Any]) -> list[str]:
    """What a rule asks for, frame by frame: `second: command`."""
    said = []
    for observation in seen:
        state, commands = decide(rule, state, observation)
        second = (observation.at - NOON).total_seconds()
        said += [f"{second:g}: {short(command)}" for command in commands]
    return said


def short(command: Command) -> str:
    match command:
        case Open(count):
            return f"open {count}"
        case Update(count):
            return f"update {count}"
        case Close(reason):
            return f"close {reason}"


def last_why(decide: Any, rule: object, state: object, seen: Sequence[Any]) -> dict[str, float | str]:
    """Why the last opening or update happened."""
    why: dict[str, float | str] = {}
    for observation in seen:
        state, commands = decide(rule, state, observation)
        for command in commands:
            if not isinstance(command, Close):
                why = dict(command.why)
    return why
