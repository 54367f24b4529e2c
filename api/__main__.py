"""`phoan-api`: serve, apply an inventory file, see to users, or check the audit log."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

import psycopg
from pydantic import ValidationError

from api import commands
from api.access.permissions import ROLES
from api.auditing.anchors import AnchorError
from api.boxes import commands as box_commands
from api.boxes import release_files
from api.config import ApiSettings
from api.evidence import commands as evidence_commands
from api.evidence.key import KeyFileError
from api.payments import key as payment_key
from contracts.settings import SettingsError, load, sentence

CLASHES = {
    "boxes_token_sha256_key": "field boxes.token: a box of another name has this token already",
}
"""What an inventory file can say that only the database finds wrong."""


def main() -> int:
    """Entry point; the exit code is 2 for mistakes that the caller can mend."""
    arguments = _arguments()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it writes whole addresses, which hold bots' tokens
    if arguments.command == "key":
        return commands.new_key()
    try:
        if arguments.command in ("evidence-key", "verify"):
            return _evidence(arguments)
        if arguments.command == "payments":
            payment_key.make(arguments.file)
            print(f"made {arguments.file}: name it as payment_key_file in the settings, and keep a copy in a safe")
            return 0
        if arguments.command == "release" and (done := release_files.without_settings(arguments)) is not None:
            return done
        settings = load(ApiSettings, arguments.config)
        match arguments.command:
            case "run":
                from api.serving import serve  # the whole application, which no other command needs

                return serve(settings)
            case "inventory":
                return commands.apply_inventory(settings, arguments.file)
            case "enrol-code":
                return box_commands.enrol_code(settings, arguments, commands.operator())
            case "device-account":
                return box_commands.device_account(settings, arguments, commands.operator())
            case "revoke-box":
                return box_commands.revoke(settings, arguments, commands.operator())
            case "release":
                return release_files.with_settings(settings, arguments, commands.operator())
            case "users":
                return commands.list_users(settings)
            case "audit":
                return commands.verify_audit(settings, arguments.start, arguments.anchors)
            case _:
                return commands.user(settings, arguments)
    except (SettingsError, AnchorError, KeyFileError) as error:
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


def _evidence(arguments: argparse.Namespace) -> int:
    """What needs no settings, but where an export is held against the audit log."""
    if arguments.command == "evidence-key":
        make_or_show = evidence_commands.new_key if arguments.action == "new" else evidence_commands.show_key
        return make_or_show(arguments.file)
    wanted = evidence_commands.Wanted(arguments.file, arguments.key, arguments.key_id, arguments.json)
    settings = load(ApiSettings, arguments.config) if arguments.against_audit else None
    return evidence_commands.verify(wanted, settings)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="phoan-api", description="Phố An: API and live wall.")
    parser.add_argument("--config", type=Path, default=Path("/etc/phoan/api.yaml"), help="settings (YAML)")
    words = parser.add_subparsers(dest="command", required=True)
    words.add_parser("run", help="serve the API and the wall")
    inventory_parser = words.add_parser("inventory", help="apply an inventory file")
    inventory_parser.add_argument("file", type=Path)
    _user_arguments(words.add_parser("user", help="create, replace or change a user; asks for the password"))
    words.add_parser("users", help="list the users")
    words.add_parser("key", help="print a new secret_key for the settings")
    audit_parser = words.add_parser("audit", help="check the audit log")
    audit_parser.add_argument("action", choices=["verify"])
    audit_parser.add_argument(
        "--from", dest="start", type=_number, default=1, help="number of the first entry to check"
    )
    audit_parser.add_argument("--anchors", type=Path, help="file of anchors; else the one that the settings name")
    payments_parser = words.add_parser("payments", help="the key of payment codes")
    payments_parser.add_argument("thing", choices=["key"])
    payments_parser.add_argument("action", choices=["make"])
    payments_parser.add_argument("file", type=Path)
    _evidence_arguments(words)
    box_commands.add_arguments(words)
    release_files.add_arguments(words)
    return parser.parse_args()


def _evidence_arguments(words: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    key_parser = words.add_parser("evidence-key", help="make the key that signs exports, or say its fingerprint")
    key_parser.add_argument("action", choices=["new", "show"])
    key_parser.add_argument("file", type=Path)
    verify_parser = words.add_parser("verify", help="check that an export of evidence is untouched; needs no settings")
    verify_parser.add_argument("file", type=Path)
    verify_parser.add_argument("--key", type=Path, help="file with the ward's public key (PEM)")
    verify_parser.add_argument(
        "--key-id", metavar="FINGERPRINT", help="of the ward's public key, 64 hexadecimal digits"
    )
    verify_parser.add_argument("--json", action="store_true", help="print the verdict as JSON")
    verify_parser.add_argument(
        "--against-audit", action="store_true", help="also find the export in the audit log of the settings' database"
    )


def _user_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("username")
    parser.add_argument("--role", choices=ROLES, default="police")
    parser.add_argument("--name", help="as shown on the wall")
    parser.add_argument("--ward", action="append", default=[], help="a ward that the user may see; repeatable")
    parser.add_argument("--site", action="append", default=[], help="of the wards only this site; repeatable")
    change = parser.add_mutually_exclusive_group()
    change.add_argument("--disable", action="store_true", help="sign the user out and let them in no more")
    change.add_argument("--enable", action="store_true", help="let a disabled user in again")
    change.add_argument("--sign-out", action="store_true", help="end all of the user's sessions")
    change.add_argument("--new-totp", action="store_true", help="print a new second factor and recovery codes")
    change.add_argument("--no-totp", action="store_true", help="remove the second factor")


def _number(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


if __name__ == "__main__":
    sys.exit(main())
