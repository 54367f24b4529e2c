from __future__ import annotations

import logging
from pathlib import Path

import psycopg
import pytest

from api import repeated
from api.auditing import anchors
from storage import audit
from storage.audit import Note
from tests.api.conftest import StartApi
from tests.api.running import PASSWORD, lost_database
from tests.support.waiting import eventually


def test_a_running_api_anchors_the_chain_when_it_has_grown(start_api: StartApi, tmp_path: Path) -> None:
    path = tmp_path / "anchors"
    api = start_api(audit_anchors=path, audit_anchor_minutes=0.002)
    eventually(lambda: path.exists() and anchors.read(path))
    with api.client() as client, psycopg.connect(api.conninfo, autocommit=True) as db:
        client.post("/api/v1/session", json={"username": "lan", "password": PASSWORD}).raise_for_status()
        head = audit.head(db)
    eventually(lambda: anchors.read(path)[-1].seq == head.seq)
    written = anchors.read(path)
    assert [anchor.seq for anchor in written] == [0, 1], "nothing is written while nothing happens"
    assert written[-1].digest == head.digest


def test_anchors_are_added_and_never_replaced(database: str, tmp_path: Path) -> None:
    path = tmp_path / "anchors"
    with psycopg.connect(database, autocommit=True) as db:
        for _ in range(3):
            audit.note(db, Note("lan", "test.noted", "thing"))
            anchors.write(path, audit.head(db))
        digests = [entry.digest for entry in audit.entries(db)]
    assert [(anchor.seq, anchor.digest) for anchor in anchors.read(path)] == list(enumerate(digests, 1))


def test_a_database_that_is_away_is_asked_again(
    start_api: StartApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(repeated, "RETRY_S", 0.1)
    path = tmp_path / "anchors"
    api = start_api(audit_anchors=path, audit_anchor_minutes=0.002)
    eventually(path.exists)
    with lost_database(api), caplog.at_level(logging.ERROR, "api.repeated"):
        eventually(lambda: "no anchor of the audit was written" in caplog.text, 20)
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        audit.note(db, Note("lan", "test.noted", "thing"))
    eventually(lambda: anchors.read(path)[-1].seq == 1, 30)


def test_a_chain_without_its_head_is_complained_of_until_it_is_back(
    start_api: StartApi, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "anchors"
    api = start_api(audit_anchors=path, audit_anchor_minutes=0.002)
    eventually(path.exists)
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        audit.note(db, Note("lan", "test.noted", "thing"))
        taken = db.execute("DELETE FROM audit_head RETURNING seq, digest").fetchone()
        eventually(lambda: caplog.text.count("its row was removed from audit_head") > 1)
        db.execute("INSERT INTO audit_head (seq, digest) VALUES (%s, %s)", taken)
        audit.note(db, Note("lan", "test.noted", "thing"))
    eventually(lambda: anchors.read(path)[-1].seq == 2)
