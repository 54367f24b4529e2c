"""A film and its truth, as the benchmarks of seeing need them. Frames come as a camera's would."""

from __future__ import annotations

import csv
import queue
import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np
from numpy.typing import NDArray

from edge.capture.capture import CapturedFrame

START = datetime(2026, 1, 1, tzinfo=UTC)
AHEAD = 4
"""Frames that decoding may be ahead, so that neither thread waits for the other's every frame."""


class FilmError(Exception):
    """A film or its truth cannot be read; the text is one sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Boxes:
    """The people of one frame. `boxes`: (n, 4), x y w h in pixels; `counts`: whether a box is rewarded and punished."""

    ids: NDArray[np.int64]
    boxes: NDArray[np.float64]
    counts: NDArray[np.bool_]


Truth = dict[int, Boxes]
"""By frame, counted from 1."""

NOBODY = Boxes(np.zeros(0, np.int64), np.zeros((0, 4)), np.zeros(0, np.bool_))


def truth(path: Path) -> Truth:
    """Read a truth file: lines of frame, id, x, y, w, h, counts, without a heading."""
    rows: dict[int, list[list[float]]] = defaultdict(list)
    try:
        with path.open(newline="") as file:
            for frame, *values in csv.reader(file):
                track, x, y, w, h, counts = map(float, values)
                rows[int(frame)].append([track, x, y, w, h, counts])
    except OSError:
        raise FilmError(f"The truth file {path} is missing: name one with GT=path.") from None
    except ValueError:
        raise FilmError(f"{path} is no truth file: it must have the columns frame, id, x, y, w, h, counts.") from None
    if not rows:
        raise FilmError(f"{path} is empty.")
    return {frame: _boxes(np.array(values)) for frame, values in rows.items()}


def _boxes(rows: NDArray[np.float64]) -> Boxes:
    return Boxes(rows[:, 0].astype(np.int64), rows[:, 1:5], rows[:, 5] > 0)


def rate(video: Path) -> float:
    """The film's own frames per second."""
    with _opened(video) as film:
        return float(film.streams.video[0].average_rate or 25)


def frames(video: Path, count: int, every: int = 1) -> Iterator[CapturedFrame]:
    """One of `every` of the first frames of a film, decoded in a thread of its own, at the times that the film says."""
    waiting: queue.Queue[CapturedFrame | None] = queue.Queue(AHEAD)

    def decode() -> None:
        with _opened(video) as film:
            film.streams.video[0].codec_context.thread_count = 1
            for picture in islice(film.decode(video=0), 0, count, every):
                waiting.put(CapturedFrame(picture, START + timedelta(seconds=picture.time or 0.0)))
        waiting.put(None)

    threading.Thread(target=decode, daemon=True).start()
    while (frame := waiting.get()) is not None:
        yield frame


def _opened(video: Path) -> Any:
    try:
        return av.open(str(video))
    except (av.error.FFmpegError, OSError):
        raise FilmError(f"The film {video} is missing or no film: name one with VIDEO=path.") from None
