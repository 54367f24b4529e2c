"""The connection pool of a process and the way out when the database is gone."""

from __future__ import annotations

from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool

Pool = ConnectionPool[Connection[TupleRow]]


def open_pool(conninfo: str, *, name: str, size: int = 4) -> Pool:
    """A pool of at most `size` autocommit connections; transactions are opened where they are needed.

    It opens in the background: a database that is not there yet shows as PoolTimeout where a connection is asked for.
    `name` appears in pg_stat_activity.
    """
    pool: Pool = ConnectionPool(
        conninfo,
        min_size=1,
        max_size=size,
        timeout=5.0,
        kwargs={"autocommit": True, "application_name": name, "connect_timeout": 5},
        check=ConnectionPool.check_connection,
        name=name,
        open=False,
    )
    pool.open(wait=False)
    return pool
