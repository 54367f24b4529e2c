"""Password hashes: argon2id with the library's defaults (RFC 9106, low-memory profile)."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher()
_NOBODY = _HASHER.hash("nobody has this password")

MIN_LENGTH = 8
"""ASVS 5.0 6.2.1."""


def hash_password(password: str) -> str:
    """The hash to store. Raises ValueError for a password shorter than MIN_LENGTH."""
    if len(password) < MIN_LENGTH:
        raise ValueError(f"a password needs {MIN_LENGTH} characters or more")
    return _HASHER.hash(password)


def matches(password: str, stored: str | None) -> bool:
    """Whether `password` is the one behind `stored`. Takes as long for a user who does not exist (None)."""
    try:
        _HASHER.verify(stored or _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None
