"""Sets the sample ward up and runs it: database, broker, cameras, ingest, API and box, each the real thing.

Everything it writes lies in one folder. The programs are started the way production starts them, by their settings
files; only what a person would do once (inventory, accounts) is done here directly.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import yaml

from api.access.passwords import hash_password
from api.evidence import key as evidence_key
from contracts.inventory import Inventory
from demo import broker, camera, film, ward
from demo.postgres import Postgres
from demo.processes import Processes, StartError, free_port, wait_for_port
from storage import accounts, inventory, migrate
from storage.accounts import UserRow
from storage.tokens import new_token

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Secrets:
    """Made at the first start, kept in the state folder."""

    box_token: str
    mqtt_box: str
    mqtt_ingest: str


class Stage:
    """The running demo."""

    def __init__(self, folder: Path, progress: Progress) -> None:
        self.folder = folder.resolve()
        self.processes = Processes(self.folder / "logs")
        self.database = ""
        self.api_url = ""
        self._progress = progress
        self._postgres: Postgres | None = None

    def start(self) -> None:
        """Start everything. Raises StartError; whatever runs by then must be ended with `stop`."""
        self.folder.mkdir(parents=True, exist_ok=True)
        keys = self._secrets()
        mqtt_port = self._start_broker(keys)
        camera_urls = self._start_cameras()
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
        self._progress("edge box: loading the detector")
        self._write("edge", ward.edge_settings(
            data_dir=self.folder / "box",
            mqtt={"host": "127.0.0.1", "port": mqtt_port, "username": "box", "password": keys.mqtt_box},
            api_url=self.api_url,
            box_token=keys.box_token,
            camera_urls=camera_urls,
        ))  # fmt: skip
        self.start_edge()

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

    def camera_names(self) -> list[str]:
        """Names of the camera processes."""
        return [f"camera-{item.id}" for item in ward.CAMERAS]

    def _secrets(self) -> Secrets:
        path = self.folder / "secrets.json"
        if not path.exists():
            made = Secrets(new_token(), secrets.token_hex(16), secrets.token_hex(16))
            path.touch(mode=0o600)
            path.write_text(json.dumps({name: getattr(made, name) for name in Secrets.__slots__}))
        return Secrets(**json.loads(path.read_text()))

    def _start_broker(self, keys: Secrets) -> int:
        self._progress("MQTT broker (rumqttd)")
        port = free_port()
        config = self.folder / "broker.toml"
        broker.write_config(config, port, {"box": keys.mqtt_box, "ingest": keys.mqtt_ingest})
        process = self.processes.start("broker", ["demo.broker", str(config)])
        wait_for_port(port, process, "the broker")
        return port

    def _start_cameras(self) -> dict[str, str]:
        self._progress("four RTSP cameras")
        urls, waiting = {}, []
        for item in ward.CAMERAS:
            folder = self.folder / "films" / item.id
            folder.mkdir(parents=True, exist_ok=True)
            film.rotated(film.STREET, item.offset_s, folder / "live.mp4")
            port = free_port()
            process = self.processes.start(f"camera-{item.id}", ["demo.camera", str(folder), str(port)])
            waiting.append((port, process, f"camera {item.id}"))
            urls[item.id] = camera.url(port, "live.mp4")
        for port, process, name in waiting:
            wait_for_port(port, process, name)
        return urls

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
        })  # fmt: skip
        process = self.processes.start("api", ["api", "--config", str(self.folder / "api.yaml"), "run"])
        wait_for_port(port, process, "the API")

    def _write(self, name: str, settings: dict[str, Any]) -> None:
        path = self.folder / f"{name}.yaml"
        path.touch(mode=0o600)
        path.write_text(yaml.safe_dump(settings, allow_unicode=True, sort_keys=False), encoding="utf-8")

    def check_alive(self) -> None:
        """Raises StartError when a part has ended by itself."""
        name = self.processes.ended()
        if name:
            raise StartError(f"{name} has ended by itself; see {self.processes.logs / name}.log")
