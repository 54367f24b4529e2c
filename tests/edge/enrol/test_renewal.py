"""The box's certificate is renewed in time, for its own key only, and its days are told."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import psycopg
import pytest

from contracts.settings import load
from edge.config import EdgeSettings
from edge.enrol import command
from edge.enrol.keys import belongs, is_due, new_key, read_certificate, read_key, request_pem
from edge.enrol.renewal import Renewal, RenewalError
from edge.tls import centre_context
from storage import enrolments
from tests.support.centres import Centre
from tests.support.waiting import eventually

YEAR = timedelta(days=365)


def enrolled(centre: Centre, folder: Path, box: str) -> EdgeSettings:
    command.enrol(f"{centre.code(box)}@{centre.address}", folder / "etc", folder / "data")
    return load(EdgeSettings, folder / "etc" / "edge.yaml")


def test_it_is_time_at_two_thirds(centre: Centre) -> None:
    path, _ = centre.authority.client("somebody")
    certificate = read_certificate(path.read_bytes())
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    two_thirds = begin + (end - begin) * 2 / 3
    assert not is_due(certificate, two_thirds - timedelta(seconds=1))
    assert is_due(certificate, two_thirds)


def test_a_certificate_is_renewed_for_the_same_key_and_used_from_then_on(centre: Centre, tmp_path: Path) -> None:
    settings = enrolled(centre, tmp_path, "hop-moi-1")
    assert settings.mqtt.tls_cert
    assert settings.mqtt.tls_key
    old = read_certificate(settings.mqtt.tls_cert.read_bytes())
    now = datetime.now(UTC)
    stop = threading.Event()
    calm = Renewal(settings, lambda: None, every_s=0.05)
    due = Renewal(settings, lambda: now + timedelta(days=7), now=lambda: now + 1.6 * YEAR, every_s=60)
    threads = [threading.Thread(target=renewal.run, args=(stop,)) for renewal in (calm, due)]
    for thread in threads:
        thread.start()
    path = settings.mqtt.tls_cert
    fresh = eventually(
        lambda: found if (found := read_certificate(path.read_bytes())).serial_number != old.serial_number else None
    )
    stop.set()
    for thread in threads:
        thread.join()
    assert belongs(fresh, read_key(settings.mqtt.tls_key.read_bytes()))
    assert fresh.not_valid_after_utc >= old.not_valid_after_utc  # times have whole seconds
    told = {sample.metric: sample.value for sample in due.samples(now)}
    assert told == {
        "box.certificate_days": pytest.approx(825, abs=0.1), "box.server_certificate_days": pytest.approx(7, abs=0.01),
    }  # fmt: skip
    with psycopg.connect(centre.database, autocommit=True) as db:
        serials = db.execute("SELECT serial FROM box_certificates WHERE box_id = 'hop-moi-1' AND revoked_at IS NULL")
        assert {row[0] for row in serials} == {f"{old.serial_number:x}", f"{fresh.serial_number:x}"}
        assert db.execute(
            "SELECT count(*) FROM audit WHERE action = 'box.certified' AND object = 'box:hop-moi-1'"
        ).fetchone() == (1,)


def test_a_stolen_token_brings_no_certificate_for_another_key(centre: Centre, tmp_path: Path) -> None:
    settings = enrolled(centre, tmp_path, "hop-moi-2")
    assert settings.centre
    headers = {"Authorization": f"Bearer {settings.centre.token.get_secret_value()}"}
    with httpx.Client(base_url=settings.centre.url, headers=headers, verify=centre_context(settings.centre)) as thief:
        answer = thief.post("/api/v1/box/certificate", json={"certificate_request": request_pem(new_key())})
    assert (answer.status_code, answer.json()["code"]) == (409, "other_key")


def test_a_box_that_was_shut_out_gets_no_certificate(centre: Centre, tmp_path: Path) -> None:
    settings = enrolled(centre, tmp_path, "hop-moi-3")
    assert settings.mqtt.tls_cert
    before = settings.mqtt.tls_cert.read_bytes()
    with psycopg.connect(centre.database, autocommit=True) as db, db.transaction():
        enrolments.shut_out(db, "hop-moi-3", by="tech", reason="hộp bị mất trộm")
    renewal = Renewal(settings, lambda: None, now=lambda: datetime.now(UTC) + 1.6 * YEAR)
    with pytest.raises(RenewalError, match="401"):
        renewal.run(threading.Event())
    assert settings.mqtt.tls_cert.read_bytes() == before


def test_a_box_without_a_certificate_tells_of_none_and_asks_for_none(tmp_path: Path) -> None:
    settings = EdgeSettings.model_validate(
        {"ward": "w", "box": "b", "data_dir": tmp_path, "mqtt": {"host": "127.0.0.1", "port": 1883}}
    )
    stop = threading.Event()
    stop.set()
    renewal = Renewal(settings, lambda: None)
    renewal.run(stop)
    assert list(renewal.samples(datetime.now(UTC))) == []
