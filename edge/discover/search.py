"""The whole search: who answers by multicast or of the hosts asked for, what each camera offers, and what is proposed.

Bounded in how many are asked at once and how long each may take. A password is tried at cameras that ask for one, once
over ONVIF and once over RTSP, so that nobody's account is locked.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final

from contracts.addresses import CAMERA_NETWORKS, Network, literal, within
from contracts.status import CameraFault
from edge.capture.rtsp import CameraError
from edge.configuration.credentials import Login
from edge.discover import clock, device, makers
from edge.discover.choice import Choice, Stream, choose
from edge.discover.describe import PORT, Described, describe
from edge.discover.probe import WAIT_S, Answer, probe

AT_ONCE: Final = 64
CAMERAS_AT_ONCE: Final = 6
CONNECT_S: Final = 1.5
CAMERA_S: Final = 40.0
MOST_PATHS: Final = 12
OFF_S: Final = 5.0
"""A clock that is off by more is worth telling."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is searched, and how."""

    hosts: tuple[str, ...] = ()
    multicast: bool = True
    login: Login | None = field(default=None, repr=False)
    onvif_ports: tuple[int, ...] = clock.PORTS
    rtsp_ports: tuple[int, ...] = (PORT, 8554)
    networks: Sequence[Network] = CAMERA_NETWORKS
    wait_s: float = WAIT_S


@dataclass(frozen=True, slots=True)
class Camera:
    """One that was found. `fault`: why its streams are not known; `clock_s`: by how much its clock is ahead; `place`
    names it among those that share a host.
    """

    host: str
    place: str = ""
    onvif_port: int | None = None
    clock_s: float | None = None
    maker: str = ""
    model: str = ""
    firmware: str = ""
    serial: str = ""
    streams: tuple[Stream, ...] = ()
    choice: Choice | None = None
    fault: CameraFault | None = None

    @property
    def clock_is_off(self) -> bool:
        return self.clock_s is not None and abs(self.clock_s) > OFF_S


@dataclass(frozen=True, slots=True)
class Result:
    """`outside`: how many answered from networks where no cameras may be, and were not asked."""

    cameras: tuple[Camera, ...]
    outside: int = 0


async def search(wish: Wish) -> Result:
    """Find cameras. Cancelled at any moment, it leaves nothing open."""
    told = await asyncio.to_thread(probe, wish.wait_s) if wish.multicast else []
    answers = [answer for answer in told if _inside(answer.host, wish.networks)]
    limit = asyncio.Semaphore(AT_ONCE)
    open_ports = await asyncio.gather(*(_open_ports(host, wish, limit) for host in wish.hosts))
    ports = {host: {*ports} for host, ports in zip(wish.hosts, open_ports, strict=True) if ports}
    for answer in answers:
        ports.setdefault(answer.host, {*wish.rtsp_ports}).add(answer.port)
    said = {answer.host: answer for answer in reversed(answers)}
    few = asyncio.Semaphore(CAMERAS_AT_ONCE)
    hosts = sorted(ports, key=_order)
    groups = await asyncio.gather(*(_limited(host, said.get(host), ports[host], wish, few) for host in hosts))
    return Result(tuple(camera for group in groups for camera in _placed(group)), len(told) - len(answers))


def _inside(host: str, networks: Sequence[Network]) -> bool:
    address = literal(host)
    return address is not None and within(address, networks)


def _order(host: str) -> tuple[int, int]:
    address = ipaddress.ip_address(host)
    return address.version, int(address)


async def _open_ports(host: str, wish: Wish, limit: asyncio.Semaphore) -> tuple[int, ...]:
    """Those of the ports of cameras that somebody listens at."""

    async def is_open(port: int) -> bool:
        async with limit:
            try:
                async with asyncio.timeout(CONNECT_S):
                    _, writer = await asyncio.open_connection(host, port)
            except (OSError, TimeoutError):
                return False
            writer.close()
            return True

    ports = tuple(dict.fromkeys((*wish.rtsp_ports, *wish.onvif_ports)))
    answers = await asyncio.gather(*map(is_open, ports))
    return tuple(port for port, answer in zip(ports, answers, strict=True) if answer)


async def _limited(
    host: str, answer: Answer | None, ports: set[int], wish: Wish, limit: asyncio.Semaphore
) -> list[Camera]:
    async with limit:
        try:
            async with asyncio.timeout(CAMERA_S):
                return await _cameras(host, answer, ports, wish)
        except TimeoutError:
            return [Camera(host, fault=CameraFault.TIMEOUT)]


