"""How well the box sees, and at what cost: the real steps (edge.sight.sight) over a film whose truth is known.

`make bench-accuracy`, or `VIDEO=film.mp4 GT=truth.csv make bench-accuracy` for other files of the same form: the truth
has the columns frame (from 1), id, x, y, w, h (pixels) and counts; a box with `counts` 0 is neither rewarded nor
punished. Every frame is looked at, with the default settings but for the rate, which is the film's. CLEAR-MOT and
identity measures are those of the package motmetrics, at an IoU of 0.5. The time counts everything from the packet to
the tracks, decoding included, which has a thread of its own here as on a box.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import motmetrics
import numpy as np
import psutil
import supervision as sv
from numpy.typing import NDArray

from benchmarks import films
from benchmarks.films import Boxes, Truth
from demo.film import STREET
from edge.capture.capture import CapturedFrame
from edge.config import AnalysisSettings, SsdliteSettings
from edge.detect.factory import load
from edge.rules.presence import Sighting
from edge.sight.sight import Eye, Looking, Sight

VIDEO: Final = Path(os.environ.get("VIDEO") or STREET)
GT: Final = Path(os.environ.get("GT") or Path(__file__).parents[2] / "shared/eval/street_gt_1-397.csv")
IOU: Final = 0.5

Track = tuple[int, float, float, float, float]
"""A number, and x, y, w, h in pixels."""


def look(video: Path, frames: int) -> tuple[list[list[Track]], dict[str, float]]:
    """Have the first frames of a film looked at: the tracks of each, and what it cost."""
    rate = films.rate(video)
    sight = Sight(AnalysisSettings(fps=rate), load(SsdliteSettings()))
    eye = Eye(rate)
    numbers: dict[object, int] = {}
    seen: list[list[Track]] = []
    process = psutil.Process()
    cpu, began = sum(process.cpu_times()[:2]), time.monotonic()
    for frame, sightings in looked_at(sight, eye, films.frames(video, frames)):
        seen.append([_placed(numbers, one, frame.picture.width, frame.picture.height) for one in sightings])
    seconds = time.monotonic() - began
    cpu = sum(process.cpu_times()[:2]) - cpu
    return seen, {"frames_per_s": round(len(seen) / seconds, 1), "cpu_s_per_frame": round(cpu / len(seen), 4)}


def looked_at(
    sight: Sight, eye: Eye, frames: Iterable[CapturedFrame]
) -> Iterator[tuple[CapturedFrame, tuple[Sighting, ...]]]:
    """Each frame and the tracks in it. Like edge.analysis does when a camera is always due, the next frame is prepared
    while the detector is at work on one.
    """
    before: Looking | None = None
    for frame in frames:
        looking = sight.begin([sight.glance(eye, frame)])
        if before:
            yield before.glances[0].frame, sight.end(before)[0]
        before = looking
    if before:
        yield before.glances[0].frame, sight.end(before)[0]


def _placed(numbers: dict[object, int], sighting: Sighting, width: int, height: int) -> Track:
    x1, y1, x2, y2 = sighting.box
    number = numbers.setdefault(sighting.track, len(numbers) + 1)
    return number, x1 * width, y1 * height, (x2 - x1) * width, (y2 - y1) * height


def score(truth: Truth, seen: list[list[Track]]) -> dict[str, float]:
    """CLEAR-MOT and identity measures of what was seen from the first frame on."""
    book = motmetrics.MOTAccumulator(auto_id=True)
    for index, tracks in enumerate(seen):
        people = truth.get(index + 1, films.NOBODY)
        tracks = _without_ignored(people, tracks)
        wanted = people.boxes[people.counts]
        apart = _apart(wanted, tracks)
        book.update(people.ids[people.counts], [track[0] for track in tracks], apart)
    names = ["mota", "motp", "idf1", "precision", "recall", "num_switches", "num_false_positives", "num_misses"]
    summary: dict[str, Any] = motmetrics.metrics.create().compute(book, metrics=names).iloc[0].to_dict()
    return {
        "mota": round(float(summary["mota"]), 3),
        "idf1": round(float(summary["idf1"]), 3),
        "precision": round(float(summary["precision"]), 3),
        "recall": round(float(summary["recall"]), 3),
        "id_switches": int(summary["num_switches"]),
        "false_positives": int(summary["num_false_positives"]),
        "misses": int(summary["num_misses"]),
        "mean_iou": round(1 - float(summary["motp"]), 3),
    }


def _without_ignored(people: Boxes, tracks: list[Track]) -> list[Track]:
    """The tracks but for those that fit a box that does not count better than any that counts."""
    if people.counts.all() or not tracks:
        return tracks
    apart = _apart(people.boxes, tracks)
    rows, columns = motmetrics.lap.linear_sum_assignment(apart)
    ignored = {column for row, column in zip(rows, columns, strict=True) if not people.counts[row]}
    return [track for index, track in enumerate(tracks) if index not in ignored]


def _apart(boxes: NDArray[np.float64], tracks: list[Track]) -> NDArray[np.float64]:
    """1 - IoU of every box with every track; NaN where they are too far apart to be one."""
    placed = np.array([track[1:] for track in tracks], np.float64).reshape(-1, 4)
    overlap = sv.box_iou_batch(_corners(boxes), _corners(placed)).astype(np.float64).reshape(len(boxes), len(placed))
    return np.where(overlap >= IOU, 1 - overlap, np.nan)


def _corners(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1)


def main() -> None:
    """Look, score, and print the line."""
    try:
        truth = films.truth(GT)
        seen, cost = look(VIDEO, max(truth))
    except films.FilmError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    print(json.dumps({**score(truth, seen), **cost, "frames": len(seen), "cores": os.cpu_count()}))


if __name__ == "__main__":
    main()
