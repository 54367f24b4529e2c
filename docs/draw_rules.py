"""Draws the pictures of docs/rules.md: the box's own pipeline on the sample film, with each rule at work.

`make docs-pictures` runs it. What the film has none of, a suitcase and a parked van, is put into its pictures; the
suitcase is found by the box, the van's box is given, since the default detector knows only persons.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from contracts.ids import new_id
from demo.film import STREET
from edge.capture.capture import CapturedFrame
from edge.config import AnalysisSettings, CameraSettings
from edge.detect import Picture
from edge.detect.ssdlite import SsdliteDetector
from edge.geometry import Point, foot_of
from edge.lookout import Lookout
from edge.rules.calendar import Calendar
from edge.rules.command import Close, Open, Update, Why
from edge.rules.presence import Sighting
from edge.sight.sight import Eye, Sight
from edge.watch import Scene

FOLDER: Final = Path(__file__).parent / "img" / "rules"
BEGIN: Final = datetime(2026, 2, 10, 5, tzinfo=UTC)
SECONDS: Final = 22
QUALITY: Final = 84
FRAMES_A_SECOND: Final = 5

AMBER, RED, WHITE, GREEN, INK = (40, 170, 255), (60, 60, 235), (255, 255, 255), (120, 210, 90), (40, 30, 24)

Outline = list[list[float]]
ROAD: Outline = [[0, 0.33], [0.56, 0.34], [0.8, 0.21], [0.95, 0.3], [1, 0.85], [0.84, 0.78], [0.45, 0.56], [0, 0.46]]
JUNCTION: Outline = [[0.62, 0.34], [0.84, 0.24], [0.95, 0.44], [1, 0.5], [1, 0.85], [0.86, 0.76], [0.6, 0.6]]
LEFT_ROAD: Outline = [[0, 0.33], [0.56, 0.34], [0.56, 0.57], [0.45, 0.56], [0, 0.46]]
LAWN: Outline = [[0, 0.5], [0.4, 0.58], [0.8, 0.8], [0.8, 1], [0, 1]]
ACROSS = [[0.8, 0.2], [0.8, 0.8]]

Change = Callable[[Picture, float], Picture]
Given = Callable[[float], tuple[Sighting, ...]]


@dataclass(frozen=True, slots=True)
class Example:
    """A rule on the film. The picture is of its `nth` opening or update, `lasting` seconds later."""

    kind: str
    settings: dict[str, Any]
    zone: Outline = field(default_factory=lambda: ROAD)
    area_m2: float | None = None
    nth: int = 1
    change: Change = lambda picture, _: picture
    given: Given = lambda _: ()


def _with_suitcase(picture: Picture, second: float) -> Picture:
    if second < 4:
        return picture
    cv2.rectangle(picture, (186, 424), (214, 434), INK, 3, cv2.LINE_AA)
    cv2.rectangle(picture, (176, 432), (224, 486), (70, 45, 30), -1)
    cv2.rectangle(picture, (182, 448), (218, 456), (110, 100, 170), -1)
    return picture


VAN_SHAPE: Final = np.array(
    [[650, 88], [652, 58], [662, 46], [700, 45], [718, 56], [724, 74], [724, 92], [706, 100], [660, 96]], np.int32
)
VAN: Final = (160, 182, 300, 282)
"""Where the van of the film's corner stands in the picture that it is put into, in pixels."""
VAN_TRACK: Final = new_id()


def _with_van(picture: Picture, second: float) -> Picture:
    if second < 2:
        return picture
    x, y, width, height = cv2.boundingRect(VAN_SHAPE)
    mask = np.zeros(picture.shape[:2], np.uint8)
    cv2.fillPoly(mask, [VAN_SHAPE], 255, cv2.LINE_AA)
    size = (VAN[2] - VAN[0], VAN[3] - VAN[1])
    van = cv2.resize(picture[y : y + height, x : x + width], size, interpolation=cv2.INTER_CUBIC)
    share = cv2.resize(mask[y : y + height, x : x + width], size)[:, :, None] / 255.0
    ground = picture[VAN[1] : VAN[3], VAN[0] : VAN[2]]
    picture[VAN[1] : VAN[3], VAN[0] : VAN[2]] = (share * van + (1 - share) * ground).astype(np.uint8)
    return picture


