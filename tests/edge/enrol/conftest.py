"""A centre that lets boxes in, which the tests of a module share, and boxes that were let in."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import psycopg
import pytest

from demo.postgres import Postgres
from storage import inventory
from tests.support.centres import Centre
from tests.support.databases import fresh_database
from tests.support.samples import INVENTORY

RELEASE_KEY = base64.b64encode(bytes(range(32))).decode()


@pytest.fixture(scope="package")
def centre(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    with fresh_database(postgres) as database:
        with psycopg.connect(database, autocommit=True) as db:
            inventory.apply(db, INVENTORY)
        centre = Centre(tmp_path_factory.mktemp("centre"), database, release_key=RELEASE_KEY)
        try:
            yield centre
        finally:
            centre.stop()
