"""What differs between two settings of a box: which cameras come, go, connect anew or only watch otherwise, and whether
other devices are read. Pure.

Whatever is about neither takes a fresh start of the program.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from edge.config import CameraSettings, EdgeSettings

CONNECTION: Final = ("url", "sub_url", "rotate")
"""Fields of a camera that its connection depends on."""

LIVE: Final = frozenset({"cameras", "devices", "trial_s"})
"""Fields that change while the program runs, or that nothing depends on."""

OF_THE_LINK: Final = frozenset({"ward", "box", "mqtt", "centre", "uplink", "detector", "analysis"})
"""What the link to the centre depends on, and what can take all of the line or of the processor from it."""


class Change(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    RECONNECTED = "reconnected"
    RENEWED = "renewed"


@dataclass(frozen=True, slots=True)
class CameraChange:
    """What happens to one camera. `after` is absent when it goes."""

    camera: str
    change: Change
    after: CameraSettings | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """`restart` names the fields for which the program must start anew; `devices`: others are read, or otherwise."""

    cameras: tuple[CameraChange, ...] = ()
    restart: tuple[str, ...] = ()
    devices: bool = False

    @property
    def may_unlink(self) -> bool:
        """Whether a link that is lost afterwards may have been lost by this. The line fails by itself often enough."""
        return not OF_THE_LINK.isdisjoint(self.restart)

    @property
    def goes_on(self) -> frozenset[str]:
        """The cameras that were there before and are still there, changed."""
        kept = (Change.RECONNECTED, Change.RENEWED)
        return frozenset(one.camera for one in self.cameras if one.change in kept)


def difference(before: EdgeSettings, after: EdgeSettings) -> Difference:
    """What it takes to come from `before` to `after`."""
    fields = sorted(EdgeSettings.model_fields.keys() - LIVE)
    restart = tuple(name for name in fields if getattr(before, name) != getattr(after, name))
    were, are = ({camera.id: camera for camera in settings.cameras} for settings in (before, after))
    gone = [CameraChange(camera, Change.REMOVED) for camera in were if camera not in are]
    there = [_changed(were.get(camera.id), camera) for camera in after.cameras]
    return Difference((*gone, *(one for one in there if one)), restart, before.devices != after.devices)


def _changed(before: CameraSettings | None, after: CameraSettings) -> CameraChange | None:
    if before is None:
        return CameraChange(after.id, Change.ADDED, after)
    if before == after:
        return None
    anew = any(getattr(before, name) != getattr(after, name) for name in CONNECTION)
    # With masks the camera's own video must not leave the box, and a payment code is read from frames of its own: who
    # takes what of a connection is said when it is made.
    anew = anew or any(
        bool(getattr(before, name)) != bool(getattr(after, name)) for name in ("masks", "payment_points")
    )
    return CameraChange(after.id, Change.RECONNECTED if anew else Change.RENEWED, after)