def _van(second: float) -> tuple[Sighting, ...]:
    if second < 2:
        return ()
    box = (VAN[0] / 768, VAN[1] / 576, VAN[2] / 768, VAN[3] / 576)
    return (Sighting(VAN_TRACK, "truck", box, 0.9),)


EXAMPLES: Final = [
    Example("line_crossing", {"line": "line", "direction": "out", "threshold": 3, "window_s": 8}, nth=2),
    Example("occupancy", {"threshold": 4, "min_seconds": 2}, zone=JUNCTION),
    Example("crowding", {"density": 0.04, "at_least": 4, "min_seconds": 1}, zone=JUNCTION, area_m2=120, nth=2),
    Example("intrusion", {"min_seconds": 2}, zone=LEFT_ROAD),
    Example("loitering", {"min_seconds": 10}, zone=JUNCTION),
    Example("wrong_way", {"labels": ["person"], "direction": [[0.9, 0.6], [0.15, 0.42]], "min_distance": 0.15}, nth=3),
    Example("stopped_vehicle", {"min_seconds": 8}, change=_with_van, given=_van),
    Example("blocked_fire_lane", {"min_seconds": 8}, zone=LEFT_ROAD, change=_with_van, given=_van),
    Example("left_object", {"min_seconds": 8}, zone=LAWN, change=_with_suitcase),
]


@dataclass(frozen=True, slots=True)
class Frame:
    second: float
    picture: Picture
    sightings: tuple[Sighting, ...]


