from __future__ import annotations

import io
from fractions import Fraction

import av
import pytest
from av.video.frame import VideoFrame

from edge.capture.nal import parameter_sets
from edge.capture.packets import VideoFormat
from edge.centre.fmp4 import fragment, header
from tests.support.streams import Film, encode

FILMS = {codec: encode(codec, 320, 180, count=24, fps=10, gop=10) for codec in ("h264", "hevc")}
STEP = 9_000


def video_of(film: Film, rotation: int = 0) -> VideoFormat:
    sets = parameter_sets(film.codec, film.units[0].data)
    return VideoFormat(film.codec, 320, 180, Fraction(1, 90_000), sets, rotation)


def written(film: Film, rotation: int = 0, start: int = 0) -> bytes:
    """The film as a browser gets it."""
    begun = header(video_of(film, rotation))
    assert begun
    pieces = [
        fragment(
            film.codec,
            unit.data,
            number=number + 1,
            dts=start + number * STEP,
            delay=0,
            duration=STEP,
            keyframe=unit.keyframe,
        )
        for number, unit in enumerate(film.units)
    ]
    return begun.data + b"".join(pieces)


def decoded(data: bytes) -> list[VideoFrame]:
    with av.open(io.BytesIO(data), "r") as container:
        return list(container.decode(video=0))


@pytest.mark.parametrize("codec", FILMS)
def test_every_picture_is_decoded_at_its_time_and_as_it_was(codec: str) -> None:
    film = FILMS[codec]
    plain = decoded(b"".join(unit.data for unit in film.units))
    frames = decoded(written(film, start=2**33))
    assert [frame.pts for frame in frames] == [2**33 + number * STEP for number in range(24)]
    for frame, true in zip(frames, plain, strict=True):
        assert (frame.to_ndarray() == true.to_ndarray()).all()


@pytest.mark.parametrize("codec", FILMS)
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_turned_camera_is_turned_by_the_player(codec: str, rotation: int) -> None:
    frame = decoded(written(FILMS[codec], rotation))[0]
    assert -frame.rotation % 360 == rotation


@pytest.mark.parametrize(("codec", "name"), [("h264", "avc1.42c00b"), ("hevc", "hvc1.1.6.L60.90")])
def test_the_codec_has_the_name_that_browsers_ask_for(codec: str, name: str) -> None:
    begun = header(video_of(FILMS[codec]))
    assert begun
    assert begun.codec == name


def test_parameter_sets_and_delimiters_stand_in_the_header_only() -> None:
    film = encode("h264", 320, 180, count=4, change="h264_metadata=aud=insert")
    whole = written(film)
    assert decoded(whole)
    sets = parameter_sets("h264", film.units[0].data).split(b"\x00\x00\x00\x01")[1:]
    assert all(whole.count(unit) == 1 for unit in sets)


@pytest.mark.parametrize("codec", FILMS)
@pytest.mark.parametrize("extradata", [b"", b"\x00\x00\x01", b"\x00\x00\x01\x67\x42", b"\x00\x00\x00\x01\x42\x01\x01"])
def test_without_whole_parameter_sets_there_is_no_header(codec: str, extradata: bytes) -> None:
    assert header(VideoFormat(codec, 320, 180, Fraction(1, 90_000), extradata)) is None


def test_the_file_says_no_length_so_browsers_wait_for_nothing() -> None:
    begun = header(video_of(FILMS["h264"]))
    assert begun
    assert b"mehd" not in begun.data
    at = begun.data.index(b"mvhd") + 8  # behind version and flags
    assert begun.data[at + 12 : at + 16] == bytes(4), "a duration of nothing"
