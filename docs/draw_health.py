"""Draws the pictures of docs/camera-health.md: what befalls a camera, and what its health said of it in that moment.

`python -m docs.draw_health`: the checks that a box runs, on the sample film.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
from av.video.frame import VideoFrame

from edge.capture.mask import Mask
from edge.health.settings import HealthSettings
from edge.health.watch import CameraHealth
from edge.rules.command import Open
from edge.sight.gate import shrink
from tests.support import footage
from tests.support.footage import Effect, Pixels

FOLDER = Path(__file__).parent / "img" / "health"
WELL_S = 40
LONGEST_S = 123
NO_MASK = Mask(())
BEFALLS: list[tuple[str, Effect]] = [
    ("a hand", footage.hand),
    ("a white bag", footage.bag),
    ("out of focus", footage.blurred(3)),
    ("turned by 10 %", footage.warped(x=0.1)),
    ("rolled by 8 degrees", footage.warped(degrees=8)),
    ("lights out", footage.lit(lambda _: 0.05)),
]
DISTURBS: list[tuple[str, Effect]] = [
    ("a crowd", footage.crowd),
    ("rain", footage.rain),
    ("infrared", footage.infrared),
    ("fog", footage.fog),
    ("headlights", footage.headlights),
    ("a bus that stops", footage.bus),
]


def first_event(effect: Effect) -> tuple[int, Pixels, str]:
    """When what was said of the effect, and the picture of that moment; seconds since it began."""
    health, began = CameraHealth(HealthSettings()), datetime(2026, 2, 10, 5, tzinfo=UTC)
    shown = np.zeros((1, 1, 3), np.uint8)
    for second, picture in enumerate(footage.looped(WELL_S + LONGEST_S)):
        shown = effect(picture, second - WELL_S) if second >= WELL_S else picture
        grey = shrink(VideoFrame.from_ndarray(shown, format="bgr24"))
        for settings, command in health.observe(began + timedelta(seconds=second), grey, shown, NO_MASK):
            if isinstance(command, Open):
                why = ", ".join(f"{key} {value}" for key, value in command.why.items())
                return second - WELL_S, shown, f"{settings.kind.value}: {why}"
    return LONGEST_S - 1, shown, "nothing to tell"


def tile(name: str, effect: Effect) -> Pixels:
    """One picture with what it shows above and what was said of it below."""
    second, picture, said = first_event(effect)
    small = cv2.resize(picture, (480, 360), interpolation=cv2.INTER_AREA)
    framed = cv2.copyMakeBorder(small, 26, 26, 3, 3, cv2.BORDER_CONSTANT, value=(255, 255, 255))
    _write(framed, f"{name}, after {second} s", 18, 0.5)
    _write(framed, said, framed.shape[0] - 9, 0.4)
    return np.asarray(framed, np.uint8)


def masked() -> Pixels:
    """A camera's view with two masks in it."""
    polygons = [
        ((0.62, 0.0), (0.83, 0.0), (0.83, 0.16), (0.62, 0.2)),
        ((0.0, 0.3), (0.12, 0.28), (0.1, 0.5), (0.0, 0.52)),
    ]
    return Mask(polygons).burn(footage.street()[12].copy())


def _write(picture: Pixels | cv2.typing.MatLike, text: str, y: int, size: float) -> None:
    cv2.putText(picture, text, (6, y), cv2.FONT_HERSHEY_SIMPLEX, size, (0, 0, 0), 1, cv2.LINE_AA)


def _sheet(name: str, effects: list[tuple[str, Effect]]) -> None:
    tiles = [tile(*effect) for effect in effects]
    rows = [np.hstack(tiles[start : start + 3]) for start in range(0, len(tiles), 3)]
    cv2.imwrite(str(FOLDER / name), np.vstack(rows), [cv2.IMWRITE_JPEG_QUALITY, 85])


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    _sheet("befalls.jpg", BEFALLS)
    _sheet("disturbs.jpg", DISTURBS)
    cv2.imwrite(str(FOLDER / "mask.jpg"), masked(), [cv2.IMWRITE_JPEG_QUALITY, 85])


if __name__ == "__main__":
    main()
