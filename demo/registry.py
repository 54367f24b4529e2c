"""Enters into the sample ward's registry whom its stalls are paid to, as two people would: one proposes, one approves.

Done once; what visitors change afterwards stays.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import psycopg
from psycopg.rows import TupleRow

from contracts import payment_code
from contracts.ids import new_id
from demo import ward
from demo.scene.board import HANH, HANH_SECOND, LAN, LAN_SECOND, Shop
from storage import payment_points
from storage.payment_points import Step

SHOPS: Final = {"quay-12": (HANH, HANH_SECOND), "quay-14": (LAN, LAN_SECOND)}
"""Whose codes hang at a point: each trader has an account at two banks."""

PROPOSED_BY: Final = "quantri"
APPROVED_BY: Final = "congan"


def enter(connection: psycopg.Connection[TupleRow], master: bytes) -> None:
    """Enter who is paid at the stalls of which nothing is known yet. `master` is the centre's key of payment codes."""
    key = payment_code.ward_key(master, ward.WARD)
    known = payment_points.payees(connection, list(SHOPS))
    places = {row.point_id: row.site_id for row in payment_points.places(connection, ward.WARD)}
    steps = [
        step
        for point, shops in SHOPS.items()
        if not known[point] and point in places
        for step in _steps(point, places[point], shops, key)
    ]
    if not steps:
        return
    change = new_id()
    with connection.transaction():
        reason = "Đăng ký ban đầu: đã gặp chủ quầy và quét mã tại quầy"
        payment_points.propose(connection, change, ward.WARD, "scan", reason, PROPOSED_BY, steps)
        payment_points.decide(connection, change, "approved", by=APPROVED_BY, remark="Đã đối chiếu với chủ quầy")
        payment_points.perform(connection, change, steps)
        payment_points.tell(connection, ward.WARD)


def _steps(point: str, site: str, shops: Iterable[Shop], key: bytes) -> Iterable[Step]:
    for shop in shops:
        for payee in payment_code.read(shop.code).payees:
            yield Step(
                action="add_payee",
                point_id=point,
                site_id=site,
                fingerprint=payment_code.fingerprint(payee, key),
                guid=payee.guid,
                bin=payee.bin,
                last_four=payee.last_four,
                service=payee.service,
                label=shop.bank,
                key_id=payment_code.key_id(key),
            )
