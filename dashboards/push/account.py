"""A service account for later pushes. Its token is shown once, so its file is opened before the token is made."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from contracts.settings import SettingsError
from dashboards.push.grafana import Grafana, part
from dashboards.push.resource import Resource, Stored
from dashboards.push.settings import AccountSettings

WRITTEN: Final = "(written)"


def account(settings: AccountSettings) -> Resource:
    """The account with its role, and a file with a token of it."""
    what = f"service account {settings.name}"

    def read(grafana: Grafana) -> Stored | None:
        found = grafana.get(f"/serviceaccounts/search?perpage=1000&query={part(settings.name)}", what)
        whole = next((one for one in found["serviceAccounts"] if one["name"] == settings.name), None)
        token = {"token": WRITTEN} if _filled(settings.token_file) else {}
        return whole and Stored({**whole, **token}, whole)

    def write(grafana: Grafana, stored: Stored | None) -> None:
        fields = {"name": settings.name, "role": settings.role, "isDisabled": False}
        with _TokenFile(settings.token_file) as file:
            if stored is None:
                number = grafana.post("/serviceaccounts", what, fields)["id"]
            else:
                number = stored.whole["id"]
                grafana.patch(f"/serviceaccounts/{number}", what, fields)
            if not file.filled:
                name = f"{settings.name}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
                file.fill(str(grafana.post(f"/serviceaccounts/{number}/tokens", what, {"name": name})["key"]))

    wanted = {"name": settings.name, "role": settings.role, "isDisabled": False, "token": WRITTEN}
    return Resource(what, wanted, read, write)


class _TokenFile:
    """Holds a place beside the file, readable by nobody else, and puts it there when it is filled."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._draft = path.with_name(f".{path.name}.{os.getpid()}")
        self._descriptor = -1
        self.filled = _filled(path)

    def __enter__(self) -> _TokenFile:
        try:
            self._descriptor = os.open(self._draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        except OSError as error:
            raise SettingsError(f"{self._path}: cannot be written: {error.strerror}.") from None
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)
        self._draft.unlink(missing_ok=True)

    def fill(self, token: str) -> None:
        """Write the token and let the file appear, whole."""
        os.write(self._descriptor, f"{token}\n".encode())
        os.fsync(self._descriptor)
        self._draft.replace(self._path)
        self.filled = True


def _filled(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except OSError:
        return False
