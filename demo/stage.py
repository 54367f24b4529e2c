"""Sets the sample ward up and runs it: database, broker, cameras, ingest, API and box, each the real thing.

Everything it writes lies in one folder. The programs are started the way production starts them, by their settings
files; only what a person would do once (inventory, accounts) is done here directly.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import yaml

from api.access.passwords import hash_password
from api.evidence import key as evidence_key
from api.payments import key as payment_key
from contracts.inventory import Inventory
from demo import broker, camera, devices, film, registry, speaker, two_streams, ward
from demo.postgres import Postgres
from demo.processes import Processes, StartError, free_port, wait_for_port
from demo.scene import reel
from edge.workers import Workers
from storage import accounts, inventory, migrate
from storage.accounts import UserRow
from storage.tokens import new_token

Progress = Callable[[str], None]

DRAW_TIMEOUT_S = 300.0
"""For the stall's film, which is drawn at the first start. It takes some seconds where nothing else runs."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """Made at the first start, kept in the state folder."""

    box_token: str
    mqtt_box: str
    mqtt_ingest: str
    mqtt_devices: str = ""


class Stage:
    """The running demo."""

    def __init__(self, folder: Path, progress: Progress) -> None:
        self.folder = folder.resolve()
        self.processes = Processes(self.folder / "logs")
        self.database = ""
        self.api_url = ""
        self._progress = progress
        self._postgres: Postgres | None = None
        self._drawing: list[str] = []

    def start(self) -> None:
        """Start everything. Raises StartError; whatever runs by then must be ended with `stop`."""
        self.folder.mkdir(parents=True, exist_ok=True)
        keys = self._secrets()
        small = self._draw_small()
        self._draw_stall()
        mqtt_port = self._start_broker(keys)
        self._start_database(keys)
        self._write("ingest", {
            "database": self.database,
            # One worker needs no share, and rumqttd can die of a share whose last worker was killed.
            "mqtt": {
                "host": "127.0.0.1",
                "port": mqtt_port,
                "username": "ingest",
                "password": keys.mqtt_ingest,
                "shared": False,
            },
        })  # fmt: skip
        self._progress("ingest")
        self.processes.start("ingest", ["ingest", "--config", str(self.folder / "ingest.yaml"), "run"])
        self._start_api()
        camera_urls, sub_urls = self._start_cameras(small)
        self._progress("edge box: loading the detector")
        self._write("edge", ward.edge_settings(
            data_dir=self.folder / "box",
            mqtt={"host": "127.0.0.1", "port": mqtt_port, "username": "box", "password": keys.mqtt_box},
            api_url=self.api_url,
            box_token=keys.box_token,
            camera_urls=camera_urls,
            sub_urls=sub_urls,
            speaker_url=self._start_speaker(),
        ))  # fmt: skip
        self.start_edge()
        self._progress("soundboxes, a plug, a UPS, a smoke detector")
        devices.set_broken(self.folder, frozenset())
        self.processes.start("devices", ["demo.devices", str(self.folder), str(mqtt_port), keys.mqtt_devices])

    def _start_speaker(self) -> str:
        port = free_port()
        process = self.processes.start("speaker", ["demo.speaker", str(self.folder / "speaker"), str(port)])
        wait_for_port(port, process, "the loudspeaker")
        return f"http://127.0.0.1:{port}{speaker.PATH}"

    def start_edge(self) -> None:
        """Start the box; also after `processes.stop(["edge"])`."""
        self.processes.start("edge", ["edge", "--config", str(self.folder / "edge.yaml"), "run"])

    def stop(self) -> None:
        """End everything within a few seconds; the state stays."""
        self.processes.stop_all()
        if self._postgres:
            self._postgres.stop()
            self._postgres = None

    def query(self, statement: LiteralString) -> list[tuple[Any, ...]]:
        """Ask the database something."""
        with psycopg.connect(self.database) as connection:
            return connection.execute(statement).fetchall()

    @property
    def reel(self) -> Path:
        """The folder of the stall's film, in which a sticker can be swapped (demo.sticker)."""
        return reel_of(self.folder)

    def camera_names(self) -> list[str]:
        """Names of the camera processes."""
        return [f"camera-{item.id}" for item in ward.CAMERAS]

    def _secrets(self) -> Secrets:
        path = self.folder / "secrets.json"
        if not path.exists():
            self._keep_secrets(path, Secrets(new_token(), secrets.token_hex(16), secrets.token_hex(16)))
        kept = Secrets(**json.loads(path.read_text()))
        if not kept.mqtt_devices:  # a demo of before there were devices
            kept = self._keep_secrets(path, replace(kept, mqtt_devices=secrets.token_hex(16)))
        return kept

    def _keep_secrets(self, path: Path, made: Secrets) -> Secrets:
        path.touch(mode=0o600)
        path.write_text(json.dumps({name: getattr(made, name) for name in Secrets.__slots__}))
        return made

    def _start_broker(self, keys: Secrets) -> int:
        self._progress("MQTT broker (rumqttd)")
        port = free_port()
        config = self.folder / "broker.toml"
        accounts = {"box": keys.mqtt_box, "ingest": keys.mqtt_ingest, devices.ACCOUNT: keys.mqtt_devices}
        broker.write_config(config, port, accounts)
        process = self.processes.start("broker", ["demo.broker", str(config)])
        wait_for_port(port, process, "the broker")
        return port

    def _draw_small(self) -> Future[Path]:
        """Begin to make the film of the sub-streams, where it is not there yet."""
        target = self.folder / "films" / "small.mp4"
        target.parent.mkdir(parents=True, exist_ok=True)

        def make() -> Path:
            film.smaller(film.STREET, target)
            return target

        return Workers(1, "film").submit(make)

    def _draw_stall(self) -> None:
        """Begin to draw the stall's film, where it is not there yet, with all cores."""
        if reel.drawn(self.reel):
            return
        parts = os.cpu_count() or 1
        self._drawing = [f"drawing-{part}" for part in range(parts)]
        for part, name in enumerate(self._drawing):
            self.processes.start(name, ["demo.scene.films", str(self.reel), str(part), str(parts)])

    def _await_stall(self) -> None:
        """Wait until the camera can begin; what a swap needs is drawn while the ward runs."""
        deadline = time.monotonic() + DRAW_TIMEOUT_S
        if self._drawing:
            self._progress("the stall's film is being drawn (once)")
        while not reel.drawn(self.reel, reel.LOOP):
            self._end_drawing()
            if not self._drawing or time.monotonic() > deadline:
                raise StartError(f"the stall's film was not drawn; see {self.processes.logs}")
            time.sleep(0.05)

    def _end_drawing(self) -> None:
        """Forget who has drawn their part."""
        for name in self._drawing:
            if self.processes.running[name].poll() == 0:
                del self.processes.running[name]
        self._drawing = [name for name in self._drawing if name in self.processes.running]

    def _start_cameras(self, small: Future[Path]) -> tuple[dict[str, str], dict[str, str]]:
        """The addresses of the cameras' main streams and of their sub-streams."""
        self._await_stall()
        self._progress("five RTSP cameras")
        urls, subs, waiting = {}, {}, []
        for item in ward.CAMERAS:
            folder = self.folder / "films" / item.id
            folder.mkdir(parents=True, exist_ok=True)
            if not item.stall:
                film.rotated(film.STREET, item.offset_s, folder / two_streams.MAIN)
                film.rotated(small.result(), item.offset_s, folder / two_streams.SUB)
            port = free_port()
            process = self.processes.start(f"camera-{item.id}", ["demo.camera", str(folder), str(port)])
            waiting.append((port, process, f"camera {item.id}"))
            urls[item.id] = camera.url(port, reel.FIRST.name if item.stall else two_streams.MAIN)
            if not item.stall:
                subs[item.id] = camera.url(port, two_streams.SUB)
        for port, process, name in waiting:
            wait_for_port(port, process, name)
        return urls, subs

    def _start_database(self, keys: Secrets) -> None:
        self._progress("PostgreSQL, schema, inventory, sample accounts")
        self._postgres = Postgres(self.folder / "postgres")
        self.database = self._postgres.create_database("phoan")
        with psycopg.connect(self.database, autocommit=True) as connection:
            migrate.migrate(connection)
            inventory.apply(connection, Inventory.model_validate(ward.inventory(keys.box_token)))
            for user in ward.USERS:
                row = UserRow(
                    user.username, user.name, hash_password(user.password), user.role, [ward.WARD], disabled=False
                )
                accounts.put_user(connection, row)
            registry.enter(connection, self._payment_key().read_bytes())

    def _payment_key(self) -> Path:
        """The key of payment codes; made at the first start."""
        path = self.folder / "payment-key"
        if not path.exists():
            payment_key.make(path)
        return path

    def _evidence_key(self) -> Path:
        """The key that signs exports; made at the first start."""
        path = self.folder / "evidence-key.pem"
        if not path.exists():
            evidence_key.make(path)
        return path

    def _start_api(self) -> None:
        self._progress("API and live wall")
        port = free_port(8080)
        self.api_url = f"http://127.0.0.1:{port}"
        self._write("api", {
            "database": self.database,
            "media_dir": str(self.folder / "media"),
            "port": port,
            "cookie_secure": False,
            "evidence_key": str(self._evidence_key()),
            "payment_key_file": str(self._payment_key()),
            "public_wards": [ward.WARD],
        })  # fmt: skip
        process = self.processes.start("api", ["api", "--config", str(self.folder / "api.yaml"), "run"])
        wait_for_port(port, process, "the API")

    def _write(self, name: str, settings: dict[str, Any]) -> None:
        path = self.folder / f"{name}.yaml"
        path.touch(mode=0o600)
        path.write_text(yaml.safe_dump(settings, allow_unicode=True, sort_keys=False), encoding="utf-8")

    def ended(self) -> str | None:
        """The name of a part that has ended by itself; who has drawn the stall's film is done, and is none."""
        self._end_drawing()
        return self.processes.ended()

    def check_alive(self) -> None:
        """Raises StartError when a part has ended by itself."""
        name = self.ended()
        if name:
            raise StartError(f"{name} has ended by itself; see {self.processes.logs / name}.log")


def reel_of(folder: Path) -> Path:
    """Where the stall's film lies in a demo's folder."""
    return folder / "films" / ward.STALL
