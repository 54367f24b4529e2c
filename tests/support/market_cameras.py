"""Two cameras of a market as a technician meets them, each at an address of its own: one speaks ONVIF, the other only
RTSP as its maker has it. Both show the street film and ask for a password.
"""

from __future__ import annotations

import itertools

import av
from av.bitstream import BitStreamFilterContext

from demo.film import STREET, SUB_HEIGHT, SUB_WIDTH
from demo.processes import free_port
from tests.support.cameras import Line, refusing
from tests.support.locked_cameras import Lock, by_path
from tests.support.onvif_cameras import OnvifCamera
from tests.support.streams import Film, Unit, camera, encode

GATE, STALLS = "127.0.0.11", "127.0.0.12"
USER, PASSWORD = "admin", "Cho-An-Luu-2026"
FPS, GOP = 10.0, 20
SUB_FRAMES = 100
SEVEN_HOURS_S = 7 * 3600.0
"""What a clock is off that takes Vietnam's time for UTC."""


class MarketCameras:
    """`gate` has the wrong time at first; `stalls` takes another password once `change_password` was called."""

    def __init__(self) -> None:
        main, sub = camera(street()), camera(small_street())
        missing = refusing("404 Not Found")
        self.rtsp_port, onvif_port = free_port(), free_port()
        self.gate = Lock(by_path({"/video_main": main, "/video_sub": sub}, missing), USER, PASSWORD, realm="KBVision")
        self._stalls = Lock(
            by_path({"/Streaming/Channels/101": main, "/Streaming/Channels/102": sub}, missing), USER, PASSWORD
        )
        self._lines = [
            Line(lock, host=host, port=self.rtsp_port) for lock, host in ((self.gate, GATE), (self._stalls, STALLS))
        ]
        self._onvif = OnvifCamera(
            self.rtsp_port, host=GATE, port=onvif_port, user=USER, password=PASSWORD, ahead_s=SEVEN_HOURS_S,
            manufacturer="KBVision", model="KX-C2012", main_width=768, main_height=576, main_fps=int(FPS),
            sub_width=SUB_WIDTH, sub_height=SUB_HEIGHT, sub_fps=int(FPS),
        )  # fmt: skip
        self.onvif_port = self._onvif.port

    def set_clock(self) -> None:
        """On the camera's own page, or by its NTP."""
        self._onvif.onvif.ahead_s = 0.0

    def change_password(self, password: str) -> None:
        """Somebody of the market does it, and tells nobody."""
        self._stalls.password = password

    def stop(self) -> None:
        self._onvif.stop()
        for line in self._lines:
            line.close()


def street() -> Film:
    """The film as it is, not encoded again."""
    with av.open(str(STREET)) as film:
        stream = film.streams.video[0]
        bare = BitStreamFilterContext("h264_mp4toannexb", stream)
        packets = [found for packet in film.demux(stream) for found in bare.filter(packet if packet.size else None)]
    return Film("h264", FPS, tuple(Unit(bytes(packet), packet.is_keyframe) for packet in packets))


def small_street() -> Film:
    """Its sub-stream."""
    with av.open(str(STREET)) as film:
        frames = itertools.islice(film.decode(video=0), SUB_FRAMES)
        scaled = [frame.reformat(width=SUB_WIDTH, height=SUB_HEIGHT) for frame in frames]
    return encode("h264", SUB_WIDTH, SUB_HEIGHT, fps=FPS, gop=GOP, frames=scaled)
