"""The account with which Grafana reads the store: it may ask whatever a dashboard or a rule asks, and not more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from dashboards.alerts.groups import rule_groups
from storage import readers
from tests.support.panels.frames import Target, ask
from tests.support.panels.targets import asked, targets

Connection = psycopg.Connection[tuple[Any, ...]]
RULES = [
    Target(rule["uid"], rule["data"][0]["model"]["rawSql"], "table")
    for group in rule_groups()
    for rule in group["rules"]
]


@pytest.fixture
def reader(stocked: Connection) -> Iterator[Connection]:
    """Signed in as an account that `phoan-ingest migrate` lets read."""
    with stocked.transaction(force_rollback=True):
        stocked.execute("CREATE ROLE doc_gia")
        readers.allow(stocked, ["doc_gia"])
        stocked.execute("SET LOCAL ROLE doc_gia")
        yield stocked


def test_it_may_ask_every_dashboard_and_every_rule(reader: Connection) -> None:
    for target in (*targets(), *targets("en"), *RULES):
        assert ask(reader, target, asked(target, timedelta(days=1))).names


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT password_hash FROM users",
        "SELECT * FROM sessions",
        "SELECT username FROM login_failures",
        "SELECT username FROM payment_scans",
        "SELECT fingerprint FROM payment_payees",
        "SELECT access_token FROM notification_channels",
        "SELECT payload FROM quarantine",
        "SELECT token_sha256 FROM boxes",
        "SELECT * FROM audit",
        "DELETE FROM events",
    ],
)
def test_it_may_not_see_people_secrets_and_accounts_nor_change_anything(reader: Connection, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege), reader.transaction():
        reader.execute(statement.encode())
