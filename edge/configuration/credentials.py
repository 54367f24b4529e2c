"""Users and passwords of cameras: a file of its own beside edge.yaml, for the box's user alone. They never travel.

Knows how an address is parted from them and put together again.
"""

from __future__ import annotations

import contextlib
import logging
import os
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final
from urllib.parse import quote, unquote

import yaml
from pydantic import Field, RootModel, SecretStr, ValidationError

from contracts.ids import Slug
from contracts.settings import Settings, SettingsError, sentence
from edge.capture.lookup import host_of
from edge.config import CameraSettings
from edge.footage.disk import give_away, sync

log = logging.getLogger(__name__)

FILE: Final = "credentials.yaml"


class Login(Settings):
    """Of one camera."""

    user: str = Field(min_length=1, max_length=120)
    password: SecretStr


Logins = Mapping[str, Login]
NO_LOGINS: Final[Logins] = MappingProxyType({})


class _File(RootModel[dict[Slug, Login]]):
    pass


def beside(config: Path) -> Path:
    """Where the passwords of a box are whose settings are in `config`."""
    return config.with_name(FILE)


def load(path: Path) -> Logins:
    """All logins; none where there is no file. One that others could read is closed to them. Raises SettingsError."""
    try:
        content = path.read_text(encoding="utf-8")
        _close_to_others(path)
    except FileNotFoundError:
        return NO_LOGINS
    except (OSError, UnicodeDecodeError):
        raise SettingsError(f"{path}: cannot be read.") from None
    try:
        return MappingProxyType(_File.model_validate(yaml.safe_load(content) or {}).root)
    except yaml.YAMLError:
        raise SettingsError(f"{path}: is not YAML.") from None
    except ValidationError as error:
        raise SettingsError(f"{path}: {sentence(error)}") from None


def put(path: Path, camera: str, login: Login) -> None:
    """Keep the login of one camera; the others stay. Raises SettingsError."""
    logins = {**load(path), camera: login}
    content = {name: {"user": one.user, "password": one.password.get_secret_value()} for name, one in logins.items()}
    draft = path.with_suffix(".draft")
    try:
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            yaml.safe_dump(content, file, allow_unicode=True, sort_keys=True)
            file.flush()
            os.fsync(file.fileno())
        give_away(draft, path.parent)
        draft.replace(path)
        sync(path.parent)
    except OSError as error:
        raise SettingsError(f"{path}: cannot be written: {error.strerror}.") from None


def login_of(url: str) -> Login | None:
    """The user and password that an address bears."""
    before, at, _ = _authority(url)[1].rpartition("@")
    user, colon, password = before.partition(":")
    return Login(user=unquote(user), password=SecretStr(unquote(password))) if at and user and colon else None


def bare(url: str) -> str:
    """The address without them."""
    scheme, authority, rest = _authority(url)
    return f"{scheme}://{authority.rpartition('@')[2]}{rest}"


def with_login(url: str, login: Login | None) -> str:
    """The address with them, unless it bears some already."""
    scheme, authority, rest = _authority(url)
    if login is None or "@" in authority:
        return url
    name, password = quote(login.user, safe=""), quote(login.password.get_secret_value(), safe="")
    return f"{scheme}://{name}:{password}@{authority}{rest}"


def logins_of(cameras: Iterable[CameraSettings], known: Logins) -> dict[tuple[str, str | None], Login]:
    """Those that addresses of `cameras` bear, by camera and host: a password goes to no other host than it went to."""
    found = {}
    for camera in cameras:
        for url in filter(None, (camera.url, camera.sub_url)):
            login = login_of(url.get_secret_value())
            if login and camera.id not in known:
                found[camera.id, host_of(url.get_secret_value())] = login
    return found


def _authority(url: str) -> tuple[str, str, str]:
    """Scheme, authority and what follows; an address as FFmpeg reads it ends its authority at the first slash."""
    scheme, _, rest = url.partition("://")
    end = min((at for sign in "/?#" if (at := rest.find(sign)) >= 0), default=len(rest))
    return scheme, rest[:end], rest[end:]


def _close_to_others(path: Path) -> None:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        log.warning("%s could be read by others; from now on it is for this user alone", path)
        with contextlib.suppress(OSError):
            path.chmod(0o600)
