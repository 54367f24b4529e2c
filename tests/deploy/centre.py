"""The centre of the tests, and what comes to it from outside: people over HTTPS, boxes over MQTT with TLS."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import paho.mqtt.client as mqtt
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from paho.mqtt.enums import CallbackAPIVersion

from contracts.enrolment import parse_code
from contracts.event import EventBatch, EventRecord
from contracts.records import Ack
from contracts.topics import BoxTopic, Channel
from contracts.wire import read
from tests.support.containers import Container, Containers
from tests.support.samples import EPOCH, INVENTORY, NOON, event

SERVICES: Final = ("timescaledb", "mosquitto", "migrate", "accounts", "ingest", "notify", "api", "proxy", "backup")
REPLICAS: Final = {"ingest": 2}
RUN_ONCE: Final = ("migrate",)
START_S: Final = 300.0
NOT_HERE: Final = ("grafana",)
"""No Grafana is installed on the machines that test."""
PASSWORD: Final = "mật khẩu đủ dài"
WARD, BOX = "an-luu", "an-luu-1"


class Centre:
    """Every service of the compose file but Grafana; ingest twice."""

    def __init__(self, project: dict[str, Any], folder: Path, own: Path) -> None:
        self.folder = folder
        folder.chmod(0o755)
        self.ca = own / "certificates" / "ca.pem"
        self.containers = Containers(project, folder)
        replicas = [(name, number + 1) for name in SERVICES for number in range(REPLICAS.get(name, 1))]
        self.all: dict[str, Container] = {
            container.name: container for container in (self.containers.create(*replica) for replica in replicas)
        }
        self.https = self.containers.network.publish("proxy-1", 8443)
        self.http = self.containers.network.publish("proxy-1", 8080)
        self.mqtt = self.containers.network.publish("mosquitto-1", 8883)

    def start(self) -> None:
        """In the order that `depends_on` says, as much at once as it lets."""
        deadline = time.monotonic() + START_S
        left = list(self.all.values())
        while left:
            for container in [container for container in left if self._may_start(container)]:
                self.containers.start(container)
                left.remove(container)
            assert time.monotonic() < deadline, f"{left[0].name} could not start"
        for container in self.all.values():
            if container.service not in RUN_ONCE:
                self.containers.wait_healthy(container)
        self._declare()

    def _may_start(self, container: Container) -> bool:
        return all(
            self._is(self.one(name), said["condition"]) for name, said in container.spec.get("depends_on", {}).items()
        )

    def _is(self, container: Container, condition: str) -> bool:
        if container.process is None:
            return False
        code = container.process.poll()
        match condition:
            case "service_completed_successfully":
                assert not code, container.said()
                return code == 0
            case "service_healthy":
                assert code is None, container.said()
                return self.containers.healthy(container)
            case _:
                return True

    def stop(self) -> None:
        self.containers.close()

    def one(self, service: str) -> Container:
        return self.all[f"{service}-1"]

    @contextmanager
    def client(self, user: str | None = None) -> Iterator[httpx.Client]:
        """What a browser is: HTTPS by the address, verified by the centre's authority; `user` signs in."""
        context = ssl.create_default_context(cafile=self.ca)
        with httpx.Client(base_url=f"https://127.0.0.1:{self.https}", verify=context, timeout=20) as client:
            if user:
                answer = client.post("/api/v1/session", json={"username": user, "password": PASSWORD})
                assert answer.status_code == 200, answer.text
            yield client

    def enrolled(self) -> Box:
        """A box that came in with a code, over the proxy."""
        api = self.one("api")
        said = self.containers.execute(api, ["phoan-api", "enrol-code", "--box", BOX, "--ward", WARD, "--plain"])
        assert said.returncode == 0, said.stderr
        key = ec.generate_private_key(ec.SECP256R1())
        request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, hashes.SHA256())
        password = "the-secret-that-only-this-box-knows-of-all"
        asked = {
            "secret": parse_code(said.stdout).secret,
            "certificate_request": request.public_bytes(Encoding.PEM).decode(),
            "mqtt_password": password,
        }
        with self.client() as client:
            answer = client.post("/api/v1/enrol", json=asked)
        assert answer.status_code == 201, answer.text
        files = self.folder / BOX
        files.mkdir(exist_ok=True)
        (files / "box.pem").write_text(answer.json()["certificate"], encoding="utf-8")
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (files / "box-key.pem").write_bytes(secret)
        return Box(self, files, answer.json()["mqtt"]["username"], password)

    def _declare(self) -> None:
        inventory = self.folder / "inventory.yaml"
        declared = INVENTORY.model_dump(mode="json", exclude_none=True, exclude={"boxes": {"__all__": {"token"}}})
        inventory.write_text(yaml.safe_dump(declared, allow_unicode=True), encoding="utf-8")
        api, place = self.one("api"), "/run/inventory.yaml"
        done = self.containers.run(api, "phoan-api", "inventory", place, more={place: inventory})
        assert done.returncode == 0, done.stdout
        person = ["phoan-api", "user", "lan", "--role", "police", "--ward", WARD]
        made = self.containers.execute(api, person, stdin=f"{PASSWORD}\n")
        assert made.returncode == 0, made.stderr


class Box:
    """An enrolled box's end of the wire."""

    def __init__(self, centre: Centre, files: Path, username: str, password: str) -> None:
        self.acked: set[int] = set()
        self._port = centre.mqtt
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, f"phoan-edge-{BOX}", protocol=mqtt.MQTTv5)
        self._client.username_pw_set(username, password)
        self._client.tls_set(str(centre.ca), str(files / "box.pem"), str(files / "box-key.pem"))
        self._client.on_connect = self._on_connect
        self._client.on_message = self._on_message
        self._client.reconnect_delay_set(1, 1)

    def open(self) -> None:
        """Connect, and again for as long as the broker refuses."""
        self._client.connect("127.0.0.1", self._port)
        self._client.loop_start()

    def send_event(self, seq: int) -> None:
        records = (EventRecord(seq=seq, event=event(revision=seq)),)
        batch = EventBatch(box=BOX, epoch=EPOCH, sent_at=NOON, records=records)
        self._client.publish(str(BoxTopic(WARD, BOX, Channel.EVENTS)), batch.to_bytes(), qos=1)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(self, client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _props: Any) -> None:
        if not reason.is_failure:
            client.subscribe(str(BoxTopic(WARD, BOX, Channel.ACK)), qos=1)

    def _on_message(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        for span in read(Ack, bytes(message.payload)).ranges:
            self.acked |= set(range(span.first, span.last + 1))
