"""`python -m ingest.health run|accounts|notify`: whether that program does its work; exit code 1 if not.

What starts the programs asks this from inside their container twice a minute, so it is a program of its own that loads
next to nothing. It reads the figures that each program serves for Prometheus, and of the settings only where.
"""

from __future__ import annotations

import argparse
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

STALE_S: Final = 60.0
ANSWERS_S: Final = 4.0

Figures = Mapping[str, float]


def main() -> int:
    """Entry point; prints a sentence."""
    parser = argparse.ArgumentParser(prog="python -m ingest.health", description="Phố An: does ingest do its work?")
    parser.add_argument("--config", type=Path, default=Path("/etc/phoan/ingest.yaml"), help="its settings (YAML)")
    parser.add_argument("part", choices=FAULTS)
    arguments = parser.parse_args()
    settings = yaml.safe_load(arguments.config.read_text(encoding="utf-8"))
    found = asked(arguments.part, metrics_port(settings, arguments.part))
    print(found or "well")
    return 1 if found else 0


def metrics_port(settings: Mapping[str, Any], part: str) -> int | None:
    """Where the program serves its figures; None where it does not."""
    holder = settings if part == "run" else settings.get(part) or {}
    return (holder.get("metrics") or {}).get("port")


def asked(part: str, port: int | None) -> str | None:
    """What is wrong, as a sentence."""
    if port is None:
        return f"The settings name no metrics of {part}, from which its health is read."
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"http://127.0.0.1:{port}/metrics", timeout=ANSWERS_S) as answer:
            figures = read(answer.read().decode())
    except OSError as error:
        return f"Its figures cannot be read: {error}."
    return FAULTS[part](figures, time.time())


def read(text: str) -> Figures:
    """The figures without labels of Prometheus' text format."""
    lines = (line.split(" ") for line in text.splitlines() if line and line[0] != "#" and "{" not in line)
    return {words[0]: float(words[1]) for words in lines}


def worker_fault(figures: Figures, now: float) -> str | None:
    """A worker listens to the broker, and commits what it has heard."""
    if not figures.get("phoan_ingest_connected"):
        return "The worker is not connected to the broker."
    idle_s = now - figures.get("phoan_ingest_last_commit_timestamp_seconds", 0.0)
    waiting = int(figures.get("phoan_ingest_queue_messages", 0.0))
    if waiting and idle_s > STALE_S:
        return f"{waiting} messages wait, and nothing was committed for a minute."
    return None


def notifier_fault(figures: Figures, now: float) -> str | None:
    """A notifier looks at what there is to tell."""
    if now - figures.get("phoan_notify_last_look_timestamp_seconds", 0.0) > STALE_S:
        return "For a minute the notifier has not looked at what there is to tell."
    return None


def accounts_fault(figures: Figures, now: float) -> str | None:
    """The accounts worker finds the broker in order, or brings it there, once a minute at least."""
    if now - figures.get("phoan_accounts_in_order_timestamp_seconds", 0.0) > 2 * STALE_S:
        return "For two minutes the broker's accounts were not in order."
    return None


FAULTS: Final[Mapping[str, Callable[[Figures, float], str | None]]] = {
    "run": worker_fault,
    "accounts": accounts_fault,
    "notify": notifier_fault,
}


if __name__ == "__main__":
    sys.exit(main())
