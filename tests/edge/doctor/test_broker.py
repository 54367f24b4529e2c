"""The box's way into the broker, on the real mosquitto with accounts, rights and TLS."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contracts.report import Finding, Level
from demo.processes import free_port
from edge.config import EdgeSettings
from edge.devices.settings import BrokerSettings
from edge.doctor.broker import look_at_broker, look_at_devices
from tests.support import cameras
from tests.support.cameras import Line
from tests.support.certificates import TestAuthority
from tests.support.mosquitto import Mosquitto

WORD = "bi-mat-cua-hop"


class LockedMosquitto(Mosquitto):
    """Box `hop-1` may publish its own, `hop-2` nothing; TLS beside the plain port; its certificate ends soon."""

    def __init__(self, folder: Path, authority: TestAuthority) -> None:
        super().__init__(folder)
        self.tls_port = free_port()
        passwords, rights = self._folder / "passwords", self._folder / "rights"
        program = shutil.which("mosquitto_passwd")
        assert program, "install mosquitto: make test does it"
        passwords.touch(mode=0o600)
        for name in ("hop-1", "hop-2"):
            subprocess.run([program, "-b", str(passwords), name, WORD], check=True, capture_output=True)
        rights.write_text("user hop-1\ntopic write phoan/1/w/box/hop-1/#\nuser hop-2\ntopic read nothing\n")
        rights.chmod(0o600)
        certificate, key = authority.server(not_after=datetime.now(UTC) + timedelta(days=5, hours=1))
        (self._folder / "conf.d" / "listener.conf").write_text(
            f"allow_anonymous false\npassword_file {passwords}\nacl_file {rights}\n"
            f"listener {self.port} 127.0.0.1\n"
            f"listener {self.tls_port} 127.0.0.1\ncertfile {certificate}\nkeyfile {key}\n"
        )


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> TestAuthority:
    return TestAuthority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory, authority: TestAuthority) -> Iterator[LockedMosquitto]:
    broker = LockedMosquitto(tmp_path_factory.mktemp("broker"), authority)
    broker.start()
    yield broker
    broker.stop()


def look(
    port: int, *, box: str = "hop-1", password: str = WORD, host: str = "127.0.0.1", ca: Path | None = None
) -> dict[str, Finding]:
    mqtt = {"host": host, "port": port, "username": box, "password": password, "tls_ca": ca}
    settings = EdgeSettings.model_validate({"ward": "w", "box": box, "data_dir": "/x", "mqtt": mqtt})
    found = {finding.code: finding for finding in look_at_broker(settings, 2.0)}
    assert password not in repr(found)
    return found


def test_a_box_that_may_enter_and_publish_is_told_so(broker: LockedMosquitto) -> None:
    found = look(broker.port)
    assert set(found) == {"broker_good"}
    assert found["broker_good"].level is Level.OK


def test_over_tls_the_brokers_certificate_is_looked_at(broker: LockedMosquitto, authority: TestAuthority) -> None:
    found = look(broker.tls_port, ca=authority.ca)
    assert set(found) == {"broker_good", "certificate_ends"}
    assert found["certificate_ends"].values == {"whose": "broker", "days": 5}


def test_a_wrong_password_is_an_account_that_is_refused(broker: LockedMosquitto) -> None:
    assert set(look(broker.port, password="khac-han")) == {"broker_refused"}


def test_an_account_that_may_not_publish_is_told(broker: LockedMosquitto) -> None:
    assert set(look(broker.port, box="hop-2")) == {"broker_no_right"}


def test_a_broker_of_another_authority_is_not_trusted(broker: LockedMosquitto, tmp_path: Path) -> None:
    found = look(broker.tls_port, ca=TestAuthority(tmp_path).ca)
    assert found["broker_tls"].values["reason"] == "untrusted"


def test_no_tls_where_tls_is_wanted_is_an_encryption_fault(broker: LockedMosquitto, authority: TestAuthority) -> None:
    (finding,) = look(broker.port, ca=authority.ca).values()
    assert finding.level is Level.BAD
    assert finding.code in ("broker_tls", "broker_unreachable")


def test_who_is_not_there_is_told_with_the_reason() -> None:
    assert look(free_port())["broker_unreachable"].values["reason"] == "refused"
    assert look(1883, host="khong-co.invalid")["broker_unreachable"].values["reason"] == "no_name"
    with closing(Line(cameras.silent)) as line:
        assert look(line.port)["broker_unreachable"].values["reason"] == "timeout"
    with closing(Line(cameras.hang_up)) as line:
        assert look(line.port)["broker_unreachable"].values["reason"] == "cut"


def test_the_doctor_does_not_push_the_running_box_off(broker: LockedMosquitto) -> None:
    """Two clients of one name would throw each other out in turn."""
    import paho.mqtt.client as mqtt
    from paho.mqtt.enums import CallbackAPIVersion

    box = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="phoan-edge-hop-1", protocol=mqtt.MQTTv5)
    left: list[object] = []
    box.on_disconnect = lambda *given: left.append(given[3])
    box.username_pw_set("hop-1", WORD)
    box.connect("127.0.0.1", broker.port)
    box.loop_start()
    try:
        assert set(look(broker.port)) == {"broker_good"}
        assert box.is_connected()
        assert left == []
    finally:
        box.disconnect()
        box.loop_stop()


def test_the_devices_broker_is_looked_at_likewise(broker: LockedMosquitto) -> None:
    def told(**how: object) -> str:
        settings = BrokerSettings.model_validate({"host": "127.0.0.1", "port": broker.port, **how})
        (finding,) = look_at_devices(settings, 2.0)
        return finding.code

    assert told(username="hop-1", password=WORD) == "devices_good"
    assert told(username="hop-1", password="khac-han") == "devices_refused"
    assert told(port=free_port()) == "devices_unreachable"