async def _cameras(host: str, answer: Answer | None, ports: set[int], wish: Wish) -> list[Camera]:
    """The cameras at this host: none, one, or those of a recorder or behind a router's ports."""
    model = (answer.hardware or answer.name) if answer else ""
    first = (answer.port,) if answer else ()
    asked = [port for port in dict.fromkeys((*first, *wish.onvif_ports)) if port in ports]
    clocks = await asyncio.to_thread(lambda: list(clock.clocks(host, asked)))
    found: list[Camera] = []
    for one in clocks:
        camera = Camera(host, onvif_port=one.port, clock_s=one.ahead_s, model=model)
        known = {stream.url for other in found for stream in other.streams}
        found += [
            other for other in await _over_onvif(camera, wish) if not known & {stream.url for stream in other.streams}
        ]
    if any(camera.choice or camera.fault is CameraFault.UNAUTHORIZED for camera in found):
        return found
    rtsp_ports = [port for port in wish.rtsp_ports if port in ports]
    over_rtsp = await asyncio.to_thread(_over_rtsp, found[0] if found else Camera(host), rtsp_ports, wish)
    return [over_rtsp] if found or over_rtsp.choice or over_rtsp.fault else []


async def _over_onvif(camera: Camera, wish: Wish) -> list[Camera]:
    """The cameras behind this port, one for each lens."""
    assert camera.onvif_port
    try:
        told = await device.ask(camera.host, camera.onvif_port, wish.login)
    except CameraError as error:
        return [replace(camera, fault=error.fault)]
    camera = replace(
        camera, maker=told.maker, model=told.model or camera.model, firmware=told.firmware, serial=told.serial
    )
    sources: dict[str, list[Stream]] = {}
    for stream in told.streams:
        sources.setdefault(stream.source, []).append(stream)
    return [replace(camera, streams=tuple(streams), choice=choose(streams)) for streams in sources.values()] or [camera]


def _placed(cameras: Sequence[Camera]) -> list[Camera]:
    """Each with a name of its own: the host, and which of several it is."""
    if len(cameras) == 1:
        return [replace(cameras[0], place=cameras[0].host)]
    return [replace(camera, place=f"{camera.host}#{number}") for number, camera in enumerate(cameras, 1)]


def _over_rtsp(camera: Camera, ports: Sequence[int], wish: Wish) -> Camera:
    """Try the addresses that makers give their streams. The first refusal of the password ends it."""
    shown = f"[{camera.host}]" if ":" in camera.host else camera.host
    for port in ports:
        known, base = makers.maker_of(camera.maker, camera.model), f"rtsp://{shown}:{port}"
        for main, sub in islice(makers.paths(known), MOST_PATHS):
            try:
                answer = describe(base + main, wish.login, networks=wish.networks)
            except CameraError as error:
                camera = replace(camera, fault=camera.fault or _as_camera(error.fault))
                break
            maker = makers.maker_of(answer.server, answer.realm)
            if answer.fault is CameraFault.UNAUTHORIZED:
                return replace(camera, fault=answer.fault, maker=camera.maker or (maker.name if maker else ""))
            if answer.fault is None:
                return _with_streams(camera, base, (main, answer), sub, wish)
            camera = replace(camera, fault=CameraFault.NOT_FOUND)
    return camera


def _as_camera(fault: CameraFault) -> CameraFault | None:
    """What listens and speaks no RTSP is no camera."""
    return fault if fault is CameraFault.TIMEOUT else None


def _with_streams(camera: Camera, base: str, main: tuple[str, Described], sub_path: str, wish: Wish) -> Camera:
    path, told = main
    streams = [Stream(base + path, _name(told.codec), fps=told.fps)]
    try:
        sub = describe(base + sub_path, wish.login, networks=wish.networks)
    except CameraError:
        sub = None
    maker = makers.maker_of(told.server, told.realm) or _only_maker(path)
    choice = Choice(streams[0], None, ("no_sub",) if sub is None or sub.fault else ())
    if sub and sub.fault is None:
        streams.append(Stream(base + sub_path, _name(sub.codec), fps=sub.fps))
        choice = Choice(streams[0], streams[1])
    if streams[0].codec == "H265":
        choice = replace(choice, remarks=("main_h265", *choice.remarks))
    return replace(
        camera, streams=tuple(streams), choice=choice, fault=None, maker=camera.maker or (maker.name if maker else "")
    )


def _only_maker(path: str) -> makers.Maker | None:
    """Whose path it is, where one maker alone has it."""
    owners = [maker for maker in makers.makers() if maker.main.format(channel=1) == path]
    return owners[0] if len(owners) == 1 and owners[0].known else None


def _name(codec: str) -> str:
    return "H265" if codec in ("H265", "HEVC") else codec
