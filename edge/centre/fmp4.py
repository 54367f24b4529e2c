"""Fragmented MP4 as Media Source Extensions take it: one header for a stream, then one fragment a picture.

Pure. The header says neither length nor that there will be an end: browsers then show each picture when it has come,
and wait for no others.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from edge.capture.nal import units
from edge.capture.packets import VideoFormat
from edge.capture.parameters import H264Sets, H265Sets, read_sets
from edge.footage.timeline import TIME_BASE

_SCALE: Final = TIME_BASE.denominator
_TRACK: Final = 1
_SYNC: Final = 0x0200_0000
_NO_SYNC: Final = 0x0101_0000

# Rotations clockwise as the 2x2 part of a track's matrix: x' = a x + c y, y' = b x + d y.
_TURNS: Final = {0: (1, 0, 0, 1), 90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}


@dataclass(frozen=True, slots=True)
class Header:
    """What stands before the first fragment, and the codec's name for the browser (RFC 6381)."""

    codec: str
    data: bytes


def header(video: VideoFormat) -> Header | None:
    """The header for packets of this format; None when its parameter sets are not there or cannot be read."""
    sets = read_sets(video.codec, video.extradata)
    if sets is None:
        return None
    moov = _box(b"moov", _mvhd(), _trak(video, sets), _box(b"mvex", _full(b"trex", 0, 0, 5 * "I", _TRACK, 1, 0, 0, 0)))
    return Header(sets.codec, _box(b"ftyp", b"iso5", b"\x00\x00\x02\x00", b"iso5iso6mp41") + moov)


def fragment(codec: str, data: bytes, *, number: int, dts: int, delay: int, duration: int, keyframe: bool) -> bytes:
    """One picture, an access unit in Annex B form, to be decoded at `dts` and shown `delay` later."""
    sample = b"".join(len(unit).to_bytes(4, "big") + unit for unit in units(codec, data))
    flags = _SYNC if keyframe else _NO_SYNC
    tfhd = _full(b"tfhd", 0, 0x020000, "I", _TRACK)
    tfdt = _full(b"tfdt", 1, 0, "Q", dts)

    def moof(offset: int) -> bytes:
        trun = _full(b"trun", 1, 0x000F01, "IIIIIi", 1, offset, duration, len(sample), flags, delay)
        return _box(b"moof", _full(b"mfhd", 0, 0, "I", number), _box(b"traf", tfhd, tfdt, trun))

    return moof(len(moof(0)) + 8) + _box(b"mdat", sample)


def _mvhd() -> bytes:
    times = struct.pack(">IIIIIH10x", 0, 0, _SCALE, 0, 0x10000, 0x100)
    return _full(b"mvhd", 0, 0, "", tail=times + _matrix(0, 0, 0) + bytes(24) + struct.pack(">I", _TRACK + 1))


def _trak(video: VideoFormat, sets: H264Sets | H265Sets) -> bytes:
    width, height = video.width, video.height  # as coded; the matrix turns them
    place = _matrix(video.rotation, width, height) + struct.pack(">II", width << 16, height << 16)
    tkhd = _full(b"tkhd", 0, 3, "IIIII", 0, 0, _TRACK, 0, 0, tail=bytes(16) + place)
    mdhd = _full(b"mdhd", 0, 0, "IIIIHH", 0, 0, _SCALE, 0, 0x55C4, 0)
    hdlr = _full(b"hdlr", 0, 0, "I4s12x", 0, b"vide", tail=b"\x00")
    here = _box(b"dinf", _full(b"dref", 0, 0, "I", 1, tail=_full(b"url ", 0, 1, "")))
    empty = (_full(name, 0, 0, "I", 0) for name in (b"stts", b"stsc", b"stco"))
    stbl = _box(b"stbl", _stsd(sets, width, height), *empty, _full(b"stsz", 0, 0, "II", 0, 0))
    minf = _box(b"minf", _full(b"vmhd", 0, 1, "8x"), here, stbl)
    return _box(b"trak", tkhd, _box(b"mdia", mdhd, hdlr, minf))


def _stsd(sets: H264Sets | H265Sets, width: int, height: int) -> bytes:
    entry = struct.pack(">6xH16xHHIIIH32xHh", 1, width, height, 0x480000, 0x480000, 0, 1, 0x18, -1)
    return _full(b"stsd", 0, 0, "I", 1, tail=_box(sets.entry, entry, _box(sets.record_name, sets.record)))


def _matrix(rotation: int, width: int, height: int) -> bytes:
    """Turns a track of this size, and moves it back to where its picture begins at 0, 0."""
    a, b, c, d = _TURNS[rotation % 360]
    x, y = -min(0, a * width) - min(0, c * height), -min(0, b * width) - min(0, d * height)
    one = 0x10000
    return struct.pack(">9i", a * one, b * one, 0, c * one, d * one, 0, x * one, y * one, 0x4000_0000)


def _box(name: bytes, *parts: bytes) -> bytes:
    data = b"".join(parts)
    return struct.pack(">I4s", len(data) + 8, name) + data


def _full(name: bytes, version: int, flags: int, layout: str, *values: object, tail: bytes = b"") -> bytes:
    return _box(name, struct.pack(f">I{layout}", version << 24 | flags, *values), tail)
