"""What every speaker is: something that plays a clip, or says why it does not."""

from __future__ import annotations

import io
import wave
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol
from uuid import UUID

import numpy as np

from contracts.announcement import PlayFault, Priority

Wait = Callable[[float], bool]
"""Waits for so many seconds; False when what plays must give way before."""


class SpeakerError(Exception):
    """Nothing was heard, or not all of it. `detail` is for the log."""

    def __init__(self, fault: PlayFault, detail: str) -> None:
        super().__init__(detail)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Clip:
    """A sound as one speaker gets it."""

    id: UUID
    data: bytes
    priority: Priority
    expires_at: datetime

    @property
    def seconds(self) -> float:
        with wave.open(io.BytesIO(self.data)) as file:
            return float(file.getnframes() / file.getframerate())

    def at_volume(self, percent: int) -> Clip:
        """The same, quieter."""
        if percent == 100:
            return self
        with wave.open(io.BytesIO(self.data)) as file:
            shape, samples = file.getparams(), np.frombuffer(file.readframes(file.getnframes()), np.dtype("<i2"))
        out = io.BytesIO()
        with wave.open(out, "wb") as quieter:
            quieter.setparams(shape)
            quieter.writeframes((samples.astype(np.float32) * (percent / 100)).astype(np.dtype("<i2")).tobytes())
        return replace(self, data=out.getvalue())


class Speaker(Protocol):
    """One loudspeaker; used by one thread."""

    def play(self, clip: Clip, wait: Wait) -> None:
        """Returns when it was heard to its end. Raises SpeakerError."""

    def close(self) -> None: ...
