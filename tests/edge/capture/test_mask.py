"""Nothing behind a privacy mask leaves the box: snapshots, thumbnails, live pictures, clips and tracks are searched for
what only stands behind the mask.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from av.video.frame import VideoFrame
from pydantic import SecretStr
from websockets.sync.server import Server, ServerConnection, serve

from contracts.event import EventRecord
from contracts.feed import Watch
from contracts.picture import unpack
from edge.analysis import Analysis
from edge.capture.capture import CapturedFrame
from edge.capture.mask import COLOUR, Mask, margin_px
from edge.centre.live import TRANSIENT, Live
from edge.centre.outbox import Outbox
from edge.config import AnalysisSettings, CameraSettings, CentreSettings
from edge.events import EventBook
from edge.footage.media import MediaStore
from edge.footage.redact import Redactor
from edge.station import Station
from edge.supervise import Supervisor
from tests.support import footage
from tests.support.detectors import MAGENTA, PaintedDetector
from tests.support.footage import Pixels
from tests.support.samples import NOON
from tests.support.waiting import eventually

SECRET = (0, 255, 0)
"""What stands behind the mask, in a colour that the film has nowhere."""

SLANTED = ((0.55, 0.1), (0.9, 0.25), (0.8, 0.85), (0.6, 0.7))
ID = "quang-trung-1"
CAMERA = CameraSettings.model_validate(
    {
        "id": ID,
        "site": "quang-trung",
        "url": SecretStr("rtsp://127.0.0.1:1/x"),
        "masks": [SLANTED],
        "zones": [{"id": "het-thay", "polygon": [[0, 0], [1, 0], [1, 1], [0, 1]]}],
        "rules": [{"id": "ngoai-gio", "kind": "intrusion", "zone": "het-thay", "min_seconds": 1}],
    }
)


def secret(picture: Pixels) -> Pixels:
    """The picture with the secret in just the masked polygon."""
    height, width = picture.shape[:2]
    corners = np.rint(np.array(SLANTED) * (width, height)).astype(np.int32)
    return np.asarray(cv2.fillPoly(picture.copy(), [corners], SECRET), np.uint8)


def shows_secret(picture: Pixels) -> bool:
    """Whether any pixel is more green than compression makes the rim of a magenta person."""
    blue, green, red = (picture[..., channel].astype(np.int16) for channel in range(3))
    return bool((green - np.maximum(blue, red) > 90).any())


def decoded(jpeg: bytes) -> Pixels:
    return np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def person(picture: Pixels, left: int) -> Pixels:
    walked = picture.copy()
    walked[300:370, left : left + 30] = MAGENTA
    return walked


class Centre:
    """An API that watches the camera and keeps what it is sent."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self._server: Server = serve(self._hear, "127.0.0.1", 0)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.socket.getsockname()[1]}"

    def _hear(self, socket: ServerConnection) -> None:
        socket.send(Watch(cameras=(ID,)).model_dump_json())
        for message in socket:
            self.messages.append(bytes(message) if isinstance(message, bytes) else message.encode())

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()


@pytest.fixture
def centre() -> Iterator[Centre]:
    centre = Centre()
    yield centre
    centre.close()


def _analysed(station: Station, frames: int) -> bool:
    return station.analysed == frames


