"""How much the detector may look at in a second, shared fairly among cameras. Pure: the clock is an argument.

Every camera has an equal share. What a camera leaves of it is there for all, so a quiet street gives way to a crowded
market; when all want more than their share, all get the same.
"""

from __future__ import annotations

from typing import Final

REACH_S: Final = 1.0
"""Shares are saved up for so long: a crowd that enters may be looked at at once."""

GONE_S: Final = 5.0
"""A camera that asked for nothing for so long has no share."""


class Budget:
    """Detector inputs a second for all cameras together; None is without end. Not safe for two threads."""

    def __init__(self, inputs_per_s: float | None) -> None:
        self._rate = inputs_per_s
        self._own: dict[int, float] = {}
        self._asked: dict[int, float] = {}
        self._spare = 0.0
        self._filled_at: float | None = None

    def grant(self, camera: int, wanted: float, now: float) -> float:
        """How much of `wanted`, in inputs, this camera may have looked at; `now` in seconds never goes back."""
        if self._rate is None:
            return wanted
        self._asked[camera] = now
        self._fill(now)
        own = self._own.setdefault(camera, self._share() * REACH_S)
        granted = max(0.0, min(wanted, own + self._spare))
        self._own[camera] = max(0.0, own - granted)
        self._spare -= max(0.0, granted - own)
        return granted

    def spend(self, inputs: float) -> None:
        """Count what was spent beyond what was granted: packed inputs are never quite full. All pay for it alike."""
        self._spare -= inputs

    def _share(self) -> float:
        return (self._rate or 0.0) / max(1, len(self._asked))

    def _fill(self, now: float) -> None:
        """Give every camera its share of the time since the last call; what it cannot hold goes to all."""
        for camera in [camera for camera, asked in self._asked.items() if now - asked > GONE_S]:
            del self._asked[camera]
            self._own.pop(camera, None)
        step = 0.0 if self._filled_at is None else now - self._filled_at
        self._filled_at = now
        share = self._share()
        for camera, own in self._own.items():
            filled = own + share * step
            self._own[camera] = min(filled, share * REACH_S)
            self._spare += filled - self._own[camera]
        self._spare = min(self._spare, (self._rate or 0.0) * REACH_S)
