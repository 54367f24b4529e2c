"""What is said of a program's health from its figures, as Prometheus' client writes them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from demo.processes import free_port
from ingest.health import FAULTS, metrics_port, read
from ingest.metrics import Metrics, serve
from ingest.notify.metrics import NotifyMetrics

NOW = 1_800_000_000.0
CONNECTED, WAITING = "phoan_ingest_connected", "phoan_ingest_queue_messages"
COMMIT = "phoan_ingest_last_commit_timestamp_seconds"
LOOK = "phoan_notify_last_look_timestamp_seconds"
ORDER = "phoan_accounts_in_order_timestamp_seconds"


@pytest.mark.parametrize(
    ("part", "figures", "said"),
    [
        ("run", {"phoan_ingest_connected": 1.0}, None),
        ("run", {"phoan_ingest_connected": 0.0}, "not connected"),
        ("run", {}, "not connected"),
        ("run", {CONNECTED: 1.0, WAITING: 5.0, COMMIT: NOW - 59}, None),
        (
            "run",
            {CONNECTED: 1.0, WAITING: 5.0, COMMIT: NOW - 61},
            "5 messages wait",
        ),
        ("run", {CONNECTED: 1.0, WAITING: 0.0, COMMIT: NOW - 9999}, None),
        ("notify", {LOOK: NOW - 59}, None),
        ("notify", {LOOK: NOW - 61}, "has not looked"),
        ("notify", {}, "has not looked"),
        ("accounts", {ORDER: NOW - 119}, None),
        ("accounts", {ORDER: NOW - 121}, "not in order"),
        ("accounts", {}, "not in order"),
    ],
)
def test_a_fault_is_seen_in_the_figures(part: str, figures: dict[str, float], said: str | None) -> None:
    found = FAULTS[part](figures, NOW)
    assert (found is None) if said is None else (found is not None and said in found and found.endswith("."))


def test_the_figures_are_those_that_the_programs_write() -> None:
    metrics, notify = Metrics(), NotifyMetrics(["a"])
    metrics.watch_connection(lambda: True)
    metrics.last_commit.set(NOW)
    metrics.watch_queue(lambda: 7)
    notify.last_look.set(NOW)
    told = {**read(generate_latest(metrics.registry).decode()), **read(generate_latest(notify.registry).decode())}
    assert told["phoan_ingest_connected"] == 1
    assert told[COMMIT] == told[LOOK] == NOW
    assert told["phoan_ingest_queue_messages"] == 7


def test_each_part_has_figures_of_its_own() -> None:
    settings = {"metrics": {"port": 1}, "notify": {"metrics": {"port": 2}}, "accounts": {}}
    assert [metrics_port(settings, part) for part in ("run", "notify", "accounts")] == [1, 2, None]


def ask(config: Path, part: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "ingest.health", "--config", str(config), part]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_the_program_tells_by_its_exit_code(tmp_path: Path) -> None:
    config, port = tmp_path / "ingest.yaml", free_port()
    config.write_text(yaml.safe_dump({"metrics": {"host": "0.0.0.0", "port": port}}))
    code, said = ask(config, "run")
    assert (code, said.startswith("Its figures cannot be read")) == (1, True)
    registry = CollectorRegistry()
    connected = Gauge("phoan_ingest_connected", "as the worker's", registry=registry)
    stop = serve(registry, "127.0.0.1", port)
    try:
        assert ask(config, "run") == (1, "The worker is not connected to the broker.\n")
        connected.set(1)
        assert ask(config, "run") == (0, "well\n")
        assert ask(config, "notify")[0] == 1
    finally:
        stop()
