"""What a rule can ask for: that an event opens, changes or closes. Frozen values; edge.events carries them out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from edge.rules.presence import Sighting

Why = Mapping[str, float | str]


@dataclass(frozen=True, slots=True)
class Open:
    """Something has happened. `sightings` are in the zone in the deciding frame; `count` also counts who is hidden for
    a moment. `why` holds the numbers that decided, by code.
    """

    count: int
    sightings: tuple[Sighting, ...]
    why: Why


@dataclass(frozen=True, slots=True)
class Update:
    """It goes on and there is more of it."""

    count: int
    sightings: tuple[Sighting, ...]
    why: Why


@dataclass(frozen=True, slots=True)
class Close:
    """It is over. `reason` is `cleared` (nobody left) or `schedule` (the rule's hours ended)."""

    reason: str


Command = Open | Update | Close
