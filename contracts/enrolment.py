"""What lets a new box in: the code that a person carries from the wall to the box, and what both sides then say.

A code is 30 signs of Crockford's base 32, in groups of five: 13 of a secret that is good once (65 bits), 16 of the
fingerprint of the centre's certificate authority (80 bits), so that the first connection is a verified one, and a check
sign that finds a mistyped one. Only the secret part ever goes to the centre.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import Field, PlainSerializer, SecretStr

from contracts.ids import Slug
from contracts.release import ReleaseKey
from contracts.wire import Message, Timestamp

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SECRET_SIGNS: Final = 13
FINGERPRINT_SIGNS: Final = 16
GROUP: Final = 5
_READ_AS: Final = str.maketrans({"I": "1", "L": "1", "O": "0", "-": None, " ": None, "\u2013": None})
_LENGTH: Final = SECRET_SIGNS + FINGERPRINT_SIGNS + 1


class CodeError(ValueError):
    """What was typed is no code; the text says why, in a code of its own: `length`, `sign` or `check`."""


@dataclass(frozen=True, slots=True)
class EnrolmentCode:
    """The two parts of a code, each in ALPHABET."""

    secret: str
    fingerprint: str

    def __str__(self) -> str:
        whole = self.secret + self.fingerprint
        whole += _check_sign(whole)
        return "-".join(whole[at : at + GROUP] for at in range(0, len(whole), GROUP))

    def __repr__(self) -> str:
        return f"EnrolmentCode(fingerprint={self.fingerprint!r})"  # the secret is for nobody's log


def new_secret() -> str:
    """A fresh secret part."""
    return "".join(secrets.choice(ALPHABET) for _ in range(SECRET_SIGNS))


def fingerprint_of(public_key: bytes) -> str:
    """The fingerprint part for a certificate authority's public key (SubjectPublicKeyInfo, DER)."""
    number = int.from_bytes(hashlib.sha256(public_key).digest()[: FINGERPRINT_SIGNS * 5 // 8])
    return "".join(ALPHABET[number >> shift & 31] for shift in range(5 * (FINGERPRINT_SIGNS - 1), -1, -5))


def parse_code(text: str) -> EnrolmentCode:
    """Read a code as a person types it: small letters, O for 0, and with or without hyphens. Raises CodeError."""
    signs = text.strip().upper().translate(_READ_AS)
    if any(sign not in ALPHABET for sign in signs):
        raise CodeError("sign")
    if len(signs) != _LENGTH:
        raise CodeError("length")
    if _check_sign(signs[:-1]) != signs[-1]:
        raise CodeError("check")
    return EnrolmentCode(signs[:SECRET_SIGNS], signs[SECRET_SIGNS:-1])


def _check_sign(signs: str) -> str:
    """Luhn's check in base 32: it finds any one wrong sign, and almost any two neighbours that changed places."""
    total = 0
    for place, sign in enumerate(reversed(signs)):
        value = ALPHABET.index(sign) * (1 if place % 2 else 2)
        total += value // 32 + value % 32
    return ALPHABET[-total % 32]


Told = Annotated[SecretStr, PlainSerializer(SecretStr.get_secret_value, return_type=str, when_used="json")]
"""A secret that is told over TLS to who is to have it, and stands in no log."""


class EnrolmentRequest(Message):
    """What a box sends to be let in. The key of the request for a certificate never leaves the box."""

    secret: Told = Field(min_length=SECRET_SIGNS, max_length=SECRET_SIGNS)
    certificate_request: str = Field(max_length=8192, description="PKCS #10, PEM")
    mqtt_password: Told = Field(min_length=32, max_length=128)


class BrokerAddress(Message):
    host: str
    port: int = Field(ge=1, le=65535)
    username: str


class EnrolmentAnswer(Message):
    """What a box is from now on. Everything that it needs to run, but its key and its password, which it has."""

    box: Slug
    name: str
    ward: Slug
    site: Slug | None = None
    token: Told = Field(min_length=32, description="for the API")
    mqtt: BrokerAddress
    url: str | None = Field(default=None, description="the API's address; absent: the one that the box used")
    time_zone: str
    certificate: str = Field(description="the box's own, PEM")
    release_key: ReleaseKey | None = Field(default=None, description="whose releases the box takes")


class CertificateRequest(Message):
    """A box asks for its next certificate before the old one ends."""

    certificate_request: str = Field(max_length=8192, description="PKCS #10, PEM")


class CertificateAnswer(Message):
    certificate: str
    not_after: Timestamp
