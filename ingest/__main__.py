"""`phoan-ingest`: run a worker, bring the database to the newest schema, look at the store and its quarantine."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import threading
from pathlib import Path

import psycopg

from contracts.settings import SettingsError, load
from ingest import commands
from ingest.accounts import commands as account_commands
from ingest.boxes.configurations import Configurations
from ingest.config import IngestSettings
from ingest.consumer import Consumer
from ingest.housekeeping import Housekeeping
from ingest.incidents.correlator import Correlator
from ingest.metrics import Metrics, serve
from ingest.notify.notifier import Notifier
from ingest.notify.settings import NotifySettings, ZaloOaChannel
from ingest.payments.watch import Watch
from ingest.seat import seated
from ingest.writer import Writer
from storage import migrate
from storage.pool import open_pool

log = logging.getLogger("ingest")


def main() -> int:
    """Entry point; the exit code is 2 for mistakes that the caller can mend."""
    arguments = _arguments()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it writes whole addresses, which hold bots' tokens
    try:
        settings = load(IngestSettings, arguments.config)
        match arguments.command:
            case "run":
                with seated(settings) as named:
                    return run_worker(named)
            case "accounts":
                if arguments.initial_state:
                    return account_commands.write_initial_state(settings, arguments.initial_state)
                return account_commands.run(settings, _stopped_by_signals())
            case "notify":
                return run_notifier(settings)
            case "migrate":
                return commands.run_migrations(settings)
            case "status":
                return commands.show_status(settings)
            case _ if arguments.action == "list":
                return commands.list_quarantine(settings, arguments.limit, arguments.reason)
            case _:
                return commands.replay_quarantine(settings, arguments.reason)
    except SettingsError as error:
        print(error, file=sys.stderr)
    except migrate.TooNewError as error:
        print(f"{error}.", file=sys.stderr)
    except psycopg.errors.UndefinedTable:
        print("The database has no tables yet: run `phoan-ingest migrate` first.", file=sys.stderr)
    except psycopg.OperationalError as error:
        print(f"database: {str(error).strip().splitlines()[0]}.", file=sys.stderr)
    return 2


def run_worker(settings: IngestSettings) -> int:
    """Consume until SIGTERM or SIGINT, then commit what is in hand and leave."""
    stop = _stopped_by_signals()
    metrics = Metrics()
    pool = open_pool(settings.database.get_secret_value(), name=f"phoan-ingest-{settings.worker}", size=6, writes=True)
    consumer = Consumer(settings.mqtt, settings.worker, metrics)
    correlator = Correlator(pool, settings.correlation, metrics, lambda: consumer.listening_since)
    writer = Writer(pool, consumer.deliveries, consumer.acknowledge, metrics, correlator.wake)
    housekeeping = Housekeeping(pool, settings.retention, metrics)
    payments = Watch(pool, settings.payments)
    configurations = Configurations(pool, consumer.retain, lambda: consumer.listening_since, writer.forget_directory)
    stop_metrics = metrics.serve(settings.metrics.host, settings.metrics.port) if settings.metrics else None
    consumer.start()
    threads = [
        threading.Thread(target=housekeeping.run, args=(stop,), name="housekeeping"),
        threading.Thread(target=correlator.run, args=(stop,), name="correlation"),
        threading.Thread(target=payments.run, args=(stop,), name="payments"),
        threading.Thread(target=configurations.run, args=(stop,), name="configurations"),
    ]
    for thread in threads:
        thread.start()
    log.info("worker %s started", settings.worker)
    try:
        writer.run(stop)
    finally:
        stop.set()
        consumer.stop()
        for thread in threads:
            thread.join()
        if stop_metrics:
            stop_metrics()
        pool.close()
    log.info("worker %s stopped", settings.worker)
    return 1 if correlator.failed or payments.failed else 0


def run_notifier(settings: IngestSettings) -> int:
    """Tell people of incidents until SIGTERM or SIGINT. Raises SettingsError when nobody is to be told."""
    if settings.notify is None:
        raise SettingsError("The settings have no field notify, which says whom to tell.")
    stop = _stopped_by_signals()
    size = len(settings.notify.channels) + 2
    pool = open_pool(settings.database.get_secret_value(), name="phoan-notify", size=size, writes=True)
    notifier = Notifier(pool, settings.notify)
    figures = settings.notify.metrics
    stop_metrics = serve(notifier.metrics.registry, figures.host, figures.port) if figures else None
    _warn_of_open_tokens(settings.notify)
    log.info("notifier started with %d channels", len(settings.notify.channels))
    try:
        notifier.run(stop)
    finally:
        if stop_metrics:
            stop_metrics()
        pool.close()
    log.info("notifier stopped")
    return 1 if notifier.failed else 0


def _warn_of_open_tokens(settings: NotifySettings) -> None:
    names = sorted(name for name, channel in settings.channels.items() if isinstance(channel, ZaloOaChannel))
    if names:
        log.warning(
            "the tokens of %s lie open in the table notification_channels: guard the database and its backups",
            ", ".join(names),
        )


def _stopped_by_signals() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="phoan-ingest", description="Phố An: from MQTT into the database.")
    parser.add_argument("--config", type=Path, default=Path("/etc/phoan/ingest.yaml"), help="settings (YAML)")
    verbs = parser.add_subparsers(dest="command", required=True)
    verbs.add_parser("run", help="run a worker until it is told to stop")
    verbs.add_parser("notify", help="tell people of incidents until it is told to stop")
    keeping = verbs.add_parser("accounts", help="keep the broker's accounts until it is told to stop")
    keeping.add_argument("--initial-state", type=Path, metavar="FILE", help="only write the broker's first state")
    verbs.add_parser("migrate", help="bring the database to the newest schema and set its policies")
    verbs.add_parser("status", help="versions, sizes, policies, and what is missing of each box")
    kept = verbs.add_parser("quarantine", help="messages that could not be stored")
    actions = kept.add_subparsers(dest="action", required=True)
    listing = actions.add_parser("list", help="show the newest")
    listing.add_argument("--limit", type=int, default=20)
    listing.add_argument("--reason")
    trying = actions.add_parser("replay", help="try them again, and forget those that are stored then")
    trying.add_argument("--reason")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
