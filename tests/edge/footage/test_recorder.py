from __future__ import annotations

import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from edge.footage.recorder import Recorder
from edge.footage.ring import Ring
from edge.footage.segments import Segment, cut, name_of, read_name, segments_of
from edge.footage.settings import RecordingSettings
from tests.support import disks
from tests.support.films import Film, painted, seen_in, street
from tests.support.samples import NOON

CAMERA = "quang-trung-1"
RECORDER = """
import sys, threading
from pathlib import Path
from edge.footage.settings import RecordingSettings
from edge.footage.recorder import Recorder
from edge.footage.ring import Ring
from tests.support.films import street

ring = Ring("quang-trung-1", seconds=60, max_bytes=10**8)
recorder = Recorder(RecordingSettings(segment_s=10, max_days=366), {"quang-trung-1": ring}, Path(sys.argv[1]))
ring.begin(street().video)
for index, packet in enumerate(street().packets):
    ring.take(packet)
    recorder.tick()
    if index == 355:
        print("now", flush=True)
        threading.Event().wait()
"""


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


class Box:
    """A ring and its recorder, whose clock is that of the packets."""

    def __init__(self, folder: Path, reserve: int = 0, **settings: float) -> None:
        self.now = NOON
        self.ring = Ring(CAMERA, seconds=15, max_bytes=50_000_000)
        self.folder = folder / CAMERA
        chosen = RecordingSettings.model_validate({"segment_s": 10, **settings})
        folder.mkdir(exist_ok=True)
        self.recorder = Recorder(chosen, {CAMERA: self.ring}, folder, reserve=reserve, now=lambda: self.now)

    def film(self, film: Film) -> None:
        self.ring.begin(film.video)
        for packet in film.packets:
            self.ring.take(packet)
            if packet.keyframe:
                self.now = packet.captured_at
                self.recorder.tick()
        self.recorder.tick()
        self.ring.end()

    def segments(self) -> list[Segment]:
        return segments_of(self.folder)


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path / "recordings")


@pytest.mark.parametrize("ended", [None, at(60.04)])
def test_a_segments_name_says_its_time_and_sorts_by_it(ended: datetime | None) -> None:
    name = name_of(at(0.5), ended)
    assert name.startswith("20260210T050000.500Z")
    assert read_name(Path(name)) == Segment(Path(name), at(0.5), ended)
    assert read_name(Path("clip.mp4")) is None
    assert name_of(at(0)) < name_of(at(0.001)) < name_of(at(86400))


def test_a_camera_is_recorded_in_segments_that_follow_each_other_without_a_gap(box: Box) -> None:
    film = street().starting(NOON)
    box.film(film)
    box.recorder.close()
    segments = box.segments()
    assert len(segments) == 8
    assert segments[0].began == NOON
    assert segments[-1].ended == film.packets[-1].captured_at
    assert sum(len(seen_in(segment.path).times) for segment in segments) == len(film.packets)
    for segment, following in pairwise(segments):
        assert segment.ended
        assert timedelta(0) < following.began - segment.ended <= timedelta(seconds=0.11)


def test_a_new_format_and_a_pause_begin_new_segments(box: Box) -> None:
    small, large = painted("libx264", 320, 240), painted("libx265", 640, 480)
    box.film(small.starting(at(0)))
    box.film(large.starting(at(4)))
    box.film(large.starting(at(20)))
    box.recorder.close()
    sizes = [(seen_in(segment.path).width, segment.began) for segment in box.segments()]
    assert sizes == [(320, at(0)), (640, at(4)), (640, at(20))]


def test_the_oldest_go_when_there_is_too_much(tmp_path: Path) -> None:
    box = Box(tmp_path / "recordings", max_gb=0.003)
    box.film(street().starting(NOON))
    box.recorder.tick()
    size = sum(path.stat().st_size for path in box.folder.iterdir())
    assert 2_000_000 < size <= 3_000_000
    assert box.segments()[0].began > at(30)


def test_what_is_too_old_goes_also_after_a_restart_and_of_cameras_that_are_gone(tmp_path: Path) -> None:
    folder = tmp_path / "recordings"
    box = Box(folder, max_days=1)
    box.film(street().starting(NOON, 300))
    box.recorder.close()
    shutil.copytree(box.folder, folder / "camera-of-before")
    again = Box(folder, max_days=1)
    again.now = at(86_400 + 15)
    again.recorder.tick()
    left = [segment.began for name in (CAMERA, "camera-of-before") for segment in segments_of(folder / name)]
    assert left == [at(10), at(20)] * 2


