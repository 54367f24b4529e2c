"""A camera's sub-stream: when it is pulled, whether it can be shown, and why not.

One that fails is not shown again at once: whoever watches would see the picture change its size every few seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Final

from pydantic import SecretStr

from contracts.addresses import CAMERA_NETWORKS, Network
from edge.capture.demand import Demand, DemandedCapture
from edge.centre.relay import Relay

AWAITED_S: Final = 1.5
"""So long its first picture is waited for before the main stream goes instead."""

SILENT_S: Final = 2.5
"""One that brings nothing for so long has failed, as far as viewers are concerned."""

SHORTEST_PAUSE_S: Final = 5.0
LONGEST_PAUSE_S: Final = 80.0
"""After each failure the pause is twice as long, unless it had gone well for longer than the longest."""


class Standing(StrEnum):
    READY = "ready"
    AWAITED = "awaited"
    FAILED = "failed"
    CODEC = "codec"


class Sub:
    """One camera's. The watchdog renews its capture; all else is called by the live line's thread."""

    def __init__(
        self,
        camera: str,
        url: SecretStr,
        *,
        rotation: Callable[[], int] = int,
        networks: Sequence[Network] = CAMERA_NETWORKS,
    ) -> None:
        self.camera = camera
        self.relay = Relay(camera, "sub")
        self._url, self._rotation, self._networks = url, rotation, networks
        self._demand = Demand()
        self.capture = self._new_capture()
        self._since: float | None = None
        self._shown_since: float | None = None
        self._again_at, self._pause_s = 0.0, SHORTEST_PAUSE_S

    def begin(self, now: float) -> None:
        """Somebody wants it from `now` on, of the monotonic clock."""
        self._since = now
        self._demand.begin()

    def end(self, now: float) -> None:
        """Nobody wants it any more."""
        self._since = self._shown_since = None
        self._demand.end(now)

    def standing(self, now: float) -> Standing:
        """How it is, while somebody wants it."""
        if self._goes(now):
            self._shown_since = now if self._shown_since is None else self._shown_since
            return Standing.READY
        if self._shown_since is not None:
            self._pause(now, went_well_s=now - self._shown_since)
        if self.capture.unplayable:
            return Standing.CODEC
        waited_s = now - (now if self._since is None else self._since)
        late = waited_s > AWAITED_S or self.capture.failed is not None or now < self._again_at
        return Standing.FAILED if late else Standing.AWAITED

    def renew_capture(self) -> None:
        """Give up the capture whose thread hangs, and take another."""
        self.capture.abandon()
        self.capture = self._new_capture()

    def _goes(self, now: float) -> bool:
        silent_s = self.relay.silent_s(now)
        if silent_s is None or silent_s > SILENT_S:
            return False
        return self._shown_since is not None or (self.relay.can_begin and now >= self._again_at)

    def _pause(self, now: float, *, went_well_s: float) -> None:
        self._shown_since = None
        self._pause_s = SHORTEST_PAUSE_S if went_well_s > LONGEST_PAUSE_S else self._pause_s
        self._again_at = now + self._pause_s
        self._pause_s = min(LONGEST_PAUSE_S, 2 * self._pause_s)

    def _new_capture(self) -> DemandedCapture:
        return DemandedCapture(self._url, self.relay, self._demand, rotation=self._rotation, networks=self._networks)
