"""A whole centre as processes: the production broker, workers, the API and a database; and what each of them costs.

The broker is Debian's mosquitto with the settings that deploy/ ships, without TLS.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import psutil
import psycopg
import yaml

from api.access.passwords import hash_password
from contracts.inventory import Inventory
from demo.processes import Processes, free_port, wait_for_port
from storage import accounts, inventory
from storage.accounts import UserRow
from storage.tokens import new_token
from tests.support.mosquitto import Mosquitto

PARTS: Final = ("broker", "ingest", "database", "api")


@dataclass(frozen=True, slots=True)
class Cost:
    """What the parts have cost so far: seconds of CPU, and megabytes of memory, shared pages divided fairly."""

    at: float
    cpu_s: dict[str, float]
    memory_mb: dict[str, float]


class Centre:
    """Owns the processes; the database server is somebody else's."""

    def __init__(self, folder: Path, conninfo: str, workers: int) -> None:
        self.conninfo = conninfo
        self.processes = Processes(folder / "logs")
        self.broker = Mosquitto(folder)
        self.ports: dict[str, int] = {f"ingest-{number}": free_port() for number in range(1, workers + 1)}
        self.url = ""
        self._folder = folder
        with psycopg.connect(conninfo, autocommit=True) as db:
            self._server = psutil.Process(db.info.backend_pid).parent()

    def start(self) -> None:
        self.broker.start()
        for name in self.ports:
            self._start_worker(name)
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        settings = {
            "database": self.conninfo, "media_dir": str(self._folder / "media"), "port": port, "cookie_secure": False,
            "requests_per_second": 1e4, "requests_at_once": 10_000,
        }  # fmt: skip
        config = self._write("api", settings)
        wait_for_port(port, self.processes.start("api", ["api", "--config", config, "run"]), "api", timeout_s=90)

    def stop(self) -> None:
        self.processes.stop_all()
        self.broker.stop()

    def stop_workers(self) -> None:
        self.processes.stop(list(self.ports), timeout_s=20)

    def start_workers(self) -> None:
        for name in self.ports:
            self.processes.restart(name)
        for name, port in self.ports.items():
            wait_for_port(port, self.processes.running[name], name)

    def declare(self, what: Inventory) -> None:
        with psycopg.connect(self.conninfo, autocommit=True) as db:
            inventory.apply(db, what)

    def cookies(self, wards: Sequence[str], count: int) -> list[str]:
        """So many sessions of police, of each ward in turn."""
        password, tokens = hash_password(new_token()), [new_token() for _ in range(count)]
        with psycopg.connect(self.conninfo, autocommit=True) as db:
            for ward in wards:
                accounts.put_user(db, UserRow(f"truc-{ward}", "Trực ban", password, "police", [ward], False))
            for number, token in enumerate(tokens):
                accounts.open_session(db, f"truc-{wards[number % len(wards)]}", token, timedelta(hours=2))
        return [f"phoan_session={token}" for token in tokens]

    def cost(self) -> Cost:
        """The processes of each part with their children; what ended is in its parent's account."""
        workers = [self._process(name) for name in self.ports if name in self.processes.running]
        parts: dict[str, list[psutil.Process]] = {
            "broker": [child for child in psutil.Process().children() if child.name() == "mosquitto"],
            "ingest": workers,
            "database": [self._server, *self._server.children(recursive=True)] if self._server else [],
            "api": [self._process("api")],
        }
        return Cost(
            time.monotonic(),
            {part: sum(_each(ones, _cpu_s)) for part, ones in parts.items()},
            {part: sum(_each(ones, _memory_mb)) for part, ones in parts.items()},
        )

    def _process(self, name: str) -> psutil.Process:
        return psutil.Process(self.processes.running[name].pid)

    def _start_worker(self, name: str) -> None:
        settings = {
            "worker": name, "database": self.conninfo, "mqtt": {"host": "127.0.0.1", "port": self.broker.port},
            "metrics": {"port": self.ports[name]},
        }  # fmt: skip
        process = self.processes.start(name, ["ingest", "--config", self._write(name, settings), "run"])
        wait_for_port(self.ports[name], process, name)

    def _write(self, name: str, settings: dict[str, Any]) -> str:
        path = self._folder / f"{name}.yaml"
        path.write_text(yaml.safe_dump(settings))
        return str(path)


def _each(processes: Iterable[psutil.Process], figure: Callable[[psutil.Process], float]) -> list[float]:
    """The figure of every process that is still there."""
    found = []
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            found.append(figure(process))
    return found


def _cpu_s(process: psutil.Process) -> float:
    """Its own, and that of children which have ended."""
    times = process.cpu_times()
    return float(times.user + times.system + times.children_user + times.children_system)


def _memory_mb(process: psutil.Process) -> float:
    return float(process.memory_full_info().pss) / 1e6
