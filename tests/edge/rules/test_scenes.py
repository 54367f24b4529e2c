"""Each rule on the real film: what the box's own detector and tracker make of it is what the rules decide on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, repeat

import cv2
import pytest
from av.video.frame import VideoFrame

from edge.capture.capture import CapturedFrame
from edge.config import AnalysisSettings
from edge.detect import Picture
from edge.rules.command import Close, Command, Open
from edge.rules.presence import Sighting
from edge.sight.sight import Eye, Sight
from tests.edge.rules.frames import at
from tests.edge.rules.street import Street, camera, pictures, told
from tests.support.detectors import MAGENTA, PaintedDetector


def opened(said: Iterable[tuple[str, Command]]) -> Open:
    """The first opening."""
    return next(command for _, command in said if isinstance(command, Open))


def test_a_line_across_the_street_counts_who_walks_over_it(street: Street) -> None:
    """By hand: six to the left, four to the right. One may be missed when two walk into one another."""
    lookout = camera()
    street.replay(lookout)
    counts = lookout.take_counts()["ngang-duong"]
    assert counts["line.in"] == pytest.approx(6, abs=1)
    assert counts["line.out"] == pytest.approx(4, abs=1)


def test_a_line_opens_when_several_cross_it_in_one_direction(street: Street) -> None:
    rule = {
        "id": "dong",
        "kind": "line_crossing",
        "line": "ngang-duong",
        "direction": "out",
        "threshold": 3,
        "window_s": 8,
    }
    command = opened(street.replay(camera(rule)))
    assert command.why["crossings"] == 3.0
    assert command.sightings


def test_who_stands_at_the_junction_loiters_and_who_passes_does_not(street: Street) -> None:
    rule = {"id": "lang-vang", "kind": "loitering", "zone": "nga-ba", "min_seconds": 10}
    command = opened(street.replay(camera(rule)))
    assert float(command.why["seconds_in_zone"]) >= 10.0
    assert [str(sighting.track) for sighting in command.sightings] == [command.why["track"]]
    assert street.replay(camera({**rule, "min_seconds": 15.9})) == []


def test_the_junction_is_crowded_when_four_are_on_it(street: Street) -> None:
    rule = {"id": "dong", "kind": "crowding", "zone": "nga-ba", "density": 0.03, "at_least": 4, "min_seconds": 1}
    command = opened(street.replay(camera(rule)))
    assert command.count >= 4
    assert command.why["density_m2"] == pytest.approx(command.count / 120, abs=0.001)
    assert street.replay(camera({**rule, "density": 0.2})) == []


def test_only_who_walks_against_the_arrow_goes_the_wrong_way(street: Street) -> None:
    rule = {
        "id": "nguoc", "kind": "wrong_way", "zone": "long-duong", "labels": ["person"], "min_distance": 0.15,
        "direction": [[0.9, 0.6], [0.1, 0.42]],
    }  # fmt: skip
    command = opened(street.replay(camera(rule)))
    (walker,) = command.sightings
    tracks = [(at, seen.box) for at, sightings in street.frames for seen in sightings if seen.track == walker.track]
    assert tracks[-1][1][0] > tracks[0][1][0]  # walks to the right
    assert street.replay(camera({**rule, "labels": ["motorcycle"]})) == []


def test_four_are_too_many_and_somebody_is_there_out_of_hours(street: Street) -> None:
    said = street.replay(
        camera(
            {"id": "dong", "kind": "occupancy", "zone": "nga-ba", "threshold": 4, "min_seconds": 1},
            {"id": "dem", "kind": "intrusion", "zone": "nga-ba", "min_seconds": 2},
        )
    )
    assert {rule for rule, command in said if isinstance(command, Open)} == {"dong", "dem"}


# What the film has none of is painted into it.


def with_bag(shown: Iterable[Picture], first: int) -> Iterator[Picture]:
    """The pictures with a dark bag on the grass from one of them on."""
    for index, picture in enumerate(shown):
        if index >= first:
            cv2.rectangle(picture, (180, 430), (220, 475), (40, 35, 30), -1)
            cv2.rectangle(picture, (186, 445), (214, 452), (90, 90, 160), -1)
        yield picture


def test_a_bag_on_the_grass_is_left_and_the_grass_alone_is_not(street: Street) -> None:
    rule = {"id": "bo-quen", "kind": "left_object", "zone": "bai-co", "min_seconds": 4}
    lane = {"id": "loi", "kind": "blocked_fire_lane", "zone": "bai-co", "min_seconds": 4}
    said = street.replay(camera(rule, lane), with_bag(pictures(), first=15))
    assert sorted(told(said)) == ["bo-quen: open 1", "loi: open 1"]
    command = opened(said)
    assert command.why["label"] == "object"
    x1, y1, x2, y2 = command.sightings[0].box
    assert ((x1 + x2) / 2, (y1 + y2) / 2) == pytest.approx((200 / 768, 452 / 576), abs=0.02)
    assert street.replay(camera(rule, lane), pictures()) == []


def driven(columns: Iterable[int | None]) -> Street:
    """What the box sees of a car that drives along the road: its left edge in each picture, None when hidden."""
    settings = AnalysisSettings(fps=5, region_px=760, regions_per_frame=4)
    sight, eye = Sight(settings, PaintedDetector("car")), Eye(settings.fps)
    ground = next(iter(pictures()))
    frames: list[tuple[object, tuple[Sighting, ...]]] = []
    for index, left in enumerate(columns):
        picture = ground.copy()
        if left is not None:
            cv2.rectangle(picture, (left, 220), (left + 120, 280), MAGENTA, -1)
        frame = CapturedFrame(VideoFrame.from_ndarray(picture, format="bgr24"), at(index / 5))
        frames.append((frame.captured_at, sight.see([sight.glance(eye, frame)])[0]))
    return Street(tuple(frames))  # type: ignore[arg-type]


DRIVES_UP = range(20, 200, 20)
STOPPED = {"id": "dung-xe", "kind": "stopped_vehicle", "zone": "long-duong", "min_seconds": 6, "clear_after_s": 1}
FIRE_LANE = {"id": "loi", "kind": "blocked_fire_lane", "zone": "long-duong", "min_seconds": 6, "clear_after_s": 1}


def test_a_car_that_stops_is_told_once_though_a_bus_hides_it_and_it_gets_another_track() -> None:
    street = driven(chain(DRIVES_UP, repeat(200, 15), repeat(None, 15), repeat(200, 20), range(200, 560, 20)))
    tracks = {seen.track for _, sightings in street.frames for seen in sightings}
    assert len(tracks) >= 2
    said = street.replay(camera(STOPPED, FIRE_LANE))
    assert sorted(told(said)) == [
        "dung-xe: close cleared", "dung-xe: open 1", "loi: close cleared", "loi: open 1",
    ]  # fmt: skip
    assert opened(said).why["label"] == "car"
    assert float(opened(said).why["seconds_stopped"]) == pytest.approx(6, abs=0.5)
    assert isinstance(said[-1][1], Close)


def test_a_car_that_drives_through_or_waits_a_moment_is_nothing() -> None:
    street = driven(chain(DRIVES_UP, repeat(200, 20), range(200, 560, 20)))
    assert street.replay(camera(STOPPED, FIRE_LANE)) == []
