"""`phoan-api`: serve, apply an inventory file, or create a user."""

from __future__ import annotations

import argparse
import contextlib
import getpass
import logging
import sys
from pathlib import Path

import psycopg
import uvicorn
from pydantic import ValidationError

from api.app import create_app
from api.auth import Credentials
from api.config import ApiSettings
from api.passwords import hash_password
from contracts.inventory import Inventory
from contracts.picture import MAX_PICTURE_BYTES
from contracts.settings import SettingsError, load, sentence
from storage import accounts, inventory, wall
from storage.accounts import UserRow

CLASHES = {
    "boxes_token_sha256_key": "field boxes.token: a box of another name has this token already",
}
"""What an inventory file can say that only the database finds wrong."""

ROLES = ("admin", "operator", "police", "technician", "viewer")


def main() -> int:
    """Entry point; the exit code is 2 for mistakes that the caller can mend."""
    arguments = _arguments()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        settings = load(ApiSettings, arguments.config)
        match arguments.command:
            case "run":
                return serve(settings)
            case "inventory":
                return apply_inventory(settings, arguments.file)
            case _:
                return put_user(settings, arguments)
    except SettingsError as error:
        print(error, file=sys.stderr)
    except psycopg.errors.UndefinedTable:
        print("The database has no tables yet: run `phoan-ingest migrate` first.", file=sys.stderr)
    except psycopg.IntegrityError as error:
        print(
            f"{arguments.file}: {CLASHES.get(error.diag.constraint_name or '', error.diag.message_primary)}.",
            file=sys.stderr,
        )
    except psycopg.Error as error:
        print(f"database: {str(error).strip().splitlines()[0].rstrip('.')}.", file=sys.stderr)
    except ValidationError as error:
        print(sentence(error), file=sys.stderr)
    except ValueError as error:
        print(f"{error}.", file=sys.stderr)
    return 2


def serve(settings: ApiSettings) -> int:
    """Serve until SIGTERM or SIGINT."""
    server = uvicorn.Server(server_config(settings))
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    return 0 if server.started else 2


def server_config(settings: ApiSettings) -> uvicorn.Config:
    """How uvicorn serves the API. Raises SettingsError when there is no place for pictures."""
    try:
        app = create_app(settings)
    except OSError as error:
        raise SettingsError(f"field media_dir: {settings.media_dir} cannot be used: {error.strerror}.") from None
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=2,
        ws="websockets-sansio",
        ws_max_size=MAX_PICTURE_BYTES,
        ws_per_message_deflate=False,  # JPEG does not shrink, and trying costs more than sending
        server_header=False,
    )


def apply_inventory(settings: ApiSettings, file: Path) -> int:
    """Make the database hold what `file` declares."""
    declared = load(Inventory, file)
    with psycopg.connect(settings.database.get_secret_value(), autocommit=True) as db:
        inventory.apply(db, declared)
    print(f"inventory applied: {len(declared.wards)} wards, {len(declared.boxes)} boxes")
    return 0


def put_user(settings: ApiSettings, arguments: argparse.Namespace) -> int:
    """Create or replace a user; the password is asked for, or read from a pipe."""
    password = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    credentials = Credentials(username=arguments.username, password=password)  # as sign-in will take them
    user = UserRow(
        username=credentials.username,
        display_name=arguments.name or credentials.username,
        password_hash=hash_password(credentials.password),
        role=arguments.role,
        wards=arguments.ward,
        disabled=False,
    )
    with psycopg.connect(settings.database.get_secret_value(), autocommit=True) as db:
        unknown = sorted(set(user.wards) - set(wall.all_wards(db)))
        if unknown:
            raise ValueError(f"--ward: there is no ward {unknown[0]}; the inventory file declares them")
        accounts.put_user(db, user)
    print(f"user {user.username} may now sign in as {user.role}")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="phoan-api", description="Phố An: API and live wall.")
    parser.add_argument("--config", type=Path, default=Path("/etc/phoan/api.yaml"), help="settings (YAML)")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="serve the API and the wall")
    inventory_parser = commands.add_parser("inventory", help="apply an inventory file")
    inventory_parser.add_argument("file", type=Path)
    user_parser = commands.add_parser("user", help="create or replace a user; the password comes from the terminal")
    user_parser.add_argument("username")
    user_parser.add_argument("--role", choices=ROLES, default="police")
    user_parser.add_argument("--name", help="as shown on the wall")
    user_parser.add_argument("--ward", action="append", default=[], help="a ward that the user may see; repeatable")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
