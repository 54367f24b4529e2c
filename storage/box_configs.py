"""Revisions of what boxes watch, and the inventory's cameras, zones and lines, which follow the newest of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import TupleRow, class_row
from psycopg.types.json import Jsonb

from contracts.configuration import ConfigAnswer, ConfigState
from storage.sql import queries

SQL = queries("box_configs")
CHANNEL: Final = "phoan_box_configs"
Db = Connection[TupleRow]
Names = Mapping[str, Mapping[str, Any]]
"""By camera: its `name`, and by id those of its `zones` and `lines`."""

GIVEN_UP: Final = (ConfigState.REFUSED, ConfigState.FALLEN_BACK)


@dataclass(frozen=True, slots=True)
class BriefRow:
    """One revision, without what is in it. Without `made_by` the box told it by itself."""

    revision: int
    made_by: str | None
    made_at: datetime
    note: str
    state: str
    reason: str
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class ConfigRow:
    """One revision."""

    box_id: str
    revision: int
    document: dict[str, Any]
    names: dict[str, Any]
    made_by: str | None
    made_at: datetime
    note: str
    state: str
    reason: str
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class WantedRow:
    """What a box is to be pushed."""

    ward_id: str
    box_id: str
    revision: int
    made_at: datetime
    document: dict[str, Any]
    state: str


@dataclass(frozen=True, slots=True)
class NamedRow:
    id: str
    name: str
    zones: dict[str, str]
    lines: dict[str, str]


@dataclass(frozen=True, slots=True)
class SiteRow:
    id: str
    name: str


def newest(connection: Db, box: str) -> ConfigRow | None:
    with connection.cursor(row_factory=class_row(ConfigRow)) as cursor:
        return cursor.execute(SQL["newest"], {"box": box}).fetchone()


def one(connection: Db, box: str, revision: int) -> ConfigRow | None:
    with connection.cursor(row_factory=class_row(ConfigRow)) as cursor:
        return cursor.execute(SQL["one"], {"box": box, "revision": revision}).fetchone()


def in_use(connection: Db, box: str) -> ConfigRow | None:
    """The revision that the box said last that it applied."""
    with connection.cursor(row_factory=class_row(ConfigRow)) as cursor:
        return cursor.execute(SQL["in_use"], {"box": box}).fetchone()


def history(connection: Db, box: str, limit: int) -> list[BriefRow]:
    with connection.cursor(row_factory=class_row(BriefRow)) as cursor:
        return cursor.execute(SQL["history"], {"box": box, "limit": limit}).fetchall()


def hold(connection: Db, box: str) -> None:
    """Nobody else makes a revision of this box until the caller's transaction ends."""
    connection.execute(SQL["hold"], {"box": box})


def make(connection: Db, box: str, document: Mapping[str, Any], names: Names, *, made_by: str, note: str = "") -> int:
    """Make the next revision, bring the inventory in step with it, and have it pushed. Returns its number."""
    with connection.transaction():
        before = newest(connection, box)
        row = connection.execute(
            SQL["make"],
            {"box": box, "document": Jsonb(document), "names": Jsonb(names), "made_by": made_by, "note": note},
        ).fetchone()
        assert row
        keep_in_step(connection, box, document, names, before.document if before else {})
        connection.execute(SQL["notify"], {"box": box})
        return int(row[0])


def tell(connection: Db, box: str, document: Mapping[str, Any]) -> list[str]:
    """Keep what a box was set up with, as it tells. While it runs on that alone, cameras that nobody knows yet, as on a
    technician's first visit, are entered in the inventory; which ones.
    """
    with connection.transaction():
        hold(connection, box)
        connection.execute(SQL["tell"], {"box": box, "document": Jsonb(document)})
        found = newest(connection, box)
        if found is None or found.revision > 0:
            return []
        cameras = document.get("cameras", ())
        known = owners(connection, [camera["id"] for camera in cameras])
        entered = [(at, camera) for at, camera in enumerate(cameras) if camera["id"] not in known]
        for position, camera in entered:
            _put_camera(connection, box, position, camera, _Called({}, {}))
        return [camera["id"] for _, camera in entered]


def wanted(connection: Db) -> list[WantedRow]:
    """What each box is to be pushed."""
    with connection.cursor(row_factory=class_row(WantedRow)) as cursor:
        return cursor.execute(SQL["wanted"]).fetchall()


