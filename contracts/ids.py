"""Identifiers: UUIDv7 for things that happen, slugs for things that stand somewhere, digests for bytes.

Knows how ids are made and checked; what they name is the business of the modules that carry them.
"""

from __future__ import annotations

import hashlib
from typing import Annotated
from uuid import UUID

import uuid6
from pydantic import AfterValidator, StringConstraints

SLUG_PATTERN = r"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$"
"""Names that are safe in an MQTT topic and an address: 1 to 40 of a-z, 0-9 and inner hyphens."""

CODE_PATTERN = r"^[a-z][a-z0-9_.]{0,62}[a-z0-9]$"
"""Machine-readable words such as event kinds, reasons and metric names; never shown to a user as they are."""


def _require_version_7(value: UUID) -> UUID:
    if value.version != 7:
        raise ValueError("must be a UUID of version 7")
    return value


Slug = Annotated[str, StringConstraints(pattern=SLUG_PATTERN)]
Code = Annotated[str, StringConstraints(pattern=CODE_PATTERN)]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Uuid7 = Annotated[UUID, AfterValidator(_require_version_7)]


def new_id() -> UUID:
    """A fresh UUIDv7 (RFC 9562): sorts by the time at which it was made, to the millisecond."""
    return UUID(int=uuid6.uuid7().int)


def digest_of(data: bytes) -> Digest:
    """The SHA-256 of `data` as 64 lower-case hex digits; media are stored and named by it."""
    return hashlib.sha256(data).hexdigest()
