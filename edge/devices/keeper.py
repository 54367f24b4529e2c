"""Keeps the devices being read, and has others read when the settings say so, while the cameras go on.

What did not change keeps its state; events of what is gone, or watched otherwise, are closed. The line to the broker is
made anew: the broker keeps what comes meanwhile.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from contracts.event import Event
from contracts.status import AdoptedDevice
from edge.centre.outbox import Outbox
from edge.config import EdgeSettings
from edge.devices.parts import Devices, devices_of
from edge.events import RECONFIGURED, EventBook
from edge.footage.media import MediaStore
from edge.footage.newest import Newest

log = logging.getLogger(__name__)

IDLE_S: Final = 0.2


class Keeper:
    """Owns what reads devices. `run` is one thread's; the rest may be called from any thread."""

    def __init__(
        self,
        settings: EdgeSettings,
        outbox: Outbox,
        book: EventBook,
        media: MediaStore,
        newest: Mapping[str, Newest],
    ) -> None:
        self._outbox = outbox
        self._book = book
        self._media = media
        self._newest = newest
        self._wanted = settings
        self._changed = threading.Event()
        self._devices = self._made(settings, None)

    @property
    def beat_at(self) -> float:
        """When its thread last came by, on the monotonic clock; now while there is nothing to read."""
        devices = self._devices
        return devices.reader.beat_at if devices else time.monotonic()

    def goes_on(self, event: Event) -> bool:
        """Take up an event that was open before; whether it is still a device's of today."""
        return self._devices is not None and self._devices.goes_on(event)

    def adopted(self) -> tuple[AdoptedDevice, ...]:
        """What announced itself and was taken in."""
        devices = self._devices
        return devices.adopted() if devices else ()

    def change(self, settings: EdgeSettings) -> None:
        """Read what `settings` say, from the next message on."""
        self._wanted = settings
        self._changed.set()

    def run(self, stop: threading.Event) -> None:
        """Read until `stop` is set."""
        turn = _Turn(stop, self._changed)
        while not stop.is_set():
            if self._devices:
                self._devices.reader.run(turn)
            else:
                self._changed.wait(IDLE_S)
            if self._changed.is_set() and not stop.is_set():
                self._changed.clear()
                self._take_up(self._wanted)

    def _take_up(self, settings: EdgeSettings) -> None:
        self._devices = self._made(settings, self._devices)
        now = datetime.now(UTC)
        closed = self._book.close_those(
            lambda event: event.device is not None and not self.goes_on(event), RECONFIGURED, now
        )
        listed = len(settings.devices.list) if settings.devices else 0
        log.info("%d devices are read from now on; closed %d events of others", listed, len(closed))

    def _made(self, settings: EdgeSettings, before: Devices | None) -> Devices | None:
        if settings.devices is None:
            return None
        return devices_of(
            settings, settings.devices, self._outbox, self._book, self._media, self._newest, before=before
        )


class _Turn:
    """Over when the box stops or the settings change."""

    def __init__(self, *ends: threading.Event) -> None:
        self._ends = ends

    def is_set(self) -> bool:
        return any(end.is_set() for end in self._ends)
