"""What `phoan-ingest` does besides running: each command connects, does one thing, and says what it did."""

from __future__ import annotations

import psycopg
from psycopg.rows import TupleRow

from ingest.config import IngestSettings
from ingest.replay import replay
from storage import backups, migrate, quarantine, readers, report, retention


def _connect(settings: IngestSettings) -> psycopg.Connection[TupleRow]:
    return psycopg.connect(settings.database.get_secret_value(), autocommit=True)


def run_migrations(settings: IngestSettings) -> int:
    """Apply missing migrations, set the policies, and say which."""
    with _connect(settings) as connection:
        applied = migrate.migrate(connection)
        print(f"database is at migration {migrate.version(connection)}, {len(applied)} applied now")
        if retention.apply(connection, settings.retention):
            print("compression, retention and refresh policies are set")
        else:
            print("without TimescaleDB the workers themselves remove old data; nothing is compressed")
        readers.allow(connection, settings.readers)
        backups.allow(connection)
    return 0


def show_status(settings: IngestSettings) -> int:
    """Versions, policies, sizes, gaps."""
    with _connect(settings) as connection:
        engine, version = report.engine(connection)
        print(f"engine      {engine} {version}")
        print(f"migration   {migrate.version(connection)} of {len(migrate.known())}")
        print("\nsizes")
        for size in report.sizes(connection)[:12]:
            print(f"  {size.name:<20}{_readable(size.bytes):>10}")
        policies = report.policies(connection)
        print("\npolicies" if policies else "\npolicies    none: the workers sweep")
        for policy in policies:
            print(f"  {policy.hypertable_name or '':<16}{policy.proc_name.removeprefix('policy_'):<30}{policy.config}")
        print("\nboxes")
        for box in report.boxes(connection):
            print(
                f"  {box.id:<24}{box.state:<10}holds {box.pending or 0}, gave up {box.dropped or 0},"
                f" missing {box.missing}, repeated {box.repeats}"
            )
        kept = ", ".join(f"{count} {reason}" for reason, count in quarantine.reasons(connection).items())
        print(f"\nquarantine  {kept or 'empty'}")
    return 0


def list_quarantine(settings: IngestSettings, limit: int, reason: str | None) -> int:
    """The newest quarantined messages, a line each."""
    with _connect(settings) as connection:
        for entry in quarantine.page(connection, limit=limit, reason=reason):
            when = entry.received_at.astimezone().isoformat(timespec="seconds")
            whole = "" if entry.whole else ", not kept whole"
            print(f"{entry.id}  {when}  {entry.reason}  {entry.topic}  {entry.bytes} bytes{whole}: {entry.detail}")
    return 0


def replay_quarantine(settings: IngestSettings, reason: str | None) -> int:
    """Try quarantined messages again."""
    with _connect(settings) as connection:
        done = replay(connection, reason)
    print(f"tried {done.tried}, stored {done.committed}, {done.tried - done.committed} stay in quarantine")
    return 0


def _readable(size: int) -> str:
    value = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"
