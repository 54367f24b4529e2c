"""The decoding hardware of this machine, if there is any that FFmpeg can use."""

from __future__ import annotations

import logging
from functools import cache

import av
import av.error
from av.codec.hwaccel import HWAccel, hwdevices_available

log = logging.getLogger(__name__)

CPU, AUTO = "cpu", "auto"


def accelerator(decode: str, codec: str) -> HWAccel | None:
    """What decodes `codec` as the setting `decode` wants it: `cpu`, `auto`, or FFmpeg's name of a device.

    None is the CPU. A device that is wanted and does not answer is logged once, and the CPU does its work.
    """
    if decode == CPU:
        return None
    name = device(decode, codec)
    return HWAccel(name) if name else None


@cache
def device(decode: str, codec: str) -> str | None:
    """The first device that answers, looked for once a process."""
    for name in hwdevices_available() if decode == AUTO else [decode]:
        if _answers(name, codec):
            log.info("%s is decoded by %s", codec, name)
            return name
    if decode != AUTO:
        log.warning("%s is decoded by the CPU: %s does not answer", codec, decode)
    return None


def _answers(name: str, codec: str) -> bool:
    try:
        HWAccel(name).create(av.Codec(codec, "r"))
    except (av.error.FFmpegError, NotImplementedError, ValueError):
        return False
    return True
