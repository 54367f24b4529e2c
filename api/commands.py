"""What `phoan-api` does besides serving: inventory, users, and the audit log. Every change is entered in the audit."""

from __future__ import annotations

import argparse
import contextlib
import getpass
import logging
import sys
from dataclasses import replace
from pathlib import Path

import psycopg
from cryptography.fernet import Fernet
from psycopg import Connection, IsolationLevel
from psycopg.rows import TupleRow

from api.access import totp
from api.access.passwords import hash_password
from api.access.sessions import Credentials, seal_of
from api.auditing import anchors, audit
from api.auditing.verify import verify
from api.config import ApiSettings
from contracts.inventory import Inventory
from contracts.settings import load
from storage import accounts, grants, inventory, wall
from storage import audit as chain
from storage.accounts import UserRow

log = logging.getLogger(__name__)

Db = Connection[TupleRow]


def new_key() -> int:
    """Print a fresh `secret_key`."""
    print(Fernet.generate_key().decode())
    return 0


def apply_inventory(settings: ApiSettings, file: Path) -> int:
    """Make the database hold what `file` declares."""
    declared = load(Inventory, file)
    wards, boxes = len(declared.wards), len(declared.boxes)
    with _connect(settings) as db, db.transaction():
        inventory.apply(db, declared)
        audit.note(db, operator(), "inventory.applied", f"file:{file.name}", wards=wards, boxes=boxes)
    print(f"inventory applied: {wards} wards, {boxes} boxes")
    return 0


def user(settings: ApiSettings, arguments: argparse.Namespace) -> int:
    """Create or replace a user, or change one who is there without asking for a password."""
    with _connect(settings) as db:
        if arguments.disable or arguments.enable:
            return _disable(db, arguments.username, disabled=arguments.disable)
        if arguments.sign_out:
            return _sign_out(db, arguments.username)
        if arguments.new_totp:
            return _new_totp(db, settings, arguments.username)
        if arguments.no_totp:
            return _no_totp(db, arguments.username)
        return _put_user(db, arguments)


def warn_of_open_secrets(settings: ApiSettings) -> None:
    """Once, at the start. A database that does not answer is spoken of by who needs it."""
    with contextlib.suppress(psycopg.Error), _connect(settings) as db:
        n = accounts.open_secrets(db)
        if n and settings.secret_key is None:
            log.warning(
                "the second factors of %d users lie open in the database: set secret_key (`phoan-api key` makes one)", n
            )
        elif n:
            log.warning("the second factors of %d users lie open in the database: have them set up anew", n)


def list_users(settings: ApiSettings) -> int:
    """One line a user."""
    with _connect(settings) as db:
        for row in accounts.users(db):
            factor = "second factor" if row.totp_since else "password only"
            places = ",".join(row.sites or row.wards) or "-"
            print(row.username, row.role, places, factor, "disabled" if row.disabled else "enabled", sep="\t")
    return 0


def verify_audit(settings: ApiSettings, start: int, anchor_file: Path | None) -> int:
    """Walk the audit's chain; 1 where it is broken."""
    path = anchor_file or settings.audit_anchors
    known = anchors.read(path) if path else []
    with _connect(settings) as db:
        db.isolation_level = IsolationLevel.REPEATABLE_READ  # entries and head of one moment
        with db.transaction():
            head = chain.head(db)
            verdict = verify(chain.entries(db, start), known, head, start=start)
    if verdict.fault:
        print(verdict.fault, file=sys.stderr)
        return 1
    print(f"The audit log is whole: entries {start} to {verdict.last}; {verdict.unanchored} are newer than any anchor.")
    return 0


def _connect(settings: ApiSettings) -> Db:
    return psycopg.connect(settings.database.get_secret_value(), autocommit=True, connect_timeout=5)


def operator() -> str:
    """Who types the command, for the audit."""
    try:
        return f"cli:{getpass.getuser()}"
    except (OSError, KeyError):  # an account without a name, as in a container
        return "cli:unnamed"


def _put_user(db: Db, arguments: argparse.Namespace) -> int:
    """The password is asked for, or read from a pipe."""
    password = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    credentials = Credentials(username=arguments.username, password=password)  # as sign-in will take them
    row = UserRow(
        username=credentials.username,
        display_name=arguments.name or credentials.username,
        password_hash=hash_password(credentials.password, credentials.username),
        role=arguments.role,
        wards=arguments.ward,
        disabled=False,
        sites=arguments.site,
    )
    _require_places(db, row)
    with db.transaction():
        accounts.put_user(db, row)
        about = f"user:{row.username}"
        audit.note(db, operator(), "user.put", about, role=row.role, wards=row.wards, sites=row.sites)
    print(f"user {row.username} may now sign in as {row.role}")
    return 0


def _require_places(db: Db, row: UserRow) -> None:
    unknown = sorted(set(row.wards) - set(wall.all_wards(db)))
    if unknown:
        raise ValueError(f"--ward: there is no ward {unknown[0]}; the inventory file declares them")
    wards = grants.wards_of_sites(db, row.sites)
    for site in row.sites:
        if wards.get(site) not in row.wards:
            raise ValueError(f"--site: {site} lies in none of the user's wards")


def _disable(db: Db, username: str, *, disabled: bool) -> int:
    with db.transaction():
        accounts.change_user(db, replace(_required(db, username), disabled=disabled))
        if disabled:
            accounts.close_sessions(db, username)
        audit.note(db, operator(), "user.changed", f"user:{username}", disabled=disabled)
    print(f"user {username} is {'disabled' if disabled else 'enabled'}")
    return 0


def _sign_out(db: Db, username: str) -> int:
    with db.transaction():
        _required(db, username)
        ended = accounts.close_sessions(db, username)
        audit.note(db, operator(), "session.revoked", f"user:{username}", sessions_ended=ended)
    print(f"{ended} sessions of {username} ended")
    return 0


def _new_totp(db: Db, settings: ApiSettings, username: str) -> int:
    """For a user at this desk: what their authenticator app takes, and the recovery codes to write down."""
    secret, codes = totp.new_secret(), totp.new_recovery_codes()
    digests = [totp.digest_of_recovery_code(username, code) for code in codes]
    with db.transaction():
        _required(db, username)
        accounts.set_totp(db, username, seal_of(settings).close(secret))
        accounts.confirm_totp(db, username, digests)
        accounts.close_sessions(db, username)
        audit.note(db, operator(), "totp.enrolled", f"user:{username}")
    print(totp.uri(secret, username), *codes, sep="\n")
    return 0


def _no_totp(db: Db, username: str) -> int:
    with db.transaction():
        _required(db, username)
        accounts.set_totp(db, username, None)
        accounts.close_sessions(db, username)
        audit.note(db, operator(), "totp.reset", f"user:{username}")
    print(f"user {username} signs in without a second factor")
    return 0


def _required(db: Db, username: str) -> UserRow:
    found = accounts.user(db, username)
    if found is None:
        raise ValueError(f"there is no user {username}")
    return found
