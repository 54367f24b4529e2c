"""What the database keeps of a password: its hash, made here, so that it never holds the password."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

SCRAM_ITERATIONS = 4096
"""PostgreSQL's own; the passwords are random, so that more would only make signing in slower."""


def new() -> str:
    """A random password (256 bits) that may stand in an address as it is."""
    return secrets.token_urlsafe(32)


def scram(password: str) -> str:
    """PostgreSQL's verifier of a password (SCRAM-SHA-256, RFC 5803)."""
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, SCRAM_ITERATIONS)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    stored_key = hashlib.sha256(client_key).digest()
    return f"SCRAM-SHA-256${SCRAM_ITERATIONS}:{_text(salt)}${_text(stored_key)}:{_text(server_key)}"


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
