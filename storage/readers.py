"""What a database role may read that only looks, as the dashboards' does: measurements, events, work and places.

Closed is all that is not named here: who signs in and with what, what somebody looked at, who is paid, and the audit.
A role that reads must exist; whoever runs the database makes it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from psycopg import Connection, sql
from psycopg.rows import TupleRow

from contracts.settings import SettingsError

_PLACES: Final = ("provinces", "wards", "sites", "boxes", "cameras", "zones", "lines", "devices", "payment_points")
_MEASURED: Final = ("telemetry", "counts", "health", "events")
_SERIES: Final = tuple(f"{name}{bucket}" for name in _MEASURED for bucket in ("", "_5m", "_1h", "_1d"))
_HAPPENED: Final = ("media", "recordings", "box_ledgers", "box_gaps", "quarantine", "login_failures")
_WORK: Final = (
    "incidents",
    "incident_events",
    "incident_steps",
    "incident_changes",
    "incident_times",
    "correlation_queue",
    "handovers",
    "notifications",
)
_PAYABILITY: Final = ("payment_states", "payment_looks", "payment_outages", "payment_targets", "payment_days")
_REGISTRY: Final = ("payment_changes", "payment_scans")
_SPOKEN: Final = ("announcements", "announcement_plays")
_BOXES: Final = ("box_certificates", "box_configs", "box_reports", "box_releases", "releases")
READABLE: Final = (
    *_PLACES,
    *_SERIES,
    *_HAPPENED,
    *_WORK,
    *_PAYABILITY,
    *_REGISTRY,
    *_SPOKEN,
    *_BOXES,
    "backups",
    "schema_migrations",
)

CLOSED_COLUMNS: Final = {
    "boxes": frozenset({"token_sha256"}),
    "box_certificates": frozenset({"key_sha256"}),
    "box_releases": frozenset({"wished_by"}),
    "quarantine": frozenset({"head", "payload"}),
    "login_failures": frozenset({"username"}),
    "payment_changes": frozenset({"reason", "proposed_by", "decided_by", "remark"}),
    "payment_scans": frozenset({"username", "fingerprints", "bins"}),
}
"""Of what may be read: a secret's digest, messages that nobody has understood, whose sign-in failed,
who proposed, decided and scanned, and what."""

_COLUMNS: Final = """
SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY(%s) GROUP BY c.relname
"""


def allow(connection: Connection[TupleRow], roles: Iterable[str]) -> None:
    """Let each role read exactly this. Raises SettingsError when the database does not know a role."""
    with connection.transaction():
        columns: dict[str, list[str]] = dict(connection.execute(_COLUMNS, (list(READABLE),)).fetchall())
        for role in roles:
            _require(connection, role)
            name = sql.Identifier(role)
            connection.execute(sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}").format(name))
            for relation, there in columns.items():
                connection.execute(_grant(relation, there, name))


def _grant(relation: str, columns: list[str], role: sql.Identifier) -> sql.Composed:
    closed = CLOSED_COLUMNS.get(relation)
    if closed is None:
        return sql.SQL("GRANT SELECT ON {} TO {}").format(sql.Identifier(relation), role)
    open_ones = sql.SQL(", ").join(sql.Identifier(column) for column in columns if column not in closed)
    return sql.SQL("GRANT SELECT ({}) ON {} TO {}").format(open_ones, sql.Identifier(relation), role)


def _require(connection: Connection[TupleRow], role: str) -> None:
    if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone() is None:
        raise SettingsError(f"field readers: the database has no role {role}; make it, or remove it here.")
