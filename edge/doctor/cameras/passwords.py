"""Whether a camera still has the password that its maker sold it with.

Tried on the box's own cameras only, three at most, and then never again for a month: cameras lock an account after a
few wrong passwords. The right one follows, which makes a camera forget the wrong ones.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from contracts.addresses import Network
from contracts.report import Finding
from contracts.status import CameraFault
from edge.capture.rtsp import CameraError
from edge.configuration.credentials import Login
from edge.discover import makers
from edge.discover.describe import Described, describe
from edge.doctor.checks import bad, ok

FILE: Final = "doctor-passwords.json"
AGAIN_S: Final = 30 * 86_400.0
_WRITING: Final = threading.Lock()


class Tried:
    """Remembers which cameras were tried and when. Lost, they are tried once more."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE

    def is_due(self, camera: str, now: float) -> bool:
        return not 0 <= now - self._read().get(camera, float("-inf")) < AGAIN_S

    def note(self, camera: str, now: float) -> bool:
        """Whether it will be remembered. Cameras are looked at beside each other, all in this one file."""
        draft = self._path.with_name(f"{FILE}.draft")
        with _WRITING:
            try:
                draft.write_text(json.dumps({**self._read(), camera: now}))
                draft.replace(self._path)
            except OSError:  # the disk has a finding of its own
                return False
        return True

    def _read(self) -> dict[str, float]:
        try:
            found = json.loads(self._path.read_text())
            return {str(name): float(at) for name, at in found.items()} if isinstance(found, dict) else {}
        except (OSError, ValueError, TypeError):
            return {}


def look_for_default(
    camera: str, url: str, own: Login, told: Described, networks: Sequence[Network], tried: Tried | None
) -> Finding | None:
    """A finding when it is known; None when it was not asked. `told` is what the camera answered to `own`."""
    defaults = makers.first_passwords(makers.maker_of(told.server, told.realm))
    if user := next((user for user, word in defaults if (user, word) == _pair(own)), None):
        return bad("camera_default_password", camera=camera, user=user)
    if tried is None or not tried.is_due(camera, time.time()):
        return None
    if not tried.note(camera, time.time()):  # before: whatever happens, it is not tried twice
        return None
    found = _try(url, [pair for pair in defaults if pair != _pair(own)], networks)
    if found is not None:
        return bad("camera_default_password", camera=camera, user=found)
    _answers(url, own, networks)
    return ok("camera_password_good", camera=camera)


def _try(url: str, pairs: Sequence[tuple[str, str]], networks: Sequence[Network]) -> str | None:
    """The user whose default password opens the camera."""
    for user, word in pairs[: makers.MOST_DEFAULTS]:
        if _answers(url, Login(user=user, password=SecretStr(word)), networks):
            return user
    return None


def _answers(url: str, login: Login, networks: Sequence[Network]) -> bool:
    try:
        return describe(url, login, networks=networks).fault in (None, CameraFault.NO_VIDEO)
    except CameraError:
        return False


def _pair(login: Login) -> tuple[str, str]:
    return login.user, login.password.get_secret_value()
