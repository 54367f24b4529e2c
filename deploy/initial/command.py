"""`deploy/init`: what a person types, what is made then, and what is said of it."""

from __future__ import annotations

import argparse
import re
import stat
import sys
from collections.abc import Sequence
from pathlib import Path

from . import certificates, secret_files, succession
from .certificates import OpensslError
from .kept import EDITED, HOST, Folder

DEPLOY = Path(__file__).resolve().parents[1]
PROJECT = DEPLOY.parent
SETTINGS = ("api.yaml", "ingest.yaml")
_NAME = re.compile(r"^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$|^[0-9a-fA-F:.]+$")


def main() -> int:
    """Entry point; the exit code is 1 when `--check` finds something, 2 for mistakes that the caller can mend."""
    arguments = _arguments()
    folder = Folder(arguments.folder.resolve())
    try:
        if arguments.check:
            return _check(folder, _names(arguments))
        _make(folder, _names(arguments), arguments)
    except OpensslError as error:
        print(error, file=sys.stderr)
    except PermissionError as error:
        print(f"{error.filename}: {error.strerror}; run this as root, with sudo.", file=sys.stderr)
    except ValueError as error:
        print(error, file=sys.stderr)
    else:
        return 0
    return 2


def _make(folder: Folder, names: Sequence[str], arguments: argparse.Namespace) -> None:
    folder.prepare()
    if arguments.web_certificate:
        certificates.adopt(folder, arguments.web_certificate, arguments.web_key)
    if arguments.authority:
        succession.take(folder, arguments.authority, names[0])
    certificates.make(folder, names)
    secret_files.make(folder)
    for name in SETTINGS:
        folder.keep(f"settings/{name}", (DEPLOY / "settings" / name).read_bytes(), HOST, EDITED)
    variables = _variables(folder, names, arguments.env)
    _say(folder, variables, arguments.env)
    if arguments.authority and certificates.CA in folder.made:
        print("They believe what ca.pem says now with: docker compose restart mosquitto api ingest accounts proxy")


def _variables(folder: Folder, names: Sequence[str], path: Path) -> list[str]:
    """Write what compose fills in; what else a person wrote there stays. Returns the names that were set."""
    there = _read(path)
    wanted = {"PHOAN_OWN": str(folder.path), "PHOAN_HOST": names[0], "PHOAN_NAMES": " ".join(names)}
    changed = [name for name in wanted if there.get(name) != wanted[name]]
    if changed:
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        kept = [line for line in lines if line.partition("=")[0].strip() not in changed]
        kept += [f"{name}='{wanted[name]}'" for name in changed]
        path.write_text("\n".join(kept) + "\n", encoding="utf-8")
    return changed


def _check(folder: Folder, names: Sequence[str]) -> int:
    found = [f"{name} is missing: run deploy/init." for name in _expected() if not (folder.path / name).exists()]
    if not found:
        found = certificates.faults(folder, names)
        secret = [*(folder.path / "secrets").iterdir(), *(folder.path / "certificates").glob("*-key.pem")]
        found += [f"{path.name} can be read by others." for path in secret if stat.S_IMODE(path.stat().st_mode) & 0o077]
    print("\n".join(found) or "Everything is there, and no certificate ends soon.")
    return 1 if found else 0


def _expected() -> list[str]:
    return [
        certificates.CA,
        certificates.CA_KEY,
        *(name for server in certificates.SERVERS for name in (server.certificate, server.key)),
        *(f"secrets/{name}" for name in secret_files.NAMES),
        *(f"settings/{name}" for name in SETTINGS),
    ]


def _say(folder: Folder, variables: Sequence[str], env: Path) -> None:
    for name in folder.made:
        print(f"made  {folder.path / name}")
    for name in variables:
        print(f"set   {name} in {env}")
    if not folder.made and not variables:
        print("Nothing was missing, nothing was changed.")
    elif any(name.endswith(".pem") for name in folder.made):
        print("Programs that run take new certificates with: docker compose restart mosquitto proxy")


def _names(arguments: argparse.Namespace) -> list[str]:
    """The names given, or those of the last time. Raises ValueError."""
    names: list[str] = arguments.names or _read(arguments.env).get("PHOAN_NAMES", "").split()
    if not names:
        raise ValueError("Say the name or address under which boxes and people reach this host: deploy/init NAME ...")
    wrong = next((name for name in names if not _NAME.match(name)), None)
    if wrong:
        raise ValueError(f"{wrong} is no host name and no IP address.")
    return names


def _read(env: Path) -> dict[str, str]:
    """The lines NAME=value of a file for compose."""
    lines = env.read_text(encoding="utf-8").splitlines() if env.exists() else []
    pairs = (line.partition("=") for line in lines if "=" in line and not line.lstrip().startswith("#"))
    return {name.strip(): value.strip().strip("'\"") for name, _, value in pairs}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="deploy/init", description="Make what this centre has for itself.")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="host name or IP address of the centre; first the main"
    )
    parser.add_argument("--folder", type=Path, default=DEPLOY / "own", help="where it is kept (deploy/own)")
    parser.add_argument("--env", type=Path, default=PROJECT / ".env", help="variables for compose (.env)")
    parser.add_argument("--check", action="store_true", help="change nothing; say what is missing or ends soon")
    parser.add_argument(
        "--authority", choices=succession.STEPS, help="change to a new authority, in steps: docs/operations.md"
    )
    parser.add_argument("--web-certificate", type=Path, help="a certificate of your own for the proxy, with its chain")
    parser.add_argument("--web-key", type=Path, help="and its key")
    arguments = parser.parse_args()
    if bool(arguments.web_certificate) != bool(arguments.web_key):
        parser.error("--web-certificate and --web-key go together")
    return arguments
