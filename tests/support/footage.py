"""Real footage and what can befall a camera: pictures of the street film, one a second, covered, blurred, moved, or
only disturbed as weather, traffic and light disturb a camera that is well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from functools import cache
from typing import Any

import av
import cv2
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from demo.film import STREET

Pixels = NDArray[np.uint8]
Shade = NDArray[np.float32]
"""By pixel."""

Effect = Callable[[Pixels, int], Pixels]
"""A picture `seconds` after something began."""

FPS = 10
_RANDOM = np.random.default_rng(1)


@cache
def street() -> tuple[Pixels, ...]:
    """The whole film, a picture a second. Nobody may change them."""
    with av.open(str(STREET)) as film:
        frames = [frame for number, frame in enumerate(film.decode(video=0)) if number % FPS == 0]
    return tuple(frame.to_ndarray(format="bgr24").astype(np.uint8) for frame in frames)


def looped(seconds: int) -> Iterator[Pixels]:
    """The film again and again."""
    pictures = street()
    return (pictures[second % len(pictures)] for second in range(seconds))


def untouched(picture: Pixels, _: int) -> Pixels:
    return picture


def hand(picture: Pixels, seconds: int) -> Pixels:
    """Something skin-coloured and far out of focus comes up from below and covers all in three seconds."""
    height, width = picture.shape[:2]
    skin = np.full(picture.shape, (70, 90, 140), np.float32) + np.linspace(-20, 40, width, dtype=np.float32)[:, None]
    return _over(picture, skin, _reaching(height, width, min(1.0, (seconds + 1) / 3)))


@cache
def _reaching(height: int, width: int, reach: float) -> Shade:
    hidden = np.zeros((height, width), np.float32)
    size = (int(1.1 * reach * width), int(1.4 * reach * height))
    cv2.ellipse(hidden, (width // 2, height), size, 0, 0, 360, 1.0, -1)
    return cv2.GaussianBlur(hidden, (0, 0), 30).astype(np.float32, copy=False)


def bag(picture: Pixels, _: int) -> Pixels:
    """A white plastic bag: a little light of the scene shines through."""
    height, width = picture.shape[:2]
    coarse = cv2.GaussianBlur(cv2.resize(picture, (width // 8, height // 8), interpolation=cv2.INTER_AREA), (0, 0), 7.5)
    return _noisy(cv2.resize(coarse, (width, height)).astype(np.float32) * 0.2 + 170, 2)


def black(picture: Pixels, _: int) -> Pixels:
    """A lens cap, or paint."""
    return _noisy(np.full(picture.shape, 4, np.float32), 1)


def blurred(sigma: float) -> Effect:
    return lambda picture, _: cv2.GaussianBlur(picture, (0, 0), sigma).astype(np.uint8)


def warped(*, x: float = 0, y: float = 0, degrees: float = 0, zoom: float = 1) -> Effect:
    """The view of a camera that was moved. Shifts are shares of width and height."""

    def warp(picture: Pixels, _: int) -> Pixels:
        height, width = picture.shape[:2]
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, zoom)
        matrix[:, 2] += (x * width, y * height)
        return cv2.warpAffine(picture, matrix, (width, height), borderMode=cv2.BORDER_REFLECT).astype(np.uint8)

    return warp


def mirrored(picture: Pixels, _: int) -> Pixels:
    """A view that has nothing in common with the one before."""
    return np.ascontiguousarray(picture[:, ::-1])


def lit(light: Callable[[int], float]) -> Effect:
    """Other light, as `light` says for each second, with a sensor's noise."""
    return lambda picture, seconds: _noisy(picture.astype(np.float32) * light(seconds), 2)


def infrared(picture: Pixels, _: int) -> Pixels:
    """The camera's own lamp: no colours, other shades, dark edges, noise."""
    height, width = picture.shape[:2]
    down, across = np.ogrid[0:height, 0:width]
    lamp = np.exp(-(((across / width - 0.5) / 0.35) ** 2)) * np.exp(-(((down / height - 0.75) / 0.4) ** 2))
    grey = picture.astype(np.float32) @ np.array([0.1, 0.2, 0.7], np.float32)
    shades = 255 * (grey / 255) ** 0.7 * lamp.astype(np.float32) * 0.9 + 5
    return _noisy(np.repeat(shades[..., None], 3, axis=2).astype(np.float32), 4)


def headlights(picture: Pixels, seconds: int) -> Pixels:
    """For four seconds of twenty a lamp shines into the lens."""
    if seconds % 20 >= 4:
        return picture
    return _clipped(picture + _glare(*picture.shape[:2])[..., None])


