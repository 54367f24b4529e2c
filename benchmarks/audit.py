"""What the audit log costs: entries a second by one and by eight writers, 16 looks in one transaction, and `verify`.

`python -m benchmarks.audit` runs on the embedded PostgreSQL, `DB=postgresql://...` names another. The chain has one
head, so writers wait for each other until the disk has each commit; entries of one transaction wait once.
"""

from __future__ import annotations

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import psycopg

from api.auditing.verify import verify
from benchmarks import servers
from storage import audit
from storage.audit import Note

ENTRIES: Final = int(os.environ.get("ENTRIES", "2000"))
WRITERS: Final = 8
LOOKS: Final = 16


def looks(count: int) -> list[Note]:
    """What a page of so many cameras enters when it opens."""
    return [
        Note("lan", "live.began", f"camera:quang-trung-{number}", "an-luu", "10.0.0.12", {}) for number in range(count)
    ]


def write(conninfo: str, transactions: int, each: int) -> list[float]:
    """How long each transaction took."""
    notes, took = looks(each), []
    with psycopg.connect(conninfo, autocommit=True) as connection:
        for _ in range(transactions):
            started = time.perf_counter()
            audit.note(connection, *notes)
            took.append(time.perf_counter() - started)
    return took


def measured(conninfo: str, writers: int, each: int) -> dict[str, float]:
    transactions = max(1, ENTRIES // writers // each)
    started = time.perf_counter()
    with ThreadPoolExecutor(writers) as threads:
        parts = list(threads.map(lambda _: write(conninfo, transactions, each), range(writers)))
    seconds = time.perf_counter() - started
    took = sorted(one for part in parts for one in part)
    return {
        "entries_per_s": round(len(took) * each / seconds),
        "median_ms": round(1000 * took[len(took) // 2], 2),
        "p95_ms": round(1000 * took[int(len(took) * 0.95)], 2),
    }


def main() -> None:
    """Print one JSON line."""
    named = os.environ.get("DB")
    with servers.named(named) if named else servers.embedded() as conninfo:
        servers.migrated(conninfo)
        figures: dict[str, object] = {
            "one_writer": measured(conninfo, 1, 1),
            "eight_writers": measured(conninfo, WRITERS, 1),
            "sixteen_looks_at_once": measured(conninfo, 1, LOOKS),
        }
        with psycopg.connect(conninfo, autocommit=True) as connection:
            started = time.process_time()
            verdict = verify(audit.entries(connection), [], audit.head(connection))
            cpu = time.process_time() - started
            row = connection.execute("SELECT pg_total_relation_size('audit'), (SELECT count(*) FROM audit)").fetchone()
            assert row
            assert verdict.fault is None
            figures |= {
                "verified_entries_per_cpu_s": round(verdict.last / cpu),
                "bytes_per_entry": round(row[0] / row[1]),
                "fsync": str((connection.execute("SHOW fsync").fetchone() or ("?",))[0]),
                **servers.describe(connection),
            }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
