"""Looks at real measurements in a real database: a market without power, a bank's notice, workers that are killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.rows import TupleRow, dict_row

from contracts.event import Phase
from contracts.ids import new_id
from contracts.inventory import Inventory
from ingest.payments.settings import PayabilitySettings
from ingest.payments.watch import LIVE, Watch, day_of, look_at, moments
from storage import inventory, payability, payment_looks
from storage.payment_looks import WardClock
from storage.pool import open_pool
from storage.scope import Scope
from tests.api.running import commit_event
from tests.support.samples import INVENTORY, event
from tests.support.waiting import eventually

Connection = psycopg.Connection[TupleRow]
WARD = WardClock("an-luu", "Asia/Ho_Chi_Minh")
SITE = "cho-an-luu"
SETTINGS = PayabilitySettings()
STALLS = [f"sap-{n:02}" for n in range(40)]
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


def with_market(stalls: Iterable[str] = STALLS) -> Inventory:
    """The sample inventory with a soundbox and a plug at each stall of the market, and a sensor of its mains."""
    body = INVENTORY.model_dump(mode="json", exclude_none=True)
    names = list(stalls)
    ward = body["wards"][0]
    ward["payment_points"] = [{"id": name, "name": f"Sạp {name}", "site": SITE, "kind": "stall"} for name in names]
    ward["devices"] = [
        {"id": f"{name}-{kind}", "name": kind, "site": SITE, "kind": kind, "box": "an-luu-1", "payment_point": name}
        for name in names
        for kind in ("soundbox", "plug")
    ]
    ward["devices"].append({"id": "nguon-cho", "name": "UPS", "site": SITE, "kind": "ups", "box": "an-luu-1"})
    for box in body["boxes"]:
        box.pop("token", None)
    return Inventory.model_validate(body)


@pytest.fixture
def market(connection: Connection) -> Connection:
    inventory.apply(connection, with_market())
    return connection


def say(
    connection: Connection, at: datetime, metric: str, value: float, devices: Iterable[str], zone: str = ""
) -> None:
    """A measurement of each of `devices`, as ingest commits them."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO telemetry (at, device_id, metric, zone_id, value, box_id)"
            " VALUES (%s, %s, %s, %s, %s, 'an-luu-1')",
            [(at, device, metric, zone, value) for device in devices],
        )


def lives(connection: Connection, at: datetime, value: float, stalls: Iterable[str] = STALLS) -> None:
    devices = [f"{name}-{kind}" for name in stalls for kind in ("soundbox", "plug")]
    say(connection, at, "device.life", value, devices)


def line(connection: Connection, at: datetime, value: float = 1) -> None:
    say(connection, at, "probe.internet", value, ["an-luu-1"])


def looks(connection: Connection, start: datetime, seconds: int, step: int = 10) -> None:
    for passed in range(0, seconds + 1, step):
        assert look_at(connection, WARD, start + passed * SECOND, SETTINGS)


def rows(connection: Connection, text: str) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(text).fetchall()


def incidents(connection: Connection) -> list[tuple[str, str, str | None]]:
    found = rows(connection, "SELECT kind, state, site_id FROM incidents ORDER BY opened_at, kind")
    return [(row["kind"], row["state"], row["site_id"]) for row in found]


def figures(connection: Connection) -> payability.FigureRow:
    (row,) = payability.figures(connection, Scope.of_wards(["an-luu"]))
    return row


START = (datetime.now(UTC) - timedelta(minutes=30)).replace(microsecond=0)
CUT = START + timedelta(seconds=95)


def power_cut(connection: Connection) -> None:
    """The stalls of a market live for a minute, and are dark from CUT on."""
    for minute in range(2):
        lives(connection, START + minute * MINUTE, 2)
        line(connection, START + minute * MINUTE)
    lives(connection, CUT, 0)
    for minute in range(2, 8):
        lives(connection, START + minute * MINUTE, 0)
        line(connection, START + minute * MINUTE)


