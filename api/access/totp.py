"""The second factor: time-based codes (RFC 6238) and recovery codes. Pure but for chance; storage is the caller's.

A secret lies in the database sealed by the settings' `secret_key` (Fernet: AES-128-CBC with HMAC-SHA-256), so that a
copy of the database alone makes no codes. Without a key it lies there open, since a code must be computed from it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime

import pyotp
from cryptography.fernet import Fernet, InvalidToken

ISSUER = "Phố An"
STEP_S = 30
DRIFT = 1
"""Half minutes by which a phone's clock may be early or late."""

RECOVERY_CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_OPEN, _SEALED = "open:", "fernet:"


class SealError(Exception):
    """A stored secret cannot be opened with the configured key."""


@dataclass(frozen=True, slots=True)
class Seal:
    """Closes and opens secrets; `key` is None where the settings have none."""

    key: str | None

    def close(self, secret: str) -> str:
        if self.key is None:
            return _OPEN + secret
        return _SEALED + Fernet(self.key).encrypt(secret.encode()).decode()

    def open(self, stored: str) -> str:
        """The secret. Raises SealError when it was sealed with another key."""
        if stored.startswith(_OPEN):
            return stored.removeprefix(_OPEN)
        try:
            if self.key is None:
                raise SealError("a second factor is sealed and the settings have no secret_key")
            return Fernet(self.key).decrypt(stored.removeprefix(_SEALED).encode()).decode()
        except InvalidToken:
            raise SealError("a second factor was sealed with another secret_key") from None


def new_secret() -> str:
    """160 random bits in base 32, as authenticator apps take them."""
    return pyotp.random_base32()


def uri(secret: str, username: str) -> str:
    """What the QR code for an authenticator app says."""
    return pyotp.TOTP(secret, interval=STEP_S).provisioning_uri(name=username, issuer_name=ISSUER)


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The half minute that `code` belongs to; None when it belongs to none near `now`."""
    totp = pyotp.TOTP(secret, interval=STEP_S)
    current = int(now.timestamp()) // STEP_S
    matches = [
        step
        for step in range(max(current - DRIFT, 0), current + DRIFT + 1)
        if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode())
    ]
    return max(matches, default=None)


def new_recovery_codes() -> list[str]:
    """Codes of some 50 bits to be written down, such as `k7mq-2xw9-tz`."""
    return ["-".join(_word(length) for length in (4, 4, 2)) for _ in range(RECOVERY_CODES)]


def digest_of_recovery_code(username: str, code: str) -> bytes:
    """What the database keeps of a recovery code; dashes, spaces and capitals do not matter."""
    plain = "".join(letter for letter in code.lower() if letter.isalnum())
    return hashlib.scrypt(plain.encode(), salt=f"phoan recovery {username}".encode(), n=2**14, r=8, p=1, dklen=32)


def _word(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))
