"""One ONVIF camera, asked with its password: who made it, and which streams it offers (onvif-zeep-async).

The camera is the only one that is asked, at the address where it was found: what it says of other addresses of its own
is rewritten, since behind a recorder or a router it is wrong, and a password must go nowhere else.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit

from contracts.status import CameraFault
from edge.capture.rtsp import CameraError
from edge.configuration.credentials import Login, bare
from edge.discover.choice import Stream

TIMEOUT_S: Final = 15.0
MOST_PROFILES: Final = 64
_LENGTH: Final = 60


class _Encoding(StrEnum):
    H264 = "H264"
    H265 = "H265"


@dataclass(frozen=True, slots=True)
class Device:
    """What the camera says of itself."""

    maker: str = ""
    model: str = ""
    firmware: str = ""
    serial: str = ""
    streams: tuple[Stream, ...] = ()


async def ask(host: str, port: int, login: Login | None, *, timeout_s: float = TIMEOUT_S) -> Device:
    """The camera at `host`. Its clock may be wrong: the proof of the password bears the camera's own time.

    Raises CameraError with `unauthorized`, `timeout`, or `protocol` for what is no sound ONVIF.
    """
    try:
        async with asyncio.timeout(timeout_s), _camera(host, port, login) as camera:
            return await _ask(camera, host)
    except TimeoutError:
        raise CameraError(CameraFault.TIMEOUT) from None
    except CameraError:
        raise
    except Exception as error:  # zeep, lxml and aiohttp raise what they like at a camera's odd answers
        raise CameraError(_fault_of(error), type(error).__name__) from None


@asynccontextmanager
async def _camera(host: str, port: int, login: Login | None) -> AsyncIterator[Any]:
    from onvif import ONVIFCamera  # half a second
    from onvif.transport import ASYNC_TRANSPORT

    # It only reads files, and closing it while the interpreter takes itself apart fails loudly.
    ASYNC_TRANSPORT._close_session = False
    logging.getLogger("onvif").setLevel(logging.ERROR)
    logging.getLogger("zeep").setLevel(logging.ERROR)
    user, password = (login.user, login.password.get_secret_value()) if login else (None, None)
    camera = ONVIFCamera(host, port, user, password, no_cache=True, adjust_time=True, nat_override=True)
    try:
        yield camera
    finally:
        await camera.close()


async def _ask(camera: Any, host: str) -> Device:
    await camera.update_xaddrs()
    about = await (await camera.create_devicemgmt_service()).GetDeviceInformation()
    media = await camera.create_media_service()
    profiles = list(await media.GetProfiles() or ())[:MOST_PROFILES]
    streams = [stream for profile in profiles if (stream := await _stream(media, profile, host))]
    return Device(
        maker=_text(about, "Manufacturer"),
        model=_text(about, "Model"),
        firmware=_text(about, "FirmwareVersion"),
        serial=_text(about, "SerialNumber"),
        streams=tuple(streams),
    )


async def _stream(media: Any, profile: Any, host: str) -> Stream | None:
    encoder = getattr(profile, "VideoEncoderConfiguration", None)
    if encoder is None:
        return None
    setup = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
    answer = await media.GetStreamUri({"StreamSetup": setup, "ProfileToken": profile.token})
    url = _own_url(str(getattr(answer, "Uri", "") or ""), host)
    if url is None:
        return None
    resolution, rate = getattr(encoder, "Resolution", None), getattr(encoder, "RateControl", None)
    return Stream(
        url=url,
        codec=_codec(_text(encoder, "Encoding")),
        width=_number(resolution, "Width"),
        height=_number(resolution, "Height"),
        fps=_number(rate, "FrameRateLimit"),
        kbps=_number(rate, "BitrateLimit"),
        profile=_text(profile, "Name"),
        source=_text(getattr(profile, "VideoSourceConfiguration", None), "SourceToken"),
    )


def _own_url(url: str, host: str) -> str | None:
    """The stream's address at the host that was asked, without a password."""
    try:
        parts = urlsplit(bare(url.strip()))
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("rtsp", "rtsps") or not parts.hostname:
        return None
    shown = f"[{host}]" if ":" in host else host
    return parts._replace(netloc=f"{shown}:{port}" if port else shown).geturl()


def _codec(said: str) -> str:
    plain = said.upper().replace(".", "").replace("HEVC", "H265")
    return next((one.value for one in _Encoding if one.value in plain), plain or "")


def _text(thing: Any, name: str) -> str:
    value = str(getattr(thing, name, "") or "").strip()
    return "".join(letter for letter in value if letter.isprintable())[:_LENGTH]


def _number(thing: Any, name: str) -> int | None:
    value = getattr(thing, name, None)
    return int(value) if isinstance(value, int | float) and value > 0 else None


def _fault_of(error: BaseException) -> CameraFault:
    """A refused password is told in many ways: HTTP 401, a SOAP fault of several names."""
    texts = " ".join(_words(error)).lower()
    if any(word in texts for word in ("401", "unauthori", "not authori", "notauthorized", "forbidden", "403")):
        return CameraFault.UNAUTHORIZED
    return CameraFault.PROTOCOL


def _words(error: BaseException | None) -> Iterable[str]:
    while error is not None:
        yield str(error)
        yield str(getattr(error, "status_code", ""))
        yield from map(str, getattr(error, "subcodes", None) or ())
        error = error.__cause__ or error.__context__
