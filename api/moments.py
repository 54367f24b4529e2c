"""Moments that a request names: with a time zone, and within what the database and this program can both hold."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final

from pydantic import AfterValidator, AwareDatetime

EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)


def _within(value: datetime) -> datetime:
    """Comparing moments never overflows, whatever their zones; converting one of the year 1 or 9999 does."""
    if not EARLIEST <= value < LATEST:
        raise ValueError(f"must lie between {EARLIEST.year} and {LATEST.year}")
    return value.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_within)]
