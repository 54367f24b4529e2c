"""What a box is told of payment points: the allow-sets of those at its sites, and the key to compare codes with."""

from __future__ import annotations

import base64
import logging

from psycopg import Connection
from psycopg.rows import TupleRow

from api.payments.key import PaymentKey
from contracts.command import MOST_PAYEES, MOST_POINTS, PaymentPoints, PointPayees
from storage import payment_points

log = logging.getLogger(__name__)


def message_for(db: Connection[TupleRow], key: PaymentKey, box: str) -> PaymentPoints | None:
    """The message for a box; None where the centre has no key, or another than the registry was made with."""
    found = payment_points.of_box(db, box) if key.there else None
    if found is None:
        return None
    if not key.fits(payment_points.key_ids(db, [found.ward])):
        log.error("box %s hears of no payment points: the registry was made with another payment_key_file", box)
        return None
    if len(found.points) > MOST_POINTS:
        log.error("box %s hears of the first %d of %d payment points at its sites", box, MOST_POINTS, len(found.points))
    points = tuple(
        PointPayees(id=point, payees=tuple(payees[:MOST_PAYEES])) for point, payees in found.points[:MOST_POINTS]
    )
    return PaymentPoints(key=base64.b64encode(key.of(found.ward).key).decode(), points=points)
