"""`python -m api.health` beside a running API."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import yaml

from api.health import fault
from demo.processes import free_port
from tests.api.running import RunningApi, lost_database


def test_an_api_that_answers_is_well(api: RunningApi, tmp_path: Path) -> None:
    config = tmp_path / "api.yaml"
    config.write_text(yaml.safe_dump({"port": api.port, "database": "${NOT_SET_HERE}"}))
    command = [sys.executable, "-m", "api.health", "--config", str(config)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "well\n")


def test_without_its_database_it_is_not(api: RunningApi) -> None:
    with lost_database(api):
        assert fault(api.port) == "The API answers 503; 503 means that its database is away."
    assert fault(api.port) is None


def test_one_that_does_not_listen_is_not() -> None:
    found = fault(free_port())
    assert found
    assert found.startswith("The API does not answer: ")
