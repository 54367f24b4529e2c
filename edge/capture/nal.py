"""The units that H.264 and H.265 streams are made of, as far as a box must know them: where the parameter sets are.

Pure, over bytes in Annex B form (units divided by 00 00 01).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_MARK: Final = b"\x00\x00\x01"
START: Final = b"\x00\x00\x00\x01"


@dataclass(frozen=True, slots=True)
class _Codec:
    """How a unit's first byte says its type, and which types are parameter sets, slices, or of no use in a file."""

    shift: int
    mask: int
    parameters: frozenset[int]
    slices: frozenset[int]
    empty: frozenset[int]

    def kind(self, unit: bytes) -> int:
        return unit[0] >> self.shift & self.mask


_CODECS: Final = {
    "h264": _Codec(0, 0x1F, frozenset({7, 8}), frozenset(range(1, 6)), frozenset({9, 12})),
    "hevc": _Codec(1, 0x3F, frozenset({32, 33, 34}), frozenset(range(32)), frozenset({35, 38})),
}

CODECS: Final = frozenset(_CODECS)
"""What the box keeps as it comes. A camera that sends anything else has no clips and no recording."""


def parameter_sets(codec: str, data: bytes) -> bytes:
    """The parameter sets that stand before the first slice, in Annex B form; empty when there are none."""
    known = _CODECS.get(codec)
    if known is None:
        return b""
    return b"".join(START + unit for unit in _before_slices(known, data) if known.kind(unit) in known.parameters)


def _before_slices(codec: _Codec, data: bytes) -> Iterator[bytes]:
    """The units up to the first slice; of a key frame of megabytes only its first bytes are looked at."""
    begin = data.find(_MARK)
    while begin >= 0:
        begin += len(_MARK)
        if begin >= len(data) or codec.kind(data[begin : begin + 1]) in codec.slices:
            return
        end = data.find(_MARK, begin)
        yield data[begin : end if end >= 0 else len(data)].rstrip(b"\x00")
        begin = end


def units(codec: str, data: bytes) -> Iterator[bytes]:
    """What a file keeps of an access unit: all but parameter sets, delimiters and filling."""
    known = _CODECS[codec]
    left_out = known.parameters | known.empty
    return (unit for unit in split(data) if known.kind(unit) not in left_out)


def kind_of(codec: str, unit: bytes) -> int:
    """The unit's type as the codec numbers it."""
    return _CODECS[codec].kind(unit)


def split(data: bytes) -> Iterator[bytes]:
    """All units."""
    begin = data.find(_MARK)
    while begin >= 0:
        begin += len(_MARK)
        end = data.find(_MARK, begin)
        unit = data[begin : end if end >= 0 else len(data)].rstrip(b"\x00")
        if unit:
            yield unit
        begin = end
