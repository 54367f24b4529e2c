"""How well lines count: the box's own line counts over its own tracks, against those of the people's true ways.

`make bench-counting`, with VIDEO and GT as in benchmarks.accuracy. The true ways are the truth's boxes of every frame,
so both are counted by the same code (edge.lines). The film is looked at at its own rate and, with frames left out, at
about 5 and 2 frames a second. A line's error is the difference of people counted in each direction, added up.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import av

from benchmarks import films
from benchmarks.accuracy import GT, VIDEO
from benchmarks.films import Truth
from contracts.ids import new_id
from edge.config import AnalysisSettings, SsdliteSettings
from edge.detect import Detector
from edge.detect.factory import load
from edge.lines import LineCount
from edge.rule_settings import LineSettings
from edge.rules.presence import Sighting
from edge.sight.sight import Eye, Sight

RATES: Final = (2.0, 5.0, 10.0)

LINES: Final = (
    LineSettings(id="left", points=((0.25, 0.0), (0.25, 1.0))),
    LineSettings(id="middle", points=((0.5, 0.0), (0.5, 1.0))),
    LineSettings(id="right", points=((0.75, 0.0), (0.75, 1.0))),
    LineSettings(id="across", points=((0.0, 0.5), (1.0, 0.5))),
    LineSettings(id="slanting", points=((0.4, 0.2), (0.9, 0.9))),
)

Counts = dict[str, dict[str, int]]
Moment = tuple[datetime, tuple[Sighting, ...]]


def true_ways(truth: Truth, width: int, height: int, rate: float) -> Iterator[Moment]:
    """The truth as sightings."""
    ids: dict[int, UUID] = {}
    for frame in range(1, max(truth) + 1):
        people = truth.get(frame, films.NOBODY)
        seen = []
        for number, (x, y, w, h) in zip(people.ids, people.boxes, strict=True):
            box = x / width, y / height, (x + w) / width, (y + h) / height
            seen.append(Sighting(ids.setdefault(int(number), new_id()), "person", box, 1.0))
        yield films.START + timedelta(seconds=(frame - 1) / rate), tuple(seen)


def seen_ways(detector: Detector, frames: int, every: int, rate: float) -> Iterator[Moment]:
    """What the box makes of one of `every` frames."""
    sight, eye = Sight(AnalysisSettings(fps=rate), detector), Eye(rate)
    for frame in films.frames(VIDEO, frames, every):
        yield frame.captured_at, sight.see([sight.glance(eye, frame)])[0]


def counted(ways: Iterator[Moment]) -> Counts:
    """Who crossed each line, in each direction."""
    lines = [LineCount(settings) for settings in LINES]
    for at, sightings in ways:
        for line in lines:
            line.observe(at, sightings)
    return {line.id: line.take() for line in lines}


def compared(found: Counts, true: Counts) -> dict[str, object]:
    """Counts, truth and error, per line and in all."""
    errors = {line: sum(abs(found[line][way] - true[line][way]) for way in true[line]) for line in true}
    people = sum(sum(ways.values()) for ways in true.values())
    return {"counted": found, "abs_error": errors, "abs_error_share": round(sum(errors.values()) / max(1, people), 3)}


def main() -> None:
    """Count, compare, and print the line."""
    try:
        truth, own_rate = films.truth(GT), films.rate(VIDEO)
        with av.open(str(VIDEO)) as film:
            width, height = film.streams.video[0].width, film.streams.video[0].height
    except films.FilmError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    detector = load(SsdliteSettings())
    true = counted(true_ways(truth, width, height, own_rate))
    result: dict[str, object] = {"truth": true}
    for every in sorted({max(1, round(own_rate / rate)) for rate in RATES}, reverse=True):
        rate = own_rate / every
        result[f"{rate:g}_fps"] = compared(counted(seen_ways(detector, max(truth), every, rate)), true)
    print(json.dumps({**result, "frames": max(truth), "cores": os.cpu_count()}))


if __name__ == "__main__":
    main()
