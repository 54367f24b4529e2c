"""Looks at live video as the audit log knows them: one watch period a viewer and camera, with a beginning and an end.

Pure but for RecentLooks' memory. A camera that a page lets go and asks for again within GRACE_S, as when tiles are
moved about, is one period.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field

GRACE_S = 10.0

MOST_REMEMBERED = 50_000


@dataclass(frozen=True, slots=True)
class Ended:
    """A watch period that is over: which camera, and for how many seconds it was watched."""

    camera: str
    seconds: int


@dataclass(slots=True)
class WatchPeriods:
    """What one viewer watches: since when, and what it let go a moment ago. Times are of one monotonic clock."""

    _since: dict[str, float] = field(default_factory=dict)
    _left: dict[str, float] = field(default_factory=dict)

    def begin(self, cameras: Iterable[str], now: float) -> list[str]:
        """From `now` on exactly `cameras` are watched; returns those whose period begins."""
        wanted = set(cameras)
        begun = sorted(wanted - self._since.keys())
        for camera in wanted:
            self._since.setdefault(camera, now)
            self._left.pop(camera, None)
        for camera in self._since.keys() - wanted:
            self._left.setdefault(camera, now)
        return begun

    def ended(self, now: float) -> list[Ended]:
        """The periods that were let go GRACE_S ago or earlier; each is told once."""
        return self._end([camera for camera, left in self._left.items() if now - left >= GRACE_S])

    def end_all(self, now: float) -> list[Ended]:
        """All periods; the viewer has gone."""
        for camera in self._since:
            self._left.setdefault(camera, now)
        return self._end(list(self._since))

    def _end(self, cameras: list[str]) -> list[Ended]:
        return [Ended(camera, round(self._left.pop(camera) - self._since.pop(camera))) for camera in sorted(cameras)]


class RecentLooks:
    """Remembers who looked at what a moment ago, so that a page that reloads a picture makes one entry, not hundreds.

    In this process only: another process of the API, or this one after a restart, enters the same look once more.
    """

    def __init__(self, window_s: float) -> None:
        self._window_s = window_s
        self._seen: OrderedDict[tuple[str, str], float] = OrderedDict()

    def is_new(self, session: str, thing: str, now: float) -> bool:
        """Whether the session has not been remembered to have looked at `thing` within the window."""
        before = self._seen.get((session, thing))
        return before is None or now - before >= self._window_s

    def remember(self, session: str, thing: str, now: float) -> None:
        """The look is entered; call it after the entry is committed."""
        self._seen[session, thing] = now
        self._seen.move_to_end((session, thing))
        while len(self._seen) > MOST_REMEMBERED:
            self._seen.popitem(last=False)
