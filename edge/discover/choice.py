"""Which of a camera's streams the box takes: the main one to analyse and record, the small one to show many at once.

Pure. H.264 before H.265, since every browser shows it; a picture large enough to find people in, not so large that
decoding it costs the box another camera.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

WIDE_ENOUGH: Final = 1280
TOO_WIDE: Final = 2560
SUB_WIDE: Final = 1024
"""A sub-stream is no wider than this, and narrower than the main one."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream as the camera offers it; `url` without a password. What the camera does not say is None.
    `source` is the lens that it shows: a recorder offers the streams of many.
    """

    url: str
    codec: str
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    kbps: int | None = None
    profile: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """What is proposed. `remarks` are codes of what a technician should change at the camera."""

    main: Stream
    sub: Stream | None
    remarks: tuple[str, ...] = ()


def choose(streams: Sequence[Stream]) -> Choice | None:
    """The main and the sub-stream; None when there is none to decode."""
    fit = [stream for stream in _once(streams) if stream.codec in ("H264", "H265", "")]
    if not fit:
        return None
    main = max(fit, key=_as_main)
    smaller = [stream for stream in fit if stream is not main and _is_sub(stream, main)]
    sub = max(smaller, key=_as_sub, default=None)
    return Choice(main, sub, tuple(_remarks(main, sub)))


def _once(streams: Iterable[Stream]) -> list[Stream]:
    """Several profiles of a camera often name one stream."""
    return list({stream.url: stream for stream in reversed(list(streams))}.values())[::-1]


def _as_main(stream: Stream) -> tuple[bool, bool, bool, int, float]:
    wide = stream.width or 0
    right = wide <= TOO_WIDE
    return (wide >= WIDE_ENOUGH, right, stream.codec != "H265", wide if right else -wide, stream.fps or 0.0)


def _is_sub(stream: Stream, main: Stream) -> bool:
    return stream.width is None or main.width is None or stream.width < main.width


def _as_sub(stream: Stream) -> tuple[bool, bool, int]:
    wide = stream.width or 0
    right = wide <= SUB_WIDE
    return (stream.codec != "H265", right, wide if right else -wide)


def _remarks(main: Stream, sub: Stream | None) -> Iterable[str]:
    if main.codec == "H265":
        yield "main_h265"
    if main.width and main.width > TOO_WIDE:
        yield "main_large"
    if main.width and main.width < WIDE_ENOUGH:
        yield "main_small"
    if main.fps and main.fps < 5:
        yield "main_slow"
    if sub is None:
        yield "no_sub"
    elif sub.codec == "H265":
        yield "sub_h265"
    elif sub.width and sub.width > SUB_WIDE:
        yield "sub_large"