def test_a_power_cut_of_a_market_of_forty_stalls_is_one_incident_and_ends_with_it(market: Connection) -> None:
    power_cut(market)
    looks(market, START, 240)
    assert incidents(market) == [("payment_outage_power", "new", SITE)]
    now = figures(market)
    assert (now.points, now.payable, now.not_payable, now.unknown) == (40, 0, 40, 0)
    (outage,) = payability.lasting(market, Scope.of_wards(["an-luu"]))
    assert (outage.cause, outage.place, outage.points) == ("power", SITE, 40)
    assert outage.began == CUT
    assert rows(market, "SELECT action, actor FROM incident_steps") == [{"action": "open", "actor": None}]
    assert rows(market, "SELECT what FROM incident_changes") == [{"what": "called"}]

    back = START + timedelta(seconds=303)
    lives(market, back, 2)
    looks(market, START + 250 * SECOND, 110)
    assert incidents(market) == [("payment_outage_power", "resolved", SITE)]
    assert {row["ended"] for row in rows(market, "SELECT ended FROM payment_outages")} == {back}
    now = figures(market)
    assert (now.payable, now.not_payable) == (40, 0)
    if day_of(WARD, START) == day_of(WARD, datetime.now(UTC)):
        assert now.lost_minutes == pytest.approx(40 * (back - CUT).total_seconds() / 60)
    (past,) = payability.past(market, Scope.of_wards(["an-luu"]), since=START, limit=10)
    assert (past.cause, past.points, past.began, past.ended) == ("power", 40, CUT, back)


def test_a_sensor_of_the_mains_tells_sooner_and_leaves_out_who_still_can_be_paid(market: Connection) -> None:
    lives(market, START, 2)
    line(market, START)
    looks(market, START, 30)
    lives(market, START + 40 * SECOND, 0, STALLS[1:])
    say(market, START + 40 * SECOND, "ups.on_battery", 1, ["nguon-cho"])
    looks(market, START + 40 * SECOND, 20)
    assert incidents(market) == [("payment_outage_power", "new", SITE)]
    assert figures(market).payable == 1


def test_a_dead_soundbox_is_one_incident_beside_neighbours_that_live(market: Connection) -> None:
    for minute in range(5):
        lives(market, START + minute * MINUTE, 2)
    say(market, START + 30 * SECOND, "device.life", 0, ["sap-07-soundbox"])
    market.execute("DELETE FROM telemetry WHERE device_id = 'sap-07-soundbox' AND value = 2")
    looks(market, START + 30 * SECOND, 120)
    assert incidents(market) == [("payment_outage_device", "new", SITE)]
    assert figures(market).payable == 39
    (outage,) = payability.lasting(market, Scope.of_wards(["an-luu"]))
    assert (outage.cause, outage.point_name) == ("device", "Sạp sap-07")


def test_a_notice_of_a_bank_counts_until_it_ends(market: Connection) -> None:
    now = datetime.now(UTC)
    lives(market, now, 2)
    pay_to(market, "sap-01", "970436")
    pay_to(market, "sap-02", "970436")
    pay_to(market, "sap-02", "970415")
    notice = new_id()
    payability.post_notice(market, notice, ward="an-luu", bank="970436", note="", by="lan", until=now + 60 * MINUTE)
    looks(market, datetime.now(UTC), 0)
    assert incidents(market) == [("payment_outage_bank", "new", SITE)]
    assert figures(market).not_payable == 1, "who shows the code of another bank too can be paid"
    assert payability.end_notice(market, notice, by="lan")
    assert not payability.end_notice(market, notice, by="lan"), "once"
    looks(market, datetime.now(UTC) + 10 * SECOND, 40)
    assert incidents(market) == [("payment_outage_bank", "resolved", SITE)]


def pay_to(connection: Connection, point: str, bank: str) -> None:
    """A payee of a point, as an approved change leaves it."""
    change = new_id()
    connection.execute(
        "INSERT INTO payment_changes (id, ward_id, source, reason, proposed_by)"
        " VALUES (%s, 'an-luu', 'form', 'x', 'a')",
        (change,),
    )
    connection.execute(
        "INSERT INTO payment_payees (point_id, fingerprint, guid, bin, last_four, service, key_id, change_id)"
        " VALUES (%s, %s, 'A000000727', %s, '1234', 'QRIBFTTA', 'k', %s)",
        (point, bank.ljust(64, "0"), bank, change),
    )


