"""A key beside the database that seals what must be read again: who holds the database alone cannot.

The key is a file of random bytes, which the programs share that seal and open.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Final

from cryptography.fernet import Fernet, InvalidToken

LEAST_BYTES: Final = 32
_PURPOSE: Final = b"phoan broker accounts 1\0"


class SealError(Exception):
    """A key or what it sealed cannot be used; the text is one sentence."""


class Seal:
    """Owns the key."""

    def __init__(self, key: bytes) -> None:
        self._fernet = Fernet(base64.urlsafe_b64encode(hashlib.sha256(_PURPOSE + key).digest()))

    def close(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Raises SealError for what another key sealed."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise SealError("It was sealed with another key than the settings name.") from None


def read_seal(path: Path) -> Seal:
    """The seal whose key lies in `path`. Raises SealError."""
    try:
        key = path.read_bytes()
    except OSError as error:
        raise SealError(f"{path}: cannot be read: {error.strerror}.") from None
    if len(key) < LEAST_BYTES:
        raise SealError(f"{path}: holds fewer than {LEAST_BYTES} bytes.")
    return Seal(key)
