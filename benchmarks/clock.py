"""A camera that shows the time: 32 fields, black or white, say the millisecond at which each picture was drawn.

`python -m benchmarks.clock PORT [WIDTH HEIGHT]` serves it by RTSP on loopback, as real cameras do, to any number of
connections: one picture, drawn and encoded once, goes to all of them, so that nine cameras cost the machine hardly more
than one.
"""

from __future__ import annotations

import base64
import queue
import socket
import sys
import threading
import time
from collections.abc import Iterator
from fractions import Fraction
from typing import Final

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from edge.capture.nal import parameter_sets
from tests.support.cameras import SDP, playing
from tests.support.streams import CLOCK, Sender, Unit, nal_units

WIDTH: Final = 640
HEIGHT: Final = 360
SUB_WIDTH: Final = 320
SUB_HEIGHT: Final = 180
FPS: Final = 15
FIELDS: Final = 32
"""24 say the time, modulo 2 ** 24 ms, and 8 their sum, by which a half-drawn or smeared picture is known."""


def fields_of(ms: int) -> list[int]:
    """Black (0) or white (1), from left to right."""
    told = ms % 2**24
    check = sum(told.to_bytes(3, "big")) % 256
    return [told << 8 >> shift & 1 for shift in range(31, 7, -1)] + [check >> shift & 1 for shift in range(7, -1, -1)]


def picture(ms: int, width: int = WIDTH, height: int = HEIGHT) -> NDArray[np.uint8]:
    """A street's worth of noise below the fields, or the encoder would have nothing to do."""
    pixels = np.random.default_rng(ms).integers(90, 110, (height, width, 3), np.uint8)
    across = width // FIELDS
    for index, field in enumerate(fields_of(ms)):
        pixels[: height // 3, index * across : (index + 1) * across] = 255 * field
    return pixels


class Clock:
    """Draws and encodes, and gives each connection's queue what it drew."""

    def __init__(self, width: int = WIDTH, height: int = HEIGHT) -> None:
        self._size = width, height
        self._encoder = _encoder(width, height)
        self._queues: set[queue.Queue[tuple[int, Unit]]] = set()
        self._first = threading.Event()
        self.sets: list[bytes] = []

    def run(self) -> None:
        began, pause = time.monotonic(), threading.Event()
        for number in range(sys.maxsize):
            pause.wait(max(0.0, began + number / FPS - time.monotonic()))
            for unit in self._drawn(number):
                for waiting in list(self._queues):
                    waiting.put((number * CLOCK // FPS, unit))

    def _drawn(self, number: int) -> Iterator[Unit]:
        pixels = picture(round(time.time() * 1000), *self._size)
        frame = VideoFrame.from_ndarray(pixels, format="bgr24").reformat(format="yuv420p")
        frame.pts, frame.time_base = number * CLOCK // FPS, Fraction(1, CLOCK)
        for packet in self._encoder.encode(frame):
            unit = Unit(bytes(packet), packet.is_keyframe)
            if not self.sets:
                self.sets = nal_units(parameter_sets("h264", unit.data))
                self._first.set()
            yield unit

    def serve(self, connection: socket.socket) -> None:
        """Be a camera to one connection, from a key frame on."""
        self._first.wait()
        texts = ",".join(base64.b64encode(unit).decode() for unit in self.sets)
        sdp = (
            f"{SDP}m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/{CLOCK}\r\n"
            f"a=fmtp:96 packetization-mode=1;sprop-parameter-sets={texts}\r\na=control:track1\r\n"
        )
        playing(sdp, self._play)(connection)

    def _play(self, connection: socket.socket) -> None:
        sender, waiting, begun = Sender(connection, "h264"), queue.Queue[tuple[int, Unit]](), False
        self._queues.add(waiting)
        try:
            while True:
                timestamp, unit = waiting.get()
                begun = begun or unit.keyframe
                if begun:
                    sender.send(unit.data, timestamp)
        finally:
            self._queues.discard(waiting)


def _encoder(width: int, height: int) -> VideoCodecContext:
    encoder = av.CodecContext.create("libx264", "w")
    assert isinstance(encoder, VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, CLOCK), Fraction(FPS)
    encoder.gop_size, encoder.max_b_frames = 2 * FPS, 0
    encoder.options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "x264-params": f"keyint={2 * FPS}:scenecut=0:repeat-headers=1:sliced-threads=0:threads=1",
    }
    return encoder


def main() -> None:
    """Serve until the process is ended."""
    clock = Clock(*map(int, sys.argv[2:4]))
    threading.Thread(target=clock.run, daemon=True).start()
    with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as listener:
        while True:
            connection, _ = listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=_serve, args=(clock, connection), daemon=True).start()


def _serve(clock: Clock, connection: socket.socket) -> None:
    with connection:
        try:
            clock.serve(connection)
        except OSError:
            return  # the box has hung up


if __name__ == "__main__":
    main()
