"""The whole box as a process, with a camera that shows a swap and a centre that says who may be paid."""

from __future__ import annotations

import sqlite3
import stat
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import av
import numpy as np
import pytest
import yaml
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from contracts.event import Event, EventRecord, Phase
from contracts.telemetry import SampleRecord
from demo.camera import url
from demo.processes import Processes, free_port, wait_for_port
from edge.footage.media import MediaStore
from edge.payment.allowed import FILE
from edge.payment.reader import Reader
from tests.edge.payment.stalls import HEIGHT, OTHER, POINT, REGION, TEXT, WIDTH, fingerprints, said, stall
from tests.support.waiting import eventually

FPS = 10
OURS_S, THEIRS_S = 7, 18


def film(path: Path, ours_s: int = OURS_S, theirs_s: int = THEIRS_S) -> None:
    """A board whose code is exchanged after a while."""
    with av.open(str(path), "w", format="mp4") as out:
        stream = out.add_stream(
            "libx264", rate=FPS, options={"preset": "ultrafast", "tune": "zerolatency", "crf": "26"}
        )
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = WIDTH, HEIGHT, "yuv420p", FPS
        for text, seconds in ((TEXT, ours_s), (OTHER, theirs_s)):
            looks = [VideoFrame.from_ndarray(stall(text, noise=1.5, seed=seed), format="gray") for seed in range(4)]
            for number in range(seconds * FPS):
                out.mux(stream.encode(looks[number % 4].reformat(format="yuv420p")))
        out.mux(stream.encode(None))


@pytest.fixture
def centre() -> Iterator[str]:
    """An API that says who may be paid to every box that dials in."""

    def speak(socket: ServerConnection) -> None:
        socket.send(said(TEXT).to_bytes().decode())
        try:
            for _ in socket:
                pass
        except ConnectionClosed:
            return

    server = serve(speak, "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.socket.getsockname()[1]}"
    server.shutdown()
    thread.join()


@pytest.fixture
def data(tmp_path: Path, centre: str) -> Iterator[Path]:
    """The folder of a box that runs, with its camera."""
    films = tmp_path / "films"
    films.mkdir()
    film(films / "sap.mp4")
    processes, port = Processes(tmp_path / "logs"), free_port()
    (tmp_path / "logs").mkdir(exist_ok=True)
    settings = {
        "ward": "an-luu", "box": "an-luu-1", "data_dir": str(tmp_path / "data"),
        "mqtt": {"host": "127.0.0.1", "port": free_port()},
        "centre": {"url": centre, "token": "x" * 32},
        "analysis": {"fps": 2},
        "clips": {"before_s": 1, "after_s": 3, "longest_s": 20, "payment_before_s": 5},
        "cameras": [
            {
                "id": "cho-1", "site": "cho-an-luu", "url": url(port, "sap.mp4"),
                "payment_points": [{"id": POINT, "region": REGION, "every_s": 0.5}],
            }
        ],
    }  # fmt: skip
    (tmp_path / "edge.yaml").write_text(yaml.safe_dump(settings))
    try:
        camera = processes.start("camera", ["demo.camera", str(films), str(port)])
        wait_for_port(port, camera, "the camera")
        processes.start("box", ["edge", "--config", str(tmp_path / "edge.yaml"), "run"])
        yield tmp_path / "data"
    finally:
        processes.stop_all()


def records(data: Path, kind: str) -> list[str]:
    """What waits in a running box's outbox."""
    if not (data / "outbox.db").exists():
        return []
    database = sqlite3.connect(f"file:{data / 'outbox.db'}?mode=ro", uri=True, timeout=10)
    try:
        return [body for (body,) in database.execute("SELECT body FROM records WHERE kind = ? ORDER BY seq", (kind,))]
    except sqlite3.OperationalError:
        return []  # it is being made
    finally:
        database.close()


def with_clip(data: Path) -> Event | None:
    events = [EventRecord.model_validate_json(body).event for body in records(data, "event")]
    return next((event for event in events if event.clip), None)


def texts(path: Path) -> list[str]:
    """The code that each picture of a clip shows, where it can be read."""
    reader = Reader()
    with av.open(str(path)) as clip:
        pictures = [frame.to_ndarray(format="gray").astype(np.uint8) for frame in clip.decode(video=0)]
    return [seen.text for picture in pictures for seen in reader.read(picture, closely=False)]


def test_a_swap_before_a_real_camera_becomes_an_event_whose_clip_shows_the_moments_before_it(data: Path) -> None:
    event = eventually(lambda: with_clip(data), timeout_s=60)
    assert (event.kind, event.payment_point, event.camera) == ("payment_code_mismatch", POINT, "cho-1")
    assert event.phase is Phase.UPDATE
    assert event.why["code"] == fingerprints(OTHER)[0][:12]
    seconds = event.why["seconds"]
    assert isinstance(seconds, float)
    assert 3 <= seconds <= 5
    assert event.clip_began_at is not None
    first_sign = event.opened_at - timedelta(seconds=seconds)
    assert timedelta(seconds=4.9) <= first_sign - event.clip_began_at <= timedelta(seconds=6.6)
    path = MediaStore(data / "media", max_bytes=100_000_000).find(event.clip or "")
    assert path
    shown = texts(path)
    assert set(shown) == {TEXT, OTHER}
    assert (shown[0], shown[-1]) == (TEXT, OTHER)
    assert shown.count(TEXT) / FPS == pytest.approx(5.5, abs=1.2)
    assert shown.count(OTHER) / FPS >= seconds + 2
    samples = [SampleRecord.model_validate_json(body) for body in records(data, "sample")]
    verified = [sample.value for sample in samples if (sample.device, sample.metric) == (POINT, "code.verified")]
    assert verified[:2] == [1.0, 0.0]
    assert stat.S_IMODE((data / FILE).stat().st_mode) == 0o600
