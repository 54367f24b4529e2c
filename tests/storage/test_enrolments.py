"""Codes that are used while the box is shut out: one of the two comes first, and nobody waits in a circle."""

from __future__ import annotations

import threading
from datetime import timedelta

import psycopg

from contracts.accounts import AccountKind
from contracts.enrolment import new_secret
from storage import broker_accounts, enrolments, inventory
from storage.enrolments import NewCode
from storage.sealing import Seal
from tests.support.samples import INVENTORY
from tests.support.waiting import eventually

BOX = "an-luu-1"
WAITS = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


def test_a_box_that_is_shut_out_while_it_comes_in_is_out(database: str) -> None:
    secret, seal = new_secret(), Seal(b"a key of thirty-two bytes or more")
    with psycopg.connect(database, autocommit=True) as coming, psycopg.connect(database, autocommit=True) as person:
        inventory.apply(coming, INVENTORY)
        code = NewCode(secret, BOX, "Hộp", "an-luu", "cho-an-luu", "tech", timedelta(hours=1))
        enrolments.make(coming, code)

        def revoke() -> None:
            with person.transaction():
                enrolments.shut_out(person, BOX, by="tech", reason="hộp bị mất trộm")

        revoking = threading.Thread(target=revoke)
        with coming.transaction():
            used = enrolments.use(coming, secret, b"key", "10.0.0.1")
            assert used
            revoking.start()
            eventually(lambda: coming.execute(WAITS).fetchone() == (1,))
            assert enrolments.let_in(coming, used, "token")
            broker_accounts.put(coming, AccountKind.BOX, BOX, "an-luu", "password", seal)
        revoking.join(10)
        assert coming.execute("SELECT token_sha256 FROM boxes WHERE id = %s", (BOX,)).fetchone() == (None,)
        (account,) = broker_accounts.accounts(coming)
        assert account.revoked_at is not None
        assert enrolments.use(coming, secret, b"key", "10.0.0.1") is None
