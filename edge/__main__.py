"""`phoan-edge`: run the box, check its settings or what its cameras can read, or prepare the network that it runs."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import tempfile
from pathlib import Path

from contracts.settings import SettingsError, load
from edge import model
from edge.config import EdgeSettings
from edge.configuration import credentials
from edge.configuration.configuration import Configuration
from edge.configuration.document import with_logins
from edge.detect import Detector, DetectorError
from edge.detect.factory import load as load_detector
from edge.discover import command as discover
from edge.doctor import command as doctor
from edge.enrol import command as enrolment
from edge.payment import codes
from edge.release import command as release


def main() -> int:
    """Entry point; the exit code is 2 for mistakes that the caller can mend."""
    arguments = parser().parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        if arguments.command == "schema":
            print(json.dumps(EdgeSettings.model_json_schema(), ensure_ascii=False, indent=2))
            return 0
        if arguments.command == "model":
            return model.run(arguments)
        if arguments.command == "codes":
            return codes.run(arguments)
        if arguments.command in release.COMMANDS:
            return release.COMMANDS[arguments.command](arguments)
        if arguments.command in discover.COMMANDS:
            return discover.COMMANDS[arguments.command](arguments)
        if arguments.command in doctor.COMMANDS:
            return doctor.COMMANDS[arguments.command](arguments)
        if arguments.command == "enrol":
            return enrolment.run(arguments)
        enrolment.make_good(arguments.config.parent)
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


def parser() -> argparse.ArgumentParser:
    """What may be typed."""
    parser = argparse.ArgumentParser(prog="phoan-edge", description="Phố An: the edge box.")
    parser.add_argument("--config", type=Path, default=Path("/etc/phoan/edge.yaml"), help="settings (YAML)")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="run the box")
    commands.add_parser("check", help="check its settings")
    commands.add_parser("schema", help="print the settings' JSON schema for an editor")
    model.add_arguments(commands.add_parser("model", help="prepare the network that finds people, or show which it is"))
    codes.add_arguments(commands.add_parser("codes", help="say which payment codes a camera can read, and how well"))
    discover.add_arguments(commands.add_parser("discover", help="find the cameras of this place, and add them"))
    doctor.add_arguments(commands.add_parser("doctor", help="look at the box, its cameras and its way to the centre"))
    discover.add_password_arguments(commands.add_parser("password", help="keep a camera's password, once it is tried"))
    enrolment.add_arguments(commands.add_parser("enrol", help="make this box one of a centre's, by a code of its wall"))
    release.add_install(commands.add_parser("install", help="write what systemd needs to run this box"))
    release.add_update(commands.add_parser("update", help="bring the box to the version that the centre names"))
    commands.add_parser("health", help="say whether the box runs; for health checks")
    return parser


if __name__ == "__main__":
    sys.exit(main())
