"""The first state of the broker's account plugin: one administrator, and nothing that is allowed to anybody else."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from typing import Final

_ITERATIONS: Final = 20_000
CONTROL: Final = "$CONTROL/dynamic-security/#"


def initial_state(username: str, password: str) -> str:
    """The plugin's file (JSON). The password is in it as PBKDF2-SHA512 only."""
    salt = secrets.token_bytes(12)
    hashed = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS)
    allowed = ("publishClientSend", "publishClientReceive", "subscribePattern")
    state = {
        "clients": [
            {
                "username": username,
                "textName": "Phố An: keeps the accounts",
                "password": base64.b64encode(hashed).decode(),
                "salt": base64.b64encode(salt).decode(),
                "iterations": _ITERATIONS,
                "roles": [{"rolename": "admin"}],
            }
        ],
        "roles": [
            {"rolename": "admin", "acls": [{"acltype": kind, "topic": CONTROL, "allow": True} for kind in allowed]}
        ],
        "defaultACLAccess": {
            "publishClientSend": False,
            "publishClientReceive": False,
            "subscribe": False,
            "unsubscribe": True,
        },
    }
    return json.dumps(state, indent=1)