def test_a_wrong_code_takes_its_point_out_of_the_figures(database: str, market: Connection) -> None:
    now = datetime.now(UTC)
    lives(market, now, 2)
    say(market, now, "code.verified", 1, ["sap-01", "sap-02"])
    looks(market, now, 0)
    assert figures(market).verified == 2
    changes = {"kind": "payment_code_mismatch", "payment_point": "sap-01", "phase": Phase.OPEN}
    commit_event(database, event(**changes, site=SITE, opened_at=now, at=now, captured_at=now))
    looks(market, now + 10 * SECOND, 0)
    after = figures(market)
    assert (after.verified, after.payable, after.not_payable) == (1, 39, 1)
    assert incidents(market) == [], "the event of the code has its own"


def test_a_ward_is_looked_at_once_for_each_moment(database: str, market: Connection) -> None:
    lives(market, START, 2)
    assert look_at(market, WARD, START, SETTINGS)
    assert not look_at(market, WARD, START, SETTINGS)
    with psycopg.connect(database) as other, other.transaction():
        assert look_at(other, WARD, START + SECOND, SETTINGS)
        assert not look_at(market, WARD, START + 2 * SECOND, SETTINGS), "another worker looks"


HALF_DONE = """
import sys, time
from datetime import datetime
import psycopg
from ingest.payments.settings import PayabilitySettings
from ingest.payments.watch import look_at
from storage.payment_looks import WardClock

with psycopg.connect(sys.argv[1], autocommit=True) as connection, connection.transaction():
    ward = WardClock("an-luu", "Asia/Ho_Chi_Minh")
    look_at(connection, ward, datetime.fromisoformat(sys.argv[2]), PayabilitySettings())
    print("done", flush=True)
    time.sleep(60)
"""