@cache
def _glare(height: int, width: int) -> Shade:
    lamp = np.zeros((height, width), np.float32)
    cv2.circle(lamp, (width // 3, height // 2), 150, 1.0, -1)
    return (400 * cv2.GaussianBlur(lamp, (0, 0), 60)).astype(np.float32, copy=False)


def rain(picture: Pixels, _: int) -> Pixels:
    streaked = picture.copy()
    height, width = picture.shape[:2]
    for _drop in range(500):
        x, y = int(_RANDOM.integers(width)), int(_RANDOM.integers(height))
        cv2.line(streaked, (x, y), (x + 3, y + int(_RANDOM.integers(15, 40))), (200, 200, 200), 1)
    return cv2.addWeighted(streaked, 0.7, picture, 0.3, 0).astype(np.uint8)


def fog(picture: Pixels, seconds: int) -> Pixels:
    """It comes within a minute and leaves a fifth of the contrast."""
    thick = 0.8 * min(1.0, seconds / 60)
    return _clipped(picture * (1 - thick) + 190 * thick)


def crowd(picture: Pixels, seconds: int) -> Pixels:
    """A hundred and twenty cuttings of other moments cross the picture and hide a third of it."""
    height, width = picture.shape[:2]
    crowded, walkers, moments = picture.copy(), np.random.default_rng(5), street()
    for walker in range(120):
        left = int(walkers.random() * width + (walkers.random() - 0.5) * 60 * seconds) % width
        top = int(height * (0.1 + 0.85 * walkers.random()))
        high, wide = min(40 + 60 * top // height, height - top), min(16 + 24 * top // height, width - left)
        x, y = int(walkers.integers(width - 60)), int(walkers.integers(height - 110))
        cutting = moments[(walker * 7 + seconds // 3) % len(moments)][y : y + high, x : x + wide]
        crowded[top : top + high, left : left + wide] = cutting
    return crowded


def bus(picture: Pixels, seconds: int) -> Pixels:
    """For twelve seconds of forty a bus stands before most of the view."""
    if seconds % 40 >= 12:
        return picture
    parked = picture.copy()
    parked[100:520, 60:720] = (200, 180, 60)
    parked[180:300, 100:700] = (60, 50, 40)
    return parked


def with_clock(picture: Pixels, second: int) -> Pixels:
    """The time burnt into the upper left corner, as cameras do."""
    dated = picture.copy()
    said = f"2026-02-10 12:{second // 60:02}:{second % 60:02}"
    cv2.putText(dated, said, (10, 30), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (255, 255, 255), 2)
    return dated


def noisy(picture: Pixels, sigma: float) -> Pixels:
    return _noisy(picture.astype(np.float32), sigma)


def compressed(pictures: Iterable[Pixels], fps: int = 1, **options: str) -> Iterator[Pixels]:
    """The pictures as they look after a camera's H.264, a key frame every two seconds. `options` are x264's."""
    encoder, decoder = av.CodecContext.create("libx264", "w"), av.CodecContext.create("h264", "r")
    assert isinstance(encoder, VideoCodecContext)
    assert isinstance(decoder, VideoCodecContext)
    encoder.pix_fmt, encoder.framerate, encoder.time_base = "yuv420p", Fraction(fps), Fraction(1, fps)
    encoder.options = {"preset": "veryfast", "tune": "zerolatency", "g": str(2 * fps), **options}
    for number, picture in enumerate(pictures):
        if number == 0:
            encoder.height, encoder.width = picture.shape[:2]
        frame = VideoFrame.from_ndarray(picture, format="bgr24")
        frame.pts = number
        for packet in encoder.encode(frame):
            for decoded in decoder.decode(packet):
                yield decoded.to_ndarray(format="bgr24").astype(np.uint8)


def _over(picture: Pixels, front: Shade, hidden: Shade) -> Pixels:
    share = hidden[..., None]
    return _noisy((picture * (1 - share) + front * share).astype(np.float32), 2)


def _noisy(picture: NDArray[np.float32], sigma: float) -> Pixels:
    field = np.roll(_noise(picture.shape[0], picture.shape[1]), int(_RANDOM.integers(picture.shape[1])), axis=1)
    return _clipped(picture + field[..., None] * sigma)


@cache
def _noise(height: int, width: int) -> NDArray[np.float32]:
    """A sensor's noise, of which each picture gets another part."""
    return _RANDOM.standard_normal((height, width), np.float32)


def _clipped(picture: Any) -> Pixels:
    return np.asarray(np.clip(picture, 0, 255), np.uint8)
