"""Live pictures for the wall: the box dials out to the API and sends only what somebody watches, only the newest.

No port is open at the box. Whoever offers pictures never waits, and nothing is encoded for nobody.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from datetime import datetime

import cv2
import numpy as np
from pydantic import ValidationError
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI
from websockets.sync.client import ClientConnection, connect

from contracts.feed import Watch
from contracts.picture import PictureHeader, pack
from edge.config import CentreSettings
from edge.detect import Picture
from edge.events import tracks_of
from edge.rules.presence import Sighting
from edge.slot import LatestSlot

log = logging.getLogger(__name__)

JPEG_QUALITY = 75
MAX_WIDTH = 960
TRANSIENT = (OSError, ConnectionClosed, InvalidHandshake, InvalidURI, TimeoutError)


@dataclass(frozen=True, slots=True)
class Offer:
    """An analysed frame and the tracks seen in it."""

    picture: Picture
    captured_at: datetime
    tracks: tuple[Sighting, ...]


class Live:
    """Holds one slot a camera; `run` empties them into the WebSocket."""

    def __init__(self, settings: CentreSettings, cameras: tuple[str, ...]) -> None:
        scheme, _, rest = settings.url.partition("://")
        self._url = f"{'wss' if scheme == 'https' else 'ws'}://{rest}/api/v1/box/live"
        self._token = settings.token
        self._ready = threading.Event()
        self._slots = {camera: LatestSlot[Offer](self._ready) for camera in cameras}
        self._watched: frozenset[str] = frozenset()

    def watched(self, camera: str) -> bool:
        """Whether a picture of this camera would be sent."""
        return camera in self._watched

    def offer(self, camera: str, offer: Offer) -> None:
        """Hand over a picture; it may be replaced by a newer one before it is sent."""
        if self.watched(camera):
            self._slots[camera].put(offer)

    def run(self, stop: threading.Event) -> None:
        """Serve one connection. Raises one of TRANSIENT when it cannot be made or breaks."""
        headers = {"Authorization": f"Bearer {self._token.get_secret_value()}"}
        with connect(self._url, additional_headers=headers, open_timeout=5, close_timeout=1, proxy=None) as socket:
            log.info("live link to the centre is up")
            try:
                while not stop.is_set():
                    self._hear(socket)
                    if self._ready.wait(0.1):
                        self._ready.clear()
                        self._send(socket)
            finally:
                self._watched = frozenset()

    def _hear(self, socket: ClientConnection) -> None:
        """Read what the API wants, without waiting."""
        try:
            while True:
                message = socket.recv(timeout=0)
                try:
                    watch = Watch.model_validate_json(message)
                except ValidationError:
                    continue  # a word of a newer API
                self._watched = frozenset(watch.cameras) & self._slots.keys()
        except TimeoutError:
            return

    def _send(self, socket: ClientConnection) -> None:
        for camera in self._watched:
            offer = self._slots[camera].take()
            if offer:
                socket.send(encode(camera, offer))


def encode(camera: str, offer: Offer) -> bytes:
    """The offer as one message, scaled down to MAX_WIDTH."""
    picture = offer.picture
    height, width = picture.shape[:2]
    if width > MAX_WIDTH:
        height, width = round(height * MAX_WIDTH / width), MAX_WIDTH
        picture = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    _, jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    header = PictureHeader(
        camera=camera, captured_at=offer.captured_at, width=width, height=height, tracks=tracks_of(offer.tracks)
    )
    return pack(header, jpeg.tobytes())
