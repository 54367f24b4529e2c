"""Brings reports to the centre: at once when it can be reached, else from the box's folder, later, by whoever runs:
the box, or the next doctor. Only the newest few are kept.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import httpx

from contracts.report import BoxReport
from contracts.wire import BrokenMessageError, iso_milliseconds, read
from edge.config import CentreSettings
from edge.footage.disk import give_away
from edge.tls import centre_context

log = logging.getLogger(__name__)

FOLDER: Final = "reports"
MOST_KEPT: Final = 5
EVERY_S: Final = 60.0
TIMEOUT_S: Final = 10.0
ROUTE: Final = "/api/v1/box/report"


class Reports:
    """Owns the folder of reports that wait. `centre` is None for a box that has none: then all wait."""

    def __init__(self, data_dir: Path, centre: CentreSettings | None) -> None:
        self._folder = data_dir / FOLDER
        self._centre = centre

    def run(self, stop: threading.Event) -> None:
        """Send what waits, now and then, until `stop` is set."""
        while not stop.is_set():
            self.send_waiting()
            stop.wait(EVERY_S)

    def send(self, report: BoxReport) -> bool:
        """Send this and what waits; a report that cannot go is kept. Whether it is at the centre."""
        if self._post([report.to_bytes()]):
            self.send_waiting()
            return True
        self._keep(report)
        return False

    def send_waiting(self) -> None:
        """Send what is kept, the oldest first, up to the first that cannot go."""
        for path in self._waiting():
            try:
                content = path.read_bytes()
                read(BoxReport, content)
            except BrokenMessageError:  # a power cut in the middle of it
                path.unlink(missing_ok=True)
                continue
            except OSError:
                continue
            if not self._post([content]):
                return
            path.unlink(missing_ok=True)

    def _waiting(self) -> list[Path]:
        return sorted(self._folder.glob("*.json")) if self._folder.is_dir() else []

    def _keep(self, report: BoxReport) -> None:
        name = iso_milliseconds(report.at).replace(":", "-")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            give_away(self._folder, self._folder.parent)  # the box itself sends it later, under its own account
            draft = self._folder / f"{name}.draft"
            draft.write_bytes(report.to_bytes())
            give_away(draft, self._folder)
            draft.replace(self._folder / f"{name}.json")
            for path in self._waiting()[:-MOST_KEPT]:
                path.unlink(missing_ok=True)
        except OSError as error:
            log.debug("the report cannot be kept: %s", error.strerror)

    def _post(self, bodies: Iterable[bytes]) -> bool:
        """Whether the centre has them. One that it calls broken is gone, too: it would never take it."""
        if self._centre is None:
            return False
        headers = {
            "Authorization": f"Bearer {self._centre.token.get_secret_value()}",
            "Content-Type": "application/json",
        }
        try:
            with httpx.Client(
                base_url=self._centre.url,
                headers=headers,
                verify=centre_context(self._centre),
                timeout=TIMEOUT_S,
                trust_env=False,
            ) as client:
                return all(client.post(ROUTE, content=body).status_code in (204, 422) for body in bodies)
        except (httpx.HTTPError, OSError) as error:
            log.debug("the report cannot be sent: %s", type(error).__name__)
            return False
