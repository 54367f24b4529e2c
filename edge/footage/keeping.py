"""Puts together what keeps a box's video: a ring a camera, clips, the recorder and what the centre asks of it."""

from __future__ import annotations

from dataclasses import dataclass

from edge.capture.mask import Mask
from edge.capture.packets import PacketSink
from edge.centre.outbox import Outbox
from edge.config import CameraSettings, EdgeSettings
from edge.events import EventBook
from edge.footage.clip import Clips
from edge.footage.media import MediaStore
from edge.footage.recorder import Recorder
from edge.footage.redact import Burn, Redactor
from edge.footage.requests import Requests
from edge.footage.ring import Ring
from edge.footage.settings import ClipSettings
from edge.supervise import Supervisor

SLACK_S = 5.0
"""What a ring holds beyond the seconds before an event, for whoever reads from it late."""

RECORDER_MB = 32
"""Of a ring that serves the recorder alone."""


class Keeping:
    """Owns rings and the threads that read them."""

    def __init__(self, settings: EdgeSettings, outbox: Outbox, media: MediaStore, book: EventBook) -> None:
        self._burns: dict[str, Burn] = {}
        redactor = Redactor(self._burns)
        self._rings: dict[str, Ring] = {}
        self._settings = settings
        self.clips: Clips | None = None
        self._recorder: Recorder | None = None
        for camera in settings.cameras:
            self.put(camera)
        if settings.clips:
            self.clips = Clips(settings.clips, self._rings, media, book, redactor)
        if settings.recording:
            folder, reserve = settings.data_dir / "recordings", settings.disk_reserve_mb * 1_000_000
            folder.mkdir(parents=True, exist_ok=True)
            self._recorder = Recorder(settings.recording, self._rings, folder, reserve=reserve)
        self.requests = Requests(self._recorder, media, outbox, redactor)

    def put(self, camera: CameraSettings) -> None:
        """Keep the video of this camera, as its settings have it now."""
        if camera.masks:
            self._burns[camera.id] = Mask(camera.masks).burn
        else:
            self._burns.pop(camera.id, None)
        if not (self._settings.clips or self._settings.recording):
            return
        size = _size(camera, self._settings.clips)
        if camera.id in self._rings:
            self._rings[camera.id].hold(seconds=size.seconds, max_bytes=size.max_bytes)
        else:
            self._rings[camera.id] = Ring(camera.id, seconds=size.seconds, max_bytes=size.max_bytes)
        if self._recorder:
            self._recorder.put(camera.id, self._rings[camera.id])

    def remove(self, camera: str) -> None:
        """Keep nothing new of this camera. What it had to cover stays covered."""
        if self._recorder:
            self._recorder.remove(camera)
        self._rings.pop(camera, None)

    def sinks(self, camera: str) -> tuple[PacketSink, ...]:
        """Who takes a camera's packets."""
        ring = self._rings.get(camera)
        return (ring,) if ring else ()

    def start(self, supervisor: Supervisor) -> None:
        """Start the threads."""
        if self.clips:
            clips = self.clips
            supervisor.start("clips", lambda: clips.run(supervisor.stop))
            supervisor.start("finishing clips", lambda: clips.run_finishing(supervisor.stop))
        if self._recorder:
            recorder = self._recorder
            supervisor.start("recorder", lambda: recorder.run(supervisor.stop))
        supervisor.start("requests", lambda: self.requests.run(supervisor.stop))


@dataclass(frozen=True, slots=True)
class _Size:
    seconds: float
    max_bytes: int


def _size(camera: CameraSettings, clips: ClipSettings | None) -> _Size:
    """Of a camera's ring: what its clips show of the time before they are asked for."""
    if clips is None:
        return _Size(SLACK_S, RECORDER_MB * 1_000_000)
    before, most_mb = clips.before_s, clips.ring_mb
    if camera.payment_points:
        noticed = max(point.noticed_after_s for point in camera.payment_points)
        before, most_mb = max(before, clips.payment_before_s + noticed), clips.payment_ring_mb
    return _Size(before + SLACK_S, most_mb * 1_000_000)
