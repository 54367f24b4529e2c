"""`phoan-edge`: run the box, check its settings or what its cameras can read, or prepare the network that it runs.

What only one command needs is imported when it is typed: a health check starts this program twice a minute.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Final

from contracts.settings import SettingsError, load
from edge.config import EdgeSettings
from edge.configuration import credentials
from edge.configuration.configuration import Configuration
from edge.configuration.document import with_logins
from edge.detect import Detector, DetectorError
from edge.detect.factory import load as load_detector


@dataclass(frozen=True, slots=True)
class Command:
    """What may be typed after `phoan-edge`, and where in `module` it is added and done; no module: here."""

    help: str
    module: str = ""
    add: str = "add_arguments"
    run: str = "run"


COMMANDS: Final = {
    "run": Command("run the box"),
    "check": Command("check its settings"),
    "schema": Command("print the settings' JSON schema for an editor"),
    "model": Command("prepare the network that finds people, or show which it is", "edge.model"),
    "codes": Command("say which payment codes a camera can read, and how well", "edge.payment.codes"),
    "discover": Command("find the cameras of this place, and add them", "edge.discover.command"),
    "doctor": Command("look at the box, its cameras and its way to the centre", "edge.doctor.command"),
    "password": Command(
        "keep a camera's password, once it is tried", "edge.discover.command", "add_password_arguments", "run_password"
    ),
    "enrol": Command("make this box one of a centre's, by a code of its wall", "edge.enrol.command"),
    "install": Command("write what systemd needs to run this box", "edge.release.command", "add_install", "install"),
    "update": Command(
        "bring the box to the version that the centre names", "edge.release.command", "add_update", "update"
    ),
    "health": Command("say whether the box runs; for health checks", "edge.release.command", "", "health"),
}

STOPPED: Final = 130


def main() -> int:
    """Entry point; the exit code is 2 for mistakes that the caller can mend."""
    arguments = parser(sys.argv[1:]).parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        if arguments.command == "schema":
            print(json.dumps(EdgeSettings.model_json_schema(), ensure_ascii=False, indent=2))
            return 0
        command = COMMANDS[arguments.command]
        if command.module:
            done: int = getattr(import_module(command.module), command.run)(arguments)
            return done
        from edge.enrol.command import make_good

        make_good(arguments.config.parent)
        settings = load(EdgeSettings, arguments.config)
        logins = credentials.load(credentials.beside(arguments.config))
        base = with_logins(settings, logins)
        if arguments.command == "check":
            print(f"{arguments.config} is good: box {settings.box} with {len(settings.cameras)} cameras")
            return 0
        _prove_writable(base.data_dir)
        configuration = Configuration(base, logins)
        detector = _detector(configuration)
    except (SettingsError, DetectorError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:  # whoever typed it knows
        return STOPPED
    from edge.agent import START_ANEW, run

    ended = run(configuration, detector)
    if ended == START_ANEW:
        # The same process, so that whoever watches over it need not notice.
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606
    return ended


def _detector(configuration: Configuration) -> Detector:
    """The network that the settings name; where one on trial cannot be read, the one before. Raises DetectorError."""
    try:
        return load_detector(configuration.settings.detector)
    except DetectorError as error:
        if not configuration.fall_back(str(error)):
            raise
        return load_detector(configuration.settings.detector)


def _prove_writable(folder: Path) -> None:
    """Make the box's folder. Raises SettingsError when nothing can be kept in it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x")
    except OSError as error:
        raise SettingsError(f"field data_dir: nothing can be kept in {folder}: {error.strerror}.") from None


def parser(typed: Collection[str] = tuple(COMMANDS)) -> argparse.ArgumentParser:
    """What may be typed: all commands, and what may follow those that are among the words typed."""
    parser = argparse.ArgumentParser(prog="phoan-edge", description="Phố An: the edge box.")
    parser.add_argument("--config", type=Path, default=Path("/etc/phoan/edge.yaml"), help="settings (YAML)")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, command in COMMANDS.items():
        its_own = commands.add_parser(name, help=command.help)
        if name in typed and command.module and command.add:
            getattr(import_module(command.module), command.add)(its_own)
    return parser


if __name__ == "__main__":
    sys.exit(main())
