"""Writes the declared inventory into the database: places, boxes, cameras, payment points, devices; safe to repeat."""

from __future__ import annotations

from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb

from contracts.inventory import Box, Camera, Inventory, Site, Unit, Ward
from contracts.position import Position
from storage.sql import queries
from storage.tokens import digest_of_token

SQL = queries("inventory")
Db = Connection[TupleRow]


def apply(connection: Db, inventory: Inventory) -> None:
    """Make the database hold `inventory`; what it does not name stays. One transaction."""
    with connection.transaction():
        for province in inventory.provinces:
            connection.execute(SQL["province"], _unit(province))
        for ward in inventory.wards:
            connection.execute(SQL["ward"], {**_unit(ward), "province": ward.province})
            for site in ward.sites:
                connection.execute(SQL["site"], _site(ward, site))
        for box in inventory.boxes:
            _put_box(connection, box)
        for ward in inventory.wards:
            _put_things(connection, ward)


def _unit(unit: Unit) -> dict[str, object]:
    return {
        "id": unit.id,
        "name": unit.name,
        "aliases": list(unit.aliases),
        "valid_from": unit.valid_from,
        "valid_to": unit.valid_to,
    }


def _site(ward: Ward, site: Site) -> dict[str, object]:
    return {
        "id": site.id,
        "ward": ward.id,
        "name": site.name,
        "kind": site.kind.value,
        "outline": Jsonb(site.outline) if site.outline else None,
        "opens": site.hours.opens if site.hours else None,
        "closes": site.hours.closes if site.hours else None,
        **_degrees(site.position),
    }


def _degrees(position: Position | None) -> dict[str, float | None]:
    return {"lat": position.lat if position else None, "lon": position.lon if position else None}


def _put_box(connection: Db, box: Box) -> None:
    token = box.token and digest_of_token(box.token.get_secret_value())
    row = {"id": box.id, "ward": box.ward, "site": box.site, "name": box.name, "token_sha256": token}
    connection.execute(SQL["box"], {**row, **_degrees(box.position)})
    for position, camera in enumerate(box.cameras):
        _put_camera(connection, box.id, position, camera)


def _put_camera(connection: Db, box: str, position: int, camera: Camera) -> None:
    row = {"id": camera.id, "box": box, "site": camera.site, "name": camera.name, "position": position}
    view = {"bearing": camera.bearing, "view_angle": camera.view_angle, "range_m": camera.range_m}
    connection.execute(SQL["camera"], {**row, **view, **_degrees(camera.position)})
    connection.execute(SQL["forget_zones"], {"camera": camera.id})
    for zone in camera.zones:
        shape = {"camera": camera.id, "id": zone.id, "name": zone.name, "polygon": Jsonb(zone.polygon)}
        connection.execute(SQL["zone"], shape)
    connection.execute(SQL["forget_lines"], {"camera": camera.id})
    for line in camera.lines:
        path = {"camera": camera.id, "id": line.id, "name": line.name, "points": Jsonb(line.points)}
        connection.execute(SQL["line"], path)


def _put_things(connection: Db, ward: Ward) -> None:
    """Payment points and devices; after the boxes, which devices may name."""
    for point in ward.payment_points:
        row = {"id": point.id, "site": point.site, "name": point.name, "kind": point.kind.value}
        connection.execute(SQL["payment_point"], row)
    for device in ward.devices:
        connection.execute(
            SQL["device"],
            {
                "id": device.id,
                "site": device.site,
                "box": device.box,
                "name": device.name,
                "kind": device.kind,
                "gateway": device.gateway,
                "payment_point": device.payment_point,
            },
        )
