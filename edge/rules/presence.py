"""Who is in a zone and for how long, across the moments in which a track is not seen. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from uuid import UUID

GAP = timedelta(seconds=2)
"""A track unseen for this long has left: about what the tracker itself needs to give a track up."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A track as it was seen in one frame. `box` is x1, y1, x2, y2 in normalised coordinates."""

    track: UUID
    label: str
    box: tuple[float, float, float, float]
    confidence: float


@dataclass(frozen=True, slots=True)
class Observation:
    """What one analysed frame shows in the rule's zone. `elsewhere` are tracks that it shows outside the zone."""

    at: datetime
    inside: tuple[Sighting, ...]
    elsewhere: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Stay:
    """How long one track has been in the zone."""

    since: datetime
    last: datetime

    def seconds(self) -> float:
        return (self.last - self.since).total_seconds()


@dataclass(frozen=True, slots=True)
class Presence:
    """The tracks that count as being in the zone."""

    stays: Mapping[UUID, Stay] = field(default_factory=lambda: MappingProxyType({}))

    def after(self, observation: Observation) -> Presence:
        """Take in a frame: who is seen stays or enters, who has been unseen for longer than GAP has left.

        A box may boot with a wrong clock and have it set back: what lies ahead by more than GAP has left too.
        """
        stays = {track: stay for track, stay in self.stays.items() if abs(observation.at - stay.last) <= GAP}
        for sighting in observation.inside:
            known = stays.get(sighting.track)
            stays[sighting.track] = Stay(begun(known.since if known else None, observation.at), observation.at)
        return Presence(MappingProxyType(stays))

    def here(self, observation: Observation) -> Presence:
        """Those who are in the zone or hidden, without those who are seen elsewhere. They may be back in a moment, when
        a foot trembles on the zone's edge, and keep their time; but they do not count.
        """
        return Presence(
            MappingProxyType({track: stay for track, stay in self.stays.items() if track not in observation.elsewhere})
        )

    def longest(self) -> Stay | None:
        return max(self.stays.values(), key=Stay.seconds, default=None)


NOBODY = Presence()
"""An empty zone."""


def begun(since: datetime | None, now: datetime) -> datetime:
    """When something that holds now began: `since`, or now when it is new or the clock was set back before it."""
    return min(since or now, now)
