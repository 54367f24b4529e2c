"""The whole sample ward as real processes. It starts once for all tests here, which leave it as they found it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from demo.stage import Stage


@pytest.fixture(scope="package")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The running ward."""
    stage = Stage(tmp_path_factory.mktemp("ward") / "state", print)
    try:
        stage.start()
        yield stage
    finally:
        stage.stop()
