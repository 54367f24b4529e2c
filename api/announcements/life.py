"""Where an announcement stands, told from what was decided and what its speakers answered. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum


class Life(StrEnum):
    PROPOSED = "proposed"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    APPROVED = "approved"  # no box has heard of it yet
    SENT = "sent"  # a box has it, and not everything is said
    PLAYED = "played"  # on one speaker at least
    FAILED = "failed"
    EXPIRED = "expired"


UNFINISHED = frozenset({"waiting", "accepted"})


def life(decided: str, plays: Sequence[str], expires_at: datetime, now: datetime) -> Life:
    """`decided` and `plays` as the database keeps them."""
    late = now >= expires_at
    if decided == "proposed":
        return Life.EXPIRED if late else Life.PROPOSED
    if decided == "refused":
        return Life.REFUSED
    if decided == "cancelled":
        return Life.PLAYED if "played" in plays else Life.CANCELLED
    if UNFINISHED.intersection(plays) and not late:
        return Life.APPROVED if set(plays) == {"waiting"} else Life.SENT
    if "played" in plays:
        return Life.PLAYED
    if "failed" in plays or not plays:
        return Life.FAILED
    return Life.EXPIRED
