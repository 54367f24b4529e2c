from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import world as worlds
from tests.faults.world import World
from tests.support.databases import prepare_template
from tests.support.servers import CrashableServer


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CrashableServer]:
    """A database server that these tests crash."""
    server = CrashableServer(tmp_path_factory.mktemp("crashable"))
    prepare_template(server.postgres)
    yield server
    server.stop()


@pytest.fixture
def world(tmp_path: Path, server: CrashableServer) -> Iterator[World]:
    with worlds.world(tmp_path, server) as world:
        yield world
