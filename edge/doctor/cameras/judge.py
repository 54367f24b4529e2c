"""What a measured stream means for the box and for those who watch. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from contracts.report import Finding
from contracts.status import CameraFault
from edge.doctor.cameras.measure import CODECS, Stream
from edge.doctor.checks import bad, ok, warn

StreamName = Literal["main", "sub"]

LONG_GOP_S: Final = 4.0
FEW_FPS: Final = 5.0
HARDLY_FPS: Final = 2.0
SHARE_OF_CLAIMED: Final = 0.6
SMALL: Final = 640
LARGE: Final[dict[StreamName, int]] = {"main": 2560, "sub": 1024}
WANTED: Final[dict[StreamName, str]] = {"main": "1920x1080", "sub": "640x360"}
HEAVY_KBPS: Final[dict[StreamName, int]] = {"main": 8000, "sub": 1500}
CLOCK_OFF_S: Final = 5.0
CLOCK_WRONG_S: Final = 300.0

_BUSY: Final = (CameraFault.PROTOCOL, CameraFault.ENDED, CameraFault.TIMEOUT)
"""How a cheap camera turns away a second connection."""


def judge(camera: str, name: StreamName, stream: Stream, claimed_fps: float | None) -> Iterator[Finding]:
    """Its faults, or what it is when it has none. `claimed_fps` is what the camera says of itself, if it does."""
    place: dict[str, str] = {"camera": camera, "stream": name}
    if stream.codec not in CODECS:
        yield bad("camera_codec", **place, codec=stream.codec.upper())
        return
    faults = list(_faults(place, name, stream, claimed_fps or stream.claimed_fps))
    yield from faults
    if not faults:
        yield ok(
            "camera_good",
            **place,
            codec={"h264": "H.264", "hevc": "H.265"}[stream.codec],
            width=stream.width,
            height=stream.height,
            fps=round(stream.fps, 1),
            kbps=round(stream.kbps),
            gop_s=round(stream.gop_s, 1),
        )


def _faults(place: dict[str, str], name: StreamName, stream: Stream, claimed: float | None) -> Iterator[Finding]:
    size = {"width": stream.width, "height": stream.height}
    fps = round(stream.fps, 1)
    if stream.codec == "hevc":
        yield warn("camera_h265", **place)
    if claimed and claimed <= 120 and stream.fps < SHARE_OF_CLAIMED * claimed and stream.fps < 2 * FEW_FPS:
        yield (bad if stream.fps < HARDLY_FPS else warn)("camera_slow", **place, fps=fps, claimed=round(claimed, 1))
    elif stream.fps < FEW_FPS * 0.9:
        yield (bad if stream.fps < HARDLY_FPS and name == "main" else warn)("camera_few", **place, fps=fps)
    if stream.gop_s > LONG_GOP_S:
        yield warn("camera_gop_long", **place, gop_s=round(stream.gop_s, 1))
    if name == "main" and stream.width < SMALL:
        yield warn("camera_small", **place, **size)
    if stream.width > LARGE[name]:
        yield warn("camera_large", **place, **size, wanted=WANTED[name])
    if stream.kbps > HEAVY_KBPS[name]:
        yield warn("camera_heavy", **place, kbps=round(stream.kbps), most=HEAVY_KBPS[name])


def judge_fault(
    camera: str, host: str, name: StreamName, fault: CameraFault, *, busy: bool, clock_s: float | None
) -> Finding:
    """Why a stream cannot be had. `busy`: the running box has this camera, which may take one connection only."""
    place = {"camera": camera, "stream": name, "host": host}
    if busy and fault in _BUSY:
        return warn("camera_busy", **place)
    if fault is CameraFault.UNAUTHORIZED and clock_s is not None and abs(clock_s) > CLOCK_WRONG_S:
        return bad("camera_clock_refuses", **place, off_s=round(clock_s))
    return (bad if name == "main" else warn)(f"camera_{fault.value}", **place)


def judge_clock(camera: str, ahead_s: float) -> Finding:
    """What it means that the camera's clock is so far ahead of the box's."""
    if abs(ahead_s) <= CLOCK_OFF_S:
        return ok("camera_clock_good", camera=camera)
    return (bad if abs(ahead_s) > CLOCK_WRONG_S else warn)("camera_clock_off", camera=camera, off_s=round(ahead_s))