def test_a_worker_killed_in_a_look_leaves_nothing_and_the_next_tells_the_same(
    database: str, market: Connection
) -> None:
    power_cut(market)
    looks(market, START, 150)
    at = START + 160 * SECOND
    assert incidents(market) == []
    with subprocess.Popen(
        [sys.executable, "-c", HALF_DONE, database, at.isoformat()], stdout=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "done\n"
        assert not look_at(market, WARD, at, SETTINGS)
        worker.send_signal(signal.SIGKILL)
        worker.wait(10)
    assert incidents(market) == []
    assert eventually(lambda: look_at(market, WARD, at, SETTINGS))
    assert incidents(market) == [("payment_outage_power", "new", SITE)]
    assert len(rows(market, "SELECT 1 FROM payment_outages")) == 40


def test_what_happened_while_no_worker_ran_keeps_its_own_times(database: str, market: Connection) -> None:
    power_cut(market)
    back = START + timedelta(seconds=421)
    for minute in range(20):
        lives(market, back + minute * MINUTE, 2)
        line(market, back + minute * MINUTE)
    looks(market, START, 30)
    pool = open_pool(database, name="test", size=2)
    try:
        watch = Watch(pool, PayabilitySettings(replay_after_s=0), lambda: START + 20 * MINUTE)
        watch.turn()
    finally:
        pool.close()
    spans = rows(market, "SELECT DISTINCT began, ended, cause, place FROM payment_outages")
    assert spans == [{"began": CUT, "ended": back, "cause": "power", "place": SITE}]
    assert figures(market).payable == 40
    assert incidents(market) == [], "what was over before anybody could look needs nobody"


def test_a_worker_waits_for_what_boxes_held_before_it_looks_back(database: str, market: Connection) -> None:
    looks(market, START, 0)
    pool = open_pool(database, name="test", size=2)
    try:
        Watch(pool, PayabilitySettings(replay_after_s=3600)).turn()
    finally:
        pool.close()
    assert rows(market, "SELECT at FROM payment_looks") == [{"at": START}]


def test_after_a_gap_every_step_of_it_is_looked_at_and_of_a_long_one_the_last_day() -> None:
    assert moments(None, START, SETTINGS) == [START]
    assert moments(START, START + LIVE - SECOND, SETTINGS) == [START + LIVE - SECOND]
    assert moments(START, START + 75 * SECOND, SETTINGS) == [
        *(START + n * 10 * SECOND for n in range(1, 8)),
        START + 75 * SECOND,
    ]
    day = moments(START - timedelta(days=9), START, SETTINGS)
    assert (day[0], day[-1], len(day)) == (START - timedelta(days=1) + 120 * SECOND, START, 720)


def test_a_point_that_was_taken_out_of_the_registry_is_out_of_the_figures(market: Connection) -> None:
    power_cut(market)
    looks(market, START, 240)
    market.execute("UPDATE payment_points SET ended_at = %s WHERE id = 'sap-01'", (START + 5 * MINUTE,))
    looks(market, START + 300 * SECOND, 0)
    assert figures(market).points == 39
    ended = rows(market, "SELECT ended FROM payment_outages WHERE point_id = 'sap-01'")
    assert ended == [{"ended": START + 5 * MINUTE}]


def test_minutes_are_added_up_by_vietnamese_days(market: Connection) -> None:
    midnight = datetime(2026, 2, 10, 17, tzinfo=UTC)
    market.execute("UPDATE sites SET opens = '06:00', closes = '06:30' WHERE id = 'quang-trung'")
    began = midnight - 5 * MINUTE
    for minute in range(20):
        lives(market, began + minute * MINUTE, 0)
        line(market, began + minute * MINUTE)
    looks(market, began - 10 * SECOND, 600)
    days = payability.days(market, Scope.of_wards(["an-luu"]), "an-luu", began.date(), began.date() + timedelta(days=2))
    assert [(day.day.isoformat(), day.points) for day in days] == [("2026-02-10", 40), ("2026-02-11", 40)]
    assert days[0].lost_minutes == pytest.approx(40 * 5)
    assert days[1].lost_minutes == pytest.approx(40 * (590 - 300) / 60, abs=0.1)
    assert days[0].open_minutes == pytest.approx(40 * 5, abs=40)


@pytest.fixture
def running(database: str, market: Connection) -> Iterator[Watch]:
    pool = open_pool(database, name="test", size=2)
    watch = Watch(pool, PayabilitySettings(look_every_s=0.05, alone_after_s=0))
    stop = threading.Event()
    thread = threading.Thread(target=watch.run, args=(stop,))
    thread.start()
    yield watch
    stop.set()
    thread.join(10)
    pool.close()


def test_the_thread_looks_by_itself(running: Watch, market: Connection) -> None:
    now = datetime.now(UTC)
    lives(market, now, 2)
    lives(market, now + timedelta(milliseconds=1), 0, ["sap-03"])
    eventually(lambda: incidents(market) == [("payment_outage_stall", "new", SITE)], 10)
    assert not running.failed


def rows_read(connection: Connection) -> int:
    """Rows of telemetry that the server has read so far."""
    connection.execute("SELECT pg_stat_force_next_flush()")
    row = connection.execute(
        "SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables WHERE relname = 'telemetry'"
    ).fetchone()
    assert row
    return int(row[0])


def test_a_look_reads_the_newest_measurements_by_the_key_however_long_the_history(connection: Connection) -> None:
    stalls = [f"diem-{n:04}" for n in range(400)]
    inventory.apply(connection, with_market(stalls))
    now = datetime.now(UTC)
    connection.execute(
        "INSERT INTO telemetry (at, device_id, metric, value, box_id)"
        " SELECT %(now)s - n * interval '2 minutes', point || '-' || kind, 'device.life', 2, 'an-luu-1'"
        " FROM unnest(%(stalls)s::text[]) AS point, unnest(ARRAY['soundbox', 'plug']) AS kind,"
        " generate_series(0, 99) AS n",
        {"now": now, "stalls": stalls},
    )
    connection.execute("ANALYZE telemetry")
    looks(connection, now, 0)
    before = rows_read(connection)
    looks(connection, now + 10 * SECOND, 0)
    assert 0 < rows_read(connection) - before < 5 * 2 * len(stalls), "of 80,000"
    assert figures(connection).payable == 400
    wanted = {"devices": [f"{name}-plug" for name in stalls], "metrics": ["device.life"] * 400, "zones": [""] * 400}
    plan = connection.execute(
        "EXPLAIN " + payment_looks.SQL["newest"], {**wanted, "since": now - 15 * MINUTE, "until": now}
    ).fetchall()
    text = " ".join(str(line) for (line,) in plan)
    assert "Index Scan Backward using telemetry_pkey" in text
    assert "Seq Scan on telemetry" not in text
