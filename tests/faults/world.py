"""Everything between a fleet of boxes and the database as real processes, and each fault that a test brings about."""

from __future__ import annotations

import itertools
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow

from demo.sim.box import DISK
from demo.sim.compare import Verdict, compare
from demo.sim.fleet import Fleet, inventory
from storage import inventory as store
from tests.support.databases import TEMPLATE
from tests.support.fleets import SimFleet
from tests.support.mosquitto import Mosquitto
from tests.support.relay import Relay
from tests.support.servers import CrashableServer
from tests.support.waiting import eventually
from tests.support.workers import IngestWorker

FLEET: Final = Fleet(boxes=3, cameras=2, devices=2)
RECOVERS_S: Final = 60.0
"""Within this time after a fault is over new records must be committed: the longest wait of any part, twice."""

_numbers = itertools.count(1)

Connection = psycopg.Connection[TupleRow]


class World:
    """A database with the fleet's inventory, a broker, two workers, a line with a relay, and the fleet."""

    def __init__(self, folder: Path, server: CrashableServer, database: str) -> None:
        self.folder = folder
        self.server = server
        self.database = database
        self.broker = Mosquitto(folder)
        self.broker.start()
        self.relay = Relay(self.broker.port)
        self.workers = [IngestWorker(folder, database, self.broker.port, name) for name in ("1", "2")]
        self.sim = SimFleet(folder, self.relay.port, FLEET)

    def start(self) -> None:
        """Start the workers and the fleet, and wait until records are committed."""
        for worker in self.workers:
            worker.start()
        self.sim.start()
        eventually(lambda: self.committed() > 0, RECOVERS_S)

    def stop(self) -> None:
        self.sim.stop()
        for worker in self.workers:
            worker.stop()
        self.relay.close()
        self.broker.stop()

    def connect(self) -> Connection:
        return psycopg.connect(self.database, autocommit=True)

    def ask(self, statement: str, parameters: object = None) -> Any:
        """The first value of the first row."""
        with self.connect() as connection:
            row = connection.execute(statement, parameters).fetchone()  # type: ignore[call-overload]
        return row[0] if row else None

    def committed(self) -> int:
        """How many sequence numbers are committed."""
        return int(self.ask("SELECT coalesce(sum(upper(n) - lower(n)), 0) FROM box_ledgers, unnest(seqs) AS n"))

    def repeats(self) -> int:
        """How many records came again."""
        return int(self.ask("SELECT coalesce(sum(repeats), 0) FROM box_ledgers"))

    def goes_on(self) -> None:
        """Wait until records are committed that are so now; no process has given up."""
        before = self.committed()
        eventually(lambda: self.committed() > before, RECOVERS_S)
        assert not any(worker.ended for worker in self.workers)

    def settle(self) -> Verdict:
        """Have the fleet say no more, wait until everything is acknowledged, and hold the database against it."""
        assert self.sim.finish()["pending"] == 0
        return self.verdict()

    def verdict(self) -> Verdict:
        with self.connect() as connection:
            verdict = compare(connection, self.sim.data)
        assert verdict.records > 100
        return verdict

    # The faults. Each is over when it returns.

    def kill_worker_mid_batch(self) -> None:
        """Kill a worker inside its transaction, and once more at any moment; start it again each time."""
        worker = self.workers[0]
        with self.connect() as connection, connection.transaction():
            connection.execute("LOCK TABLE box_ledgers IN ACCESS EXCLUSIVE MODE")
            eventually(lambda: self._waits_for_a_lock(worker), RECOVERS_S)
            worker.kill()
        worker.start()
        time.sleep(0.3)
        worker.kill()
        worker.start()

    def kill_all_workers(self) -> None:
        """Kill every worker, so that for a while nobody listens to the boxes."""
        for worker in self.workers:
            worker.kill()
        time.sleep(2)
        for worker in self.workers:
            worker.start()

    def kill_broker(self) -> None:
        """Kill the broker, which forgets everything, and start it again on the same port."""
        self.broker.kill()
        time.sleep(1)
        self.broker.start()

    def crash_database(self) -> None:
        """Stop PostgreSQL in immediate mode, and start it after a while."""
        self.server.crash()
        time.sleep(1)
        self.server.start()

    def kill_boxes(self) -> None:
        """Kill the boxes while they write, three times, and start them on what is on their disks."""
        for pause_s in (0.37, 0.11, 0.83):
            self.sim.kill()
            self.sim.start()
            time.sleep(pause_s)

    def cut_line(self) -> None:
        """End every connection between boxes and broker, and for some seconds every new one."""
        self.relay.cut()
        time.sleep(3)
        self.relay.restore()

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """The database takes no writes; the connections of before are ended."""
        name = sql.Identifier(self.database_name)
        with psycopg.connect(self.server.postgres.conninfo(), autocommit=True) as admin:
            admin.execute(sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(name))
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (self.database_name,)
            )
            try:
                yield
            finally:
                admin.execute(sql.SQL("ALTER DATABASE {} RESET default_transaction_read_only").format(name))

    @property
    def database_name(self) -> str:
        return str(psycopg.conninfo.conninfo_to_dict(self.database)["dbname"])

    def _waits_for_a_lock(self, worker: IngestWorker) -> bool:
        return bool(
            self.ask(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s AND wait_event_type = 'Lock'",
                (f"phoan-{worker.name}",),
            )
        )


@contextmanager
def world(folder: Path, server: CrashableServer) -> Iterator[World]:
    """A running world on a database of its own, which goes when the server goes."""
    name = f"world_{next(_numbers)}"
    with psycopg.connect(server.postgres.conninfo(), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(TEMPLATE)))
    database = server.postgres.conninfo(name)
    with psycopg.connect(database, autocommit=True) as connection:
        store.apply(connection, inventory(FLEET))
    made = World(folder, server, database)
    try:
        made.start()
        yield made
    finally:
        made.stop()


def copy_disks(data: Path, to: Path) -> None:
    """Copy what the boxes have on their disks, as a backup would; or put such a copy back."""
    for box in sorted(data.iterdir()):
        shutil.rmtree(to / box.name / DISK, ignore_errors=True)
        shutil.copytree(box / DISK, to / box.name / DISK)


def soak_s() -> float | None:
    """How long the long form is to last, from the environment variable SOAK_S."""
    said = os.environ.get("SOAK_S")
    return float(said) if said else None
