"""All that the doctor looks at in one camera, in an order that costs a cheap camera little: a question first, then the
main stream, then the sub-stream, each a single connection.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from contracts.addresses import Network
from contracts.report import Finding
from contracts.status import CameraFault
from edge.capture.lookup import Lookup, LookupFailedError, host_of
from edge.capture.rtsp import CameraError
from edge.config import CameraSettings, EdgeSettings
from edge.configuration.credentials import bare, login_of
from edge.discover import clock
from edge.discover.describe import Described, describe
from edge.doctor.cameras.judge import StreamName, judge, judge_clock, judge_fault
from edge.doctor.cameras.measure import Length, Stream, measure
from edge.doctor.cameras.passwords import Tried, look_for_default
from edge.doctor.checks import bad, warn

CLOCK_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Way:
    """How to look. `running`: the box itself pulls these cameras now."""

    length: Length = field(default_factory=Length)
    onvif_ports: tuple[int, ...] = clock.PORTS
    running: bool = False
    try_passwords: bool = True


def look_at_camera(
    settings: EdgeSettings, camera: CameraSettings, way: Way, measured: dict[str, Stream]
) -> Iterator[Finding]:
    """Everything about one camera; what its main stream is goes into `measured`."""
    url, networks = camera.url.get_secret_value(), settings.camera_networks
    host = host_of(url) or ""
    try:
        Lookup(url, networks=networks).check()
    except LookupFailedError as error:
        code = "camera_elsewhere" if "camera_networks" in str(error) else "camera_unreachable"
        yield bad(code, camera=camera.id, host=host, stream="main")
        return
    ahead_s = next((one.ahead_s for one in clock.clocks(host, way.onvif_ports, timeout_s=CLOCK_S)), None)
    if ahead_s is not None:
        yield judge_clock(camera.id, ahead_s)
    told = _ask(url, networks)
    fault = told if isinstance(told, CameraFault) else told.fault
    if fault:
        yield judge_fault(camera.id, host, "main", fault, busy=way.running, clock_s=ahead_s)
    if isinstance(told, CameraFault) or fault:
        return
    yield from _locks(settings, camera, told, way)
    found = yield from _stream(settings, camera.id, "main", url, told, way)
    if found:
        measured[camera.id] = found
    if camera.sub_url is None:
        yield warn("camera_no_sub", camera=camera.id, host=host)
        return
    sub_url = camera.sub_url.get_secret_value()
    sub = _ask(sub_url, networks)
    sub_fault = sub if isinstance(sub, CameraFault) else sub.fault
    if sub_fault:
        yield judge_fault(camera.id, host, "sub", sub_fault, busy=way.running, clock_s=ahead_s)
    elif not isinstance(sub, CameraFault):
        yield from _stream(settings, camera.id, "sub", sub_url, sub, way)


def _ask(url: str, networks: Sequence[Network]) -> Described | CameraFault:
    try:
        return describe(url, login_of(url), networks=networks)
    except CameraError as error:
        return error.fault


def _locks(settings: EdgeSettings, camera: CameraSettings, told: Described, way: Way) -> Iterator[Finding]:
    """Password and sound: what a stranger could see and hear."""
    url = camera.url.get_secret_value()
    own = login_of(url)
    if not told.locked:
        yield warn("camera_open", camera=camera.id)
    elif own:
        tried = Tried(settings.data_dir) if way.try_passwords else None
        finding = look_for_default(camera.id, bare(url), own, told, settings.camera_networks, tried)
        if finding:
            yield finding
    if told.audio:
        yield warn("camera_sound", camera=camera.id)


def _stream(
    settings: EdgeSettings, camera: str, name: StreamName, url: str, told: Described, way: Way
) -> Generator[Finding, None, Stream | None]:
    """Measure one stream; returns what it is, if it could be had."""
    try:
        found = measure(url, settings.camera_networks, way.length)
    except CameraError as error:
        host = host_of(url) or ""
        yield judge_fault(camera, host, name, error.fault, busy=way.running, clock_s=None)
        return None
    yield from judge(camera, name, found, told.fps)
    return found
