"""The life of what a rule found: it opens, grows, is calm for a while, closes, and then rests. The same for every rule.

What counts as found is each rule's own business. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from edge.rules.command import Close, Command, Open, Update, Why
from edge.rules.presence import Sighting, begun


@dataclass(frozen=True, slots=True)
class Patience:
    """It closes when nothing has been found for `clear_after`; then nothing opens for `cool_down`, unless there is more
    of it than there was.
    """

    clear_after: timedelta
    cool_down: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Finding:
    """How many there are, those of them in the picture, and why that is worth an event."""

    count: int
    sightings: tuple[Sighting, ...]
    why: Why


@dataclass(frozen=True, slots=True)
class Episode:
    """Nothing is open while `peak` is 0. `calm_since` is when an open episode was last left without a finding;
    `closed_at` and `last_peak` are of the episode before.
    """

    peak: int = 0
    calm_since: datetime | None = None
    closed_at: datetime | None = None
    last_peak: int = 0

    def after(
        self, patience: Patience, at: datetime, *, opens: Finding | None, holds: Finding | None
    ) -> tuple[Episode, tuple[Command, ...]]:
        """Take in a frame: `opens` would open an episode, `holds` keeps an open one from closing."""
        if not self.peak:
            return self._while_closed(patience, at, opens)
        if holds is None:
            return self._while_calm(patience, at)
        if holds.count > self.peak:
            grown = Episode(holds.count, None, self.closed_at, self.last_peak)
            return grown, (Update(holds.count, holds.sightings, holds.why),)
        return Episode(self.peak, None, self.closed_at, self.last_peak), ()

    def ended(self, reason: str) -> tuple[Episode, tuple[Command, ...]]:
        """End it whatever is found: the rule's hours are over. No rest follows."""
        return QUIET, (Close(reason),) if self.peak else ()

    def _while_closed(
        self, patience: Patience, at: datetime, opens: Finding | None
    ) -> tuple[Episode, tuple[Command, ...]]:
        if opens is None or (self._rests(patience, at) and opens.count <= self.last_peak):
            return self, ()
        return Episode(opens.count), (Open(opens.count, opens.sightings, opens.why),)

    def _while_calm(self, patience: Patience, at: datetime) -> tuple[Episode, tuple[Command, ...]]:
        since = begun(self.calm_since, at)
        if at - since >= patience.clear_after:
            return Episode(closed_at=at, last_peak=self.peak), (Close("cleared"),)
        return Episode(self.peak, since, self.closed_at, self.last_peak), ()

    def _rests(self, patience: Patience, at: datetime) -> bool:
        """Whether the last close is too fresh; a close that lies ahead was written by a wrong clock."""
        return self.closed_at is not None and timedelta(0) <= at - self.closed_at < patience.cool_down


QUIET = Episode()
"""Nothing open, nothing before."""