def watched() -> list[Frame]:
    """The film as the box sees it."""
    settings = AnalysisSettings(fps=FRAMES_A_SECOND)
    sight, eye = Sight(settings, SsdliteDetector(threads=2, min_score=0.25)), Eye(settings.fps)
    frames = []
    with av.open(str(STREET)) as film:
        for picture in islice(film.decode(video=0), 0, SECONDS * 10, 10 // FRAMES_A_SECOND):
            second = float(picture.time or 0)
            glance = sight.glance(eye, CapturedFrame(picture, BEGIN + timedelta(seconds=second)))
            frames.append(Frame(second, glance.picture, sight.see([glance])[0]))
    return frames


def lookout_of(example: Example) -> tuple[CameraSettings, Lookout]:
    place = {} if "line" in example.settings else {"zone": "zone"}
    settings = CameraSettings.model_validate(
        {
            "id": "street",
            "site": "street",
            "url": "rtsp://127.0.0.1/street",
            "zones": [{"id": "zone", "polygon": example.zone, "area_m2": example.area_m2}],
            "lines": [{"id": "line", "points": ACROSS}],
            "rules": [{"id": "rule", "kind": example.kind, **place, **example.settings}],
        }
    )
    return settings, Lookout(settings, "UTC", Calendar())


def drawn(example: Example, frames: Sequence[Frame]) -> Picture:
    """The picture of the moment in which the rule decided."""
    _, lookout = lookout_of(example)
    (watch,) = lookout.watches
    trails: dict[UUID, list[Point]] = defaultdict(list)
    counts: dict[str, int] = defaultdict(int)
    told = 0
    for frame in frames:
        picture = example.change(frame.picture.copy(), frame.second)
        sightings = frame.sightings + example.given(frame.second)
        for sighting in sightings:
            trails[sighting.track].append(foot_of(sighting.box))
        scene = lookout.scene(picture, BEGIN + timedelta(seconds=frame.second), sightings)
        for metric, count in lookout.take_counts()["line"].items():
            counts[metric] += count
        for command in watch.observe(scene):
            told += not isinstance(command, Close)
            if told == example.nth and not isinstance(command, Close):
                return _drawn(example, picture, scene, command, trails, counts)
    raise SystemExit(f"{example.kind} decided {told} times, not {example.nth}: change the example.")


def _drawn(
    example: Example,
    picture: Picture,
    scene: Scene,
    command: Open | Update,
    trails: dict[UUID, list[Point]],
    counts: dict[str, int],
) -> Picture:
    scale = 2  # drawn large and made small again: smooth lines
    canvas = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC).astype(np.uint8, copy=False)
    if "line" in example.settings:
        _line(canvas, counts)
    else:
        _zone(canvas, example.zone)
    if (arrow := example.settings.get("direction")) and isinstance(arrow, list):
        _arrow(canvas, arrow[0], arrow[1], AMBER, 6)
    guilty = {sighting.track for sighting in command.sightings}
    for sighting in (*scene.sightings, *scene.objects):
        _track(canvas, sighting, trails[sighting.track], RED if sighting.track in guilty else WHITE)
    small = cv2.resize(canvas, (768, 576), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    return _captioned(small, example.kind, command.why)


def _pixels(canvas: Picture, points: Iterable[Sequence[float]]) -> NDArray[np.int32]:
    height, width = canvas.shape[:2]
    return np.array([(round(x * width), round(y * height)) for x, y in points], np.int32)


def _zone(canvas: Picture, polygon: Outline) -> None:
    points = _pixels(canvas, polygon)
    tinted = canvas.copy()
    cv2.fillPoly(tinted, [points], AMBER)
    cv2.addWeighted(tinted, 0.22, canvas, 0.78, 0, dst=canvas)
    cv2.polylines(canvas, [points], True, AMBER, 4, cv2.LINE_AA)


def _line(canvas: Picture, counts: dict[str, int]) -> None:
    (x, top), (_, bottom) = ACROSS
    cv2.polylines(canvas, [_pixels(canvas, ACROSS)], False, AMBER, 7, cv2.LINE_AA)
    for (direction, way), y in zip((("in", -0.09), ("out", 0.09)), (top + 0.06, bottom - 0.03), strict=True):
        _arrow(canvas, (x, y), (x + way, y), AMBER, 6)
        end = _pixels(canvas, [(x + way + (-0.005 if way < 0 else 0.005), y)])[0]
        text = f"{direction} {counts['line.' + direction]}"
        left = end[0] - 24 * len(text) if way < 0 else end[0]
        _text(canvas, text, (int(left), int(end[1]) + 14), 1.3, 3)


def _arrow(canvas: Picture, start: Sequence[float], end: Sequence[float], colour: Sequence[int], thick: int) -> None:
    first, second = _pixels(canvas, [start, end])
    length = float(np.hypot(*(second - first)))
    cv2.arrowedLine(
        canvas, first.tolist(), second.tolist(), colour, thick, cv2.LINE_AA, tipLength=min(0.4, 34 / length)
    )


def _track(canvas: Picture, sighting: Sighting, trail: Sequence[Point], colour: Sequence[int]) -> None:
    if len(trail) > 1:
        cv2.polylines(canvas, [_pixels(canvas, trail[-25:])], False, colour, 3, cv2.LINE_AA)
    first, second = _pixels(canvas, [sighting.box[:2], sighting.box[2:]])
    cv2.rectangle(canvas, first.tolist(), second.tolist(), colour, 5 if colour == RED else 3, cv2.LINE_AA)


def _captioned(picture: Picture, kind: str, why: Why) -> Picture:
    """The picture with `why` under it, as the event carries it."""
    said = [f"{key}: {str(value)[-8:] if key == 'track' else _figure(value)}" for key, value in why.items()]
    lines = [kind, "   ".join(said[:3]), "   ".join(said[3:])]
    lines = [line for line in lines if line]
    band = np.full((22 + 24 * len(lines), picture.shape[1], 3), INK, np.uint8)
    for index, line in enumerate(lines):
        _text(band, line, (14, 28 + 24 * index), 0.62 if index == 0 else 0.55, 2 if index == 0 else 1, edge=False)
    return np.vstack([picture, band])


def _figure(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _text(canvas: Picture, text: str, at: tuple[int, int], size: float, thick: int, *, edge: bool = True) -> None:
    if edge:
        cv2.putText(canvas, text, at, cv2.FONT_HERSHEY_SIMPLEX, size, INK, thick + 5, cv2.LINE_AA)
    cv2.putText(canvas, text, at, cv2.FONT_HERSHEY_SIMPLEX, size, WHITE, thick, cv2.LINE_AA)


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    frames = watched()
    for example in EXAMPLES:
        target = FOLDER / f"{example.kind}.jpg"
        _, jpeg = cv2.imencode(".jpg", drawn(example, frames), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        target.write_bytes(jpeg.tobytes())
        print(f"{target.relative_to(FOLDER.parents[2])}  {len(jpeg) // 1024} KB")


if __name__ == "__main__":
    main()
