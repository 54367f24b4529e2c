"""Reads the codes in a region of a camera's picture: as it is, then enlarged, then as the mean of the looks since.

Only reads; what a text means is `contracts.payment_code`'s, and what follows from it is `edge.payment.point`'s. A code
printed on a board stands still, so the noise of single frames averages out of it, which no single frame can offer.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

Grey = NDArray[np.uint8]

ENLARGED: Final = ((600, 3), (1200, 2))
"""How many times a region is enlarged up to which longest side in pixels, cubic: three times reads at 2 pixels a module
what cannot be read as it is (tests/edge/payment/test_reader.py), and of a large region twice costs less than 40 ms.
"""

QR_CODES: Final = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])

REMEMBERED: Final = 8
"""Looks that are averaged. The noise falls with the root of their number, so more gain little."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A code and where it is: its corners in the region, (4, 2) pixels, clockwise from its own top left.

    `modules` is how many it has on a side, quiet zone not counted. `way` says which try read it.
    """

    text: str
    corners: NDArray[np.float64]
    modules: int
    way: str

    @property
    def pixels_per_module(self) -> float:
        """Of the code's shortest side, which is what limits reading."""
        sides = np.linalg.norm(self.corners - np.roll(self.corners, -1, axis=0), axis=1)
        return float(sides.min()) / self.modules


class Reader:
    """Reads one region look by look. Not for several threads."""

    def __init__(self) -> None:
        self._looks: deque[Grey] = deque(maxlen=REMEMBERED)

    def read(self, region: Grey, *, closely: bool = True) -> list[Seen]:
        """All codes in a region, grey, (h, w) of uint8. Those that the region had in another size are forgotten.
        `closely`: what cannot be read as it is may cost ten times as much.
        """
        found = _codes(region, "native") or (_enlarged(region, "enlarged") if closely else [])
        # Looks that were read must not be in the mean: they would be read out of it after the code is gone.
        if found or (self._looks and self._looks[0].shape != region.shape):
            self._looks.clear()
        if found:
            return found
        self._looks.append(region)
        return self._averaged() if closely else []

    def _averaged(self) -> list[Seen]:
        if len(self._looks) < REMEMBERED // 2:
            return []
        mean = np.mean(np.stack(self._looks), axis=0, dtype=np.float32)
        return _enlarged(np.rint(mean).astype(np.uint8), "averaged")


def _enlarged(region: Grey, way: str) -> list[Seen]:
    scale = next((times for side, times in ENLARGED if max(region.shape) <= side), None)
    if scale is None:
        return []
    large = cv2.resize(region, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    return _codes(np.asarray(large, np.uint8), way, scale)


def _codes(picture: Grey, way: str, scale: int = 1) -> list[Seen]:
    found = zxingcpp.read_barcodes(np.ascontiguousarray(picture), formats=QR_CODES, text_mode=zxingcpp.TextMode.Plain)
    return [_seen(one, way, scale) for one in found if one.valid]


def _seen(code: zxingcpp.Barcode, way: str, scale: int) -> Seen:
    # A corner names the middle of its pixel, and an enlarged pixel's middle lies elsewhere.
    corners = (np.array(list(_corners(code.position)), np.float64) + 0.5) / scale - 0.5
    return Seen(code.text, corners, modules_of(_version(code.extra)), way)


def _corners(position: zxingcpp.Position) -> Iterable[tuple[int, int]]:
    for corner in (position.top_left, position.top_right, position.bottom_right, position.bottom_left):
        yield corner.x, corner.y


def _version(extra: object) -> object:
    return extra.get("Version") if isinstance(extra, dict) else None


def modules_of(version: object) -> int:
    """Modules on a side of a QR code of a version from 1 to 40; of what is none, the size of a usual payment code."""
    number = int(version) if isinstance(version, str | int) and str(version).isdigit() else 0
    return 17 + 4 * number if 1 <= number <= 40 else 41
