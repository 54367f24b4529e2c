"""`phoan-dashboards`: build the dashboards' JSON, write the files for provisioning, push everything into a Grafana."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from contracts.settings import SettingsError, load, sentence
from dashboards import house, provision, render
from dashboards.alerts.groups import BESIDE, rule_groups
from dashboards.boards import BOARDS
from dashboards.house import Language
from dashboards.push import plan
from dashboards.push.grafana import Grafana, PushError
from dashboards.push.settings import PushSettings

HOME: Final = Path(__file__).parent


def main(argv: list[str] | None = None) -> int:
    """Entry point; the exit code is 2 for mistakes that the caller can mend, 1 where files are out of date."""
    arguments = _arguments(argv)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("grafana_client").setLevel(logging.CRITICAL)  # what it would say, we say in our words
    try:
        match arguments.command:
            case "build":
                made = {Path(name): text for name, text in render.files(arguments.wall)}
                return _keep(made, arguments.out or render.FOLDER, check=arguments.check)
            case "provision":
                wall = BESIDE if arguments.wall == house.WALL else arguments.wall
                made = provision.files({language: rule_groups(wall, language) for language in Language})
                return _keep(made, arguments.out or HOME / "provisioning", check=arguments.check)
            case _:
                return _push(_settings(arguments), dry=arguments.dry_run, anew=arguments.secrets)
    except (SettingsError, PushError) as error:
        print(error, file=sys.stderr)
    except OSError as error:
        print(f"{error.filename}: {error.strerror}.", file=sys.stderr)
    return 2


def _keep(files: Mapping[Path, str], folder: Path, *, check: bool) -> int:
    """Write the files, and remove dashboards that are no more; with `check`, only say what differs."""
    differ = sorted(path for path in files if _held(folder / path) != files[path])
    there = {
        path.relative_to(folder)
        for place in {path.parent for path in files}
        for path in (folder / place).glob("*.json")
    }
    gone = sorted(there - files.keys())
    for path in (*differ, *gone):
        print(f"{'- ' if path in gone else '~ '}{path}")
    if check:
        return 1 if differ or gone else 0
    for path in gone:
        (folder / path).unlink()
    for path in differ:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(files[path], encoding="utf-8")
    print(f"{len(files)} files in {folder}, {len(differ)} written")
    return 0


def _held(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def _push(settings: PushSettings, *, dry: bool, anew: bool) -> int:
    wanted = plan.Wanted(draw(settings), rule_groups(settings.where_the_wall_is(), settings.languages[0]))
    resources = plan.resources(settings, wanted, anew=anew)
    with Grafana(settings.grafana, plan.secrets(settings)) as grafana:
        print(f"Grafana {grafana.check()} at {settings.grafana.url}")
        print(plan.push(grafana, resources, print, dry=dry).said(dry=dry))
    return 0


def draw(settings: PushSettings) -> dict[Language, list[dict[str, Any]]]:
    """The dashboards of each language that is wanted, with links to the settings' wall."""
    return {
        language: [render.value(board.build(language, settings.where_the_wall_is())) for board in BOARDS]
        for language in settings.languages
    }


def _settings(arguments: argparse.Namespace) -> PushSettings:
    """From the file, or from the options where there is none. Raises SettingsError."""
    if arguments.config is not None:
        return load(PushSettings, arguments.config)
    address, _, name = (arguments.database or "").partition("/")
    given = {
        "grafana": _filled(
            url=arguments.url,
            user=arguments.user,
            password_file=arguments.password_file,
            token_file=arguments.token_file,
            tls_ca=arguments.tls_ca,
        ),
        **_filled(
            database=_filled(
                address=address, name=name, user=arguments.database_user, password_file=arguments.database_password_file
            )
        ),
        "contacts": {"email": {"addresses": arguments.email}} if arguments.email else {},
        **_filled(wall=arguments.wall),
    }
    try:
        return PushSettings.model_validate(given)
    except ValidationError as error:
        raise SettingsError(f"options: {sentence(error)}") from None


def _filled(**values: object) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value}


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="phoan-dashboards", description="Phố An: Grafana as code.")
    verbs = parser.add_subparsers(dest="command", required=True)
    for verb, text in (
        ("build", "write the dashboards as JSON"),
        ("provision", "write the files from which a Grafana provisions itself"),
    ):
        one = verbs.add_parser(verb, help=text)
        one.add_argument("--check", action="store_true", help="write nothing; exit with 1 where a file would change")
        one.add_argument("--out", type=Path, metavar="FOLDER", help="where to; beside this program when absent")
        one.add_argument("--wall", default=house.WALL, metavar="URL", help="where people open the live wall")
    pushing = verbs.add_parser("push", help="bring everything into a running Grafana")
    pushing.add_argument("--config", type=Path, metavar="FILE", help="settings (YAML), in place of the options below")
    pushing.add_argument("--dry-run", action="store_true", help="change nothing; show what would change")
    pushing.add_argument(
        "--secrets", action="store_true", help="send passwords and tokens again, which nobody can compare"
    )
    pushing.add_argument("--url", help="where Grafana is")
    pushing.add_argument("--user", help="its user (admin)")
    pushing.add_argument("--password-file", type=Path, metavar="FILE")
    pushing.add_argument(
        "--token-file", type=Path, metavar="FILE", help="a service account's token, in place of a user"
    )
    pushing.add_argument("--tls-ca", type=Path, metavar="FILE", help="the CA of Grafana's certificate")
    pushing.add_argument("--database", metavar="HOST:PORT/NAME", help="the store, as Grafana reaches it")
    pushing.add_argument("--database-user", metavar="NAME")
    pushing.add_argument("--database-password-file", type=Path, metavar="FILE")
    pushing.add_argument("--email", action="append", metavar="ADDRESS", help="whom alerts go to; may be given again")
    pushing.add_argument("--wall", metavar="URL", help="where people open the live wall")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
