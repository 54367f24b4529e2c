"""Tells the centre what this box was set up with by its own file, so that people change that and begin not at nothing.

No password is in it. Told once after each start: the file does not change while the box runs.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from typing import Any, Final

import httpx

from edge.config import CentreSettings
from edge.tls import centre_context

log = logging.getLogger(__name__)

TIMEOUT: Final = httpx.Timeout(15, write=30)


class ReportError(Exception):
    """The centre cannot be reached or does not answer; try again later."""


class Report:
    """Owns one request. `run` returns when the box stops."""

    def __init__(self, settings: CentreSettings, document: Mapping[str, Any]) -> None:
        self._settings = settings
        self._document = document
        self._told = False

    def run(self, stop: threading.Event) -> None:
        """Tell, unless it is told. Raises ReportError."""
        if not self._told:
            self._tell()
        stop.wait()

    def _tell(self) -> None:
        headers = {"Authorization": f"Bearer {self._settings.token.get_secret_value()}"}
        try:
            with httpx.Client(
                base_url=self._settings.url,
                headers=headers,
                timeout=TIMEOUT,
                trust_env=False,
                verify=centre_context(self._settings),
            ) as client:
                answer = client.put("/api/v1/box/configuration", json={"document": self._document})
        except httpx.HTTPError as error:
            raise ReportError(f"{type(error).__name__}: {error}") from None
        if answer.status_code >= 500 or answer.status_code in (401, 408, 429):
            raise ReportError(f"the centre answers {answer.status_code}")
        if answer.status_code >= 400:
            log.warning("the centre does not take this box's own settings: %d", answer.status_code)
        self._told = True
