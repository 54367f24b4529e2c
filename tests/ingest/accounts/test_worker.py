"""The broker's accounts on the real mosquitto: who is let in, what each may do, and how soon that changes."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import paho.mqtt.client as mqtt
import psycopg
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from contracts.accounts import AccountKind, client_of, doctor_client, doctor_login, login_of
from demo.postgres import Postgres
from storage import broker_accounts, enrolments, inventory
from storage.sealing import Seal, read_seal
from tests.support.centres import INGEST, Centre
from tests.support.certificates import TestAuthority
from tests.support.databases import fresh_database
from tests.support.samples import INVENTORY
from tests.support.waiting import eventually

PASSWORDS = {"an-luu-1": "password of the first box, long", "phuong-4-1": "password of the second box, long"}
DEVICE_PASSWORD = "password of the smoke detector"
A, B = "phoan/1/an-luu/box/an-luu-1", "phoan/1/phuong-4/box/phuong-4-1"
LIMIT_S = 60


class Guest:
    """An MQTT client that remembers what became of what it tried."""

    def __init__(
        self, centre: Centre, username: str | None, password: str, client_id: str,
        certificate: tuple[Path, Path] | None, will: str | None = None,
    ) -> None:  # fmt: skip
        self.answer: ReasonCode | str | None = None
        self.lost: ReasonCode | None = None
        self.heard: list[tuple[str, bytes]] = []
        self._results: dict[int, list[ReasonCode]] = {}
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=client_id, protocol=mqtt.MQTTv5)
        self._client.reconnect_on_failure = False  # type: ignore[attr-defined]
        if username:
            self._client.username_pw_set(username, password)
        port = centre.broker.port
        if certificate:
            port = centre.broker.tls_port
            self._client.tls_set(
                ca_certs=str(centre.authority.ca), certfile=str(certificate[0]), keyfile=str(certificate[1])
            )
        if will:
            self._client.will_set(will, b"will", qos=1, retain=True)
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = lambda _c, _d, message: self.heard.append((message.topic, bytes(message.payload)))
        self._client.on_subscribe = self._note
        self._client.on_publish = self._published
        try:
            self._client.connect("127.0.0.1", port)
        except (ssl.SSLError, OSError) as error:
            self.answer = type(error).__name__
            return
        self._client.loop_start()
        eventually(lambda: self.answer is not None or self.lost is not None)

    @property
    def is_in(self) -> bool:
        return self._client.is_connected()

    def subscribe(self, pattern: str) -> bool:
        """Whether the broker granted it."""
        _, mid = self._client.subscribe(pattern, options=SubscribeOptions(qos=1))
        assert mid is not None
        return not eventually(lambda: self._results.get(mid))[0].is_failure

    def publish(self, topic: str, payload: bytes = b"x", *, retain: bool = False) -> bool:
        """Whether the broker took it."""
        return self.taken([(topic, retain)], payload) == [topic]

    def taken(self, messages: list[tuple[str, bool]], payload: bytes = b"x") -> list[str]:
        """The topics on which the broker took a message, retained or not; all are sent before the answers are read."""
        sent = [(topic, self._client.publish(topic, payload, qos=1, retain=retain).mid) for topic, retain in messages]
        return [topic for topic, mid in sent if not eventually(lambda mid=mid: self._results.get(mid))[0].is_failure]  # type: ignore[misc]

    def shout(self, topic: str, *, retain: bool = False) -> None:
        """Publish without an answer."""
        self._client.publish(topic, b"shouted", qos=0, retain=retain)

    def drop(self) -> None:
        """Break the connection without a word, so that the will is published."""
        connection = self._client.socket()
        assert connection
        self._client.loop_stop()
        connection.close()

    def leave(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(self, _c: object, _d: object, _f: object, reason: ReasonCode, _p: object) -> None:
        self.answer = reason

    def _on_disconnect(self, _c: object, _d: object, _f: object, reason: ReasonCode, _p: object) -> None:
        self.lost = reason

    def _published(self, _c: object, _d: object, mid: int, reason: ReasonCode, _p: object) -> None:
        self._results[mid] = [reason]

    def _note(self, _c: object, _d: object, mid: int, reasons: list[ReasonCode], _p: object) -> None:
        self._results[mid] = reasons


@pytest.fixture(scope="module")
def centre(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    with fresh_database(postgres) as database:
        with psycopg.connect(database, autocommit=True) as db:
            inventory.apply(db, INVENTORY)
        folder = tmp_path_factory.mktemp("centre")
        centre = Centre(folder, database)
        try:
            centre.start_accounts()
            give_accounts(centre)
            yield centre
        finally:
            centre.stop()


@pytest.fixture(scope="module")
def certificates(centre: Centre) -> dict[str, tuple[Path, Path]]:
    return {box: centre.authority.client(box) for box in PASSWORDS}


def give_accounts(centre: Centre) -> None:
    """Both boxes and a device, and wait until the broker has them."""
    seal = read_seal(centre.folder / "accounts.key")
    with psycopg.connect(centre.database, autocommit=True) as db, db.transaction():
        for box, ward in (("an-luu-1", "an-luu"), ("phuong-4-1", "phuong-4")):
            broker_accounts.put(db, AccountKind.BOX, box, ward, PASSWORDS[box], seal)
        broker_accounts.put(db, AccountKind.DEVICE, "khoi-cho-1", "an-luu", DEVICE_PASSWORD, seal)
    eventually(lambda: lets_in(centre), 20)


def lets_in(centre: Centre) -> bool:
    """Whether the last of the accounts is known at the broker."""
    guest = device(centre)
    found = guest.is_in
    guest.leave()
    return found


def device(centre: Centre) -> Guest:
    login = login_of(AccountKind.DEVICE, "khoi-cho-1")
    return Guest(centre, login, DEVICE_PASSWORD, login, None)


def box(centre: Centre, certificates: dict[str, tuple[Path, Path]], name: str = "an-luu-1", **more: str) -> Guest:
    login, client = login_of(AccountKind.BOX, name), client_of(AccountKind.BOX, name)
    return Guest(centre, login, PASSWORDS[name], client, certificates[name], more.get("will"))


def ingest(centre: Centre) -> Guest:
    return Guest(centre, *INGEST, "phoan-ingest-test", None)


def test_nobody_comes_in_without_a_name(centre: Centre, certificates: dict[str, tuple[Path, Path]]) -> None:
    for certificate in (None, certificates["an-luu-1"]):
        assert str(Guest(centre, None, "", "anybody", certificate).answer) == "Not authorized"


def test_a_box_needs_its_password_and_a_certificate_of_this_centre(
    centre: Centre, certificates: dict[str, tuple[Path, Path]], tmp_path: Path
) -> None:
    login, client = login_of(AccountKind.BOX, "an-luu-1"), client_of(AccountKind.BOX, "an-luu-1")
    assert str(Guest(centre, login, "a guess", client, certificates["an-luu-1"]).answer) == "Not authorized"
    stranger = TestAuthority(tmp_path / "other").client("an-luu-1")
    assert not Guest(centre, login, PASSWORDS["an-luu-1"], client, stranger).is_in
    good = box(centre, certificates)
    assert good.is_in
    good.leave()


def test_a_box_cannot_push_another_off_the_broker(centre: Centre, certificates: dict[str, tuple[Path, Path]]) -> None:
    first = box(centre, certificates)
    thief = Guest(
        centre, login_of(AccountKind.BOX, "phuong-4-1"), PASSWORDS["phuong-4-1"],
        client_of(AccountKind.BOX, "an-luu-1"), certificates["phuong-4-1"],
    )  # fmt: skip
    assert str(thief.answer) == "Not authorized"
    assert first.publish(f"{A}/events")
    assert first.lost is None
    first.leave()


def test_a_box_cannot_publish_as_another(centre: Centre, certificates: dict[str, tuple[Path, Path]]) -> None:
    first, listener = box(centre, certificates), ingest(centre)
    channels = ("events", "telemetry", "status", "reply")
    for channel in channels:
        assert listener.subscribe(f"phoan/1/+/box/+/{channel}")
        for retain in (False, True):
            first.shout(f"{B}/{channel}", retain=retain)
            first.shout(f"phoan/1/phuong-4/box/an-luu-1/{channel}", retain=retain)
    # A refusal that is answered takes mosquitto a second; the others were read before these.
    others = [f"{B}/status", f"{A}/config", "$CONTROL/dynamic-security/v1"]
    assert first.taken([(topic, True) for topic in others]) == []
    mine = [f"{A}/{channel}" for channel in channels]
    assert first.taken([(topic, False) for topic in mine]) == mine
    eventually(lambda: len(listener.heard) >= len(mine))
    assert listener.heard == [(topic, b"x") for topic in mine]
    for guest in (first, listener):
        guest.leave()


def test_a_box_cannot_leave_a_will_in_the_name_of_another(
    centre: Centre, certificates: dict[str, tuple[Path, Path]]
) -> None:
    listener = ingest(centre)
    assert listener.subscribe("phoan/1/+/box/+/status")
    box(centre, certificates, will=f"{B}/status").drop()
    box(centre, certificates, "phuong-4-1", will=f"{B}/status").drop()
    assert eventually(lambda: [topic for topic, payload in listener.heard if payload == b"will"]) == [f"{B}/status"]
    time.sleep(0.3)
    assert (f"{B}/status", b"will") == listener.heard[-1]
    assert [payload for _, payload in listener.heard].count(b"will") == 1
    listener.leave()


def test_a_box_cannot_read_another_by_any_pattern(centre: Centre, certificates: dict[str, tuple[Path, Path]]) -> None:
    first, centre_side = box(centre, certificates), ingest(centre)
    assert centre_side.publish(f"{B}/config", b"secret", retain=True)
    patterns = [
        f"{B}/config", f"{B}/cmd", f"{B}/#", "#", "+/#", "phoan/#", "phoan/1/+/box/+/config", "phoan/1/+/box/+/events",
        "phoan/1/an-luu/box/+/ack", f"{A}/#", f"{A}/+", f"$share/x/{B}/config",
        "$share/ingest-events/phoan/1/+/box/+/events", "$share/x/#", f"$share/x/{A}/ack", "$SYS/#",
        "$CONTROL/dynamic-security/v1/response",
    ]  # fmt: skip
    assert [pattern for pattern in patterns if first.subscribe(pattern)] == []
    for channel in ("config", "cmd", "ack"):
        assert first.subscribe(f"{A}/{channel}")
        assert centre_side.publish(f"{A}/{channel}", b"mine")
        assert centre_side.publish(f"{B}/{channel}", b"not mine")
    eventually(lambda: len(first.heard) == 3)
    assert {payload for _, payload in first.heard} == {b"mine"}
    centre_side.publish(f"{B}/config", b"", retain=True)
    for guest in (first, centre_side):
        guest.leave()


def test_a_device_speaks_for_itself_alone_and_hears_no_other(centre: Centre) -> None:
    smoke = device(centre)
    root = "phoan/1/an-luu/dev/khoi-cho-1"
    assert smoke.publish(f"{root}/tele")
    assert smoke.subscribe(f"{root}/cmd")
    for pattern in ("#", "phoan/1/an-luu/dev/#", "phoan/1/an-luu/dev/+/tele", f"{A}/config", "$share/x/#"):
        assert not smoke.subscribe(pattern), pattern
    others = ("phoan/1/an-luu/dev/khoi-cho-2/tele", f"{A}/events")
    assert smoke.taken([(topic, False) for topic in others]) == []
    smoke.leave()


def test_who_examines_a_box_comes_in_beside_the_running_link(
    centre: Centre, certificates: dict[str, tuple[Path, Path]]
) -> None:
    running = box(centre, certificates)
    login = doctor_login(login_of(AccountKind.BOX, "an-luu-1"))
    doctor = Guest(centre, login, PASSWORDS["an-luu-1"], doctor_client("an-luu-1"), certificates["an-luu-1"])
    assert doctor.is_in
    assert doctor.publish(f"{A}/reply", b"")
    assert not doctor.publish(f"{B}/reply", b"")
    assert running.lost is None
    for guest in (doctor, running):
        guest.leave()


def test_a_broker_whose_accounts_are_in_order_is_told_nothing(centre: Centre) -> None:
    written, lines = centre.broker.state.stat().st_mtime_ns, centre.said().count("into order")
    time.sleep(2.5)  # the worker looks every second
    assert centre.broker.state.stat().st_mtime_ns == written
    assert centre.said().count("into order") == lines


def test_no_password_is_in_any_log(centre: Centre) -> None:
    logs = centre.said() + centre.broker.said()
    for secret in (*PASSWORDS.values(), DEVICE_PASSWORD, INGEST[1], centre.broker.ADMIN[1]):
        assert secret not in logs


def test_a_killed_worker_makes_good_what_it_missed(centre: Centre, certificates: dict[str, tuple[Path, Path]]) -> None:
    second = box(centre, certificates, "phuong-4-1")
    centre.kill_accounts()
    new_password = "another password of the second box"
    seal = read_seal(centre.folder / "accounts.key")
    with psycopg.connect(centre.database, autocommit=True) as db, db.transaction():
        broker_accounts.put(db, AccountKind.BOX, "phuong-4-1", "phuong-4", new_password, seal)
    assert second.is_in
    centre.start_accounts()
    eventually(lambda: not second.is_in, 20)  # who holds the old password is cut
    second.leave()
    PASSWORDS["phuong-4-1"] = new_password
    eventually(lambda: _in(box(centre, certificates, "phuong-4-1")))


def test_a_new_password_that_cannot_be_read_ends_the_old_one_all_the_same(
    centre: Centre, certificates: dict[str, tuple[Path, Path]]
) -> None:
    """The API sealed it with another key: who holds the old password, perhaps a thief, is out even so."""
    second = box(centre, certificates, "phuong-4-1")
    assert second.is_in
    with psycopg.connect(centre.database, autocommit=True) as db:
        with db.transaction():
            other = Seal(b"the key of another centre, 32 bytes")
            broker_accounts.put(db, AccountKind.BOX, "phuong-4-1", "phuong-4", "a password that is lost", other)
        eventually(lambda: not second.is_in, 20)
        assert not _in(box(centre, certificates, "phuong-4-1"))
        eventually(lambda: "box.phuong-4-1 cannot be read" in centre.said())
        time.sleep(1.5)  # the worker looks every second
        assert not _in(box(centre, certificates, "phuong-4-1"))
        with db.transaction():
            seal = read_seal(centre.folder / "accounts.key")
            broker_accounts.put(db, AccountKind.BOX, "phuong-4-1", "phuong-4", PASSWORDS["phuong-4-1"], seal)
    eventually(lambda: _in(box(centre, certificates, "phuong-4-1")), 20)
    second.leave()


def test_a_broker_that_lost_its_accounts_has_them_again_soon(
    centre: Centre, certificates: dict[str, tuple[Path, Path]]
) -> None:
    centre.broker.lose_state()
    centre.broker.start()
    began = time.monotonic()
    eventually(lambda: _in(box(centre, certificates)), LIMIT_S)
    assert time.monotonic() - began < LIMIT_S
    assert _in(ingest(centre))


def test_a_revoked_box_is_cut_within_a_minute_and_cannot_come_back(
    centre: Centre, certificates: dict[str, tuple[Path, Path]], record_property: pytest.FixtureRequest
) -> None:
    first, other = box(centre, certificates), box(centre, certificates, "phuong-4-1")
    with psycopg.connect(centre.database, autocommit=True) as db:
        db.execute("UPDATE boxes SET state = 'online' WHERE id = 'an-luu-1'")
        began = time.monotonic()
        with db.transaction():
            enrolments.shut_out(db, "an-luu-1", by="tech", reason="hộp bị mất trộm")
        eventually(lambda: not first.is_in, LIMIT_S)
        took = time.monotonic() - began
        assert took < 5, "the database tells of it at once"
        record_property("seconds", round(took, 2))  # type: ignore[operator]
        print(f"cut after {took:.2f} s")
        state = "SELECT state FROM boxes WHERE id = 'an-luu-1'"
        eventually(lambda: db.execute(state).fetchone() == ("offline",))
    assert str(box(centre, certificates).answer) == "Not authorized"
    login = doctor_login(login_of(AccountKind.BOX, "an-luu-1"))
    assert not Guest(centre, login, PASSWORDS["an-luu-1"], doctor_client("an-luu-1"), certificates["an-luu-1"]).is_in
    assert other.is_in
    for guest in (first, other):
        guest.leave()


def _in(guest: Guest) -> bool:
    found = guest.is_in
    guest.leave()
    return found
