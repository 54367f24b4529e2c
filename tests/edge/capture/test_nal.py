from __future__ import annotations

import pytest

from edge.capture.nal import parameter_sets
from tests.support.films import painted, street

SPS, PPS, SEI, IDR, P = b"\x67sps", b"\x68pps", b"\x06sei", b"\x65idr", b"\x41p"
H265_VPS, H265_SPS, H265_PPS, H265_IDR = b"\x40\x01v", b"\x42\x01s", b"\x44\x01p", b"\x26\x01i"


def stream(*units: bytes, start: bytes = b"\x00\x00\x01") -> bytes:
    return b"".join(start + unit for unit in units)


@pytest.mark.parametrize(
    ("codec", "data", "sets"),
    [
        ("h264", stream(SPS, PPS, IDR), [SPS, PPS]),
        ("h264", stream(SPS, SEI, PPS, IDR, start=b"\x00\x00\x00\x01"), [SPS, PPS]),
        ("h264", stream(IDR, SPS, PPS), []),
        ("h264", stream(P), []),
        ("h264", b"", []),
        ("h264", b"no units", []),
        ("h264", b"\x00\x00\x01", []),
        ("hevc", stream(H265_VPS, H265_SPS, H265_PPS, H265_IDR), [H265_VPS, H265_SPS, H265_PPS]),
        ("hevc", stream(H265_IDR, H265_SPS), []),
        ("mjpeg", b"\xff\xd8\xff", []),
    ],
)
def test_parameter_sets_are_found_before_the_first_slice(codec: str, data: bytes, sets: list[bytes]) -> None:
    assert parameter_sets(codec, data) == stream(*sets, start=b"\x00\x00\x00\x01")


def test_real_key_frames_bring_theirs_and_other_frames_none() -> None:
    for film in (street(), painted("libx265", 320, 240)):
        first, second = film.packets[:2]
        assert len(parameter_sets(film.video.codec, first.data)) > 20
        assert parameter_sets(film.video.codec, second.data) == b""
