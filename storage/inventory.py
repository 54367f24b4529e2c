"""Writes the declared inventory (wards, sites, boxes, cameras, zones) into the database; safe to repeat."""

from __future__ import annotations

from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb

from contracts.inventory import Inventory
from storage.sql import queries
from storage.tokens import digest_of_token

SQL = queries("inventory")


def apply(connection: Connection[TupleRow], inventory: Inventory) -> None:
    """Make the database hold `inventory`; what it does not name stays. One transaction."""
    with connection.transaction():
        for ward in inventory.wards:
            connection.execute(SQL["ward"], {"id": ward.id, "name": ward.name})
            for site in ward.sites:
                connection.execute(
                    SQL["site"], {"id": site.id, "ward": ward.id, "name": site.name, "kind": site.kind.value}
                )
        for box in inventory.boxes:
            token = box.token and digest_of_token(box.token.get_secret_value())
            connection.execute(
                SQL["box"],
                {"id": box.id, "ward": box.ward, "site": box.site, "name": box.name, "token_sha256": token},
            )
            for position, camera in enumerate(box.cameras):
                connection.execute(
                    SQL["camera"],
                    {
                        "id": camera.id,
                        "box": box.id,
                        "site": camera.site,
                        "name": camera.name,
                        "position": position,
                    },
                )
                connection.execute(SQL["forget_zones"], {"camera": camera.id})
                for zone in camera.zones:
                    connection.execute(
                        SQL["zone"],
                        {
                            "camera": camera.id,
                            "id": zone.id,
                            "name": zone.name,
                            "polygon": Jsonb(zone.polygon),
                        },
                    )
