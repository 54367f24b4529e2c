"""Uploads pictures and clips to the centre over HTTP, the most urgent first, each until the centre has it.

What is long goes in pieces: a line that breaks costs what was on its way, and what is more urgent goes in between. On a
metered line a day has a budget (edge.centre.uplink); what it does not cover waits for the next day.
"""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import Final

import httpx

from contracts.media import LENGTH_HEADER, OFFSET_HEADER, UploadState
from edge.centre.outbox import Outbox, Upload
from edge.centre.uplink import Uplink, exempt
from edge.config import CentreSettings
from edge.footage.disk import digest_of_file
from edge.footage.media import MediaStore
from edge.tls import centre_context

log = logging.getLogger(__name__)

POLL_S: Final = 0.5
TIMEOUT: Final = httpx.Timeout(15, write=30, read=60)
"""A slow line may need the longest for a piece that the kernel has taken from us at once."""

_REFUSED: Final = (400, 409, 413, 415, 422)
"""What the centre may answer when the bytes are not what they are named by: cut short, they are no picture either."""


class UploadError(Exception):
    """The centre cannot be reached or does not take what is sent; try again later."""


class Uploader:
    """One HTTP connection, kept open while there is something to send."""

    def __init__(self, settings: CentreSettings, outbox: Outbox, media: MediaStore, uplink: Uplink) -> None:
        self._settings = settings
        self._outbox = outbox
        self._media = media
        self._uplink = uplink
        self._reached: dict[str, int] = {}

    def run(self, stop: threading.Event) -> None:
        """Upload until `stop` is set. Raises UploadError when the centre does not take something."""
        headers = {"Authorization": f"Bearer {self._settings.token.get_secret_value()}"}
        self._reached.clear()  # the centre is asked anew: more may have arrived than was answered
        with httpx.Client(
            base_url=self._settings.url,
            headers=headers,
            timeout=TIMEOUT,
            trust_env=False,
            verify=centre_context(self._settings),
        ) as client:
            while not stop.is_set():
                if not self._send_next(client):
                    stop.wait(POLL_S)

    def _send_next(self, client: httpx.Client) -> bool:
        """Send one piece of the most urgent upload that may go; whether there was one."""
        only_exempt = self._uplink.used_up()
        for upload in self._outbox.uploads():
            if only_exempt and not exempt(upload):
                continue
            path = self._media.find(upload.digest)
            if path is None:
                log.warning("%s %s is gone from this box before it could be uploaded", upload.kind, upload.digest)
                self._outbox.uploaded(upload.digest)
                continue
            try:
                if self._send(client, upload, path):
                    return True
            except httpx.HTTPError as error:
                raise UploadError(f"{type(error).__name__}: {error}") from None
            except FileNotFoundError:  # it was given up for room a moment ago
                continue
        return False

    def _send(self, client: httpx.Client, upload: Upload, path: Path) -> bool:
        """Send all of a small file or a piece of a long one; False when today's budget does not cover it."""
        size = path.stat().st_size
        if size <= self._uplink.piece:
            if not self._uplink.take(upload, size):
                return False
            self._check(client.put(_address(upload), content=path.read_bytes()), upload, path)
            self._done(upload)
            return True
        return self._send_piece(client, upload, path, size)

    def _send_piece(self, client: httpx.Client, upload: Upload, path: Path, size: int) -> bool:
        if upload.digest not in self._reached:
            state = self._state(client.get(_address(upload)), upload, path)
            if state.complete:
                self._done(upload)
                return True
            self._reached[upload.digest] = min(state.offset, size)
        offset = self._reached.pop(upload.digest)  # until the answer is here nobody knows how much arrived
        piece = _read(path, offset, self._uplink.cut(upload, self._uplink.piece))
        if not self._uplink.take(upload, len(piece)):
            return False
        headers = {OFFSET_HEADER: str(offset), LENGTH_HEADER: str(size)}
        state = self._state(client.patch(_address(upload), content=piece, headers=headers), upload, path)
        if state.complete:
            self._done(upload)
        else:
            self._reached[upload.digest] = state.offset
        return True

    def _state(self, response: httpx.Response, upload: Upload, path: Path) -> UploadState:
        self._check(response, upload, path)
        try:
            return UploadState.model_validate_json(response.content)
        except ValueError:
            raise UploadError("the centre answers an upload with something else than its state") from None

    def _check(self, response: httpx.Response, upload: Upload, path: Path) -> None:
        """Raises UploadError unless the centre took it."""
        if response.is_success:
            return
        if response.status_code in _REFUSED and digest_of_file(path) != upload.digest:
            self._media.set_aside(path, f"a {upload.kind} is not the bytes that it is named by")
            self._outbox.uploaded(upload.digest)
        raise UploadError(f"the centre answers {response.status_code} to an upload")

    def _done(self, upload: Upload) -> None:
        self._reached.pop(upload.digest, None)
        self._outbox.uploaded(upload.digest)


def _address(upload: Upload) -> str:
    return f"/api/v1/box/media/{upload.digest}"


def _read(path: Path, offset: int, size: int) -> bytes:
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(size)
