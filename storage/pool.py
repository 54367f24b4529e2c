"""The connection pool of a process and the way out when the database is gone."""

from __future__ import annotations

from typing import Annotated

import psycopg
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool
from pydantic import AfterValidator, SecretStr

Pool = ConnectionPool[Connection[TupleRow]]


def _connection_string(value: SecretStr) -> SecretStr:
    """Refuse now what the database library would refuse later with a text that quotes it, password and all."""
    try:
        parts = conninfo_to_dict(value.get_secret_value())
        for port in str(parts.get("port") or 5432).split(","):
            int(port)
    except (psycopg.ProgrammingError, ValueError):
        raise ValueError("must be a PostgreSQL connection string, with %-codes for signs in the password") from None
    return value


ConnectionString = Annotated[SecretStr, AfterValidator(_connection_string)]
"""A PostgreSQL connection string in a settings file."""


def open_pool(conninfo: str, *, name: str, size: int = 4, writes: bool = False) -> Pool:
    """A pool of at most `size` autocommit connections; transactions are opened where they are needed.

    It opens in the background: a database that is not there yet shows as PoolTimeout where a connection is asked for.
    `name` appears in pg_stat_activity. `writes` refuses sessions that are read-only, since they would stay so when the
    database is not any more.
    """
    pool: Pool = ConnectionPool(
        conninfo,
        min_size=1,
        max_size=size,
        timeout=5.0,
        reconnect_timeout=5.0,  # else the pool waits about as long after an outage as the outage lasted
        kwargs={
            "autocommit": True,
            "application_name": name,
            "connect_timeout": 5,
            "target_session_attrs": "read-write" if writes else "any",
        },
        check=ConnectionPool.check_connection,
        name=name,
        open=False,
    )
    pool.open(wait=False)
    return pool
