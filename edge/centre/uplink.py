"""How much of a metered line pictures and clips may take: a budget of bytes a day, counted in the outbox.

Decided here: pictures of critical events and what a person asked for go though the budget is used up (and are counted);
everything else waits for local midnight. Bytes are counted before they are sent, so a crash never makes a day longer.
Bundles of versions come by another program, which counts them (edge.release.spent). Live pictures, events and samples
are not counted: somebody watches the first, and the others are small.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from contracts.event import Severity
from edge.centre.outbox import RANK, MediaKind, Outbox, Upload
from edge.footage.settings import UplinkSettings

log = logging.getLogger(__name__)

OVERHEAD: Final = 1000
"""What a request costs beside its body: headers, answer, TCP and TLS."""

LEAST_PIECE: Final = 16_384
"""A budget's last bytes are not worth a request."""

_PICTURES: Final = frozenset({MediaKind.THUMBNAIL, MediaKind.SNAPSHOT})


def exempt(upload: Upload) -> bool:
    """Whether it goes even when the day's budget is used up."""
    critical = upload.rank >= RANK[Severity.CRITICAL]
    return upload.kind is MediaKind.RECORDING or (critical and upload.kind in _PICTURES)


class Uplink:
    """Owns the count of the day. `beside` says how many bytes of a day another program took of the line."""

    def __init__(
        self,
        settings: UplinkSettings,
        time_zone: str,
        outbox: Outbox,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        beside: Callable[[str], int] = lambda _day: 0,
    ) -> None:
        self.piece = settings.piece_kb * 1024
        self._budget = None if settings.daily_mb is None else int(settings.daily_mb * 1_000_000)
        self._zone = ZoneInfo(time_zone)
        self._outbox = outbox
        self._now = now
        self._beside = beside
        self._said = ""

    def may(self, upload: Upload, size: int) -> bool:
        """Whether `size` bytes of an upload may be sent now."""
        left = self._left()
        return left is None or exempt(upload) or size + OVERHEAD <= left

    def used_up(self) -> bool:
        """Whether only what is exempt may go today."""
        left = self._left()
        if left is None or left >= LEAST_PIECE + OVERHEAD:
            return False
        if self._said != self._day():
            self._said = self._day()
            log.warning("today's budget for uploads is used up; what waits goes tomorrow")
        return True

    def cut(self, upload: Upload, size: int) -> int:
        """How many of `size` bytes may be sent now, when some may."""
        left = self._left()
        return size if left is None or exempt(upload) else max(1, min(size, left - OVERHEAD))

    def take(self, upload: Upload, size: int) -> bool:
        """Count `size` bytes as spent; False when they may not be sent, or cannot be counted."""
        if not self.may(upload, size):
            return False
        return self._budget is None or self._outbox.spend(self._day(), size + OVERHEAD)

    def _left(self) -> int | None:
        if self._budget is None:
            return None
        day = self._day()
        return self._budget - self._outbox.spent(day) - self._beside(day)

    def _day(self) -> str:
        return self._now().astimezone(self._zone).date().isoformat()
