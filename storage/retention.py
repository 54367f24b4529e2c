"""How long each kind of data is kept, and when it is compressed: settings in, policies or a sweep out.

On TimescaleDB these become its own background policies. On a plain PostgreSQL `sweep` deletes what is too old.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from psycopg import Connection, sql
from psycopg.rows import TupleRow
from pydantic import Field

from contracts.settings import Settings
from storage import quarantine
from storage.migrate import has_timescaledb

SERIES: Final = ("telemetry", "counts", "health")
TIME_COLUMN: Final = {"events": "opened_at", "telemetry": "at", "counts": "at", "health": "at"}

_DONE: Final = {
    "incidents": "ended_at",
    "handovers": "written_at",
    "payment_outages": "ended",
    "payment_days": "day",
    "bank_notices": "until",
    "payment_scans": "at",
    "announcements": "expires_at",
    "backups": "ended_at",
}
"""Ordinary tables, and when a row is done with; what hangs on it goes with it. What is not ended never goes."""

AGGREGATE_WINDOW: Final = timedelta(days=14)
"""How far back a refresh looks for what came late: a box may be cut off for days and then deliver. Only buckets in
which something changed are computed again, so a long window costs little.
"""

COMPRESSED_LENGTH: Final = "_5m"
"""Of the aggregates, those of five minutes fill a disk: an hour's have a twelfth of the rows."""

_SWEEP_LOCK: Final = 0x70686F616F


class RetentionSettings(Settings):
    """Days for which each kind is kept. Raw series are short: whoever looks back months looks at the aggregates.

    No nationwide text was found that sets a number for ward cameras, and provinces have rules of their own: all of
    these are local choices.
    """

    events: int = Field(default=730, ge=1)
    telemetry: int = Field(default=90, ge=1)
    counts: int = Field(default=90, ge=1)
    health: int = Field(default=30, ge=1)
    aggregates_5m: int = Field(default=400, ge=1, description="a year and a month: this week against last year's")
    aggregates_1h: int = Field(default=1100, ge=1)
    aggregates_1d: int = Field(default=3660, ge=1)
    quarantine: int = Field(default=30, ge=1)
    incidents: int = Field(default=1825, ge=1, description="after their end, with all that was done about them")
    handovers: int = Field(default=1825, ge=1)
    payment_outages: int = Field(default=400, ge=31, description="after their end; a year and a month")
    payment_days: int = Field(default=3660, ge=400)
    bank_notices: int = Field(default=400, ge=1, description="after the time until which they were to last")
    payment_scans: int = Field(default=400, ge=31, description="checks of codes by telephone, with who made them")
    announcements: int = Field(default=1825, ge=31, description="what loudspeakers said, and who approved it")
    backups: int = Field(default=365, ge=31, description="what each backup came to; not the backups themselves")
    compress_after: int = Field(default=7, ge=1, description="days after which a chunk hardly changes any more")

    def raw(self) -> dict[str, timedelta]:
        """The hypertables and how long they keep."""
        return {table: timedelta(days=getattr(self, table)) for table in TIME_COLUMN}

    def aggregates(self) -> dict[str, timedelta]:
        """The continuous aggregates and how long they keep."""
        return {
            f"{table}_{length}": timedelta(days=getattr(self, f"aggregates_{length}"))
            for table in TIME_COLUMN
            for length in ("5m", "1h", "1d")
        }


def apply(connection: Connection[TupleRow], settings: RetentionSettings) -> bool:
    """Replace TimescaleDB's policies by those of `settings`; False on a plain PostgreSQL, where `sweep` does it."""
    if not has_timescaledb(connection):
        return False
    with connection.transaction():
        for table, keep in settings.raw().items():
            _set_policy(connection, "compression", table, timedelta(days=settings.compress_after))
            _set_policy(connection, "retention", table, keep)
        for view, keep in settings.aggregates().items():
            _set_policy(connection, "retention", view, keep)
            window = min(AGGREGATE_WINDOW, _kept_below(settings, view))
            _set_refresh(connection, view, window)
            if view.endswith(COMPRESSED_LENGTH):
                _compress_view(connection, view, window + timedelta(days=settings.compress_after))
    return True


def sweep(connection: Connection[TupleRow], settings: RetentionSettings) -> dict[str, int]:
    """Delete what is too old; returns how many rows of which table. One process at a time does the work."""
    locked = connection.execute("SELECT pg_try_advisory_lock(%s)", (_SWEEP_LOCK,)).fetchone()
    if locked != (True,):
        return {}
    try:
        swept = {}
        if not has_timescaledb(connection):
            for table, keep in settings.raw().items():
                swept[table] = _delete_older(connection, table, TIME_COLUMN[table], keep)
        for table, column in _DONE.items():
            swept[table] = _delete_older(connection, table, column, timedelta(days=getattr(settings, table)))
        swept["quarantine"] = quarantine.trim(connection, timedelta(days=settings.quarantine))
        return swept
    finally:
        connection.execute("SELECT pg_advisory_unlock(%s)", (_SWEEP_LOCK,))


def _delete_older(connection: Connection[TupleRow], table: str, column: str, keep: timedelta) -> int:
    statement = sql.SQL("DELETE FROM {} WHERE {} < now() - %s").format(sql.Identifier(table), sql.Identifier(column))
    return connection.execute(statement, (keep,)).rowcount


def _set_policy(connection: Connection[TupleRow], kind: str, relation: str, after: timedelta) -> None:
    """TimescaleDB keeps a policy of another length as it is, so the old one is removed first."""
    connection.execute(
        sql.SQL("SELECT {}(%s, if_exists => true)").format(sql.Identifier(f"remove_{kind}_policy")), (relation,)
    )
    connection.execute(sql.SQL("SELECT {}(%s, %s)").format(sql.Identifier(f"add_{kind}_policy")), (relation, after))


def _compress_view(connection: Connection[TupleRow], view: str, after: timedelta) -> None:
    """Compress what no refresh computes again; TimescaleDB itself chooses what to group by."""
    enabled = connection.execute(
        "SELECT compression_enabled FROM timescaledb_information.continuous_aggregates WHERE view_name = %s", (view,)
    ).fetchone()
    if enabled != (True,):
        connection.execute(
            sql.SQL("ALTER MATERIALIZED VIEW {} SET (timescaledb.compress = true)").format(sql.Identifier(view))
        )
    _set_policy(connection, "compression", view, after)


def _set_refresh(connection: Connection[TupleRow], view: str, window: timedelta) -> None:
    lengths = {"5m": timedelta(minutes=5), "1h": timedelta(hours=1), "1d": timedelta(days=1)}
    bucket = lengths[view.rpartition("_")[2]]
    connection.execute("SELECT remove_continuous_aggregate_policy(%s, if_exists => true)", (view,))
    connection.execute(
        "SELECT add_continuous_aggregate_policy(%s, start_offset => %s::interval, end_offset => %s::interval,"
        " schedule_interval => %s::interval)",
        (view, max(window, 3 * bucket), bucket, bucket / 2),
    )


def _kept_below(settings: RetentionSettings, view: str) -> timedelta:
    """How long the raw rows are kept from which `view` is computed: a refresh beyond would empty its buckets."""
    return settings.raw()[view.rpartition("_")[0]] - timedelta(days=1)
