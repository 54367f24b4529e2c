"""Random tokens for browsers and boxes: 256 bits, kept only as SHA-256, since nothing so random needs a slow hash."""

from __future__ import annotations

import hashlib
import secrets


def new_token() -> str:
    """A fresh token of 256 random bits, URL-safe."""
    return secrets.token_urlsafe(32)


def digest_of_token(token: str) -> bytes:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode()).digest()