def test_a_kill_costs_the_last_fragment(tmp_path: Path) -> None:
    folder = tmp_path / "recordings"
    folder.mkdir()
    command = [sys.executable, "-c", textwrap.dedent(RECORDER), str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "now\n"
        process.kill()
    assert segments_of(folder / CAMERA)[-1].ended is None
    mended = Box(folder).segments()
    assert [segment.began for segment in mended] == [at(0), at(10), at(20), at(30)]
    assert mended[-1].ended
    assert at(33.5) <= mended[-1].ended <= at(35.6)
    assert len(seen_in(mended[-1].path).times) >= 35


@pytest.mark.parametrize("torn", [b"", b"noise" * 100])
def test_a_segment_of_which_nothing_can_be_read_is_removed(tmp_path: Path, torn: bytes) -> None:
    folder = tmp_path / "recordings" / CAMERA
    folder.mkdir(parents=True)
    (folder / name_of(NOON)).write_bytes(torn)
    assert Box(tmp_path / "recordings").segments() == []


@pytest.mark.parametrize(
    ("begin", "end", "shown"),
    [(23, 47, (22, 47)), (0, 5, (0, 5)), (75, 500, (74, 79.4)), (-60, 3, (0, 3)), (19.95, 20.05, (20, 20))],
)
def test_a_range_is_cut_across_segments_from_the_key_frame_before_it(
    box: Box, tmp_path: Path, begin: float, end: float, shown: tuple[float, float]
) -> None:
    box.film(street().starting(NOON))
    box.recorder.close()
    footage = cut(box.segments(), at(begin), at(end), tmp_path / "range.mp4")
    assert footage
    assert (footage.began, footage.ended) == (at(shown[0]), at(shown[1]))
    seen = seen_in(footage.path)
    assert len(seen.times) == round((shown[1] - shown[0]) * 10) + 1
    assert seen.seconds == pytest.approx(shown[1] - shown[0] + 0.1, abs=0.1)


def test_of_the_segment_that_is_being_written_all_but_the_last_group_can_be_cut(box: Box, tmp_path: Path) -> None:
    box.film(street().starting(NOON, 155))
    reached = box.recorder.reached(CAMERA)
    assert reached == at(14)
    footage = cut(box.segments(), at(11), reached, tmp_path / "range.mp4")
    assert footage
    assert (footage.began, footage.ended) == (at(10), at(13.9))


def test_a_range_of_which_nothing_was_recorded_is_nothing(box: Box, tmp_path: Path) -> None:
    box.film(street().starting(NOON, 100))
    box.recorder.close()
    assert cut(box.segments(), at(-100), at(-50), tmp_path / "range.mp4") is None
    assert cut(box.segments(), at(500), at(600), tmp_path / "range.mp4") is None
    assert list(tmp_path.glob("*.mp4")) == []


def test_a_turned_camera_is_still_turned_in_what_is_cut(box: Box, tmp_path: Path) -> None:
    from dataclasses import replace

    film = street().starting(NOON, 150)
    box.film(replace(film, video=replace(film.video, rotation=90)))
    box.recorder.close()
    footage = cut(box.segments(), at(3), at(12), tmp_path / "range.mp4")
    assert footage
    assert seen_in(footage.path).rotation == -90


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own."""
    with disks.small_disk(tmp_path / "disk", "40m") as disk:
        yield disk


def free(disk: Path) -> int:
    return shutil.disk_usage(disk).free


def test_a_disk_that_fills_costs_old_recordings_then_new_ones_and_never_the_reserve(
    disk: Path, caplog: pytest.LogCaptureFixture
) -> None:
    reserve = 2_000_000
    caplog.set_level("INFO")
    box = Box(disk / "recordings", reserve=reserve)
    film = street()
    box.film(film.starting(at(0)))
    first = box.segments()
    assert len(first) == 8
    (disk / "others").write_bytes(bytes(free(disk) - 2 * reserve - 16_000_000 - 1_000_000))
    box.film(film.starting(at(100)))
    assert box.segments()[0].began > at(20)
    assert free(disk) >= 2 * reserve + 15_000_000

    (disk / "more").write_bytes(bytes(free(disk) - reserve))
    box.film(film.starting(at(200)))
    assert caplog.text.count("recording pauses") == 1
    assert box.segments() == []
    assert free(disk) >= reserve

    (disk / "more").unlink()
    (disk / "others").unlink()
    box.film(film.starting(at(300)))
    box.recorder.close()
    assert "recording goes on" in caplog.text
    assert sum(len(seen_in(segment.path).times) for segment in box.segments()) >= 750
