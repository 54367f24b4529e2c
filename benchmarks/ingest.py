"""How fast ingest commits: batches of measurements through a real broker and real workers into a real database.

`make bench-ingest`, or `DB=postgresql://... make bench-ingest`. The publisher sends ready-made batches as fast as the
broker takes them; a record counts when its sequence number stands committed in the ledger. The limits are taken in the
same run: the same messages received by a bare paho client that does nothing with them, and the same rows brought into
the same table by one bare COPY.
"""

from __future__ import annotations

import json
import math
import multiprocessing
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import paho.mqtt.client as mqtt
import psutil
import psycopg
import yaml
from paho.mqtt.enums import CallbackAPIVersion

from benchmarks import servers
from contracts.ids import new_id
from contracts.inventory import Inventory
from contracts.telemetry import SampleRecord, TelemetryBatch
from contracts.topics import BoxTopic, Channel
from demo import broker
from demo.processes import Processes, free_port, wait_for_port
from storage import inventory

BOXES: Final = 8
BATCH: Final = 200
RECORDS: Final = int(os.environ.get("RECORDS", "200000"))
TIMEOUT_S: Final = 240

Messages = list[tuple[str, bytes]]


def make_messages(records_wanted: int) -> Messages:
    """Batches of measurements of many devices, each box under a fresh epoch."""
    start = datetime.now(UTC) - timedelta(hours=1)
    epochs = [new_id() for _ in range(BOXES)]
    messages: Messages = []
    for number in range(records_wanted // BATCH):
        box, turn = number % BOXES, number // BOXES
        rows = tuple(
            SampleRecord(
                seq=turn * BATCH + index + 1,
                at=start + timedelta(milliseconds=turn * 100),
                device=f"cam-bien-{box}-{index}",
                metric="temperature",
                value=20 + (number + index) % 150 / 10,
            )
            for index in range(BATCH)
        )
        batch = TelemetryBatch(box=f"box-{box}", epoch=epochs[box], sent_at=start, records=rows)
        messages.append((str(BoxTopic("an-luu", f"box-{box}", Channel.TELEMETRY)), batch.to_bytes()))
    return messages


def publish(port: int, messages: Messages) -> None:
    """Send all messages at QoS 1, as fast as the broker acknowledges them. Runs as a process of its own."""
    client = mqtt.Client(CallbackAPIVersion.VERSION2, "bench-publisher", protocol=mqtt.MQTTv5)
    client.max_inflight_messages_set(100)
    client.connect("127.0.0.1", port)
    client.loop_start()
    sent = [client.publish(topic, payload, qos=1) for topic, payload in messages]
    for message in sent:
        message.wait_for_publish(TIMEOUT_S)
    client.disconnect()
    client.loop_stop()


class Bench:
    """A broker and a migrated database with the boxes declared."""

    def __init__(self, folder: Path, database: str) -> None:
        self.database = database
        self._folder = folder
        self._processes = Processes(folder)
        self.port = free_port()
        broker.write_config(folder / "broker.toml", self.port)
        wait_for_port(
            self.port, self._processes.start("broker", ["demo.broker", str(folder / "broker.toml")]), "broker"
        )
        declared = {
            "wards": [{"id": "an-luu", "name": "An Lưu"}],
            "boxes": [{"id": f"box-{box}", "name": "b", "ward": "an-luu"} for box in range(BOXES)],
        }
        with psycopg.connect(database, autocommit=True) as connection:
            inventory.apply(connection, Inventory.model_validate(declared))

    def stop(self) -> None:
        self._processes.stop_all()

    def paho_limit(self, messages: Messages) -> float:
        """Messages a second that a bare client receives."""
        done = threading.Event()
        received = 0

        def on_message(_client: mqtt.Client, _data: Any, _message: mqtt.MQTTMessage) -> None:
            nonlocal received
            received += 1
            if received == len(messages):
                done.set()

        client = mqtt.Client(CallbackAPIVersion.VERSION2, "bench-receiver", protocol=mqtt.MQTTv5)
        client.on_message = on_message
        client.connect("127.0.0.1", self.port)
        client.subscribe("phoan/1/+/box/+/telemetry", qos=1)
        client.loop_start()
        time.sleep(0.3)
        with self._publishing(messages) as began:
            done.wait(TIMEOUT_S)
            seconds = time.monotonic() - began
        client.disconnect()
        client.loop_stop()
        return received / seconds

    def workers(self, count: int, messages: Messages) -> dict[str, float]:
        """Committed records a second with `count` workers, their commit lag, and their CPU."""
        names = [f"ingest-{count}-{number}" for number in range(count)]
        ports = [self._start_worker(name) for name in names]
        self._empty()
        started = [psutil.Process(self._processes.running[name].pid) for name in names]
        cpu = sum(sum(process.cpu_times()[:2]) for process in started)
        with psycopg.connect(self.database, autocommit=True) as connection, self._publishing(messages) as began:
            while _committed(connection) < len(messages) * BATCH:
                if time.monotonic() - began > TIMEOUT_S:
                    raise SystemExit("the workers did not commit everything in time")
                time.sleep(0.02)
            seconds = time.monotonic() - began
        cpu = sum(sum(process.cpu_times()[:2]) for process in started) - cpu
        lag = max(_lag_p95(port) for port in ports)
        self._processes.stop(names)
        total = len(messages) * BATCH
        return {"records_per_s": total / seconds, "lag_ms_p95": lag, "cpu_s_per_10k": cpu / total * 10_000}

    def copy_limit(self, messages: Messages) -> float:
        """Rows a second of one bare COPY of the same rows into the same table."""
        self._empty()
        batches = [TelemetryBatch.model_validate_json(payload) for _, payload in messages]
        lines = [
            f"{record.at.isoformat()}\t{record.device}\t{record.metric}\t\t{record.value}\t{batch.box}\n"
            for batch in batches
            for record in batch.records
        ]
        block = "".join(lines).encode()
        statement = "COPY telemetry (at, device_id, metric, zone_id, value, box_id) FROM STDIN"
        with psycopg.connect(self.database) as connection:
            began = time.monotonic()
            with connection.cursor().copy(statement) as copy:
                for start in range(0, len(block), 1 << 20):
                    copy.write(block[start : start + (1 << 20)])
            connection.commit()
            return len(lines) / (time.monotonic() - began)

    def _start_worker(self, name: str) -> int:
        port = free_port()
        config = self._folder / f"{name}.yaml"
        settings = {
            "worker": name,
            "database": self.database,
            "mqtt": {"host": "127.0.0.1", "port": self.port},
            "metrics": {"port": port},
        }
        config.write_text(yaml.safe_dump(settings))
        process = self._processes.start(name, ["ingest", "--config", str(config), "run"])
        wait_for_port(port, process, name)
        log = self._folder / f"{name}.log"
        while "connected to broker" not in log.read_text():
            time.sleep(0.05)
        time.sleep(0.3)
        return port

    def _empty(self) -> None:
        with psycopg.connect(self.database, autocommit=True) as connection:
            connection.execute("TRUNCATE telemetry, box_ledgers")

    @contextmanager
    def _publishing(self, messages: Messages) -> Iterator[float]:
        publisher = multiprocessing.get_context("fork").Process(target=publish, args=(self.port, messages))
        publisher.start()
        try:
            yield time.monotonic()
        finally:
            publisher.join(TIMEOUT_S)
            publisher.kill()


def _committed(connection: psycopg.Connection[tuple[Any, ...]]) -> int:
    row = connection.execute(
        "SELECT coalesce(sum(upper(span) - lower(span)), 0)::bigint FROM box_ledgers, unnest(seqs) AS span"
    ).fetchone()
    return int(row[0]) if row else 0


def _lag_p95(port: int) -> float:
    """The 95th percentile of arrival to commit, interpolated in the worker's histogram, in milliseconds."""
    buckets: list[tuple[float, float]] = []
    for line in httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text.splitlines():
        if line.startswith("phoan_ingest_lag_seconds_bucket"):
            edge, count = line.split('le="')[1].split('"} ')
            buckets.append((float(edge.replace("+Inf", "inf")), float(count)))
    wanted = 0.95 * buckets[-1][1]
    lower = below = 0.0
    for upper, count_to in buckets:
        if count_to >= wanted:
            share = (wanted - below) / (count_to - below) if count_to > below else 1.0
            return 1000 * (lower + share * ((lower if math.isinf(upper) else upper) - lower))
        lower, below = upper, count_to
    return 0.0


def main() -> None:
    """Run everything and print the line."""
    database = servers.named(os.environ["DB"]) if os.environ.get("DB") else servers.embedded()
    messages = make_messages(RECORDS)
    with database as conninfo, tempfile.TemporaryDirectory(prefix="phoan-bench-") as folder:
        servers.migrated(conninfo)
        bench = Bench(Path(folder), conninfo)
        try:
            paho = bench.paho_limit(messages)
            one = bench.workers(1, messages)
            two = bench.workers(2, messages)
            copy = bench.copy_limit(messages)
        finally:
            bench.stop()
        with psycopg.connect(conninfo, autocommit=True) as connection:
            about = servers.describe(connection)
    print(
        json.dumps(
            {
                "records_per_s": round(one["records_per_s"]),
                "records_per_s_2_workers": round(two["records_per_s"]),
                "paho_limit_msgs_per_s": round(paho),
                "copy_limit_records_per_s": round(copy),
                "ratio_to_copy": round(one["records_per_s"] / copy, 2),
                "lag_ms_p95": round(one["lag_ms_p95"]),
                "cpu_s_per_10000_records": round(one["cpu_s_per_10k"], 3),
                "records": RECORDS,
                **about,
            }
        )
    )


if __name__ == "__main__":
    main()
