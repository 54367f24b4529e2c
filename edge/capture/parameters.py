"""What H.264 and H.265 parameter sets say to a browser: the codec's name (RFC 6381), and the record that stands in an
MP4 for the decoder (ISO/IEC 14496-15).

Pure. Reads only the first, fixed bytes of the sets; sizes are known from elsewhere.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final, Literal

from edge.capture.nal import kind_of, split

_VPS: Final = 32
_SPS: Final = 33
_PPS: Final = 34
_MAIN_10: Final = 2
_HIGH: Final = (100, 110, 122, 144)


@dataclass(frozen=True, slots=True)
class H264Sets:
    codec: str
    record: bytes
    entry: Literal[b"avc1"] = b"avc1"
    record_name: Literal[b"avcC"] = b"avcC"


@dataclass(frozen=True, slots=True)
class H265Sets:
    codec: str
    record: bytes
    entry: Literal[b"hvc1"] = b"hvc1"
    record_name: Literal[b"hvcC"] = b"hvcC"


def read_sets(codec: str, data: bytes) -> H264Sets | H265Sets | None:
    """The parameter sets in `data`, which is in Annex B form; None when some are missing."""
    found: dict[int, list[bytes]] = {}
    for unit in split(data):
        found.setdefault(kind_of(codec, unit), []).append(unit)
    return _h264(found.get(7, []), found.get(8, [])) if codec == "h264" else _h265(found)


def _h264(sps: list[bytes], pps: list[bytes]) -> H264Sets | None:
    if not sps or not pps or len(sps[0]) < 4:
        return None
    profile, constraints, level = sps[0][1:4]
    record = bytes([1, profile, constraints, level, 0xFF, 0xE0 | len(sps)]) + _sized(sps)
    record += bytes([len(pps)]) + _sized(pps)
    if profile in _HIGH:
        record += bytes([0xFC | 1, 0xF8, 0xF8, 0])  # 4:2:0 in 8 bits, which is what cameras send and browsers show
    return H264Sets(f"avc1.{profile:02x}{constraints:02x}{level:02x}", record)


def _h265(found: dict[int, list[bytes]]) -> H265Sets | None:
    if not all(found.get(kind) for kind in (_VPS, _SPS, _PPS)):
        return None
    plain = found[_SPS][0].replace(b"\x00\x00\x03", b"\x00\x00")  # without the bytes that keep marks out
    if len(plain) < 15:
        return None
    layers, profile_and_level = plain[2], plain[3:15]
    bits = 2 if profile_and_level[0] & 0x1F == _MAIN_10 else 0
    record = b"\x01" + profile_and_level + struct.pack(">HBBBBH", 0xF000, 0xFC, 0xFC | 1, 0xF8 | bits, 0xF8 | bits, 0)
    record += bytes([((layers >> 1 & 7) + 1) << 3 | (layers & 1) << 2 | 3, 3])
    for kind in (_VPS, _SPS, _PPS):
        record += struct.pack(">BH", 0x80 | kind, len(found[kind])) + _sized(found[kind])
    return H265Sets(_h265_name(profile_and_level), record)


def _h265_name(profile_and_level: bytes) -> str:
    first, flags, level = profile_and_level[0], int.from_bytes(profile_and_level[1:5], "big"), profile_and_level[11]
    space, tier = ("", "A", "B", "C")[first >> 6], "H" if first & 0x20 else "L"
    reversed_flags = int(f"{flags:032b}"[::-1], 2)
    constraints = "".join(f".{byte:X}" for byte in profile_and_level[5:11].rstrip(b"\x00"))
    return f"hvc1.{space}{first & 0x1F}.{reversed_flags:X}.{tier}{level}{constraints}"


def _sized(units: list[bytes]) -> bytes:
    return b"".join(struct.pack(">H", len(unit)) + unit for unit in units)
