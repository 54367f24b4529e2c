"""`phoan-edge`: run the box, check its settings or what its cameras can read, or prepare the network that it runs."""

from __future__ import annotations

import argparse
import json
import logging
import sys
import tempfile
from pathlib import Path

from contracts.settings import SettingsError, load
from edge import model
from edge.config import EdgeSettings
from edge.detect import DetectorError
from edge.detect.factory import load as load_detector
from edge.payment import codes


def main() -> int:
    """Entry point; the exit code is 2 for mistakes that the caller can mend."""
    arguments = _arguments()
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
        settings = load(EdgeSettings, arguments.config)
        if arguments.command == "check":
            print(f"{arguments.config} is good: box {settings.box} with {len(settings.cameras)} cameras")
            return 0
        _prove_writable(settings.data_dir)
        detector = load_detector(settings.detector)
    except (SettingsError, DetectorError) as error:
        print(error, file=sys.stderr)
        return 2
    from edge.agent import run

    return run(settings, detector)


def _prove_writable(folder: Path) -> None:
    """Make the box's folder. Raises SettingsError when nothing can be kept in it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x")
    except OSError as error:
        raise SettingsError(f"field data_dir: nothing can be kept in {folder}: {error.strerror}.") from None


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="phoan-edge", description="Phố An: the edge box.")
    parser.add_argument("--config", type=Path, default=Path("/etc/phoan/edge.yaml"), help="settings (YAML)")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="run the box")
    commands.add_parser("check", help="check its settings")
    commands.add_parser("schema", help="print the settings' JSON schema for an editor")
    model.add_arguments(commands.add_parser("model", help="prepare the network that finds people, or show which it is"))
    codes.add_arguments(commands.add_parser("codes", help="say which payment codes a camera can read, and how well"))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
