"""A real TimescaleDB for tests, without Docker: PostgreSQL with the extension as WebAssembly under Node."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from demo.processes import free_port

FOLDER = Path(__file__).parent


@contextmanager
def timescaledb() -> Iterator[str]:
    """The connection string of a running, empty server. It takes one client at a time."""
    node = shutil.which("node")
    assert node, "install Node.js: make test does it"
    assert (FOLDER / "node_modules").is_dir(), "run tests/system-packages: it installs the server"
    port = free_port()
    process = subprocess.Popen([node, "serve.mjs", str(port)], cwd=FOLDER, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        assert process.stdout.readline() == "ready\n"
        yield f"postgresql://postgres:any@127.0.0.1:{port}/postgres?sslmode=disable"
    finally:
        process.kill()
        process.stdout.close()
        process.wait()
