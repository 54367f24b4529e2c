"""The whole centre, once for all tests of this folder: what docker-compose.yml says, run as processes."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.centre import Centre
from tests.support import compose
from tests.support.compose import PROJECT

INIT = PROJECT / "deploy" / "init"
NAMES = ("an-luu.example", "127.0.0.1")


def init(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """`deploy/init` with its files in `folder`."""
    where = ["--folder", str(folder / "own"), "--env", str(folder / "env")]
    return subprocess.run([str(INIT), *words, *where], capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which `deploy/init` has made everything."""
    folder = tmp_path_factory.mktemp("own")
    done = init(folder, *NAMES)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="session")
def project(own: Path) -> dict[str, Any]:
    """docker-compose.yml as compose reads it with what `deploy/init` made."""
    return compose.read(own / "env")


@pytest.fixture(scope="session")
def centre(own: Path) -> Iterator[Centre]:
    """The centre, started in compose's order, with a ward and a person who watches it."""
    settings = own / "own" / "settings" / "ingest.yaml"
    settings.write_text(settings.read_text(encoding="utf-8") + NOTIFY, encoding="utf-8")
    # Not under pytest's own folder, which others than root do not get through.
    with tempfile.TemporaryDirectory(prefix="phoan-centre-") as folder:
        centre = Centre(compose.read(own / "env"), Path(folder), own / "own")
        try:
            centre.start()
            yield centre
        finally:
            centre.stop()


NOTIFY = """
notify:
  metrics: {host: 0.0.0.0, port: 9465}
  allowed_networks: [10.0.0.0/8]
  channels:
    chi-huy: {type: webhook, url: "https://10.199.0.9/phoan", secret: a-word-that-only-this-test-knows}
  wards:
    an-luu: {steps: [{after_s: 0, channels: [chi-huy]}]}
"""
