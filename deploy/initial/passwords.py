"""What the database and the broker keep of a password: its hash, made here, so that neither ever holds the password."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets

SCRAM_ITERATIONS = 4096
"""PostgreSQL's own; the passwords are random, so that more would only make signing in slower."""

BROKER_ITERATIONS = 20_000
ADMINISTRATOR = "phoan-accounts"
CONTROL = "$CONTROL/dynamic-security/#"


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


def first_accounts(password: str) -> bytes:
    """The broker's first state: one administrator, which is the accounts worker, and nothing allowed to anybody else.

    The form is that of mosquitto's plugin for dynamic security. The worker adds the other accounts: ingest's own, the
    boxes' and the devices'.
    """
    salt = secrets.token_bytes(12)
    client = {
        "username": ADMINISTRATOR,
        "textName": "Phố An: keeps the accounts",
        "password": _text(hashlib.pbkdf2_hmac("sha512", password.encode(), salt, BROKER_ITERATIONS)),
        "salt": _text(salt),
        "iterations": BROKER_ITERATIONS,
        "roles": [{"rolename": "admin"}],
    }
    allowed = ("publishClientSend", "publishClientReceive", "subscribePattern")
    acls = [{"acltype": kind, "topic": CONTROL, "allow": True} for kind in allowed]
    refused = ("publishClientSend", "publishClientReceive", "subscribe")
    state = {
        "clients": [client],
        "roles": [{"rolename": "admin", "acls": acls}],
        "defaultACLAccess": {**dict.fromkeys(refused, False), "unsubscribe": True},
    }
    return json.dumps(state, indent=1).encode()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
