"""`phoan-edge enrol CODE@CENTRE`: makes this box one of the centre's, or leaves everything as it was."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import ValidationError

from contracts.enrolment import EnrolmentAnswer, EnrolmentRequest
from contracts.settings import SettingsError
from contracts.settings import sentence as mistake_in
from edge.config import EdgeSettings
from edge.doctor.language import add_language, language_of
from edge.enrol import files
from edge.enrol.centre import Centre, Target, ask, find_centre, read_target
from edge.enrol.files import Secrets
from edge.enrol.keys import key_pem, request_pem
from edge.enrol.words import EnrolError, sentence
from edge.footage.disk import give_away

DATA: Final = Path("/var/lib/phoan")
_OWN: Final = ("ward", "box", "data_dir", "mqtt", "centre")

_HEAD: Final = """\
# The settings of this box. Written by `phoan-edge enrol` on {day}; what follows may be edited.
# `phoan-edge check` says whether it is good. It holds secrets: leave it readable for the box's account only.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", metavar="CODE@CENTRE", help="as the wall shows it")
    parser.add_argument("--etc", type=Path, help="folder of the settings and keys (default: where --config is)")
    parser.add_argument("--data", type=Path, default=DATA, help=f"folder of the box's data (default: {DATA})")
    parser.add_argument("--again", action="store_true", help="also where the box is enrolled already")
    add_language(parser)


def run(arguments: argparse.Namespace) -> int:
    """Entry point; the exit code is 2 for whatever keeps the box from being enrolled."""
    lang, etc = language_of(arguments), arguments.etc or arguments.config.parent
    try:
        answer = enrol(arguments.target, etc.absolute(), arguments.data.absolute(), again=arguments.again)
    except EnrolError as error:
        print(error.sentence(lang), file=sys.stderr)
        return 2
    file = etc / files.SETTINGS
    print(sentence("done", lang, box=answer.box, name=answer.name, ward=answer.ward, file=file))
    for folder in sorted(arguments.data.glob(f"{files.FORMER}*")):
        print(sentence("former", lang, folder=folder))
    return 0


def enrol(typed: str, etc: Path, data: Path, *, again: bool = False) -> EnrolmentAnswer:
    """Enrol this box. Raises EnrolError, and then nothing but the try's own key and password is left in `etc`."""
    target = read_target(typed)
    _finish(etc)
    before = _settings_before(etc)
    if before is not None and not again:
        raise EnrolError("enrolled", box=before.get("box", "?"), file=etc / files.SETTINGS)
    centre = find_centre(target)
    made = files.secrets_for(etc, str(target.code))
    answer = ask(centre, _request(target, made))
    _keep(etc, data, centre, made, answer, before or {})
    return answer


def make_good(etc: Path) -> None:
    """Before the box starts: put in place what a power cut kept from it. Raises SettingsError."""
    try:
        files.finish(etc)
    except OSError as error:
        raise SettingsError(f"{etc}: the box's files cannot be put in place: {error.strerror}.") from None


def _finish(etc: Path) -> None:
    try:
        files.finish(etc)
    except OSError as error:
        raise EnrolError("folder", folder=etc, why=error.strerror) from None


def _request(target: Target, made: Secrets) -> EnrolmentRequest:
    return EnrolmentRequest.model_validate(
        {
            "secret": target.code.secret,
            "certificate_request": request_pem(made.key),
            "mqtt_password": made.password,
        }
    )


def _keep(
    etc: Path, data: Path, centre: Centre, made: Secrets, answer: EnrolmentAnswer, before: dict[str, Any]
) -> None:
    """Raises EnrolError."""
    content = {files.CA: centre.ca, files.CERTIFICATE: answer.certificate.encode(), files.KEY: key_pem(made.key)}
    aside = files.stage(etc, content)
    kept = {name: value for name, value in before.items() if name not in _OWN} if _is_same(before, answer) else {}
    # They are read where they lie now; in the file they are named where they will lie.
    read_here = _own(aside, data, centre, made, answer)
    if (mistake := _mistake_of(read_here)) is not None:
        raise EnrolError("centre_trouble", answer=mistake)
    if (mistake := _mistake_of({**read_here, **kept})) is not None:
        raise EnrolError("settings", file=etc / files.SETTINGS, why=mistake)
    content[files.SETTINGS] = _yaml({**_own(etc, data, centre, made, answer), **kept, **_updates(answer, kept)})
    files.stage(etc, {**content, **_leaving(data, before, answer)})
    _make_data_folder(etc, data)
    files.commit(etc)


def _mistake_of(settings: dict[str, Any]) -> str | None:
    try:
        EdgeSettings.model_validate(settings)
    except ValidationError as error:
        return mistake_in(error).rstrip(".")
    return None


def _own(etc: Path, data: Path, centre: Centre, made: Secrets, answer: EnrolmentAnswer) -> dict[str, Any]:
    """The part of the settings that enrolment decides."""
    mqtt = {
        "host": answer.mqtt.host,
        "port": answer.mqtt.port,
        "username": answer.mqtt.username,
        "password": made.password,
        "tls_ca": str(etc / files.CA),
        "tls_cert": str(etc / files.CERTIFICATE),
        "tls_key": str(etc / files.KEY),
    }
    api = {"url": answer.url or centre.url, "token": answer.token.get_secret_value()}
    if centre.own_ca:
        api["tls_ca"] = str(etc / files.CA)
    own = {"ward": answer.ward, "box": answer.box, "data_dir": str(data), "mqtt": mqtt, "centre": api}
    return {**own, "time_zone": answer.time_zone}


def _updates(answer: EnrolmentAnswer, kept: dict[str, Any]) -> dict[str, Any]:
    """Whose releases the box takes from now on; the rest of what is said about updates stays."""
    if answer.release_key is None:
        return {}
    before = kept.get("update")
    return {"update": {**(before if isinstance(before, dict) else {}), "release_key": answer.release_key}}


def _leaving(data: Path, before: dict[str, Any], answer: EnrolmentAnswer) -> dict[str, bytes]:
    """What another box recorded and did not send yet must not go out under the new name: it is to stay in a folder of
    its own.
    """
    former = before.get("box")
    if not isinstance(former, str) or _is_same(before, answer):
        return {}
    aside = f"{files.FORMER}{former}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    return {files.LEAVING: json.dumps({"data": str(data), "aside": aside}).encode()}


def _is_same(before: dict[str, Any], answer: EnrolmentAnswer) -> bool:
    """Cameras and rules stay with a box that is enrolled anew, and are not for another one."""
    return (before.get("ward"), before.get("box")) == (answer.ward, answer.box)


def _yaml(settings: dict[str, Any]) -> bytes:
    head = _HEAD.format(day=f"{datetime.now(UTC):%Y-%m-%d}")
    return (head + yaml.safe_dump(settings, allow_unicode=True, sort_keys=False)).encode()


def _settings_before(etc: Path) -> dict[str, Any] | None:
    """What is in the box's file, as far as it can be read; None where there is none. Raises EnrolError."""
    path = etc / files.SETTINGS
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise EnrolError("folder", folder=etc, why=error.strerror) from None
    except (yaml.YAMLError, UnicodeDecodeError):
        return {}
    return content if isinstance(content, dict) else {}


def _make_data_folder(etc: Path, data: Path) -> None:
    try:
        if not data.is_dir():
            data.mkdir(parents=True, mode=0o750)
            give_away(data, etc)
    except OSError as error:
        raise EnrolError("folder", folder=data, why=error.strerror) from None
