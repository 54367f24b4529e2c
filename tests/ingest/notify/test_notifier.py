"""The notifier on a real database and a real wire: ladder, quiet hours, storms, limits, two at once, and kill -9."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
import yaml
from psycopg.rows import TupleRow

from contracts.event import Severity
from contracts.incident import Escalate, Happening, Recover, See
from demo.processes import Processes
from ingest.notify.notifier import Notifier
from ingest.notify.settings import NotifySettings
from ingest.notify.tokens import KeptTokens
from storage import accounts, correlation, incident_steps
from storage.accounts import UserRow
from storage.pool import Pool, open_pool
from tests.ingest.incidents.test_correlator import correlated, numbered
from tests.ingest.notify.samples import SECRET, settings
from tests.support.receivers import Receiver, Reply, receiver
from tests.support.waiting import eventually

Connection = psycopg.Connection[TupleRow]


@pytest.fixture
def server() -> Iterator[Receiver]:
    with receiver() as running:
        yield running


@pytest.fixture
def pool(database: str) -> Iterator[Pool]:
    pool = open_pool(database, name="test", size=6)
    yield pool
    pool.close()


def hook(server: Receiver, **changes: object) -> dict[str, object]:
    return {"type": "webhook", "url": server.url, "secret": SECRET, "timeout_s": 5, **changes}


LADDER = [
    {"after_s": 0, "channels": ["truc"]},
    {"after_s": 120, "channels": ["chi-huy"], "min_severity": "high"},
]


def ladder(server: Receiver, **changes: Any) -> NotifySettings:
    """First the officer on duty, after two minutes the commander."""
    channels = {"truc": hook(server, url=f"{server.url}/truc"), "chi-huy": hook(server, url=f"{server.url}/chi-huy")}
    return settings(channels, **{"wards": {"an-luu": {"steps": LADDER}}, **changes})


def turn(notifier: Notifier, *channels: str) -> None:
    notifier.plan_turn()
    for channel in channels or ("truc", "chi-huy"):
        notifier.send_turn(channel)


def happens(connection: Connection, count: int = 1, **changes: object) -> UUID:
    """`count` incidents; the id of the newest."""
    events = [numbered(number, **{"kind": f"kind_{number}", **changes}) for number in range(count)]
    assert correlated(connection, *events) == count
    row = connection.execute("SELECT id FROM incidents ORDER BY opened_at DESC LIMIT 1").fetchone()
    assert row
    return UUID(str(row[0]))


def step(connection: Connection, incident: UUID, what: Happening, actor: str | None = "lan") -> None:
    if actor:
        accounts.put_user(connection, UserRow(actor, "Lan", "x", "police", ["an-luu"], False))
    with connection.transaction():
        held = incident_steps.hold(connection, incident)
        assert held is not None
        assert incident_steps.move(connection, held, what, actor=actor) is not None


def later(connection: Connection, seconds: float) -> None:
    """As if `seconds` had gone by for all that waits."""
    delay = timedelta(seconds=seconds)
    connection.execute(
        "UPDATE notifications SET due_at = due_at - %(d)s, leased_until = leased_until - %(d)s", {"d": delay}
    )
    connection.execute(
        "UPDATE notification_channels SET counted_at = counted_at - %(d)s, blocked_until = blocked_until - %(d)s",
        {"d": delay},
    )


def told(server: Receiver) -> list[str]:
    return [request.path for request in server.requests]


def states(connection: Connection) -> list[tuple[object, ...]]:
    return connection.execute("SELECT step, channel, state, error FROM notifications ORDER BY step, channel").fetchall()


def test_an_incident_is_told_step_by_step_until_somebody_looks(
    connection: Connection, pool: Pool, server: Receiver
) -> None:
    notifier = Notifier(pool, ladder(server))
    happens(connection)
    for _ in range(3):
        turn(notifier)
    assert told(server) == ["/truc"]
    later(connection, 121)
    for _ in range(3):
        turn(notifier)
    assert told(server) == ["/truc", "/chi-huy"]
    assert server.requests[1].content["text"].startswith("Chưa có cán bộ nào xác nhận.")
    assert states(connection) == [(0, "truc", "sent", None), (1, "chi-huy", "sent", None)]


@pytest.mark.parametrize("what", [See(), Recover()])
def test_nobody_else_is_told_once_somebody_looks_or_it_is_over(
    connection: Connection, pool: Pool, server: Receiver, what: Happening
) -> None:
    notifier = Notifier(pool, ladder(server))
    incident = happens(connection)
    turn(notifier)
    step(connection, incident, what, None if isinstance(what, Recover) else "lan")
    later(connection, 500)
    turn(notifier)
    assert told(server) == ["/truc"]
    assert states(connection)[1] == (1, "chi-huy", "cancelled", None)


def test_what_is_mild_climbs_no_further_and_what_grows_worse_does(
    connection: Connection, pool: Pool, server: Receiver
) -> None:
    notifier = Notifier(pool, ladder(server))
    happens(connection, kind="crowding", severity=Severity.MEDIUM)
    turn(notifier)
    assert states(connection) == [(0, "truc", "sent", None)]
    correlated(connection, numbered(90, kind="crowding", severity=Severity.CRITICAL))
    turn(notifier)
    later(connection, 121)
    turn(notifier)
    assert told(server) == ["/truc", "/chi-huy"]


def test_what_another_incident_explains_is_not_told(connection: Connection, pool: Pool, server: Receiver) -> None:
    notifier = Notifier(pool, ladder(server))
    incident = happens(connection, 2)
    connection.execute(
        "UPDATE incidents SET cause_id = (SELECT id FROM incidents WHERE id <> %(id)s) WHERE id = %(id)s",
        {"id": incident},
    )
    turn(notifier)
    assert len(server.requests) == 1
    assert server.requests[0].content["incidents"][0]["id"] != str(incident)


def test_an_officer_who_calls_for_help_is_heard_though_they_have_looked(
    connection: Connection, pool: Pool, server: Receiver
) -> None:
    night = {"steps": LADDER, "quiet": {"start": "00:00", "end": "23:59:59"}}
    notifier = Notifier(pool, ladder(server, wards={"an-luu": night}))
    incident = happens(connection)
    turn(notifier)
    assert told(server) == [], "these are quiet hours"
    step(connection, incident, See())
    step(connection, incident, Escalate())
    turn(notifier)
    assert told(server) == ["/truc", "/chi-huy"]
    assert server.requests[1].content["text"].startswith("Cán bộ trực đề nghị hỗ trợ.")


def test_quiet_hours_end_early_for_what_becomes_critical(connection: Connection, pool: Pool, server: Receiver) -> None:
    night = {"steps": LADDER, "quiet": {"start": "00:00", "end": "23:59:59"}}
    notifier = Notifier(pool, ladder(server, wards={"an-luu": night}))
    happens(connection, kind="intrusion")
    turn(notifier)
    assert told(server) == []
    correlated(connection, numbered(90, kind="intrusion", severity=Severity.CRITICAL))
    turn(notifier)
    assert told(server) == ["/truc"]


def test_a_storm_is_one_message(connection: Connection, pool: Pool, server: Receiver) -> None:
    notifier = Notifier(pool, ladder(server))
    happens(connection, 12)
    turn(notifier)
    (request,) = server.requests
    assert request.content["text"].startswith("12 sự việc mới tại Phường An Lưu:")
    assert len(request.content["incidents"]) == 12
    assert {state for _, channel, state, _ in states(connection) if channel == "truc"} == {"sent"}


def test_a_channel_gets_no_more_than_its_limit(connection: Connection, pool: Pool, server: Receiver) -> None:
    limited = settings({"truc": hook(server, per_minute=1, burst=2)}, bundle_from=50)
    notifier = Notifier(pool, limited)
    for number in range(6):
        correlated(connection, numbered(number, kind=f"kind_{number}"))
        turn(notifier, "truc")
    assert len(server.requests) == 2
    later(connection, 61)
    turn(notifier, "truc")
    assert len(server.requests) == 3
    assert server.requests[2].content["text"].startswith("4 sự việc mới"), "what waited goes in one"


def test_a_channel_that_asks_to_wait_is_left_alone_that_long(
    connection: Connection, pool: Pool, server: Receiver
) -> None:
    notifier = Notifier(pool, ladder(server))
    server.replies.append(Reply(429, {}, {"Retry-After": "40"}))
    happens(connection, kind="intrusion")
    turn(notifier, "truc")
    correlated(connection, numbered(90, kind="crowding"))
    later(connection, 39)
    turn(notifier, "truc")
    assert len(server.requests) == 1
    later(connection, 2)
    turn(notifier, "truc")
    assert sorted(item.content["incidents"][0]["kind"] for item in server.requests[1:]) == ["crowding", "intrusion"]
    assert server.requests[0].headers["idempotency-key"] in {
        item.headers["idempotency-key"] for item in server.requests[1:]
    }


def test_what_fails_is_tried_again_under_the_same_key_ever_later_and_given_up_in_the_end(
    connection: Connection, pool: Pool, server: Receiver
) -> None:
    notifier = Notifier(pool, ladder(server, give_up_after_s=90))
    server.usual = lambda _: Reply(500)
    happens(connection)
    tries = []
    for second in range(120):
        before = len(server.requests)
        turn(notifier, "truc")
        if len(server.requests) > before:
            tries.append(second)
        later(connection, 1)
        connection.execute("UPDATE notifications SET given_up_at = given_up_at - interval '1 second'")
    assert [row for row in states(connection) if row[1] == "truc"] == [(0, "truc", "given_up", "http_500")]
    gaps = [after - before for before, after in pairwise(tries)]
    assert len(tries) >= 3
    assert gaps == sorted(gaps)
    assert len({request.headers["idempotency-key"] for request in server.requests}) == 1


def test_a_channel_that_refuses_is_not_asked_again(connection: Connection, pool: Pool, server: Receiver) -> None:
    notifier = Notifier(pool, ladder(server))
    server.usual = lambda _: Reply(410)
    happens(connection)
    for _ in range(2):
        turn(notifier, "truc")
        later(connection, 60)
    assert len(server.requests) == 1
    assert states(connection)[0] == (0, "truc", "given_up", "http_410")


def test_notifiers_at_once_tell_everything_once(connection: Connection, pool: Pool, server: Receiver) -> None:
    loose = settings({"truc": hook(server, per_minute=600, burst=100)}, bundle_from=1000)
    happens(connection, 40)
    start = threading.Barrier(4)

    def work(_: int) -> None:
        notifier = Notifier(pool, loose)
        start.wait()
        for _ in range(12):
            turn(notifier, "truc")

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, range(4)))
    listed = [item["id"] for request in server.requests for item in request.content["incidents"]]
    assert len(listed) == len(set(listed)) == 40


def test_a_dead_channel_holds_up_neither_the_others_nor_the_incidents(
    connection: Connection, pool: Pool, server: Receiver
) -> None:
    with receiver() as dead:
        dead.usual = lambda _: Reply(delay_s=3)
        both = settings({"chet": hook(dead, timeout_s=2), "song": hook(server)}, poll_s=0.05)
        notifier, stop = Notifier(pool, both), threading.Event()
        thread = threading.Thread(target=notifier.run, args=(stop,))
        thread.start()
        try:
            happens(connection)
            eventually(lambda: dead.requests)
            correlated(connection, numbered(90, kind="crowding"))
            began = time.monotonic()
            eventually(lambda: len(server.requests) == 2, 10)
            assert time.monotonic() - began < 2
        finally:
            stop.set()
            thread.join(20)
        assert not notifier.failed


def test_a_notifier_killed_while_it_sends_makes_the_message_come_again_with_the_same_key(
    database: str, connection: Connection, server: Receiver, tmp_path: Path
) -> None:
    channels = {"truc": {**hook(server), "timeout_s": 20}}
    notify = {
        "channels": channels,
        "wards": {"an-luu": {"steps": [{"channels": ["truc"]}]}},
        "private_hosts": ["localhost"],
        "lease_s": 2,
    }
    config = tmp_path / "ingest.yaml"
    config.write_text(yaml.safe_dump({"database": database, "mqtt": {"host": "localhost"}, "notify": notify}))
    processes = Processes(tmp_path)
    command = ["ingest", "--config", str(config), "notify"]
    server.replies.append(Reply(delay_s=6))
    try:
        process = processes.start("notifier", command)
        happens(connection)
        eventually(lambda: server.requests, 30)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        processes.running.pop("notifier")
        process = processes.start("notifier-again", command)
        eventually(lambda: states(connection) == [(0, "truc", "sent", None)], 30)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        processes.running.pop("notifier-again")
    finally:
        processes.stop_all()
    first, second = server.requests
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    assert first.body == second.body


def test_a_refresh_token_is_used_up_once_by_however_many_notifiers(pool: Pool, connection: Connection) -> None:
    used: list[str | None] = []

    def exchange(refresh_token: str | None) -> tuple[str, str]:
        used.append(refresh_token)
        time.sleep(0.1)
        return f"access-{len(used)}", f"refresh-{len(used)}"

    start = threading.Barrier(4)

    def renew(_: int) -> str:
        start.wait()
        return KeptTokens(pool, "oa", 5).renew(b"seed", None, exchange)

    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(renew, range(4))) == {"access-1"}
    assert used == [None]
    tokens = KeptTokens(pool, "oa", 5)
    assert tokens.access(b"seed") == "access-1"
    assert tokens.renew(b"seed", "access-1", exchange) == "access-2"
    assert tokens.access(b"a new one in the settings") is None
    assert tokens.renew(b"a new one in the settings", None, exchange) == "access-3"
    assert used == [None, "refresh-1", None]


def test_without_a_notifier_changes_do_not_pile_up(connection: Connection) -> None:
    happens(connection)
    connection.execute("UPDATE incident_changes SET at = %s", (datetime.now(UTC) - timedelta(days=2),))
    correlation.forget_changes(connection)
    assert connection.execute("SELECT 1 FROM incident_changes").fetchall() == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"wards": {"an-luu": {"steps": [{"channels": ["ai"]}]}}}, "names channel ai, which is not listed"),
        ({"private_hosts": []}, "must use https"),
        ({"wards": {"an-luu": {"steps": []}}}, "at least 1 item"),
        (
            {"wards": {"an-luu": {"steps": [{"after_s": 9, "channels": ["truc"]}, {"channels": ["truc"]}]}}},
            "must come after the one before",
        ),
        ({"wards": {"an-luu": {"steps": LADDER[:1], "time_zone": "Asia/Nowhere"}}}, "must be a time zone"),
    ],
)
def test_settings_that_cannot_work_are_refused(server: Receiver, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        settings({"truc": hook(server)}, **changes)


def test_a_bots_token_is_not_in_the_log(
    database: str, connection: Connection, server: Receiver, tmp_path: Path
) -> None:
    """It is in the address of every message, and libraries like to tell what they call."""
    token = "4321:khong-ai-duoc-thay"
    notify = {
        "channels": {"truc": {"type": "telegram", "token": token, "chat": "-100", "base_url": server.url}},
        "wards": {"an-luu": {"steps": [{"channels": ["truc"]}]}},
        "private_hosts": ["localhost"],
    }
    config = tmp_path / "ingest.yaml"
    config.write_text(yaml.safe_dump({"database": database, "mqtt": {"host": "localhost"}, "notify": notify}))
    processes = Processes(tmp_path)
    try:
        process = processes.start("notifier", ["ingest", "--config", str(config), "notify"])
        happens(connection)
        eventually(lambda: states(connection) == [(0, "truc", "sent", None)], 30)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        processes.running.pop("notifier")
    finally:
        processes.stop_all()
    assert token in server.requests[0].path
    log = "".join(path.read_text() for path in tmp_path.rglob("*.log"))
    assert "told truc of 1 incidents" in log
    assert token not in log
