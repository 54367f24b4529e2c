from __future__ import annotations

import logging

import psycopg
import pytest
from psycopg.rows import TupleRow

from api.live.payments import message_for
from api.payments.key import PaymentKey
from contracts.command import BOX_COMMAND, MOST_POINTS

Connection = psycopg.Connection[TupleRow]
KEY = PaymentKey(b"m" * 32)


def put_points(connection: Connection, n: int) -> None:
    connection.execute(
        "INSERT INTO payment_points (id, site_id, name, kind)"
        " SELECT 'quay-' || n, 'cho-an-luu', 'Quầy ' || n, 'stall' FROM generate_series(1, %s) AS n",
        (n,),
    )


def test_a_box_hears_of_points_without_codes_too_and_of_none_at_all(connection: Connection) -> None:
    empty = message_for(connection, KEY, "an-luu-1")
    assert empty is not None
    assert empty.points == ()
    put_points(connection, 1)
    told = message_for(connection, KEY, "an-luu-1")
    assert told is not None
    assert [(point.id, point.payees) for point in told.points] == [("quay-1", ())]
    assert told.key_bytes == KEY.of("an-luu").key


def test_without_a_key_or_a_box_there_is_no_message(connection: Connection) -> None:
    assert message_for(connection, PaymentKey(None), "an-luu-1") is None
    assert message_for(connection, KEY, "no-such-box") is None


def test_what_is_too_much_for_one_message_is_cut_and_told(
    connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    put_points(connection, MOST_POINTS + 7)
    with caplog.at_level(logging.ERROR):
        told = message_for(connection, KEY, "an-luu-1")
    assert told is not None
    assert len(told.points) == MOST_POINTS
    assert "507" in caplog.text
    assert BOX_COMMAND.validate_json(told.model_dump_json()) == told
