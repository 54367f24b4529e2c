from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from edge.capture.nal import parameter_sets
from edge.capture.packets import VideoFormat, VideoPacket
from edge.footage.mp4 import IN_FRAGMENTS, Mp4, Mp4Error
from edge.footage.reel import Footage, Reel
from tests.support import disks
from tests.support.films import Film, numbered, painted, seen_in, street
from tests.support.samples import NOON


def cut(folder: Path, *films: Film) -> Footage | None:
    reel = Reel(folder / "clip.mp4")
    for film in films:
        for packet in film.packets:
            reel.add(film.video, packet)
    return reel.finish()


def whole(footage: Footage | None) -> Footage:
    assert footage
    return footage


@pytest.mark.parametrize(
    ("film", "codec", "tag", "size"),
    [
        (street().starting(NOON, 100), "h264", "avc1", (768, 576)),
        (painted("libx264", 320, 240), "h264", "avc1", (320, 240)),
        (painted("libx265", 320, 240), "hevc", "hvc1", (320, 240)),
    ],
    ids=["street", "h264", "hevc"],
)
def test_packets_become_a_file_that_plays_from_its_first_to_its_last_picture(
    tmp_path: Path, film: Film, codec: str, tag: str, size: tuple[int, int]
) -> None:
    footage = whole(cut(tmp_path, film))
    seen = seen_in(footage.path)
    assert (seen.codec, seen.tag, (seen.width, seen.height)) == (codec, tag, size)
    assert seen.times == pytest.approx([number / 10 for number in range(len(film.packets))], abs=0.01)
    assert (footage.began, footage.ended) == (film.packets[0].captured_at, film.packets[-1].captured_at)
    assert [file.name for file in tmp_path.iterdir()] == ["clip.mp4"]


def test_nothing_is_encoded_again(tmp_path: Path) -> None:
    film = street().starting(NOON, 50)
    footage = whole(cut(tmp_path, film))
    data = footage.path.read_bytes()
    for packet in film.packets[1:]:
        slices = packet.data[packet.data.rfind(b"\x00\x00\x01") + 3 :]
        assert slices in data


def test_a_browser_finds_the_index_in_front(tmp_path: Path) -> None:
    data = whole(cut(tmp_path, street().starting(NOON, 100))).path.read_bytes()
    assert data[4:8] == b"ftyp"
    assert 0 < data.find(b"moov") < data.find(b"mdat")


def test_parameter_sets_that_only_the_connection_announced_come_with_it(tmp_path: Path) -> None:
    film = street().starting(NOON, 30)
    sets = parameter_sets("h264", film.packets[0].data)
    bare = [replace(packet, data=_without(packet.data, sets)) for packet in film.packets]
    announced = Film(replace(film.video, extradata=sets), tuple(bare))
    assert len(seen_in(whole(cut(tmp_path, announced)).path).times) == 30
    with pytest.raises(Mp4Error):
        cut(tmp_path, replace(announced, video=film.video))


def _without(data: bytes, sets: bytes) -> bytes:
    for unit in sets.split(b"\x00\x00\x00\x01")[1:]:
        for start in (b"\x00\x00\x00\x01", b"\x00\x00\x01"):
            data = data.replace(start + unit, b"")
    return data


def test_a_camera_that_hangs_turned_is_shown_upright(tmp_path: Path) -> None:
    film = street().starting(NOON, 20)
    for clockwise, counted_by_ffmpeg in ((90, -90), (270, 90)):
        turned = replace(film, video=replace(film.video, rotation=clockwise))
        assert seen_in(whole(cut(tmp_path, turned)).path).rotation == counted_by_ffmpeg


@pytest.mark.parametrize("stamps", [[None] * 40, [7] * 40, [0, 100] * 20, [*range(20), *range(20)]])
def test_time_stamps_without_sense_make_a_film_in_real_time(tmp_path: Path, stamps: Sequence[int | None]) -> None:
    film = painted("libx264", 320, 240)
    broken = replace(film, packets=tuple(numbered(film.packets, pts=stamps)))
    seen = seen_in(whole(cut(tmp_path, broken)).path)
    assert len(seen.times) == 40
    assert seen.seconds == pytest.approx(4.0, abs=1.0)