def test_snapshots_thumbnails_and_live_pictures_show_nothing_masked(tmp_path: Path, centre: Centre) -> None:
    settings, ready, supervisor = AnalysisSettings(fps=30), threading.Event(), Supervisor()
    outbox = Outbox(tmp_path / "outbox.db", max_records=1000)
    media = MediaStore(tmp_path / "media", max_bytes=50_000_000)
    station = Station(CAMERA, settings, "UTC", ready=ready, on_change=lambda: None)
    live = Live(CentreSettings(url=centre.url, token=SecretStr("x" * 32)), (ID,))
    analysis = Analysis([station], settings, PaintedDetector(), EventBook(outbox), media, live, ready)
    supervisor.keep_running("live", lambda: live.run(supervisor.stop), transient=TRANSIENT)
    supervisor.start("analysis", lambda: analysis.run(supervisor.stop))
    eventually(lambda: live.watched(ID))
    for number, picture in enumerate(footage.street()[:25]):
        # One person walks in the open, and one behind the mask, where the secret stands too.
        shown = person(person(secret(picture), 100), 520)
        assert shows_secret(shown)
        frame = VideoFrame.from_ndarray(shown, format="bgr24").reformat(format="yuv420p")
        station.frames.put(CapturedFrame(frame, NOON + timedelta(seconds=number / 5)))
        eventually(partial(_analysed, station, number + 1))
    eventually(lambda: len(centre.messages) >= 3)
    supervisor.stop.set()
    supervisor.join(5)
    events = [EventRecord.model_validate_json(record.body).event for record in outbox.waiting(100)]
    outbox.close()
    assert not supervisor.failed

    assert {event.count for event in events} == {1}, "who stands behind the mask is nobody"
    digests = {digest for event in events for digest in (event.snapshot, event.thumbnail) if digest}
    assert len(digests) >= 2
    kept = [path for digest in digests if (path := media.find(digest))]
    assert len(kept) == len(digests)
    pictures = [decoded(path.read_bytes()) for path in kept]
    for message in centre.messages:
        header, jpeg = unpack(message)
        assert all(track.box.x2 < 0.5 for track in header.tracks)
        pictures.append(decoded(jpeg))
    assert not any(shows_secret(picture) for picture in pictures)


def test_no_frame_of_a_clip_shows_anything_masked(tmp_path: Path) -> None:
    film = tmp_path / "clip.mp4"
    with av.open(str(film), "w") as out:
        stream = out.add_stream("libx264", rate=10, options={"crf": "30"})
        stream.width, stream.height, stream.pix_fmt = 768, 576, "yuv420p"
        for picture in footage.street()[:15]:
            out.mux(stream.encode(VideoFrame.from_ndarray(secret(picture), format="bgr24")))
        out.mux(stream.encode(None))
    assert all(shows_secret(picture) for picture in frames_of(film))
    masked = Redactor({ID: Mask(CAMERA.masks).burn}).redacted(ID, film)
    pictures = frames_of(masked)
    assert len(pictures) == 15
    assert not any(shows_secret(picture) for picture in pictures)
    assert not film.exists()


def frames_of(film: Path) -> list[Pixels]:
    with av.open(str(film)) as container:
        return [frame.to_ndarray(format="bgr24").astype(np.uint8) for frame in container.decode(video=0)]


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (768, 576), (192, 108), (1080, 1920), (33, 17)])
def test_the_polygon_and_its_margin_are_painted_over_and_nothing_far_from_it(width: int, height: int) -> None:
    picture = np.full((height, width, 3), 255, np.uint8)
    mask = Mask([SLANTED])
    assert mask.burn(picture) is picture
    corners = np.rint(np.array(SLANTED) * (width, height)).astype(np.int32)
    polygon = np.asarray(cv2.fillPoly(np.zeros((height, width), np.uint8), [corners], 1), np.uint8)
    assert (picture[polygon == 1] == COLOUR).all()
    beyond = 2 * margin_px(width) + 3
    near = cv2.dilate(polygon, np.ones((2 * beyond + 1, 2 * beyond + 1), np.uint8))
    assert (picture[near == 0] == 255).all()
    assert (mask.visible(width, height) == (picture[..., 0] == 255)).all()


def test_grey_pictures_are_painted_over_too_and_corners_and_rims_are_no_exception() -> None:
    grey = np.full((108, 192), 255, np.uint8)
    Mask([((0, 0), (1, 0), (1, 1), (0, 1))]).burn(grey)
    assert (grey == COLOUR[0]).all()


def test_without_masks_a_picture_stays_as_it_is() -> None:
    picture = footage.street()[0].copy()
    mask = Mask(())
    assert not mask
    assert (mask.burn(picture) == footage.street()[0]).all()
    assert not mask.hides((0.5, 0.5))
