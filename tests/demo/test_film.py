from __future__ import annotations

from pathlib import Path

import av
import numpy as np

from demo import film


def grey(path: Path, index: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    with av.open(str(path)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number == index:
                return frame.to_ndarray(format="gray").astype(np.uint8)
    raise AssertionError(f"{path} has no frame {index}")


def test_a_rotated_film_begins_at_the_key_frame_before_and_wraps_round(tmp_path: Path) -> None:
    target = tmp_path / "rotated.mp4"
    film.rotated(film.STREET, 21.0, target)
    with av.open(str(film.STREET)) as source, av.open(str(target)) as copy:
        assert sum(1 for packet in copy.demux(video=0) if packet.size) == source.streams.video[0].frames
    assert np.array_equal(grey(target, 0), grey(film.STREET, 200)), "20.0 s is the key frame before 21.0 s"
    assert np.array_equal(grey(target, 795 - 200), grey(film.STREET, 0))


def test_a_film_that_is_there_is_not_made_again(tmp_path: Path) -> None:
    target = tmp_path / "rotated.mp4"
    target.write_bytes(b"already here")
    film.rotated(film.STREET, 0.0, target)
    assert target.read_bytes() == b"already here"
