"""Every secret of a centre: what it is, and which one account reads it."""

from __future__ import annotations

import base64
import secrets as random

from ingest.accounts.initial import initial_state

from . import passwords
from .certificates import new_evidence_key
from .kept import BROKER, CENTRE, DATABASE, GRAFANA, Folder, Owner

PASSWORDS: tuple[tuple[str, Owner], ...] = (
    ("database-superuser", DATABASE),
    ("database-phoan", CENTRE),
    ("database-backup", CENTRE),
    ("database-grafana", GRAFANA),
    ("grafana-admin", GRAFANA),
    ("broker-accounts", CENTRE),
    ("broker-ingest", CENTRE),
)
NAMES = (
    *(name for name, _ in PASSWORDS),
    *("database-roles.sql", "broker-first.json", "api-secret-key", "accounts-key", "payment-key", "evidence-key.pem"),
)
ACCOUNTS_WORKER = "phoan-accounts"
"""The one account that the broker knows at first; the worker makes all others."""

ROLES = ("phoan", "backup", "grafana")


def make(folder: Folder) -> None:
    """Make what is missing."""
    for name, owner in PASSWORDS:
        folder.keep(f"secrets/{name}", passwords.new().encode(), owner)
    folder.keep("secrets/database-roles.sql", _roles(folder), DATABASE)
    first = initial_state(ACCOUNTS_WORKER, folder.text("secrets/broker-accounts"))
    folder.keep("secrets/broker-first.json", first.encode(), BROKER)
    folder.keep("secrets/api-secret-key", base64.urlsafe_b64encode(random.token_bytes(32)), CENTRE)
    folder.keep("secrets/accounts-key", random.token_bytes(32), CENTRE)
    folder.keep("secrets/payment-key", random.token_bytes(32), CENTRE)
    folder.keep("secrets/evidence-key.pem", new_evidence_key(), CENTRE)


def _roles(folder: Folder) -> bytes:
    """The verifiers of the roles' passwords, for deploy/database/roles.sql."""
    lines = (f"\\set {role} '{passwords.scram(folder.text(f'secrets/database-{role}'))}'" for role in ROLES)
    return ("\n".join(lines) + "\n").encode()