def test_a_camera_that_goes_and_comes_back_is_one_film_with_a_pause(tmp_path: Path) -> None:
    film = street()
    footage = whole(cut(tmp_path, film.starting(NOON, 40), film.starting(NOON + timedelta(seconds=14), 40)))
    seen = seen_in(footage.path)
    assert len(seen.times) == 80
    assert seen.seconds == pytest.approx(18, abs=0.2)


@pytest.mark.parametrize(("small", "large", "kept"), [(10, 30, (640, 480)), (30, 10, (320, 240))])
def test_of_a_film_in_two_sizes_the_longer_part_is_kept(
    tmp_path: Path, small: int, large: int, kept: tuple[int, int]
) -> None:
    first = painted("libx264", 320, 240).starting(NOON, small)
    second = painted("libx264", 640, 480).starting(NOON + timedelta(seconds=small / 10), large)
    seen = seen_in(whole(cut(tmp_path, first, second)).path)
    assert (seen.width, seen.height) == kept
    assert len(seen.times) == max(small, large)
    assert [file.name for file in tmp_path.iterdir()] == ["clip.mp4"]


def test_no_packets_are_no_film(tmp_path: Path) -> None:
    assert cut(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("data", [b"", b"noise" * 100, b"\x00\x00\x01\x65" + bytes(500)])
def test_what_cannot_be_read_is_an_error_and_no_crash(tmp_path: Path, data: bytes) -> None:
    video = replace(street().video, extradata=b"")
    with pytest.raises(Mp4Error):
        cut(tmp_path, Film(video, (VideoPacket(data, 0, 0, True, NOON),)))


def test_damage_within_costs_pictures_and_no_film(tmp_path: Path) -> None:
    film = street().starting(NOON, 60)
    damaged = list(film.packets)
    for index in range(25, 30):
        damaged[index] = replace(damaged[index], data=b"\x00\x00\x00\x01\x41" + bytes(200))
    seen = seen_in(whole(cut(tmp_path, replace(film, packets=tuple(damaged)))).path)
    assert len(seen.times) >= 50


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with disks.small_disk(tmp_path / "disk", "300k") as disk:
        yield disk


@pytest.mark.parametrize("options", [{"movflags": "faststart"}, IN_FRAGMENTS], ids=["whole", "in fragments"])
def test_a_full_disk_is_an_error(small_disk: Path, options: dict[str, str]) -> None:
    film = street().starting(NOON, 100)

    def write(video: VideoFormat) -> None:
        out = Mp4(small_disk / "x.mp4", video, film.packets[0], options)
        for packet in film.packets[1:]:
            out.write(packet)
        out.close()

    with pytest.raises(Mp4Error):
        write(film.video)


def test_on_a_full_disk_a_reel_leaves_nothing_behind(small_disk: Path) -> None:
    film, reel = street().starting(NOON, 100), Reel(small_disk / "clip.mp4")
    with pytest.raises(Mp4Error):
        _write(reel, film)
    reel.abandon()
    assert list(small_disk.iterdir()) == []


def _write(reel: Reel, film: Film) -> None:
    for packet in film.packets:
        reel.add(film.video, packet)
    reel.finish()


def test_an_abandoned_reel_leaves_nothing(tmp_path: Path) -> None:
    reel = Reel(tmp_path / "clip.mp4")
    for film in (painted("libx264", 320, 240), painted("libx264", 640, 480)):
        for packet in film.packets:
            reel.add(film.video, packet)
    reel.abandon()
    assert list(tmp_path.iterdir()) == []


def test_a_torn_file_in_fragments_plays_up_to_its_last_key_frame(tmp_path: Path) -> None:
    film = street().starting(NOON, 100)
    out = Mp4(tmp_path / "x.mp4", film.video, film.packets[0], IN_FRAGMENTS)
    for packet in film.packets[1:]:
        out.write(packet)
    shutil.copy(tmp_path / "x.mp4", tmp_path / "torn.mp4")  # as a kill leaves it
    out.close()
    assert len(seen_in(tmp_path / "torn.mp4").times) >= 80
