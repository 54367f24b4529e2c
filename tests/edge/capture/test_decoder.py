from __future__ import annotations

import logging
from fractions import Fraction

import cv2
import numpy as np
import psutil
import pytest
from av.packet import Packet
from av.video.frame import VideoFrame

from edge.capture.decode import Economy
from edge.capture.decoder import Decoder, Decoding
from edge.capture.hardware import AUTO, CPU, accelerator
from edge.capture.nal import parameter_sets
from edge.capture.packets import VideoFormat
from tests.support.streams import Film, Unit, encode

FILMS = {
    "h264": encode("h264", 320, 180),
    "hevc": encode("hevc", 320, 180),
    "h264 with B-frames": encode("h264", 320, 180, bframes=2, gop=12, count=48),
    "hevc with B-frames": encode("hevc", 320, 180, bframes=2, gop=12, count=48),
}
SIZE_IN_JPEG = bytes.fromhex("ffc0 0011 08 0030 0040")
SLOW, FAST = Economy(period_s=60.0), Economy(period_s=0.0)


def decoder(film: Film, decoding: Decoding) -> Decoder:
    extradata = parameter_sets(film.codec, film.units[0].data)
    return Decoder(VideoFormat(film.codec, 320, 180, Fraction(1, 90_000), extradata), decoding)


def feed(decoder: Decoder, unit: Unit) -> list[VideoFrame]:
    packet = Packet(unit.data)
    packet.is_keyframe = unit.keyframe
    return decoder.feed(packet)  # type: ignore[arg-type]


def everything(film: Film, decoding: Decoding) -> list[VideoFrame]:
    one = decoder(film, decoding)
    return [picture for unit in film.units for picture in feed(one, unit)]


@pytest.mark.parametrize("name", FILMS)
def test_all_pictures_come_out_when_all_are_wanted(name: str) -> None:
    film = FILMS[name]
    assert len(everything(film, Decoding(FAST))) >= len(film.units) - 3  # a decoder may hold a few back


@pytest.mark.parametrize("name", FILMS)
def test_what_nobody_refers_to_is_left_out_and_the_rest_is_the_same_picture(name: str) -> None:
    film = FILMS[name]
    full, fewer = everything(film, Decoding(FAST)), everything(film, Decoding(SLOW))
    if "B-frames" in name:
        assert len(fewer) < 0.8 * len(full)
    else:
        assert len(fewer) == len(full)
    pictures = {picture.to_ndarray().tobytes() for picture in full}
    assert all(picture.to_ndarray().tobytes() in pictures for picture in fewer[:-3])


@pytest.mark.parametrize("name", FILMS)
def test_while_quiet_each_key_frame_gives_its_picture_at_once_and_nothing_else_does(name: str) -> None:
    film, quiet = FILMS[name], [False]
    one = decoder(film, Decoding(Economy(0.0, quiet_keyframes=True), quiet=lambda: quiet[0]))
    for unit in film.units * 2:
        feed(one, unit)  # it must have seen how often key frames come
    quiet[0] = True
    later = [len(feed(one, unit)) for unit in film.units * 2]
    wanted = [int(unit.keyframe) for unit in film.units * 2]
    assert later[1:] == wanted[1:]
    quiet[0] = False
    again = [picture for unit in film.units for picture in feed(one, unit)]
    assert len(again) >= len(film.units) - 3


@pytest.mark.parametrize("name", FILMS)
def test_a_key_frame_alone_is_the_picture_that_it_is_in_the_film(name: str) -> None:
    film = FILMS[name]
    one = decoder(film, Decoding(Economy(0.2, quiet_keyframes=True), quiet=lambda: True))
    for unit in film.units:
        feed(one, unit)
    alone = [picture.to_ndarray().tobytes() for unit in film.units for picture in feed(one, unit)]
    whole = [picture.to_ndarray().tobytes() for picture in everything(film, Decoding(FAST))]
    assert len(alone) == sum(unit.keyframe for unit in film.units)
    assert set(alone) <= set(whole)


def test_what_gives_no_picture_is_owed_from_the_first_packet_and_from_the_first_key_frame() -> None:
    film = FILMS["h264"]
    one = decoder(film, Decoding(FAST))
    noise = Unit(b"\0\0\0\1\x65" + bytes(range(1, 200)), keyframe=False)
    assert feed(one, noise) == []
    assert one.owing_since is not None
    assert one.owing_key_since is None
    assert feed(one, Unit(noise.data, keyframe=True)) == []
    assert one.owing_key_since is not None
    for unit in film.units[:5]:
        feed(one, unit)
    assert (one.owing_since, one.owing_key_since) == (None, None)
    assert one.pictures_seen >= 3


def test_the_cpu_needs_no_device() -> None:
    assert accelerator(CPU, "h264") is None


def test_a_device_that_is_not_there_is_said_once_and_the_cpu_decodes(caplog: pytest.LogCaptureFixture) -> None:
    film = FILMS["h264"]
    caplog.set_level(logging.INFO)
    for _ in range(3):
        assert len(everything(film, Decoding(FAST, device="no-such-device"))) == len(film.units)
    assert [record.getMessage() for record in caplog.records] == [
        "h264 is decoded by the CPU: no-such-device does not answer"
    ]


def test_whatever_this_machine_has_decodes() -> None:
    for name, film in FILMS.items():
        assert len(everything(film, Decoding(FAST, device=AUTO))) >= len(film.units) - 3, name


def test_a_picture_larger_than_any_camera_has_is_not_decoded() -> None:
    _, coded = cv2.imencode(".jpg", np.zeros((48, 64, 3), np.uint8))
    jpeg = coded.tobytes()
    assert jpeg.count(SIZE_IN_JPEG) == 1
    huge = jpeg.replace(SIZE_IN_JPEG, SIZE_IN_JPEG[:-4] + bytes.fromhex("ffd0 ffd0"))  # 65,488 by 65,488
    one = Decoder(VideoFormat("mjpeg", 64, 48, Fraction(1, 90_000), b""), Decoding(FAST))
    assert len(feed(one, Unit(jpeg, keyframe=True))) == 1
    before = psutil.Process().memory_info().rss
    assert feed(one, Unit(huge, keyframe=True)) == []
    assert psutil.Process().memory_info().rss - before < 50_000_000
    assert len(feed(one, Unit(jpeg, keyframe=True))) == 1
