"""`phoan-sim`: print a fleet's inventory, let the fleet speak, and hold the database against what it said.

`phoan-sim crowd` is for measuring: boxes without disks, hundreds of them in one process, and a line a second on them.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import sys
import threading
from dataclasses import asdict
from pathlib import Path

import psycopg
import yaml
from pydantic import SecretStr

from demo.sim.compare import compare
from demo.sim.crowd import Crowd, CrowdPlan
from demo.sim.fleet import BOXES_PER_WARD, Fleet, inventory
from demo.sim.member import Pace
from demo.sim.run import Plan, run
from edge.config import MqttSettings

PASSWORD_VARIABLE = "PHOAN_SIM_MQTT_PASSWORD"  # noqa: S105 - the name of a variable
DATABASE_VARIABLE = "PHOAN_SIM_DATABASE"
PACE = Pace()


def main() -> int:
    """Entry point; the exit code is 1 when records are not right or a part failed, 2 for what the caller can mend."""
    arguments = _arguments()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("edge.centre.link").setLevel(logging.WARNING)  # a line a box a connection is too much
    match arguments.command:
        case "inventory":
            return print_inventory(_fleet(arguments), arguments.out)
        case "run":
            return run_fleet(_plan(arguments))
        case "crowd":
            return run_crowd(_crowd_plan(arguments))
        case _:
            return print_comparison(arguments.data, arguments.database)


def print_inventory(fleet: Fleet, out: Path | None) -> int:
    """The inventory as YAML, which the centre applies."""
    text = yaml.safe_dump(
        inventory(fleet).model_dump(mode="json", exclude_none=True), allow_unicode=True, sort_keys=False
    )
    if out:
        out.write_text(text, encoding="utf-8")
    else:
        print(text, end="")
    return 0


def run_fleet(plan: Plan) -> int:
    """Speak until the time is up or the first SIGTERM or SIGINT; a second one does not wait for acknowledgements.

    The last line printed is JSON.
    """
    enough, stop = threading.Event(), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set() if enough.is_set() else enough.set())
    said = run(plan, enough, stop)
    print(json.dumps(asdict(said)), flush=True)
    return 1 if said.failed else 0


def run_crowd(plan: CrowdPlan) -> int:
    """Speak until the time is up or SIGTERM or SIGINT; a line of JSON a second."""
    enough = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: enough.set())
    Crowd(plan, sys.stdout).run(enough)
    return 0


def print_comparison(data: Path, database: str) -> int:
    """One line of JSON; the exit code says whether everything is right."""
    if not database:
        print(f"Say which database with --database or {DATABASE_VARIABLE}.", file=sys.stderr)
        return 2
    try:
        with psycopg.connect(database, autocommit=True) as connection:
            verdict = compare(connection, data)
    except psycopg.OperationalError as error:
        print(f"database: {str(error).strip().splitlines()[0]}.", file=sys.stderr)
        return 2
    print(json.dumps(asdict(verdict)), flush=True)
    return 0 if verdict.right else 1


def _fleet(arguments: argparse.Namespace) -> Fleet:
    return Fleet(arguments.boxes, arguments.cameras, arguments.devices, arguments.boxes_per_ward)


def _mqtt(arguments: argparse.Namespace) -> MqttSettings:
    password = os.environ.get(PASSWORD_VARIABLE)
    return MqttSettings(
        host=arguments.mqtt_host,
        port=arguments.mqtt_port,
        username=arguments.mqtt_username,
        password=SecretStr(password) if password else None,
    )


def _crowd_plan(arguments: argparse.Namespace) -> CrowdPlan:
    pace = Pace(arguments.measure_s, arguments.sense_s, arguments.revisions_per_camera_hour)
    return CrowdPlan(
        fleet=_fleet(arguments), seed=arguments.seed, mqtt=_mqtt(arguments), pace=pace, ramp_s=arguments.ramp_s,
        seconds=arguments.seconds,
    )  # fmt: skip


def _plan(arguments: argparse.Namespace) -> Plan:
    return Plan(
        fleet=_fleet(arguments),
        seed=arguments.seed,
        events_per_s=arguments.events_per_s,
        samples_per_s=arguments.samples_per_s,
        mqtt=_mqtt(arguments),
        data=arguments.data,
        outbox_max_records=arguments.outbox_max_records,
        seconds=arguments.seconds,
        drain_s=arguments.drain_s,
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="phoan-sim", description="Phố An: a fleet of simulated boxes.")
    size = argparse.ArgumentParser(add_help=False)
    size.add_argument("--boxes", type=int, default=4)
    size.add_argument("--cameras", type=int, default=4, help="of each box")
    size.add_argument("--devices", type=int, default=10, help="of each box")
    size.add_argument("--boxes-per-ward", type=int, default=BOXES_PER_WARD)
    broker = argparse.ArgumentParser(add_help=False)
    broker.add_argument("--mqtt-host", default="127.0.0.1")
    broker.add_argument("--mqtt-port", type=int, default=1883)
    broker.add_argument("--mqtt-username", help=f"its password is read from {PASSWORD_VARIABLE}")
    place = argparse.ArgumentParser(add_help=False)
    place.add_argument("--data", type=Path, required=True, help="folder of the boxes' outboxes and ledgers")
    commands = parser.add_subparsers(dest="command", required=True)

    listing = commands.add_parser("inventory", parents=[size], help="print the fleet's inventory as YAML")
    listing.add_argument("--out", type=Path, help="write it to this file instead")

    running = commands.add_parser("run", parents=[size, broker, place], help="let the fleet speak")
    running.add_argument("--events-per-s", type=float, default=4.0, help="of the whole fleet")
    running.add_argument("--samples-per-s", type=float, default=40.0, help="of the whole fleet")
    running.add_argument("--seed", type=int, default=1, help="what is said follows from it")
    running.add_argument("--seconds", type=float, help="how long to speak; without it until SIGTERM")
    running.add_argument("--drain-s", type=float, default=30.0, help="how long to wait for acknowledgements then")
    running.add_argument("--outbox-max-records", type=int, default=1_000_000)

    crowd = commands.add_parser(
        "crowd", parents=[size, broker], help="let boxes without disks speak, to measure a centre"
    )
    crowd.add_argument("--seed", type=int, default=1, help="what is said follows from it")
    crowd.add_argument("--seconds", type=float, help="how long to speak; without it until SIGTERM")
    crowd.add_argument("--ramp-s", type=float, default=5.0, help="the time within which the boxes come")
    crowd.add_argument("--measure-s", type=float, default=PACE.measure_s, help="between a box's measurements")
    crowd.add_argument("--sense-s", type=float, default=PACE.sense_s, help="between a sensor's reports")
    crowd.add_argument("--revisions-per-camera-hour", type=float, default=PACE.revisions_per_camera_hour)

    comparing = commands.add_parser("compare", parents=[place], help="hold the database against the ledgers")
    comparing.add_argument(
        "--database", default=os.environ.get(DATABASE_VARIABLE, ""), help=f"connection string; or {DATABASE_VARIABLE}"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
