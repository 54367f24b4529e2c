"""The centre of the sample ward without its boxes: what they tell is put there by the test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from api.config import ApiSettings
from contracts.inventory import Inventory
from demo import ward
from demo.postgres import Postgres
from storage import accounts, inventory
from storage.accounts import UserRow
from tests.api.conftest import BASE
from tests.api.running import RunningApi, password_hash
from tests.support.databases import fresh_database
from tests.support.samples import BOX_TOKEN


@contextmanager
def sample_centre(postgres: Postgres, media: Path, **settings: object) -> Iterator[RunningApi]:
    """Its API on a database of its own, with all sample users."""
    with fresh_database(postgres) as conninfo:
        with psycopg.connect(conninfo, autocommit=True) as db:
            inventory.apply(db, Inventory.model_validate(ward.inventory(BOX_TOKEN)))
            for user in ward.USERS:
                accounts.put_user(db, UserRow(user.username, user.name, password_hash(), user.role, [ward.WARD], False))
        given = {**BASE, "database": conninfo, "media_dir": media, **settings}
        api = RunningApi(ApiSettings.model_validate(given), conninfo)
        try:
            yield api
        finally:
            api.stop()
