"""A running API with its users, and one that a whole module shares where tests only read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from api.config import ApiSettings
from api.evidence import key as evidence_key
from api.payments import key as payment_key
from demo.postgres import Postgres
from storage import inventory
from tests.api.running import RunningApi, put_users
from tests.support.certificates import enrolment_section
from tests.support.databases import fresh_database
from tests.support.samples import INVENTORY

StartApi = Callable[..., RunningApi]

BASE = {
    "cookie_secure": False, "sign_ins_per_minute": 6000, "requests_per_second": 5000, "enrolments_per_minute": 6000,
}  # fmt: skip
"""No TLS, and limits that a test passes quicker than people do: all tests come from one address."""


@pytest.fixture
def start_api(database: str, tmp_path: Path) -> Iterator[StartApi]:
    """Starts an API on `database`, with changes to its settings."""
    running: list[RunningApi] = []

    def start(**changes: object) -> RunningApi:
        settings = {**BASE, "database": database, "media_dir": tmp_path / "media", **changes}
        api = RunningApi(ApiSettings.model_validate(settings), database)
        running.append(api)
        return api

    put_users(database)
    yield start
    for api in running:
        api.stop()


@pytest.fixture
def api(start_api: StartApi) -> RunningApi:
    """A running API that a test has for itself."""
    return start_api(session_check_s=0.1)


@pytest.fixture(scope="module")
def shared_api(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApi]:
    """A running API for the tests of a module that leave nothing behind which another could see."""
    with fresh_database(postgres) as conninfo:
        with psycopg.connect(conninfo, autocommit=True) as connection:
            inventory.apply(connection, INVENTORY)
        put_users(conninfo)
        key = tmp_path_factory.mktemp("key") / "key.pem"
        evidence_key.make(key)
        payment_key.make(key.with_name("payments.key"))
        settings = {
            **BASE, "database": conninfo, "media_dir": tmp_path_factory.mktemp("media"), "evidence_key": key,
            "payment_key_file": key.with_name("payments.key"), "enrolment": enrolment_section(key.parent),
        }  # fmt: skip
        api = RunningApi(ApiSettings.model_validate(settings), conninfo)
        yield api
        api.stop()
