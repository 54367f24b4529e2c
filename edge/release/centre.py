"""What the updater asks the centre: which release is wanted, and its bundle; and what it tells: what became of it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from platform import machine
from typing import Final

import httpx
from pydantic import ValidationError

from contracts.release import BoxRelease, BundleError, Fault, ReleaseReport, Wanted
from contracts.settings import SettingsError
from edge.footage.disk import digest_of_file
from edge.release.settings import BoxCentre
from edge.release.spent import Spending
from edge.tls import centre_context

TIMEOUT: Final = httpx.Timeout(15, read=60)
LONGEST_S: Final = 6 * 3600
"""For one try; what has come is kept for the next."""


class CentreError(Exception):
    """The centre cannot be reached, or answers something else; try again later."""


class Centre:
    """One connection."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def wanted(self) -> Wanted | None:
        """The release that this box is to run; None when nobody has named one. Raises CentreError."""
        try:
            return BoxRelease.model_validate_json(
                self._answer("GET", f"/api/v1/box/release?machine={machine()}").content
            ).wanted
        except ValidationError:
            raise CentreError("the centre answers something else than a release") from None

    def report(self, report: ReleaseReport) -> None:
        """Tell what became of a wish. Raises CentreError."""
        self._answer("POST", "/api/v1/box/release/report", content=report.to_bytes())

    def fetch(self, wanted: Wanted, path: Path, spending: Spending) -> None:
        """Have the bundle in `path`, from where an earlier try ended, and count what comes. Raises CentreError, or
        BundleError when what came is not what was named.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(path.name + ".part")
        there = part.stat().st_size if part.exists() else 0
        if there < wanted.size:
            self._append(wanted, part, there, spending)
        if there and digest_of_file(part) != wanted.sha256:
            self._append(wanted, part, 0, spending)  # a power cut may have left what never was sent
        if digest_of_file(part) != wanted.sha256:
            part.unlink()
            raise BundleError(Fault.TAMPERED, "what came is not what the centre named")
        part.replace(path)

    def _append(self, wanted: Wanted, part: Path, there: int, spending: Spending) -> None:
        headers = {"Range": f"bytes={there}-"} if there else {}
        address = f"/api/v1/box/release/{wanted.version}/{wanted.arch}/bundle"
        deadline = time.monotonic() + LONGEST_S
        try:
            with self._client.stream("GET", address, headers=headers) as answer:
                if answer.status_code not in (200, 206):
                    raise CentreError(f"the centre answers {answer.status_code} to a bundle")
                with part.open("ab" if answer.status_code == 206 else "wb") as file:
                    for piece in answer.iter_bytes():
                        spending.count(len(piece))
                        if file.tell() + len(piece) > wanted.size or time.monotonic() > deadline:
                            raise CentreError("the bundle is longer than was named, or comes too slowly")
                        file.write(piece)
                    file.flush()
                    os.fsync(file.fileno())
        except httpx.HTTPError as error:
            raise CentreError(f"the bundle broke off: {type(error).__name__}") from None
        except OSError as error:
            raise BundleError(Fault.NO_ROOM, f"the bundle cannot be written: {error.strerror}") from None
        finally:
            spending.settle()

    def _answer(self, method: str, path: str, content: bytes | None = None) -> httpx.Response:
        headers = {"Content-Type": "application/json"} if content else {}
        try:
            answer = self._client.request(method, path, content=content, headers=headers)
        except httpx.HTTPError as error:
            raise CentreError(f"the centre cannot be reached: {type(error).__name__}") from None
        if not answer.is_success:
            raise CentreError(f"the centre answers {answer.status_code}")
        return answer


@contextmanager
def connected(settings: BoxCentre) -> Iterator[Centre]:
    """The centre that the settings name. Raises SettingsError."""
    headers = {"Authorization": f"Bearer {settings.token.get_secret_value()}"}
    try:
        verify = centre_context(settings)
    except OSError as error:
        raise SettingsError(f"field centre.tls_ca: {settings.tls_ca} cannot be read: {error.strerror}.") from None
    with httpx.Client(
        base_url=settings.url, headers=headers, timeout=TIMEOUT, trust_env=False, verify=verify
    ) as client:
        yield Centre(client)
