"""Decides what goes into one message and when a failed one is tried again: limits, bundles, back-off. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from storage.notifications import Due

RETRY_S: Final = (5.0, 15.0, 60.0, 180.0, 600.0)
LONGEST_WAIT_S: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one message tells. Its id stays the same however often it is sent, so that a receiver can drop repeats."""

    id: UUID
    ward: str
    items: tuple[Due, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """The other side has it."""


@dataclass(frozen=True, slots=True)
class Later:
    """Not now. `after_s` is what the other side asks us to wait; the whole channel waits then."""

    error: str
    after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """Trying again would change nothing."""

    error: str


Outcome = Sent | Later | Refused


def refill(tokens: float, since: datetime, now: datetime, per_minute: float, burst: int) -> float:
    """How many messages a channel may send now, having had `tokens` at `since`."""
    return min(float(burst), tokens + max(0.0, (now - since).total_seconds()) * per_minute / 60)


def pack(due: Iterable[Due], most: int, bundle_from: int, make_id: Callable[[], UUID]) -> list[Parcel]:
    """At most `most` parcels, the most urgent first. What was sent together before stays together; many of one ward,
    or more than may be sent, go in one.
    """
    before: dict[UUID, list[Due]] = defaultdict(list)
    fresh: dict[str, list[Due]] = defaultdict(list)
    for item in due:
        if item.bundle:
            before[item.bundle].append(item)
        else:
            fresh[item.ward_id].append(item)
    parcels = [Parcel(id_, items[0].ward_id, tuple(items)) for id_, items in before.items()]
    room = most - len(parcels)
    single = all(len(items) < bundle_from for items in fresh.values()) and sum(map(len, fresh.values())) <= room
    for ward, items in fresh.items():
        if single or len(items) == 1:
            parcels += [Parcel(make_id(), ward, (item,)) for item in items]
        else:
            parcels.append(Parcel(make_id(), ward, tuple(sorted(items, key=_order))))
    return sorted(parcels, key=lambda parcel: min(_order(item) for item in parcel.items))[: max(0, most)]


def _order(item: Due) -> tuple[int, datetime, UUID]:
    return -item.urgency, item.due_at, item.id


def wait_s(attempts: int, asked_s: float | None) -> float:
    """How long to wait after `attempts` failed ones: what the other side asked for, else longer each time."""
    if asked_s is not None:
        return min(max(asked_s, 1.0), LONGEST_WAIT_S)
    return RETRY_S[min(max(attempts, 1), len(RETRY_S)) - 1]


def gives_up(items: Sequence[Due], retry_at: datetime) -> bool:
    """Whether another try would come too late for all of them."""
    return all(item.given_up_at < retry_at for item in items)
