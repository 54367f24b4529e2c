from __future__ import annotations

import json
import threading
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from contracts.status import CameraState
from edge.centre.outbox import Outbox
from edge.config import AnalysisSettings, CameraSettings
from edge.crew import start_camera
from edge.measure import Measurements
from edge.station import Station
from edge.supervise import Supervisor
from tests.edge.rules.frames import at, sighting, standing
from tests.support.cameras import GoodCamera, address
from tests.support.waiting import eventually

PICTURE = np.zeros((8, 8, 3), np.uint8)


def watching(url: str) -> Station:
    """A camera with a line down the middle of its picture."""
    settings = CameraSettings.model_validate(
        {
            "id": "cho-1",
            "site": "cho",
            "url": url,
            "lines": [{"id": "cong", "points": [[0.5, 0], [0.5, 1]], "counts": ["person", "vehicle"]}],
        }
    )
    return Station(settings, AnalysisSettings(), "UTC", ready=threading.Event(), on_change=lambda: None)


def samples(outbox: Outbox, metric: str) -> list[dict[str, Any]]:
    bodies = [json.loads(record.body) for record in outbox.waiting(10_000)]
    return [body for body in bodies if body["metric"] == metric]


def walk_to_and_fro(station: Station, ways: int) -> None:
    """A person walks over the line and back, and a motorcycle over it only."""
    for index in range(ways + 1):
        x = 0.3 if index % 2 else 0.7
        seen = [sighting("a", standing((x, 0.5)))]
        if index < 2:
            seen.append(sighting("m", standing((x, 0.9)), "motorcycle"))
        station.lookout.scene(PICTURE, at(index), tuple(seen))


def measured(tmp_path: Path, station: Station) -> dict[str, list[float]]:
    """What the outbox holds of the line after some measurements, by metric."""
    outbox, stop = Outbox(tmp_path / "outbox.db", max_records=10_000), threading.Event()
    measurements = Measurements("hop-1", tmp_path, [station], outbox, every_s=0.02)
    thread = threading.Thread(target=measurements.run, args=(stop,))
    thread.start()
    walk_to_and_fro(station, 501)
    before = len(samples(outbox, "camera.streaming"))
    eventually(lambda: len(samples(outbox, "camera.streaming")) >= before + 3)
    stop.set()
    thread.join(10)
    found: dict[str, list[float]] = defaultdict(list)
    for metric in ("line.in", "line.out", "line.in_vehicle", "line.out_vehicle"):
        for sample in samples(outbox, metric):
            assert (sample["device"], sample["zone"]) == ("cho-1", "cong")
            found[metric].append(sample["value"])
    outbox.close()
    return dict(found)


def test_every_crossing_is_measured_exactly_once_and_a_calm_line_is_zero(tmp_path: Path) -> None:
    camera, supervisor = GoodCamera(tmp_path), Supervisor()
    camera.start()
    station = watching(address(camera.port))
    start_camera(supervisor, station)
    eventually(lambda: station.state is CameraState.STREAMING)
    values = measured(tmp_path, station)
    supervisor.stop.set()
    supervisor.join(5)
    camera.stop()
    assert {metric: sum(found) for metric, found in values.items()} == {
        "line.in": 251, "line.out": 250, "line.in_vehicle": 1, "line.out_vehicle": 0,
    }  # fmt: skip
    assert values["line.in"][-1] == 0


def test_a_camera_that_failed_still_tells_who_crossed_and_never_that_nobody_did(tmp_path: Path) -> None:
    values = measured(tmp_path, watching("rtsp://127.0.0.1:1/x"))
    assert {metric: sum(found) for metric, found in values.items()} == {
        "line.in": 251, "line.out": 250, "line.in_vehicle": 1,
    }  # fmt: skip
    assert all(value > 0 for found in values.values() for value in found)


def test_what_waits_and_what_was_given_up_is_told(tmp_path: Path) -> None:
    outbox, stop = Outbox(tmp_path / "outbox.db", max_records=20), threading.Event()
    thread = threading.Thread(target=Measurements("hop-1", tmp_path, [], outbox, every_s=0.01).run, args=(stop,))
    thread.start()
    eventually(lambda: outbox.dropped > 0)
    eventually(lambda: any(sample["value"] > 0 for sample in samples(outbox, "outbox.dropped")))
    stop.set()
    thread.join(10)
    assert samples(outbox, "outbox.pending")
    outbox.close()
