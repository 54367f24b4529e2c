"""Alert rules against real databases: the trouble is really made, the rule is asked as Grafana asks it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg.rows import TupleRow

from dashboards.alerts.alert import Severity
from dashboards.alerts.groups import GROUPS, alerts, rule_groups
from dashboards.boards import BOARDS
from dashboards.house import Language
from dashboards.render import value
from demo.postgres import Postgres
from storage import inventory, migrate, readers
from tests.support.alerting import State, Watch, beyond, firing, label_names, span, values
from tests.support.databases import fresh_database
from tests.support.panels.checks import far
from tests.support.panels.frames import Target, ask, faults
from tests.support.panels.macros import filled
from tests.support.panels.targets import asked
from tests.support.samples import EPOCH, INVENTORY
from tests.support.timescale import timescaledb

Connection = psycopg.Connection[TupleRow]
WALL = "https://phoan.example"
RULES = {rule["uid"]: rule for group in rule_groups(WALL) for rule in group["rules"]}
ENGLISH = {rule["uid"]: rule for group in rule_groups(WALL, Language.EN) for rule in group["rules"]}

CALM: tuple[LiteralString, ...] = (
    f"""UPDATE boxes SET state = 'online', state_at = now(), outbox_epoch = '{EPOCH}', outbox_head = 100,
        outbox_pending = 0, outbox_dropped = 0""",
    f"INSERT INTO box_ledgers (box_id, epoch, seqs) SELECT id, '{EPOCH}', '{{[1,101)}}' FROM boxes",
    "UPDATE cameras SET state = 'streaming', since = now() - INTERVAL '1 hour'",
    """INSERT INTO health (at, device_id, metric, value, box_id, received_at)
        SELECT now() - age, boxes.id, metric, value, boxes.id, now() - age + INTERVAL '1 second'
        FROM boxes, (VALUES ('box.cpu_percent', 30.0), ('box.disk_free_bytes', 50e9), ('box.certificate_days', 80),
            ('box.server_certificate_days', 300), ('outbox.dropped', 7)) AS metrics (metric, value),
            (VALUES (INTERVAL '50 minutes'), (INTERVAL '2 minutes')) AS ages (age)""",
    """INSERT INTO health (at, device_id, metric, value, box_id)
        SELECT now() - INTERVAL '2 minutes', id, 'camera.analysed_fps', 5, box_id FROM cameras""",
    """INSERT INTO payment_points (id, site_id, name, kind) SELECT 'quay-' || n, 'cho-an-luu', 'Quầy ' || n, 'stall'
        FROM generate_series(1, 5) AS n""",
    "INSERT INTO payment_states (point_id, state, since) SELECT id, 'payable', now() FROM payment_points",
    "INSERT INTO payment_looks (ward_id, at) VALUES ('an-luu', now())",
    """INSERT INTO telemetry (at, device_id, metric, value, box_id)
        SELECT now() - INTERVAL '1 minute', id, 'device.life', 2, box_id FROM devices""",
    """INSERT INTO incidents (id, ward_id, kind, severity, opened_at)
        VALUES ('019c4573-9a80-7abc-8def-0000000000aa', 'an-luu', 'smoke', 'critical', now() - INTERVAL '1 day')""",
    """INSERT INTO backups (began_at, ended_at, outcome, bytes)
        VALUES (now() - INTERVAL '24 hours', now() - INTERVAL '23 hours', 'good', 5)""",
)
"""A ward where all is well."""
VIETNAMESE = re.compile(r"[àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Case:
    """A trouble, how it ends, and what its alert is about."""

    rule: str
    trouble: LiteralString
    end: LiteralString
    labels: dict[str, str]


def sample(metric: LiteralString, value: LiteralString, age: LiteralString = "10 seconds") -> LiteralString:
    return (
        "INSERT INTO health (at, device_id, metric, value, box_id, received_at)"
        f" VALUES (now() - INTERVAL '{age}', 'an-luu-1', '{metric}', {value}, 'an-luu-1', now())"
    )


BOX = {"box": "an-luu-1", "box_name": "Hộp An Lưu 1", "ward": "an-luu", "ward_name": "Phường An Lưu"}
CASES = (
    Case(
        "camera-down",
        "UPDATE cameras SET state = 'failed', since = now() - INTERVAL '9 minutes' WHERE id = 'cho-an-luu-1'",
        "UPDATE cameras SET state = 'streaming', since = now() WHERE id = 'cho-an-luu-1'",
        {**BOX, "camera": "cho-an-luu-1", "camera_name": "Cổng chợ", "site_name": "Chợ An Lưu"},
    ),
    Case(
        "camera-idle",
        "UPDATE health SET value = 0.001 WHERE device_id = 'quang-trung-1' AND metric = 'camera.analysed_fps'",
        "UPDATE health SET value = 4 WHERE device_id = 'quang-trung-1' AND metric = 'camera.analysed_fps'",
        {**BOX, "camera": "quang-trung-1", "camera_name": "Ngã ba Quang Trung"},
    ),
    Case(
        "box-silent",
        "UPDATE boxes SET state = 'offline', state_at = now() - INTERVAL '6 minutes' WHERE id = 'an-luu-1'",
        "UPDATE boxes SET state = 'online', state_at = now() WHERE id = 'an-luu-1'",
        BOX,
    ),
    Case(
        "box-silent",
        """WITH said AS (UPDATE boxes SET state_at = now() - INTERVAL '9 minutes' WHERE id = 'an-luu-1')
            UPDATE box_ledgers SET last_at = now() - INTERVAL '8 minutes' WHERE box_id = 'an-luu-1'""",
        "UPDATE box_ledgers SET last_at = now() WHERE box_id = 'an-luu-1'",
        BOX,
    ),
    Case("box-disk", sample("box.disk_free_bytes", "2e8"), sample("box.disk_free_bytes", "9e9", "1 second"), BOX),
    Case(
        "box-clock",
        sample("box.cpu_percent", "20", "-2 minutes"),
        "DELETE FROM health WHERE at > now() AND metric = 'box.cpu_percent'",
        BOX,
    ),
    Case(
        "certificate",
        sample("box.certificate_days", "12"),
        sample("box.certificate_days", "89", "1 second"),
        {**BOX, "certificate": "box.certificate_days", "certificate_name": "của hộp"},
    ),
    Case(
        "certificate-now",
        sample("box.server_certificate_days", "0.5"),
        sample("box.server_certificate_days", "364", "1 second"),
        {**BOX, "certificate": "box.server_certificate_days", "certificate_name": "của trung tâm"},
    ),
    Case(
        "standstill",
        "UPDATE box_ledgers SET last_at = now() - INTERVAL '7 minutes'",
        "UPDATE box_ledgers SET last_at = now() WHERE box_id = 'an-luu-1'",
        {"part": "records", "part_name": "ghi dữ liệu"},
    ),
    Case(
        "standstill",
        """INSERT INTO correlation_queue (ward_id, event_id, event_opened_at, queued_at)
            VALUES ('an-luu', gen_random_uuid(), now(), now() - INTERVAL '7 minutes')""",
        "DELETE FROM correlation_queue",
        {"part": "incidents", "part_name": "gom vụ việc"},
    ),
    Case(
        "standstill",
        "UPDATE payment_looks SET at = now() - INTERVAL '7 minutes'",
        "UPDATE payment_looks SET at = now()",
        {"part": "payments", "part_name": "theo dõi thanh toán"},
    ),
    Case(
        "lag",
        """UPDATE health SET received_at = at + INTERVAL '90 seconds'
            WHERE device_id = 'an-luu-1' AND metric = 'box.cpu_percent'""",
        """UPDATE health SET received_at = at + INTERVAL '2 seconds'
            WHERE device_id = 'an-luu-1' AND metric = 'box.cpu_percent'""",
        BOX,
    ),
    Case(
        "backlog",
        "UPDATE boxes SET outbox_pending = 20000 WHERE id = 'an-luu-1'",
        "UPDATE boxes SET outbox_pending = 300 WHERE id = 'an-luu-1'",
        BOX,
    ),
    Case(
        "gaps",
        "UPDATE box_ledgers SET seqs = '{[1,40),[43,101)}' WHERE box_id = 'an-luu-1'",
        "UPDATE box_ledgers SET seqs = seqs + '{[40,43)}' WHERE box_id = 'an-luu-1'",
        BOX,
    ),
    Case(
        "gaps",
        "UPDATE boxes SET outbox_head = 105 WHERE id = 'an-luu-1'",
        "UPDATE box_ledgers SET seqs = seqs + '{[101,106)}' WHERE box_id = 'an-luu-1'",
        BOX,
    ),
    Case(
        "dropped",
        sample("outbox.dropped", "60"),
        "UPDATE health SET at = at - INTERVAL '3 hours' WHERE metric = 'outbox.dropped' AND value = 7",
        BOX,
    ),
    Case(
        "quarantine",
        """INSERT INTO quarantine (topic, reason, detail, bytes, head)
            SELECT 'phoan/1/an-luu/box/an-luu-1/events', 'not_json', '', 1, '' FROM generate_series(1, 30)""",
        "UPDATE quarantine SET received_at = now() - INTERVAL '2 hours'",
        {"reason": "not_json"},
    ),
    Case(
        "notifications",
        """INSERT INTO notifications (incident_id, ward_id, step, channel, urgency, due_at, given_up_at)
            VALUES ('019c4573-9a80-7abc-8def-0000000000aa', 'an-luu', 0, 'truc-ban', 1,
                now() - INTERVAL '10 minutes', now() + INTERVAL '1 hour')""",
        "UPDATE notifications SET state = 'sent', sent_at = now()",
        {"channel": "truc-ban"},
    ),
    Case(
        "notifications",
        """INSERT INTO notifications (incident_id, ward_id, step, channel, urgency, state, due_at, given_up_at)
            VALUES ('019c4573-9a80-7abc-8def-0000000000aa', 'an-luu', 0, 'truc-ban', 1, 'given_up',
                now() - INTERVAL '1 hour', now() - INTERVAL '10 minutes')""",
        "UPDATE notifications SET given_up_at = now() - INTERVAL '61 minutes'",
        {"channel": "truc-ban"},
    ),
    Case(
        "sign-ins",
        "INSERT INTO login_failures (username) SELECT 'admin' FROM generate_series(1, 40)",
        "DELETE FROM login_failures",
        {},
    ),
    Case(
        "backup",
        "UPDATE backups SET began_at = began_at - INTERVAL '4 hours', ended_at = ended_at - INTERVAL '4 hours'",
        "INSERT INTO backups (began_at, ended_at, outcome) VALUES (now(), now(), 'good')",
        {},
    ),
    Case(
        "database-disk",
        "SELECT set_config('phoan.disk_bytes', '1e6', true)",
        "SELECT set_config('phoan.disk_bytes', '1e12', true)",
        {},
    ),
    Case(
        "payment-outage",
        """UPDATE payment_states SET state = 'not_payable', cause = 'power'
            WHERE point_id IN ('quay-1', 'quay-2', 'quay-3')""",
        "UPDATE payment_states SET state = 'payable', cause = NULL",
        {"site": "cho-an-luu", "site_name": "Chợ An Lưu", "ward": "an-luu"},
    ),
    Case(
        "devices-silent",
        "UPDATE telemetry SET value = 0 WHERE device_id = 'khoi-cho-1' AND metric = 'device.life'",
        "UPDATE telemetry SET value = 2 WHERE device_id = 'khoi-cho-1' AND metric = 'device.life'",
        {"site": "cho-an-luu", "ward": "an-luu"},
    ),
)


@pytest.fixture(scope="module", params=["postgresql", "timescaledb"])
def server(request: pytest.FixtureRequest) -> Iterator[Connection]:
    """A ward where all is well, on each kind of database; what a test does there is taken back."""
    if request.param == "timescaledb":
        with timescaledb() as conninfo, psycopg.connect(conninfo, autocommit=True) as connection:
            migrate.migrate(connection)
            yield _calmed(connection)
    else:
        postgres: Postgres = request.getfixturevalue("postgres")
        with fresh_database(postgres) as conninfo, psycopg.connect(conninfo, autocommit=True) as connection:
            yield _calmed(connection)


def _calmed(connection: Connection) -> Connection:
    inventory.apply(connection, INVENTORY)
    return connection


@pytest.fixture
def ward(server: Connection) -> Iterator[Connection]:
    with server.transaction(force_rollback=True):
        for statement in CALM:
            server.execute(statement)
        yield server


def test_nothing_alerts_where_all_is_well(ward: Connection) -> None:
    assert {uid: firing(rule, ward) for uid, rule in RULES.items() if firing(rule, ward)} == {}


def test_grafanas_account_may_ask_every_rule(ward: Connection) -> None:
    ward.execute("CREATE ROLE doc_gia")
    readers.allow(ward, ["doc_gia"])
    ward.execute("SET LOCAL ROLE doc_gia")
    for uid, rule in RULES.items():
        assert all(isinstance(value, float) for value in values(rule, ward).values()), uid


def test_nothing_alerts_and_nothing_fails_where_nothing_is_yet(server: Connection) -> None:
    assert {uid: firing(rule, server) for uid, rule in RULES.items() if firing(rule, server)} == {}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_a_trouble_alerts_where_it_is_and_is_over_when_it_ends(ward: Connection, case: Case) -> None:
    rule, start = RULES[f"phoan-{case.rule}"], datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    watch = Watch(rule)
    lasting = span(rule["for"])
    assert State.PENDING not in watch.look(start, values(rule, ward)).values()
    ward.execute(case.trouble)
    (labels,) = firing(rule, ward)
    assert case.labels.items() <= labels.items()
    key = frozenset(labels.items())
    first = watch.look(start + timedelta(minutes=1), values(rule, ward))
    assert [one for one, state in first.items() if state is not State.NORMAL] == [key]
    assert first[key] is State.PENDING
    later = start + timedelta(minutes=1) + lasting
    assert watch.look(later, values(rule, ward))[key] is State.ALERTING
    ward.execute(case.end)
    for minute in (1, 2):
        states = watch.look(later + timedelta(minutes=minute), values(rule, ward))
    assert set(states.values()) <= {State.NORMAL}


def test_every_rule_is_tried_with_a_real_trouble() -> None:
    tried = {case.rule for case in CASES}
    assert {alert.name for alert in alerts()} - tried == {"database"}


def test_the_database_rule_counts_connections_and_alerts_when_nobody_answers(postgres: Postgres) -> None:
    rule = RULES["phoan-database"]
    with fresh_database(postgres) as conninfo, psycopg.connect(conninfo, autocommit=True) as connection:
        (before,) = values(rule, connection).values()
        with psycopg.connect(conninfo), psycopg.connect(conninfo):
            (after,) = values(rule, connection).values()
        row = connection.execute("SELECT current_setting('max_connections')::float").fetchone()
        assert row
        assert after - before == pytest.approx(2 * 100 / row[0], abs=1)
    assert not beyond(rule, after)
    assert beyond(rule, 90.0)
    blind = {uid: one["execErrState"] for uid, one in RULES.items()}
    assert [uid for uid, state in blind.items() if state != "KeepLast"] == ["phoan-database"]
    assert blind["phoan-database"] == "Alerting"


def test_a_centre_that_stands_still_blames_no_box(ward: Connection) -> None:
    ward.execute("UPDATE box_ledgers SET last_at = now() - INTERVAL '30 minutes'")
    ward.execute("UPDATE boxes SET state_at = now() - INTERVAL '30 minutes'")
    assert firing(RULES["phoan-box-silent"], ward) == []
    assert [one["part"] for one in firing(RULES["phoan-standstill"], ward)] == ["records"]


def test_a_centre_without_any_backup_has_26_hours_for_the_first_one(ward: Connection) -> None:
    ward.execute("DELETE FROM backups")
    ward.execute("INSERT INTO backups (began_at, ended_at, outcome, reason) VALUES (now(), now(), 'failed', 'folder')")
    assert firing(RULES["phoan-backup"], ward) == []
    ward.execute("UPDATE schema_migrations SET applied_at = now() - INTERVAL '25 hours'")
    assert firing(RULES["phoan-backup"], ward) == []
    ward.execute("UPDATE schema_migrations SET applied_at = now() - INTERVAL '27 hours'")
    assert len(firing(RULES["phoan-backup"], ward)) == 1


def test_the_cameras_of_a_silent_box_are_left_to_the_box(ward: Connection) -> None:
    ward.execute("UPDATE boxes SET state = 'offline', state_at = now() - INTERVAL '30 minutes' WHERE id = 'an-luu-1'")
    ward.execute("UPDATE cameras SET state = 'failed', since = now() - INTERVAL '30 minutes' WHERE box_id = 'an-luu-1'")
    assert firing(RULES["phoan-camera-down"], ward) == []
    assert [one["box"] for one in firing(RULES["phoan-box-silent"], ward)] == ["an-luu-1"]


def test_two_stalls_that_cannot_be_paid_at_are_the_walls_to_tell(ward: Connection) -> None:
    ward.execute(
        "UPDATE payment_states SET state = 'not_payable', cause = 'stall' WHERE point_id IN ('quay-1', 'quay-2')"
    )
    assert firing(RULES["phoan-payment-outage"], ward) == []


@pytest.mark.parametrize("engine", ["stocked", "stocked_timescale"])
def test_no_rule_reads_rows_from_far_back(request: pytest.FixtureRequest, engine: str) -> None:
    """Over ten days of a ward, and within the seconds that these fixtures allow a statement."""
    stocked: Connection = request.getfixturevalue(engine)
    for uid, rule in RULES.items():
        target = Target(uid, rule["data"][0]["model"]["rawSql"], "table")
        question = asked(target, timedelta(minutes=10), timescaledb=engine == "stocked_timescale")
        assert list(faults(ask(stocked, target, question), "table")) == []
        assert far(stocked, filled(target.sql, question).sql) == [], uid


@pytest.mark.parametrize(("language", "rules"), [(Language.VI, RULES), (Language.EN, ENGLISH)], ids=list(Language))
def test_rules_say_what_is_wrong_what_to_do_and_where_to_look(
    language: Language, rules: dict[str, dict[str, Any]]
) -> None:
    boards = {board.name: value(board.build(language)) for board in BOARDS}
    panels = {one["uid"]: {panel["id"] for panel in _panels(one)} for one in boards.values()}
    for rule in rules.values():
        told = rule["annotations"]
        assert told["wall"].startswith("https://phoan.example/#/")
        assert len(told["description"]) > 80
        if rule["uid"] != "phoan-sign-ins":
            assert int(told["__panelId__"]) in panels[told["__dashboardUid__"]], rule["uid"]
        assert rule["noDataState"] == "OK"
        assert rule["labels"] == {"app": "phoan", "severity": Severity(rule["labels"]["severity"]).value}


@pytest.mark.parametrize("rules", [RULES, ENGLISH], ids=list(Language))
def test_texts_name_only_labels_that_the_rule_has(ward: Connection, rules: dict[str, dict[str, Any]]) -> None:
    for rule in rules.values():
        columns = label_names(rule, ward)
        text = " ".join(rule["annotations"].values())
        assert set(re.findall(r"\.Labels\.(\w+)", text)) <= columns, rule["uid"]
        assert "$" not in text
        assert text.count("{{") == text.count("}}")
        assert set(re.findall(r"\.Values\.(\w+)", text)) <= {"A"}


def test_the_english_rules_are_the_same_rules_in_other_words(ward: Connection) -> None:
    """Of the same uids, so that a change of language renames each; under titles that differ from all of the others, so
    that no two rules bear one title on the way there."""
    assert ENGLISH.keys() == RULES.keys()
    assert {rule["title"] for rule in ENGLISH.values()}.isdisjoint(rule["title"] for rule in RULES.values())
    same = ("condition", "for", "noDataState", "execErrState", "labels", "isPaused", "folderUID")
    for uid, rule in ENGLISH.items():
        other = RULES[uid]
        assert {key: rule[key] for key in same} == {key: other[key] for key in same}
        assert rule["data"][1] == other["data"][1]
        assert label_names(rule, ward) == label_names(other, ward)
        assert sorted(values(rule, ward).values()) == pytest.approx(sorted(values(other, ward).values()), abs=0.1)
        assert not VIETNAMESE.search(" ".join((rule["title"], *rule["annotations"].values())).replace("Phố An", ""))
    names = {dict(labels)["part_name"] for labels in values(ENGLISH["phoan-standstill"], ward)}
    assert names == {"writing records", "gathering incidents", "watching payments"}


def test_rules_and_groups_are_what_grafana_takes() -> None:
    for rules in (RULES, ENGLISH):
        assert len({rule["title"] for rule in rules.values()}) == len(rules)
    assert all(len(uid) <= 40 for uid in RULES)
    assert all(group.every_s % 10 == 0 for group in GROUPS)
    for rule in RULES.values():
        assert re.fullmatch(r"[1-9]\d*[smhd]", rule["for"])
        assert rule["for"] not in {"60s", "60m", "24h"}, "Grafana would say it in another unit"


def _panels(board: dict[str, Any]) -> list[dict[str, Any]]:
    return [inner for panel in board["panels"] for inner in (panel, *panel.get("panels", ()))]
