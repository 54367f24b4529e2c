"""What a camera makes of a picture: exposure and colour of the light, glare of a lamp, and the sensor's noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from demo.scene.paint import Picture


@dataclass(frozen=True, slots=True)
class Light:
    """How bright it is, at the scene's beginning and after `seconds`: 1 is day. The lamp goes on at `lamp_at`.

    `flicker` is by how much clouds and passing shadows vary it.
    """

    begin: float = 1.0
    end: float = 1.0
    seconds: float = 60.0
    lamp_at: float | None = None
    flicker: float = 0.03

    def day(self, at: float) -> float:
        """Daylight at a moment."""
        share = min(max(at / self.seconds, 0.0), 1.0)
        cloud = np.sin(at / 3.7) * 0.6 + np.sin(at / 11.3 + 1) * 0.4
        return (self.begin + (self.end - self.begin) * share) * (1 + self.flicker * float(cloud))

    def lamp(self, at: float) -> float:
        """How bright the lamp is, 0 to 1: it warms up for a second."""
        return 0.0 if self.lamp_at is None else min(max((at - self.lamp_at) / 1.0, 0.0), 1.0)


DAY: Final = Light()


class Lens:
    """The camera of one scene. `noise` is the sensor's, in grey levels by day; the darker it is, the more it has."""

    def __init__(self, height: int, width: int, *, noise: float, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        self._noise = noise
        self._grains: dict[int, tuple[Picture, Picture]] = {}
        self._shape = (height, width)

    def seen(self, picture: Picture, day: float, lamp: float, glare: Picture) -> Picture:
        """The picture as the camera gives it. `glare` is what the lamp at its brightest adds where something shines."""
        lit = np.asarray(cv2.LUT(picture, _curve(day, lamp)), np.uint8)
        if lamp > 0.02:
            lit = np.asarray(cv2.addWeighted(lit, 1.0, glare, lamp, 0), np.uint8)
        return self._noisy(lit, self._noise * (1 + 1.2 * max(0.0, 1 - day - 0.5 * lamp)))

    def _noisy(self, picture: Picture, sigma: float) -> Picture:
        more, less = self._grain(max(1, round(sigma)))
        y, x = (int(value) for value in self._random.integers(0, 64, 2))
        part = np.s_[y : y + self._shape[0], x : x + self._shape[1]]
        return np.asarray(cv2.subtract(cv2.add(picture, more[part]), less[part]), np.uint8)

    def _grain(self, sigma: int) -> tuple[Picture, Picture]:
        if sigma not in self._grains:
            shape = (self._shape[0] + 64, self._shape[1] + 64, 3)
            grain = self._random.normal(0, sigma, shape).astype(np.float32)
            self._grains[sigma] = (
                np.clip(grain, 0, 255).astype(np.uint8), np.clip(-grain, 0, 255).astype(np.uint8)
            )  # fmt: skip
        return self._grains[sigma]


def _curve(day: float, lamp: float) -> Picture:
    """Grey levels after exposure. Daylight fades to blue, the lamp's light is yellow."""
    dusk = max(0.0, 1 - day)
    gains = np.array([day * (1 + 0.18 * dusk) + 0.30 * lamp, day + 0.42 * lamp, day * (1 - 0.10 * dusk) + 0.50 * lamp])
    levels = np.arange(256, dtype=np.float32)[:, None] * gains[None]
    shoulder = np.where(levels > 200, 200 + 55 * (1 - np.exp(-(levels - 200) / 55)), levels)
    return np.asarray(np.clip(shoulder, 0, 255), np.uint8)[None]


def glare(height: int, width: int, centre: tuple[float, float], radius: float, strength: float) -> Picture:
    """A lamp's reflection: a bright spot with a wide halo, in grey levels that it adds."""
    rows, columns = np.indices((height, width), np.float32)
    away = np.hypot((columns - centre[0]) / 1.6, rows - centre[1]) / max(radius, 1.0)
    light = strength * (0.65 * np.exp(-(away**2) * 2.5) + 0.35 * np.exp(-away))
    return np.asarray(np.clip(light[..., None] * np.array([0.78, 0.93, 1.0]), 0, 255), np.uint8)
