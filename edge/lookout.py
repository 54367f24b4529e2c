"""What one camera watches for, at work: its zones and lines, the rules on them, and what stands still.

Turns the tracks of a frame into the scene that its rules decide on. Owned by the thread that looks; counts of lines are
taken by the one that measures.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from edge.config import CameraSettings
from edge.detect import Picture
from edge.lines import LineCount
from edge.rule_settings import AnyRule, LineSettings, ZoneSettings
from edge.rules.calendar import Calendar
from edge.rules.presence import Sighting
from edge.still import StillScene
from edge.watch import Scene, make_watch, needs_objects


class Lookout:
    """One camera's rules with what they need to know of its picture."""

    def __init__(self, settings: CameraSettings, time_zone: str, calendar: Calendar) -> None:
        self._settings = settings
        zones = {zone.id: zone for zone in settings.zones}
        self.watches = [make_watch(rule, zones, rule.hours(time_zone, calendar)) for rule in settings.rules]
        self.lines = [LineCount(line) for line in settings.lines]
        self._still = StillScene() if any(needs_objects(rule) for rule in settings.rules) else None

    def renewed(self, settings: CameraSettings, time_zone: str, calendar: Calendar) -> Lookout:
        """The same with other zones, lines and rules. What did not change goes on as it stood."""
        after = Lookout(settings, time_zone, calendar)
        lines = {line.settings: line for line in self.lines}
        after.lines = [lines.get(line.settings, line) for line in after.lines]
        before, there = _grounds(self._settings), _grounds(settings)
        known = {watch.settings: watch for watch in self.watches if before[watch.settings] == there.get(watch.settings)}
        after.watches = [known.get(watch.settings, watch) for watch in after.watches]
        if self._still and after._still:
            after._still = self._still
        return after

    def goes_on(self, after: Lookout) -> frozenset[str]:
        """The rules that stand in `after` as they stand here."""
        kept = {id(watch) for watch in after.watches}
        return frozenset(watch.settings.id for watch in self.watches if id(watch) in kept)

    def scene(self, picture: Picture, at: datetime, sightings: tuple[Sighting, ...]) -> Scene:
        """All that a frame shows. Call it once for every analysed frame: lines count in it."""
        objects: tuple[Sighting, ...] = ()
        if self._still:
            objects = self._still.look(picture, at, [sighting.box for sighting in sightings])
        return Scene(at, sightings, objects, {line.id: line.observe(at, sightings) for line in self.lines})

    def take_counts(self) -> Mapping[str, Mapping[str, int]]:
        """Who has crossed since the last call, by line and metric."""
        return {line.id: line.take() for line in self.lines}


def _grounds(settings: CameraSettings) -> dict[AnyRule, ZoneSettings | LineSettings | None]:
    """Each rule with the zone or line that it watches."""
    places: dict[str, ZoneSettings | LineSettings] = {zone.id: zone for zone in settings.zones}
    places |= {line.id: line for line in settings.lines}
    return {rule: places.get(rule.place or "") for rule in settings.rules}
