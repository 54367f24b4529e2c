"""The one shape of what devices say: readings, signs of life, and what could not be read.

Times: a device's own clock counts when it can be right, otherwise the moment of receipt does, and the reading says so.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Protocol

from contracts.devices.metric import METRICS

MAX_PAYLOAD_BYTES: Final = 16_384
"""A longer message of a device is refused unread."""

AHEAD: Final = timedelta(minutes=2)
"""A device's time further in the future is a wrong clock."""

BEHIND: Final = timedelta(days=2)
"""A device's time further back is a wrong clock too; a battery sensor may deliver what it kept for a day."""

_NANOSECONDS: Final = re.compile(r"(\.[0-9]{6})[0-9]+")
_ON: Final = frozenset({"on", "true", "yes", "1", "open", "detected", "alarm", "wet", "online", "home"})
_OFF: Final = frozenset({"off", "false", "no", "0", "closed", "close", "clear", "normal", "dry", "offline", "not_home"})


class Quality(StrEnum):
    """How far a reading can be trusted."""

    GOOD = "good"
    SUSPECT = "suspect"  # outside of what the sensor can measure
    CLOCK = "clock"  # the device's time cannot be right: `at` is the moment of receipt
    OLD = "old"  # the broker kept it, nobody knows since when: never a reason to raise or end an alarm


class Sign(StrEnum):
    """What a device or its gateway says of its life. A silence is judged elsewhere."""

    ONLINE = "online"
    OFFLINE = "offline"
    SLEEPING = "sleeping"  # awake only to measure


@dataclass(frozen=True, slots=True)
class Reading:
    """One measurement. `address` is the name by which its dialect knows the device."""

    address: str
    metric: str
    value: float
    at: datetime
    quality: Quality = Quality.GOOD

    @property
    def unit(self) -> str:
        return METRICS[self.metric].unit


@dataclass(frozen=True, slots=True)
class LifeSign:
    """A device says, or its will says, whether it is there. `gateway`: so are or are not all behind it."""

    address: str
    sign: Sign
    gateway: bool = False


@dataclass(frozen=True, slots=True)
class Unread:
    """Part of a message that nothing is known about, such as a quantity without a name here; counted, not an error."""

    address: str
    name: str


Said = Reading | LifeSign | Unread


class PayloadError(ValueError):
    """A message that cannot be what its topic says; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Heard:
    """A message as the broker delivers it. `retained`: the broker had kept it, it was not sent now."""

    topic: str
    payload: bytes
    at: datetime
    retained: bool = False


class Adapter(Protocol):
    """One dialect. `filters`: what to subscribe to."""

    @property
    def filters(self) -> tuple[str, ...]: ...

    def read(self, heard: Heard) -> tuple[Said, ...]:
        """What a message says; nothing for topics that say nothing. Raises PayloadError."""
        ...


def reading(address: str, metric: str, value: float, heard: Heard, own: datetime | None = None) -> Reading:
    """A reading with its time and its quality. `own`: when the device says that it measured."""
    at, quality = _when(heard, own)
    if not METRICS[metric].believes(value):
        quality = Quality.SUSPECT
    return Reading(address, metric, value, at, quality)


def _when(heard: Heard, own: datetime | None) -> tuple[datetime, Quality]:
    if own is None:
        return heard.at, Quality.OLD if heard.retained else Quality.GOOD
    if not -AHEAD <= heard.at - own <= BEHIND:
        return heard.at, Quality.OLD if heard.retained else Quality.CLOCK
    return own, Quality.GOOD


def number(value: object) -> float | None:
    """A value as a number: yes and no as 1 and 0, words that mean them too. None for what is none, such as NaN."""
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, int | float):
        return float(value) if abs(value) < 1e15 and math.isfinite(value) else None
    if not isinstance(value, str):
        return None
    word = value.strip().lower()
    if word in _ON:
        return 1.0
    if word in _OFF:
        return 0.0
    try:
        found = float(word)
    except ValueError:
        return None
    return found if math.isfinite(found) and abs(found) < 1e15 else None


def text_of(payload: bytes) -> str:
    """A payload as text. Raises PayloadError `too_long` or `not_text`."""
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise PayloadError("too_long")
    try:
        return payload.decode()
    except UnicodeDecodeError:
        raise PayloadError("not_text") from None


def sign_of(word: object) -> Sign:
    """ "Online" or "offline" as a sign of life. Raises PayloadError `not_a_sign`."""
    try:
        return Sign(str(word).strip().lower())
    except ValueError:
        raise PayloadError("not_a_sign") from None


def json_of(payload: bytes) -> Any:
    """A payload as JSON. Raises PayloadError `too_long`, `not_text` or `not_json`."""
    text = text_of(payload)
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise PayloadError("not_json") from None


def fields_of(payload: bytes) -> Mapping[str, Any]:
    """A payload as a JSON object. Raises PayloadError, also `not_an_object`."""
    found = json_of(payload)
    if not isinstance(found, dict):
        raise PayloadError("not_an_object")
    return found


def moment(value: object) -> datetime | None:
    """A time with its zone, from ISO 8601 (to the nanosecond too) or milliseconds or seconds of the epoch."""
    if isinstance(value, str):
        return _iso(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    seconds = value / 1000 if abs(value) > 1e11 else float(value)
    try:
        return datetime.fromtimestamp(seconds, tz=UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _iso(value: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(_NANOSECONDS.sub(r"\1", value.strip()))
        return found.astimezone(UTC) if found.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
