"""Video as a camera encodes it, picture by picture, and as RTP carries it. For cameras that a test directs."""

from __future__ import annotations

import base64
import itertools
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import av
import numpy as np
from av.bitstream import BitStreamFilterContext
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame
from av.video.reformatter import ColorRange, Colorspace

from edge.capture.nal import parameter_sets
from tests.support.cameras import SDP, Behaviour, playing

CLOCK = 90_000
LARGEST_RTP = 1400

ENCODERS = {"h264": "libx264", "hevc": "libx265"}
NAMES = {"h264": "H264", "hevc": "H265"}


@dataclass(frozen=True, slots=True)
class Unit:
    """One picture, encoded, in Annex B form."""

    data: bytes
    keyframe: bool


@dataclass(frozen=True, slots=True)
class Film:
    """Some pictures to be sent at `fps`, again and again."""

    codec: str
    fps: float
    units: tuple[Unit, ...] = field(repr=False)

    @property
    def sdp(self) -> str:
        """What a camera says about it to DESCRIBE."""
        key = next(unit.data for unit in self.units if unit.keyframe)
        texts = [base64.b64encode(unit).decode() for unit in nal_units(parameter_sets(self.codec, key))]
        if self.codec == "h264":
            told = f"packetization-mode=1;sprop-parameter-sets={','.join(texts)}"
        else:
            told = ";".join(f"sprop-{name}={text}" for name, text in zip(("vps", "sps", "pps"), texts, strict=True))
        return (
            f"{SDP}m=video 0 RTP/AVP 96\r\na=rtpmap:96 {NAMES[self.codec]}/{CLOCK}\r\na=fmtp:96 {told}\r\n"
            "a=control:track1\r\n"
        )


