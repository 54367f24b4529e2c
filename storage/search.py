"""Finds events among those of years: decides by which index, so that a page costs the same whatever is asked.

An index serves one key (a camera, a site, a kind in a ward, ...) and gives its newest events in order; a page takes the
newest of a few keys. Names are turned into cameras and devices before (`storage.places` tells them).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import product
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow, class_row

from storage.scope import Scope
from storage.sql import queries
from storage.wall import EventKey, EventRow

SQL = queries("search")

KeyOf = tuple[str | None, str | None, str | None]
"""The ward, the value and the zone."""

MOST_KEYS: Final = 16
"""So many keys are looked up one by one; of more places the events are frequent enough to be picked from the ward's."""


class Key(StrEnum):
    """How the events of one key are found; the indexes of the table stand behind it."""

    SPOT = "camera_id = wanted.value AND (wanted.zone IS NULL OR zone_id = wanted.zone)"
    CAMERA = "camera_id = wanted.value"
    DEVICE = "device_id = wanted.value"
    SITE = "site_id = wanted.value"
    KIND = "ward_id = wanted.ward AND kind = wanted.value"
    SEVERITY = "ward_id = wanted.ward AND severity = wanted.value"
    WARD = "ward_id = wanted.ward"


@dataclass(frozen=True, slots=True)
class Spot:
    """A camera, one zone of its picture, or a device."""

    camera: str | None = None
    zone: str | None = None
    device: str | None = None


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events are asked for; None asks for all. `spots` are what a text was found to mean."""

    spots: Sequence[Spot] | None = None
    ward: str | None = None
    site: str | None = None
    camera: str | None = None
    device: str | None = None
    kinds: Sequence[str] | None = None
    severities: Sequence[str] | None = None
    start: datetime | None = None
    end: datetime | None = None
    open: bool | None = None
    snapshot: bool = False
    clip: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """The text of a query, and its keys: ward, value and zone of each. `devices` are keys beside those of spots."""

    sql: str
    keys: Sequence[KeyOf]
    devices: Sequence[str] = ()


def plan(wanted: EventFilter, scope: Scope, *, older: bool) -> Plan:
    """By which keys to look, and what else each event must be. Pure."""
    key, keys = _keys(wanted, scope)
    conditions = [text for asked, keyed, text in _conditions(wanted, older) if asked and key is not keyed]
    filled = {"key": key.value, "conditions": " AND ".join(["true", *conditions])}
    devices = [spot.device for spot in dict.fromkeys(wanted.spots or ()) if spot.device] if key is Key.SPOT else []
    found = [SQL["keyed"].format(**filled)] if keys or not devices else []
    found += [SQL["devices"].format(**filled)] if devices else []
    return Plan(SQL["events"].format(found="\nUNION ALL\n".join(found)), keys, devices)


def _keys(wanted: EventFilter, scope: Scope) -> tuple[Key, list[KeyOf]]:
    """The narrowest key that an index serves. Open events are so few that their own index by ward is."""
    wards = [ward for ward in scope.wards if wanted.ward in (None, ward)]
    if wanted.open:
        return Key.WARD, [(ward, None, None) for ward in wards]
    if wanted.spots is not None and len(wanted.spots) <= MOST_KEYS:
        return Key.SPOT, [(None, spot.camera, spot.zone) for spot in dict.fromkeys(wanted.spots) if spot.camera]
    if wanted.camera:
        return Key.CAMERA, [(None, wanted.camera, None)]
    if wanted.device:
        return Key.DEVICE, [(None, wanted.device, None)]
    if wanted.site:
        return Key.SITE, [(None, wanted.site, None)]
    if wanted.kinds is not None:
        return Key.KIND, [(ward, kind, None) for ward, kind in product(wards, dict.fromkeys(wanted.kinds))]
    if wanted.severities is not None:
        return Key.SEVERITY, [
            (ward, severity, None) for ward, severity in product(wards, dict.fromkeys(wanted.severities))
        ]
    if not scope.whole:
        return Key.SITE, [(None, place.site, None) for place in scope.sites if place.ward in wards]
    return Key.WARD, [(ward, None, None) for ward in wards]


_AT_A_SPOT: Final = """(camera_id = ANY(%(cameras)s) OR device_id = ANY(%(devices)s)
    OR (camera_id, zone_id) IN (SELECT * FROM unnest(%(spot_cameras)s::text[], %(spot_zones)s::text[])))"""


def _conditions(wanted: EventFilter, older: bool) -> list[tuple[bool, Key | None, str]]:
    """What an event must be: whether it is asked, by which key it is so already, and the SQL."""
    return [
        (wanted.spots is not None, Key.SPOT, _AT_A_SPOT),
        (wanted.camera is not None, Key.CAMERA, "camera_id = %(camera)s"),
        (wanted.device is not None, Key.DEVICE, "device_id = %(device)s"),
        (wanted.site is not None, None, "site_id = %(site)s"),
        (wanted.ward is not None, None, "ward_id = %(ward)s"),
        (wanted.kinds is not None, Key.KIND, "kind = ANY(%(kinds)s)"),
        (wanted.severities is not None, Key.SEVERITY, "severity = ANY(%(severities)s)"),
        (wanted.start is not None, None, "opened_at >= %(start)s"),
        (wanted.end is not None, None, "opened_at < %(end)s"),
        (wanted.open is True, None, "closed_at IS NULL"),
        (wanted.open is False, None, "closed_at IS NOT NULL"),
        (wanted.snapshot, None, "snapshot IS NOT NULL"),
        (wanted.clip, None, "clip IS NOT NULL"),
        (older, None, "(opened_at, id) < (%(before_at)s, %(before_id)s)"),
    ]


def events(
    connection: Connection[TupleRow],
    scope: Scope,
    wanted: EventFilter | None = None,
    *,
    limit: int,
    before: EventKey | None = None,
) -> list[EventRow]:
    """At most `limit` events within `scope` that are as `wanted`, newest first, all older than `before`."""
    wanted = wanted or EventFilter()
    decided = plan(wanted, scope, older=before is not None)
    values = {**parameters(decided, wanted, scope, before), "limit": limit}
    with connection.cursor(row_factory=class_row(EventRow)) as cursor:
        return cursor.execute(decided.sql.encode(), values, prepare=False).fetchall()  # plans differ by what is asked


def parameters(decided: Plan, wanted: EventFilter, scope: Scope, before: EventKey | None) -> dict[str, object]:
    """What the text of the plan refers to, but for `limit`."""
    keys = decided.keys
    spots = wanted.spots or ()
    return {
        **scope.parameters(),
        "key_wards": [ward for ward, _, _ in keys],
        "key_values": [value for _, value, _ in keys],
        "key_zones": [zone for _, _, zone in keys],
        "key_devices": list(decided.devices),
        "cameras": [spot.camera for spot in spots if spot.camera and spot.zone is None],
        "devices": [spot.device for spot in spots if spot.device],
        "spot_cameras": [spot.camera for spot in spots if spot.zone],
        "spot_zones": [spot.zone for spot in spots if spot.zone],
        "kinds": list(wanted.kinds or ()),
        "severities": list(wanted.severities or ()),
        "ward": wanted.ward,
        "site": wanted.site,
        "camera": wanted.camera,
        "device": wanted.device,
        "start": wanted.start,
        "end": wanted.end,
        "before_at": before and before.opened_at,
        "before_id": before and before.id,
    }
