"""Pictures as a camera sends them: H.264 with its rate held, one key frame in two seconds, no B-frames; and back."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from demo.scene.paint import Picture

KEY_EVERY_S: Final = 2.0

MBIT_AT_1080P15: Final = 1920 * 1080 * 15
"""Pixels a second of the camera whose Mbit/s are named: a smaller picture gets its share."""


def bits_per_second(mbit: float, width: int, height: int, fps: float) -> int:
    """The rate of a smaller or slower camera that spends as much on a pixel as a 1080p15 one with `mbit` Mbit/s."""
    return round(mbit * 1e6 * width * height * fps / MBIT_AT_1080P15)


def encode(pictures: Iterable[Picture], target: Path | io.BytesIO, *, fps: float, bit_rate: int) -> None:
    """Write a film. All pictures have the size of the first."""
    out = str(target) if isinstance(target, Path) else target
    with av.open(out, mode="w", format="mp4") as film:
        rate = Fraction(fps).limit_denominator(1000)
        video = film.add_stream("libx264", rate=rate, options=_options(bit_rate))
        video.bit_rate, video.pix_fmt = bit_rate, "yuv420p"
        video.gop_size, video.max_b_frames = round(KEY_EVERY_S * fps), 0
        video.codec_context.thread_count = 1
        for picture in pictures:
            if not video.codec_context.is_open:
                video.height, video.width = picture.shape[:2]
            film.mux(video.encode(VideoFrame.from_ndarray(picture, format="bgr24")))
        film.mux(video.encode())


def through(pictures: Iterable[Picture], *, fps: float, bit_rate: int) -> Iterator[VideoFrame]:
    """The pictures as they come out of the camera's encoder and a decoder, one by one; nothing is kept."""
    encoder: VideoCodecContext | None = None
    decoder = VideoCodecContext.create("h264", "r")
    decoder.thread_count = 1
    for picture in pictures:
        encoder = encoder or _encoder(picture, fps, bit_rate)
        for packet in encoder.encode(VideoFrame.from_ndarray(picture, format="bgr24")):
            yield from decoder.decode(packet)
    for packet in encoder.encode(None) if encoder else ():
        yield from decoder.decode(packet)
    yield from decoder.decode(None)


def _encoder(picture: Picture, fps: float, bit_rate: int) -> VideoCodecContext:
    encoder = VideoCodecContext.create("libx264", "w")
    encoder.height, encoder.width = picture.shape[:2]
    encoder.framerate = Fraction(fps).limit_denominator(1000)
    encoder.time_base = 1 / encoder.framerate
    encoder.options = _options(bit_rate)
    encoder.bit_rate, encoder.pix_fmt, encoder.thread_count = bit_rate, "yuv420p", 1
    encoder.gop_size, encoder.max_b_frames = round(KEY_EVERY_S * fps), 0
    return encoder


def _options(bit_rate: int) -> dict[str, str]:
    kbit = bit_rate // 1000
    return {
        "preset": "superfast",  # a camera's own encoder is no better
        "tune": "zerolatency",
        "profile": "main",
        "x264-params": f"vbv-maxrate={kbit}:vbv-bufsize={kbit}:scenecut=0:sliced-threads=0",
    }
