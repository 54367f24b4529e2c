"""The ground rules of every message: versioned, frozen, tolerant of fields that a newer sender adds.

Knows how bytes become a message and back; each message's meaning lives in its own module.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
)

VERSION = 1
"""The version of all messages under `phoan/1/`; a change that old readers cannot bear raises both."""

MAX_MESSAGE_BYTES = 262_144
"""Longest MQTT payload that anybody sends or reads; a larger one is refused unread."""


_NO_OFFSET = timedelta(0)


def _to_utc_milliseconds(value: datetime) -> datetime:
    if value.utcoffset() == _NO_OFFSET and value.microsecond % 1000 == 0:
        return value  # as all of our own senders write it
    try:
        value = value.astimezone(UTC)
    except OverflowError:
        raise ValueError("must lie between the years 1 and 9999, also in UTC") from None
    return value.replace(microsecond=value.microsecond // 1000 * 1000)


def iso_milliseconds(value: datetime) -> str:
    """A moment in UTC as it is written: always 24 characters, so that earlier ones sort first as text."""
    return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")


Timestamp = Annotated[
    AwareDatetime,
    AfterValidator(_to_utc_milliseconds),
    PlainSerializer(iso_milliseconds, return_type=str, when_used="json"),
]
"""A moment in UTC, held and written to the millisecond, with a Z; a value without a zone is refused."""


def _without_nul(text: str) -> str:
    return text.replace("\x00", "")


Said = Annotated[str, AfterValidator(_without_nul)]
"""A text that a machine found somewhere. NUL, which no database keeps, is left out."""

Fraction = Annotated[float, Field(ge=0.0, le=1.0)]
"""A share or a normalised picture coordinate, from 0 to 1."""


class Message(BaseModel):
    """Base of everything on the wire. Unknown fields are ignored, so an older reader survives a newer sender."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    def to_bytes(self) -> bytes:
        """The message as compact UTF-8 JSON, absent options left out."""
        return self.model_dump_json(exclude_none=True).encode()


class Versioned(Message):
    """A message that stands alone on a topic."""

    v: int = VERSION


class BrokenMessageError(ValueError):
    """A payload that cannot be read. `reason` is a code for counters, `detail` a line for an engineer."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


M = TypeVar("M", bound=Versioned)


def read(model: type[M], payload: bytes) -> M:
    """Parse `payload` as `model`.

    Raises BrokenMessageError with reason `too_large`, `not_json`, `unknown_version` or `invalid`.
    """
    if len(payload) > MAX_MESSAGE_BYTES:
        raise BrokenMessageError("too_large", f"{len(payload)} bytes, at most {MAX_MESSAGE_BYTES}")
    try:
        message = model.model_validate_json(payload)
    except ValidationError as error:
        raise BrokenMessageError(*_diagnose(error)) from None
    if message.v != VERSION:
        raise BrokenMessageError("unknown_version", f"version {message.v}, this reader knows {VERSION}")
    return message


def _diagnose(error: ValidationError) -> tuple[str, str]:
    first = error.errors(include_url=False, include_context=False)[0]
    reason = "not_json" if first["type"] == "json_invalid" else "invalid"
    return reason, explain(error)


def explain(error: ValidationError) -> str:
    """The first fault of a ValidationError as one line that names the field, without its value."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "message"
    return f"{where}: {first['msg']}"
