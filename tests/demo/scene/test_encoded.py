from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import av
import numpy as np

from demo.scene import encoded
from demo.scene.scene import Scene, View

VIEW = View(width=640, height=360, loop_s=2.0, pixels_per_module=2.5)
RATE = encoded.bits_per_second(2, 640, 360, 10)


def pictures(seconds: float) -> Iterator[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]:
    return (picture for _, picture in Scene(VIEW).pictures(seconds))


def test_a_film_has_its_frames_key_frames_and_rate_and_no_b_frames(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    encoded.encode(pictures(6), path, fps=10, bit_rate=RATE)
    with av.open(str(path)) as film:
        video = film.streams.video[0]
        packets = [packet for packet in film.demux(video) if packet.size]
        assert (video.codec_context.name, video.width, video.height) == ("h264", 640, 360)
        assert video.average_rate == 10
    assert [number for number, packet in enumerate(packets) if packet.is_keyframe] == [0, 20, 40]
    assert all(packet.pts == packet.dts for packet in packets)
    assert 0.5 * RATE < sum(packet.size for packet in packets) * 8 / 6 < 1.2 * RATE


def test_every_picture_comes_through_in_its_turn_and_looks_like_itself() -> None:
    sent = list(pictures(2))
    came = [frame.to_ndarray(format="bgr24") for frame in encoded.through(iter(sent), fps=10, bit_rate=RATE)]
    assert len(came) == len(sent) == 20
    assert all(np.abs(one.astype(int) - other).mean() < 12 for one, other in zip(sent, came, strict=True))
    assert any(np.abs(one.astype(int) - other).max() > 20 for one, other in zip(sent, came, strict=True)), "it is lossy"


def test_pieces_that_are_encoded_alike_can_follow_each_other_in_one_stream(tmp_path: Path) -> None:
    heads = set()
    for number in range(2):
        path = tmp_path / f"{number}.mp4"
        scene = Scene(replace(VIEW, seed=number))
        encoded.encode((picture for _, picture in scene.pictures(0.5)), path, fps=10, bit_rate=RATE)
        with av.open(str(path)) as film:
            heads.add(bytes(film.streams.video[0].codec_context.extradata or b""))
    assert len(heads) == 1
