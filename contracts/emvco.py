"""EMVCo's merchant-presented code as text: fields of a two-digit id, a two-digit length and a value, and a checksum.

Reads strictly, within bounds, and writes; what the fields mean for Vietnamese payments is `contracts.payment_code`'s.
Source: EMV QR Code Specification for Payment Systems, merchant-presented mode, and NAPAS's profile of it.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping
from typing import Final

MAX_LENGTH: Final = 512
"""Longest text that is read, in characters, as EMVCo sets it."""

CHECKSUM: Final = "63"
"""Id of the checksum, which is the last field and always four digits long."""

_HEAD: Final = re.compile(r"[0-9]{4}", re.ASCII)
_CHECKSUM_FIELD: Final = re.compile(rf"{CHECKSUM}04([0-9A-Fa-f]{{4}})\Z", re.ASCII)

Fields = dict[str, str]
"""Values by id, in the order of the text."""


class EmvcoError(ValueError):
    """The text is no merchant-presented code. `code` says what is wrong, for logs and for words on a page."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def checksum(text: str) -> str:
    """CRC-16/CCITT-FALSE over the bytes of `text` as four upper-case hex digits. "123456789" gives 29B1."""
    return f"{binascii.crc_hqx(text.encode('utf-8', 'surrogatepass'), 0xFFFF):04X}"


def looks_like_one(text: str) -> bool:
    """Whether a text claims to be a merchant-presented code: it begins with the payload format, however it goes on."""
    return text.startswith("0002")


def read(text: str) -> Fields:
    """The outermost fields of a code.

    Raises EmvcoError `too_long`, `checksum_missing`, `checksum_wrong`, `format_unknown`, or what `fields` raises. The
    payload format "00" stands on real codes and is accepted beside the specified "01"; so are lower-case hex digits.
    """
    if len(text) > MAX_LENGTH:
        raise EmvcoError("too_long")
    end = _CHECKSUM_FIELD.search(text)
    if end is None:
        raise EmvcoError("checksum_missing")
    if checksum(text[: end.start(1)]) != end[1].upper():
        raise EmvcoError("checksum_wrong")
    found = fields(text)
    ids = list(found)
    if ids[-1] != CHECKSUM:
        raise EmvcoError("checksum_missing")
    if ids[0] != "00" or found["00"] not in ("01", "00"):
        raise EmvcoError("format_unknown")
    return found


def fields(text: str) -> Fields:
    """The fields of a code or of a template's value.

    A length counts characters. An empty value is accepted: it says nothing, and such codes are printed. Raises
    EmvcoError `cut_short`, `not_a_field`, or `repeated`.
    """
    found: Fields = {}
    at = 0
    while at < len(text):
        head = _HEAD.match(text, at)
        if head is None:
            raise EmvcoError("not_a_field" if len(text) - at >= len("0000") else "cut_short")
        key, length = head[0][:2], int(head[0][2:])
        value = text[head.end() : head.end() + length]
        if len(value) < length:
            raise EmvcoError("cut_short")
        if key in found:
            raise EmvcoError("repeated")
        found[key] = value
        at = head.end() + length
    return found


def written(values: Mapping[str, str]) -> str:
    """The text of fields or of a template's value. Raises EmvcoError `too_long` for a value over 99 characters."""
    if any(len(value) > 99 for value in values.values()):
        raise EmvcoError("too_long")
    return "".join(f"{key}{len(value):02}{value}" for key, value in values.items())


def sealed(values: Mapping[str, str]) -> str:
    """The text of a whole code, its checksum behind it. Raises EmvcoError `too_long`."""
    body = f"{written(values)}{CHECKSUM}04"
    if len(body) + 4 > MAX_LENGTH:
        raise EmvcoError("too_long")
    return body + checksum(body)
