"""A box's configuration on its way: the document that the centre pushes, and the box's answer to it.

The document is what edge.yaml holds, without what belongs to the box itself and without any password. It travels
packed, since a market's zones would not fit into a message as they are. What a field means is `edge.config`'s business.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from pydantic import Field

from contracts.ids import Code, Digest, digest_of
from contracts.wire import MAX_MESSAGE_BYTES, BrokenMessageError, Message, Timestamp, Versioned

Document = Mapping[str, Any]

IDENTITY: Final = frozenset({"ward", "box", "data_dir", "mqtt", "centre", "metrics", "camera_networks", "trial_s"})
WITH_SECRETS: Final = frozenset({"announce"})
BOXS_OWN: Final = IDENTITY | WITH_SECRETS
"""Fields of edge.yaml that nobody pushes: who the box is and how it is reached, where its cameras may be, and what
holds passwords.
"""

OWN_PARTS: Final[Mapping[str, frozenset[str]]] = MappingProxyType({"devices": frozenset({"broker"})})
"""Of fields that are pushed, what stays the box's own: its local broker, and the password for it."""

MOST_DOCUMENT_BYTES: Final = 4_000_000
"""Of a document that is unpacked: no message may fill the box's memory."""


class ConfigState(StrEnum):
    """What became of a revision on the box."""

    TRYING = "trying"
    APPLIED = "applied"
    REFUSED = "refused"
    FALLEN_BACK = "fallen_back"


class ConfigAnswer(Message):
    """The box's last word on the newest revision that it knows. `running` is the one in use; 0 is its own file."""

    revision: int = Field(ge=1)
    state: Code
    reason: str = Field(default="", max_length=400)
    running: int = Field(default=0, ge=0)


class PushedConfiguration(Versioned):
    """Payload of the `config` channel, retained. `digest` is of the document as `canonical` writes it."""

    revision: int = Field(ge=1)
    made_at: Timestamp
    digest: Digest
    packed: str = Field(max_length=MAX_MESSAGE_BYTES, description="the document: JSON, deflated, in base64")

    def document(self) -> dict[str, Any]:
        """What was packed. Raises BrokenMessageError with reason `damaged` or `too_large`."""
        try:
            content = _inflated(base64.b64decode(self.packed, validate=True))
            document = json.loads(content)
        except BrokenMessageError:
            raise
        except (binascii.Error, zlib.error, ValueError, RecursionError):
            raise BrokenMessageError("damaged", "the configuration cannot be unpacked") from None
        if not isinstance(document, dict) or digest_of_document(document) != self.digest:
            raise BrokenMessageError("damaged", "the configuration is not the one that its digest names")
        return document


class ConfigTooLargeError(ValueError):
    """The document does not fit into a message."""


def pushed(revision: int, made_at: datetime, document: Document) -> PushedConfiguration:
    """The message that brings `document`. Raises ConfigTooLargeError."""
    content = canonical(document)
    packed = base64.b64encode(zlib.compress(content, 9)).decode()
    if len(content) > MOST_DOCUMENT_BYTES or len(packed) + 400 > MAX_MESSAGE_BYTES:
        raise ConfigTooLargeError(f"the configuration has {len(packed)} bytes packed, at most {MAX_MESSAGE_BYTES} fit")
    return PushedConfiguration(revision=revision, made_at=made_at, digest=digest_of_document(document), packed=packed)


def canonical(document: Document) -> bytes:
    """The document as it is packed and digested: one writing for one content."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def digest_of_document(document: Document) -> Digest:
    """By which two documents are told apart."""
    return digest_of(canonical(document))


def _inflated(packed: bytes) -> bytes:
    opened = zlib.decompressobj()
    content = opened.decompress(packed, MOST_DOCUMENT_BYTES)
    if opened.unconsumed_tail:
        raise BrokenMessageError("too_large", f"the configuration has more than {MOST_DOCUMENT_BYTES} bytes")
    return content
