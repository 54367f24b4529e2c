"""A centre changes to a new authority, and its boxes follow by themselves: real broker, real API over TLS."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import paho.mqtt.client as mqtt
import psycopg
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from api.config import ApiSettings
from contracts.accounts import client_of_box
from contracts.settings import load
from demo.postgres import Postgres
from edge.config import EdgeSettings
from edge.enrol import command
from edge.enrol.keys import read_certificate
from edge.enrol.renewal import Renewal
from edge.tls import broker_context
from storage import inventory
from tests.api.running import RunningApi
from tests.support.centres import Centre
from tests.support.certificates import TestAuthority
from tests.support.databases import fresh_database
from tests.support.samples import INVENTORY
from tests.support.waiting import eventually


@pytest.fixture
def centre(postgres: Postgres, tmp_path: Path) -> Iterator[Centre]:
    with fresh_database(postgres) as database:
        with psycopg.connect(database, autocommit=True) as db:
            inventory.apply(db, INVENTORY)
        centre = Centre(tmp_path / "centre", database)
        try:
            centre.start_accounts()
            yield centre
        finally:
            centre.stop()


def test_boxes_follow_a_centre_to_its_next_authority(centre: Centre, tmp_path: Path) -> None:
    old, following = centre.authority.ca.read_bytes(), TestAuthority(tmp_path / "next", "Phố An next")
    new = following.ca.read_bytes()
    settings = enrolled(centre, tmp_path / "box", "hop-moi")
    assert settings.mqtt.tls_ca
    assert settings.mqtt.tls_cert
    first = settings.mqtt.tls_cert.read_bytes()
    assert comes_in(settings)

    begin_anew(centre, old + new)
    assert follows(settings)
    assert settings.mqtt.tls_ca.read_bytes() == old + new
    assert settings.mqtt.tls_cert.read_bytes() == first

    begin_anew(centre, new + old, following)
    assert comes_in(settings), "with the certificate of before"
    assert follows(settings)
    assert settings.mqtt.tls_ca.read_bytes() == new + old
    assert not follows(settings, 2), "it begins anew once"
    second = settings.mqtt.tls_cert.read_bytes()
    read_certificate(second).verify_directly_issued_by(read_certificate(new))

    begin_anew(centre, new, following)
    assert comes_in(settings)
    assert follows(settings)
    assert settings.mqtt.tls_ca.read_bytes() == new
    assert comes_in(settings)
    settings.mqtt.tls_cert.write_bytes(first)
    with pytest.raises((ssl.SSLError, ConnectionError)):
        comes_in(settings)
    assert comes_in(enrolled(centre, tmp_path / "other", "hop-khac"))


def test_a_box_follows_nobody_whom_a_public_authority_vouches_for(centre: Centre, tmp_path: Path) -> None:
    settings = enrolled(centre, tmp_path / "box", "hop-moi")
    assert settings.centre
    assert settings.mqtt.tls_ca
    before = settings.mqtt.tls_ca.read_bytes()
    public = tmp_path / "public.pem"
    public.write_bytes(before)
    elsewhere = settings.model_copy(update={"centre": settings.centre.model_copy(update={"tls_ca": public})})
    begin_anew(centre, before + TestAuthority(tmp_path / "next", "Phố An next").ca.read_bytes())
    assert not follows(elsewhere, 2)
    assert settings.mqtt.tls_ca.read_bytes() == before


def enrolled(centre: Centre, folder: Path, box: str) -> EdgeSettings:
    command.enrol(f"{centre.code(box)}@{centre.address}", folder / "etc", folder / "data")
    return load(EdgeSettings, folder / "etc" / "edge.yaml")


def begin_anew(centre: Centre, believed: bytes, signs: TestAuthority | None = None) -> None:
    """Broker and API start again with what `deploy/init --authority` leaves."""
    authority = centre.authority
    if signs:
        authority.ca_key.write_bytes(signs.ca_key.read_bytes())
    centre.broker.stop()
    centre.api.stop()
    tls = (signs or authority).server()
    centre.broker.show(authority.ca, *tls)
    authority.ca.write_bytes(believed)
    centre.broker.start()
    again = ApiSettings.model_validate({**centre.api.settings.model_dump(exclude_unset=True), "port": centre.api.port})
    centre.api = RunningApi(again, centre.database, tls)


def follows(settings: EdgeSettings, within_s: float = 20.0) -> bool:
    """Whether the box, which has just started, begins anew after some looks at its centre."""
    stop, anew = threading.Event(), threading.Event()

    def start_anew() -> None:
        anew.set()
        stop.set()

    renewal = Renewal(settings, lambda: None, every_s=0.2, start_anew=start_anew)
    running = threading.Thread(target=renewal.run, args=(stop,))
    running.start()
    running.join(within_s)
    stop.set()
    running.join()
    return anew.is_set()


def comes_in(settings: EdgeSettings) -> bool:
    """Whether the broker takes in a box that starts with these files; raises what TLS says."""
    broker = settings.mqtt
    answers: list[ReasonCode] = []
    assert broker.tls_ca
    assert broker.password
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=client_of_box(settings.box), protocol=mqtt.MQTTv5)
    client.username_pw_set(broker.username, broker.password.get_secret_value())
    client.tls_set_context(broker_context(broker.tls_ca, broker.tls_cert, broker.tls_key))
    client.on_connect = lambda _c, _d, _f, reason, _p: answers.append(reason)

    def tried() -> bool:
        client.connect(broker.host, broker.port)
        while not answers:
            if client.loop(1) != mqtt.MQTT_ERR_SUCCESS and not answers:
                raise ConnectionError  # refused before it could say its name
        client.disconnect()
        return not answers.pop().is_failure

    return eventually(tried, 20)
