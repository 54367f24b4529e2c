"""Uploads pictures to the centre over HTTP, the most severe first, each until the centre has it."""

from __future__ import annotations

import logging
import threading

import httpx

from edge.config import CentreSettings
from edge.media import MediaStore
from edge.outbox import Outbox

log = logging.getLogger(__name__)

POLL_S = 0.5


class UploadError(Exception):
    """The centre cannot be reached or does not take pictures; try again later."""


class Uploader:
    """One HTTP connection, kept open while there is something to send."""

    def __init__(self, settings: CentreSettings, outbox: Outbox, media: MediaStore) -> None:
        self._settings = settings
        self._outbox = outbox
        self._media = media

    def run(self, stop: threading.Event) -> None:
        """Upload until `stop` is set. Raises UploadError when the centre does not take a picture."""
        headers = {"Authorization": f"Bearer {self._settings.token.get_secret_value()}"}
        with httpx.Client(base_url=self._settings.url, headers=headers, timeout=15, trust_env=False) as client:
            while not stop.is_set():
                for digest in self._outbox.uploads():
                    if stop.is_set():
                        return
                    self._upload(client, digest)
                stop.wait(POLL_S)

    def _upload(self, client: httpx.Client, digest: str) -> None:
        try:
            data = self._media.path(digest).read_bytes()
        except FileNotFoundError:
            log.warning("picture %s is gone from this box before it could be uploaded", digest)
            self._outbox.uploaded(digest)
            return
        try:
            response = client.put(f"/api/v1/box/media/{digest}", content=data, headers={"Content-Type": "image/jpeg"})
        except httpx.HTTPError as error:
            raise UploadError(f"{type(error).__name__}: {error}") from None
        if not response.is_success:
            raise UploadError(f"the centre answers {response.status_code} to an upload")
        self._outbox.uploaded(digest)
