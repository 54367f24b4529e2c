"""A box as a process of its own that a test configures over a real broker, before cameras that count connections."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import yaml
from paho.mqtt.enums import CallbackAPIVersion

from contracts.configuration import PushedConfiguration, pushed
from contracts.status import BoxStatus
from contracts.topics import BoxTopic, Channel
from demo.processes import free_port
from tests.support.samples import NOON
from tests.support.waiting import eventually

PROGRAM = """
import os, sys
import cv2
import numpy as np
import edge.__main__ as program
from contracts.model import ModelCard
from edge.detect import NOTHING, Detections, DetectorError


class Sure:
    name, batch = "sure", 4
    inputs = ((300, 300),)
    card = ModelCard(name=name, digest="0" * 64, licence="Apache-2.0", source="this test", classes=("person",))

    def detect(self, pictures):
        if os.path.exists({deadly!r}):
            os._exit(9)
        return [self._square(picture) for picture in pictures]

    def _square(self, picture):
        bright = ((picture[:, :, 2] > 150) & (picture[:, :, 1] > 120)).astype(np.uint8)
        parts = cv2.connectedComponentsWithStats(bright)[2][1:]  # crops of several cameras lie in one input
        boxes = [[x, y, x + width, y + height] for x, y, width, height, area in parts if area >= 100]
        if not boxes:
            return NOTHING
        return Detections(np.array(boxes, np.float32), np.full(len(boxes), 0.9, np.float32), np.zeros(len(boxes), int))


def load(settings):
    if settings.kind == "yolo":
        raise DetectorError("there are no weights at " + settings.weights)
    return Sure()


program.load_detector = load
sys.exit(program.main())
"""
SQUARE = [[0.1, 0.1], [0.9, 0.1], [0.9, 0.95], [0.1, 0.95]]
CHECKS = ("covered", "blurred", "moved", "dark", "frozen", "stalled")
WARD, BOX = "an-luu", "an-luu-1"


class ConfiguredBox:
    """`phoan-edge run` with a detector that takes the square of `tests.support.streams` for a person. While the file
    `deadly` is there, it dies of it.
    """

    def __init__(self, folder: Path, broker: int, cameras: list[dict[str, Any]], **more: object) -> None:
        self.folder, self.data = folder, folder / "data"
        self.deadly = folder / "deadly"
        self._metrics = free_port()
        self._program = folder / "box.py"
        self._program.write_text(PROGRAM.format(deadly=str(self.deadly)))
        self._log = folder / "box.log"
        settings = {
            "ward": WARD, "box": BOX, "data_dir": str(self.data), "mqtt": {"host": "127.0.0.1", "port": broker},
            "health": {check: {"enabled": False} for check in CHECKS},
            "metrics": {"port": self._metrics}, "trial_s": 8, "clips": None, "cameras": cameras, **more,
        }  # fmt: skip
        (folder / "edge.yaml").write_text(yaml.safe_dump(settings))
        self.process: subprocess.Popen[bytes] | None = None
        self.environment: dict[str, str] = {}
        self.status: BoxStatus | None = None
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        self._client.on_connect = lambda client, *_: client.subscribe(str(BoxTopic(WARD, BOX, Channel.STATUS)), qos=1)
        self._client.on_message = self._hear
        self._client.connect("127.0.0.1", broker)
        self._client.loop_start()

    def _hear(self, _client: object, _data: object, message: mqtt.MQTTMessage) -> None:
        self.status = BoxStatus.model_validate_json(message.payload)

    def start(self) -> None:
        command = [sys.executable, str(self._program), "--config", str(self.folder / "edge.yaml"), "run"]
        own = {"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": "/usr/bin"}
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env={**own, **self.environment})

    def push(self, revision: int, document: Mapping[str, Any]) -> PushedConfiguration:
        message = pushed(revision, NOON, document)
        self.say(message.to_bytes())
        return message

    def say(self, payload: bytes) -> None:
        self._client.publish(str(BoxTopic(WARD, BOX, Channel.CONFIG)), payload, qos=1, retain=True)

    def answer(self, revision: int, *states: str, timeout_s: float = 40.0) -> tuple[str, str, int]:
        """State, reason and the revision that runs, once the box says one of `states` of `revision`."""

        def said() -> tuple[str, str, int] | None:
            config = self.status.config if self.status else None
            if config is None or config.revision != revision or config.state not in states:
                return None
            return config.state, config.reason, config.running

        return eventually(said, timeout_s)

    def streaming(self) -> set[str]:
        cameras = self.status.cameras if self.status and self.status.state == "online" else ()
        return {camera.id for camera in cameras if camera.state == "streaming"}

    def frames(self, camera: str) -> float:
        """How many pictures of it have arrived, as the box counts them."""
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self._metrics}/metrics") as page:
            for line in page.read().decode().splitlines():
                if line.startswith(f'phoan_edge_frames_total{{camera="{camera}"}}'):
                    return float(line.rpartition(" ")[2])
        return 0.0

    def longest_gap_s(self, camera: str, over: float) -> float:
        """For how long no picture of a camera arrived at most, within so many seconds."""
        longest = 0.0
        began = last = time.monotonic()
        seen = self.frames(camera)
        while time.monotonic() - began < over:
            time.sleep(0.1)
            now = self.frames(camera)
            if now != seen:
                seen, last = now, time.monotonic()
            longest = max(longest, time.monotonic() - last)
        return longest

    def events(self) -> list[dict[str, Any]]:
        """The newest revision of every event that waits in the outbox, in the order of their opening."""
        import sqlite3

        with contextlib.closing(sqlite3.connect(f"file:{self.data / 'outbox.db'}?mode=ro", uri=True)) as database:
            rows = database.execute("SELECT body FROM records WHERE kind = 'event' ORDER BY seq").fetchall()
        events: dict[str, dict[str, Any]] = {}
        for (body,) in rows:
            event = json.loads(body)["event"]
            events[event["id"]] = event
        return list(events.values())

    def said(self) -> str:
        return self._log.read_text() if self._log.exists() else ""

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)
        self._client.disconnect()
        self._client.loop_stop()


def camera(name: str, url: str, *rules: dict[str, Any], polygon: object = SQUARE) -> dict[str, Any]:
    """One camera of a document, with a zone `san` and an intrusion rule unless told otherwise."""
    watch = {"kind": "intrusion", "id": "vao-san", "zone": "san", "min_seconds": 0.5, "clear_after_s": 60}
    return {
        "id": name, "site": "quang-trung", "url": url, "zones": [{"id": "san", "polygon": polygon}],
        "rules": list(rules) or [watch],
    }  # fmt: skip