def pictures(width: int, height: int, count: int) -> Iterator[VideoFrame]:
    """A bright square that goes over a dark ground."""
    for index in range(count):
        pixels = np.full((height, width, 3), 40, np.uint8)
        left = index * max(2, width // 40) % max(1, width - width // 8)
        pixels[height // 3 : height // 3 + height // 4, left : left + width // 8] = (60, 200, 230)
        yield VideoFrame.from_ndarray(pixels, format="bgr24")


def encode(
    codec: str = "h264",
    width: int = 640,
    height: int = 360,
    *,
    fps: float = 10.0,
    gop: int = 10,
    count: int = 40,
    bframes: int = 0,
    pix_fmt: str = "yuv420p",
    full_range: bool = False,
    frames: Iterable[VideoFrame] | None = None,
    change: str = "",
) -> Film:
    """A film. `change` is a bit stream filter that works on the encoded pictures."""
    encoder = av.CodecContext.create(ENCODERS[codec], "w")
    assert isinstance(encoder, VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, pix_fmt
    encoder.time_base, encoder.framerate = Fraction(1, CLOCK), Fraction(fps).limit_denominator(1000)
    encoder.gop_size, encoder.max_b_frames = gop, bframes
    encoder.color_range = ColorRange.JPEG if full_range else ColorRange.MPEG
    options = f"keyint={gop}:scenecut=0:bframes={bframes}:repeat-headers=1:open-gop=0"
    if codec == "hevc":
        options += f":range={'full' if full_range else 'limited'}:log-level=none"
    encoder.options = {"preset": "ultrafast", f"{ENCODERS[codec].removeprefix('lib')}-params": options}
    packets = []
    for index, frame in enumerate(frames or pictures(width, height, count)):
        given = frame.reformat(
            format=pix_fmt,
            dst_colorspace=Colorspace.ITU601,
            dst_color_range=ColorRange.JPEG if full_range else ColorRange.MPEG,
        )
        given.pict_type = PictureType.NONE  # the encoder chooses
        given.pts, given.time_base = index * round(CLOCK / fps), encoder.time_base
        packets += encoder.encode(given)
    packets += encoder.encode(None)
    if change:
        changer = BitStreamFilterContext(change, codec)
        packets = [changed for packet in packets for changed in changer.filter(packet)]
    return Film(codec, fps, tuple(Unit(bytes(packet), packet.is_keyframe) for packet in packets if packet.size))


def nal_units(data: bytes) -> list[bytes]:
    """All NAL units of a picture."""
    parts = data.replace(b"\x00\x00\x00\x01", b"\x00\x00\x01").split(b"\x00\x00\x01")
    return [part for part in parts if part]


class Sender:
    """Sends pictures over one RTSP connection (RTP over TCP)."""

    def __init__(self, connection: socket.socket, codec: str) -> None:
        self._connection = connection
        self._codec = codec
        self._numbers = itertools.count()

    def send(self, data: bytes, timestamp: int) -> None:
        units = nal_units(data)
        for unit in units:
            pieces = _pieces(self._codec, unit)
            for index, piece in enumerate(pieces):
                last = unit is units[-1] and index == len(pieces) - 1
                self.send_payload(piece, timestamp, last=last)

    def send_payload(self, payload: bytes, timestamp: int, *, last: bool) -> None:
        """One RTP packet."""
        number = next(self._numbers) % 65536
        head = bytes([0x80, 0xE0 if last else 0x60]) + number.to_bytes(2, "big")
        packet = head + (timestamp % 2**32).to_bytes(4, "big") + b"\x00\x00\x00\x07" + payload
        self._connection.sendall(b"$\x00" + len(packet).to_bytes(2, "big") + packet)


def _pieces(codec: str, unit: bytes) -> list[bytes]:
    """A NAL unit as RTP payloads: as it is, or in fragments (RFC 6184, RFC 7798)."""
    if len(unit) <= LARGEST_RTP:
        return [unit]
    if codec == "h264":
        head, indicator, kind = 1, bytes([unit[0] & 0xE0 | 28]), unit[0] & 0x1F
    else:
        head, indicator, kind = 2, bytes([unit[0] & 0x81 | 49 << 1, unit[1]]), unit[0] >> 1 & 0x3F
    body = unit[head:]
    parts = [body[start : start + LARGEST_RTP] for start in range(0, len(body), LARGEST_RTP)]
    flags = [0x80, *[0] * (len(parts) - 2), 0x40]
    return [indicator + bytes([flag | kind]) + part for flag, part in zip(flags, parts, strict=True)]


Stamp = Callable[[int], int]
"""The RTP time stamp of the picture with a number."""

Damage = Callable[[Unit, int], bytes]
"""What arrives of the picture with a number."""


def sending(
    film: Film,
    *,
    times: int | None = None,
    stamp: Stamp | None = None,
    damage: Damage | None = None,
) -> Behaviour:
    """Send a film at its pace, `times` over or for ever. `damage` changes pictures on the way."""
    stamp = stamp or (lambda number: round(number * CLOCK / film.fps))

    def behave(connection: socket.socket) -> None:
        sender, pause, began = Sender(connection, film.codec), threading.Event(), time.monotonic()
        rounds: Iterable[int] = itertools.count() if times is None else range(times)
        units = (unit for _ in rounds for unit in film.units)
        for number, unit in enumerate(units):
            pause.wait(max(0.0, began + number / film.fps - time.monotonic()))
            data = damage(unit, number) if damage else unit.data
            sender.send(data, stamp(number))

    return behave


def damaged(unit: Unit, number: int) -> bytes:
    """Every third picture with some bytes turned over, key frames too."""
    if number % 3:
        return unit.data
    middle = len(unit.data) // 2
    return unit.data[:middle] + bytes(255 - byte for byte in unit.data[middle : middle + 40]) + unit.data[middle + 40 :]


def camera(film: Film, after: Sequence[Behaviour] = (), **how: object) -> Behaviour:
    """A camera that plays a film, and then does what `after` says."""

    def behave(connection: socket.socket) -> None:
        for act in (sending(film, **how), *after):  # type: ignore[arg-type]
            act(connection)

    return playing(film.sdp, behave)