def answer_all(connection: Db, answers: Mapping[str, ConfigAnswer]) -> list[str]:
    """Keep what boxes say of their revisions; those for which that is new. Where one gives its revision up, the
    inventory follows what it runs.
    """
    known = [{"box": box, **said.model_dump()} for box, said in answers.items() if said.state in tuple(ConfigState)]
    if not known:
        return []
    changed = connection.execute(SQL["answers"], {"answers": Jsonb(known)}).fetchall()
    for box, revision, state, running in changed:
        if (
            state in GIVEN_UP
            and (runs := one(connection, box, running))
            and (given_up := one(connection, box, revision))
        ):
            keep_in_step(connection, box, runs.document, runs.names, given_up.document)
            connection.execute(SQL["notify"], {"box": box})
    return [box for box, *_ in changed]


def sites(connection: Db, box: str) -> list[SiteRow]:
    """Where the box's cameras may stand."""
    with connection.cursor(row_factory=class_row(SiteRow)) as cursor:
        return cursor.execute(SQL["sites"], {"box": box}).fetchall()


def owners(connection: Db, cameras: Sequence[str]) -> dict[str, str]:
    """Which box has each of these cameras."""
    return dict(connection.execute(SQL["owners"], {"cameras": list(cameras)}).fetchall())


def readers(connection: Db, devices: Sequence[str]) -> dict[str, str]:
    """Which box reads each of these devices, where one does."""
    return dict(connection.execute(SQL["readers"], {"devices": list(devices)}).fetchall())


def names(connection: Db, box: str) -> dict[str, Any]:
    """What people call the box's devices, cameras, zones and lines now."""
    with connection.cursor(row_factory=class_row(NamedRow)) as cursor:
        rows = cursor.execute(SQL["named"], {"box": box}).fetchall()
    devices = connection.execute(SQL["named_devices"], {"box": box}).fetchall()
    called = {name: {"name": said, "zones": {}, "lines": {}} for name, said in devices}
    return {**called, **{row.id: {"name": row.name, "zones": row.zones, "lines": row.lines} for row in rows}}


def keep_in_step(
    connection: Db, box: str, document: Mapping[str, Any], given: Names, before: Mapping[str, Any]
) -> None:
    """Make the inventory's cameras, zones, lines and devices of this box those of `document`, which takes the place of
    `before`. What has no name keeps the one that it has, or is called by its id.
    """
    known = names(connection, box)
    _keep_devices_in_step(connection, box, document, before, given, known)
    if "cameras" not in document:
        return
    cameras = document["cameras"]
    connection.execute(SQL["retire"], {"box": box, "cameras": [camera["id"] for camera in cameras]})
    for position, camera in enumerate(cameras):
        called = _Called(given.get(camera["id"], {}), known.get(camera["id"], {}))
        _put_camera(connection, box, position, camera, called)


def _keep_devices_in_step(
    connection: Db, box: str, document: Mapping[str, Any], before: Mapping[str, Any], given: Names, known: Names
) -> None:
    """Where neither names devices, the box reads those of its own file, and nothing is known of that."""
    section, listed = document.get("devices") or {}, _devices_of(document)
    gone = _devices_of(before).keys() - listed.keys() if "devices" in document else ()
    connection.execute(SQL["forget_devices"], {"box": box, "devices": sorted(gone)})
    for name, device in listed.items():
        called = _Called(given.get(name, {}), known.get(name, {}))
        gateway = device.get("gateway")
        row = {"id": name, "box": box, "site": device.get("site") or section["site"], "name": called.name(name)}
        row |= {"kind": device["kind"], "gateway": gateway if isinstance(gateway, str) else None}
        connection.execute(SQL["put_device"], row)


def _devices_of(document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {device["id"]: device for device in (document.get("devices") or {}).get("list", ())}


def _put_camera(connection: Db, box: str, position: int, camera: Mapping[str, Any], called: _Called) -> None:
    """One camera of the box with its zones and lines."""
    name = camera["id"]
    row = {"id": name, "box": box, "site": camera["site"], "name": called.name(name), "position": position}
    connection.execute(SQL["put_camera"], row)
    connection.execute(SQL["forget_zones"], {"camera": name})
    for zone in camera.get("zones", ()):
        row = {"camera": name, "id": zone["id"], "name": called.part("zones", zone["id"])}
        connection.execute(SQL["zone"], row | {"polygon": Jsonb(zone["polygon"])})
    connection.execute(SQL["forget_lines"], {"camera": name})
    for line in camera.get("lines", ()):
        row = {"camera": name, "id": line["id"], "name": called.part("lines", line["id"])}
        connection.execute(SQL["line"], row | {"points": Jsonb(line["points"])})


@dataclass(frozen=True, slots=True)
class _Called:
    """What one camera and its parts are called: as given, else as before."""

    given: Mapping[str, Any]
    known: Mapping[str, Any]

    def name(self, camera: str) -> str:
        return str(self.given.get("name") or self.known.get("name") or camera)

    def part(self, kind: str, part: str) -> str:
        return str(self.given.get(kind, {}).get(part) or self.known.get(kind, {}).get(part) or part)
