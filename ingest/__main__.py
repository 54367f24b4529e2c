"""`phoan-ingest`: run a worker, or bring the database to the newest schema."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import threading
from pathlib import Path

import psycopg

from contracts.settings import SettingsError, load
from ingest.config import IngestSettings
from ingest.consumer import Consumer
from ingest.writer import Writer
from storage import migrate
from storage.pool import open_pool

log = logging.getLogger("ingest")


def main() -> int:
    """Entry point; the exit code is 2 for mistakes that the caller can mend."""
    arguments = _arguments()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        settings = load(IngestSettings, arguments.config)
        if arguments.command == "migrate":
            return run_migrations(settings)
        return run_worker(settings)
    except SettingsError as error:
        print(error, file=sys.stderr)
    except migrate.TooNewError as error:
        print(f"{error}.", file=sys.stderr)
    except psycopg.OperationalError as error:
        print(f"database: {str(error).strip().splitlines()[0]}.", file=sys.stderr)
    return 2


def run_migrations(settings: IngestSettings) -> int:
    """Apply missing migrations and say which."""
    with psycopg.connect(settings.database.get_secret_value(), autocommit=True) as connection:
        applied = migrate.migrate(connection)
        print(f"database is at migration {migrate.version(connection)}, {len(applied)} applied now")
    return 0


def run_worker(settings: IngestSettings) -> int:
    """Consume until SIGTERM or SIGINT, then commit what is in hand and leave."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    pool = open_pool(settings.database.get_secret_value(), name=f"phoan-ingest-{settings.worker}", size=2)
    consumer = Consumer(settings.mqtt, settings.worker)
    writer = Writer(pool, consumer.deliveries, consumer.acknowledge)
    consumer.start()
    log.info("worker %s started", settings.worker)
    try:
        writer.run(stop)
    finally:
        consumer.stop()
        pool.close()
    log.info("worker %s stopped", settings.worker)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="phoan-ingest", description="Phố An: from MQTT into the database.")
    parser.add_argument("--config", type=Path, default=Path("/etc/phoan/ingest.yaml"), help="settings (YAML)")
    parser.add_argument("command", choices=["run", "migrate"], help="run a worker, or update the database's schema")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
