from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from pydantic import SecretStr

from demo import camera, film, two_streams
from demo.processes import Processes, free_port, wait_for_port
from edge.capture.capture import Capture, CapturedFrame
from edge.capture.slot import LatestSlot
from tests.support.waiting import eventually

Picture = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A camera with two streams of ten seconds of the film."""
    folder = tmp_path_factory.mktemp("films")
    _first_seconds(film.STREET, folder / two_streams.MAIN)
    film.smaller(folder / two_streams.MAIN, folder / two_streams.SUB)
    port, processes = free_port(), Processes(folder / "logs")
    wait_for_port(port, processes.start("camera", ["demo.camera", str(folder), str(port)]), "the camera")
    yield port
    processes.stop_all()


def _first_seconds(source: Path, target: Path) -> None:
    with av.open(str(source)) as whole, av.open(str(target), "w") as out:
        stream = whole.streams.video[0]
        copy = out.add_stream_from_template(stream)
        for packet in [packet for packet in whole.demux(stream) if packet.size][:100]:
            packet.stream = copy
            out.mux(packet)


class Pulled:
    """What a stream shows, and since when."""

    def __init__(self, port: int, name: str) -> None:
        self.shown: list[tuple[float, Picture]] = []
        self._slot: LatestSlot[CapturedFrame] = LatestSlot()
        self._stop = threading.Event()
        capture = Capture(SecretStr(camera.url(port, name)), self._slot, lambda news: None)
        self._threads = [
            threading.Thread(target=capture.run, args=(self._stop,)),
            threading.Thread(target=self._look),
        ]
        for thread in self._threads:
            thread.start()

    def _look(self) -> None:
        while not self._stop.wait(0.01):
            if frame := self._slot.take():
                picture = frame.picture.to_ndarray(format="gray").astype(np.uint8)
                small = cv2.resize(picture, (film.SUB_WIDTH, film.SUB_HEIGHT), interpolation=cv2.INTER_AREA)
                self.shown.append((frame.captured_at.timestamp(), small.astype(np.uint8)))

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()


def test_the_sub_stream_shows_what_the_main_stream_shows(port: int) -> None:
    main = Pulled(port, two_streams.MAIN)
    eventually(lambda: len(main.shown) > 20, 15)
    sub = Pulled(port, two_streams.SUB)
    eventually(lambda: len(sub.shown) > 5, 15)
    time.sleep(1.5)
    for pulled in (main, sub):
        pulled.stop()
    assert sub.shown[0][1].shape == (film.SUB_HEIGHT, film.SUB_WIDTH)
    for at, picture in sub.shown[:3]:
        alike = min(main.shown, key=lambda other: float(np.abs(other[1].astype(int) - picture).mean()))
        assert abs(alike[0] - at) < 0.6
