"""The sound of an announcement, made of samples: a chime, then the speech twice, never louder than a speaker bears.

Always one channel of 16 bits and 22,050 samples a second, as a WAV. Pure.
"""

from __future__ import annotations

import io
import math
import wave
from array import array
from typing import Final

RATE: Final = 22_050
REPEAT: Final = 2
"""What is heard once in a market is not understood."""

LONGEST_S: Final = 170
"""Of the speech alone, said once."""

PEAK: Final = 29_000
"""Of 32,767: a decibel below the most."""
USUAL: Final = 5_000
"""How loud speech is on average: loud enough for a street, and without distortion."""

_FULL: Final = 32_767
_HEARD: Final = 100
_PAUSE: Final = 50
"""What is so many times below the peak is a pause."""

_TONES: Final = ((660.0, 0.45), (550.0, 0.45), (440.0, 0.9))


class SoundError(ValueError):
    """The sound is not what it must be; the code says what is wrong."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read(data: bytes) -> array[int]:
    """The samples of a WAV. Raises SoundError `other_format` for one of another rate or shape, `no_wav`, `too_long`."""
    try:
        with wave.open(io.BytesIO(data)) as file:
            if (file.getnchannels(), file.getsampwidth(), file.getframerate()) != (1, 2, RATE):
                raise SoundError("other_format")
            samples = array("h", file.readframes((LONGEST_S + 1) * RATE))
    except (wave.Error, EOFError, ValueError) as error:
        raise error if isinstance(error, SoundError) else SoundError("no_wav") from None
    if len(samples) > LONGEST_S * RATE:
        raise SoundError("too_long")
    return samples


def write(samples: array[int]) -> bytes:
    """The samples as a WAV."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(samples.tobytes())
    return file.getvalue()


def seconds(samples: array[int]) -> float:
    return round(len(samples) / RATE, 1)


def announcement(speech: array[int]) -> array[int]:
    """The chime, and the speech as often as it is said."""
    said = levelled(speech)
    whole = chime()
    for _ in range(REPEAT):
        whole += silence(0.6)
        whole += said
    return whole


def levelled(speech: array[int]) -> array[int]:
    """As loud as any other speech: pauses do not count, and no sample goes beyond PEAK. Raises SoundError `silent`."""
    peak = max(map(abs, speech), default=0)
    if peak < _HEARD:
        raise SoundError("silent")
    heard = [sample for sample in speech if abs(sample) * _PAUSE > peak]
    loudness = math.sqrt(sum(sample * sample for sample in heard) / len(heard))
    gain = min(USUAL / loudness, PEAK / peak)
    return array("h", [int(sample * gain) for sample in speech])


def chime() -> array[int]:
    """Three falling tones, which say that words follow."""
    samples = array("h")
    for tone, length in _TONES:
        count = int(length * RATE)
        samples.extend(
            int(0.45 * _FULL * math.sin(2 * math.pi * tone * at / RATE) * min(1.0, at / 200) * (1 - at / count) ** 2)
            for at in range(count)
        )
    return samples


def silence(length_s: float) -> array[int]:
    return array("h", bytes(2 * int(length_s * RATE)))
