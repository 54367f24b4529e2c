"""A stall before a camera: a board with a payment code on it, painted as a camera shows it."""

from __future__ import annotations

from datetime import datetime

import cv2
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from contracts import payment_code
from contracts.command import PaymentPoints, PointPayees
from edge.capture.capture import CapturedFrame
from edge.payment.reader import Grey
from edge.payment.settings import PaymentPointSettings
from tests.edge.payment.test_reader import OTHER, TEXT, printed
from tests.support.samples import NOON

KEY = b"khoa bi mat cua phuong An Luu 01"
BASE64 = "a2hvYSBiaSBtYXQgY3VhIHBodW9uZyBBbiBMdXUgMDE="
POINT = "sap-12"
WIDTH, HEIGHT = 640, 360
REGION = ((0.4, 0.2), (0.9, 0.2), (0.9, 0.9), (0.4, 0.9))
BOARD = (300, 120)
"""Left and top of the board, in pixels."""

PAGE = "https://vi-du.example/thanh-toan"


def fingerprints(*texts: str) -> tuple[str, ...]:
    """Of everybody whom the codes name."""
    return tuple(
        payment_code.fingerprint(payee, KEY) for text in texts for payee in sorted(payment_code.read(text).payees)
    )


def said(*texts: str, point: str = POINT) -> PaymentPoints:
    """What the centre says when these codes are the point's own."""
    return PaymentPoints(key=BASE64, points=(PointPayees(id=point, payees=fingerprints(*texts)),))


def point(**changes: object) -> PaymentPointSettings:
    return PaymentPointSettings.model_validate({"id": POINT, "region": REGION} | changes)


def stall(
    text: str | None = TEXT,
    *,
    pixels_per_module: float = 3,
    at: tuple[int, int] = BOARD,
    noise: float = 4,
    seed: int = 0,
) -> Grey:
    """The camera's picture; without a text the wall alone."""
    rows, columns = np.indices((HEIGHT, WIDTH))
    picture = (120 + 25 * np.sin(columns / 90) + 10 * np.cos(rows / 40)).astype(np.uint8)
    if text is not None:
        code = printed(text, pixels_per_module)
        left, top = at
        picture[top : top + len(code), left : left + len(code)] = code
    blurred = cv2.GaussianBlur(picture, (0, 0), 0.7).astype(np.float64)
    noisy: NDArray[np.float64] = blurred + np.random.default_rng(seed).normal(0, noise, picture.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8)


def frame(
    picture: NDArray[np.uint8], at: datetime = NOON, rotation: int = 0, format_: str = "yuv420p"
) -> CapturedFrame:
    """A picture as it comes out of the decoder: turned against `rotation`, which makes it upright."""
    sent = np.ascontiguousarray(np.rot90(picture, k=rotation // 90))
    decoded = VideoFrame.from_ndarray(sent, format="gray").reformat(format=format_)
    return CapturedFrame(decoded, at, rotation)


__all__ = ["OTHER", "TEXT", "fingerprints", "frame", "point", "said", "stall"]
