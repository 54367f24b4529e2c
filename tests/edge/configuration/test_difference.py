from __future__ import annotations

from typing import Any

import pytest

from edge.config import EdgeSettings
from edge.configuration.difference import Change, difference

ZONE = {"id": "san", "polygon": [[0, 0], [1, 0], [1, 1]]}
CAMERA: dict[str, Any] = {"id": "mot", "site": "cho", "url": "rtsp://10.0.0.1/1", "zones": [ZONE]}
OTHER = {"id": "hai", "site": "cho", "url": "rtsp://10.0.0.2/1"}
POINT = {"id": "quay-1", "region": [[0.1, 0.1], [0.3, 0.1], [0.3, 0.3]]}
MASK = [[0.5, 0.5], [0.9, 0.5], [0.9, 0.9]]


def settings(*cameras: dict[str, Any], **more: object) -> EdgeSettings:
    own = {"ward": "an-luu", "box": "an-luu-1", "data_dir": "/d", "mqtt": {"host": "h"}, "cameras": list(cameras)}
    return EdgeSettings.model_validate(own | more)


@pytest.mark.parametrize(
    ("changes", "change"),
    [
        ({}, None),
        ({"url": "rtsp://10.0.0.9/1"}, Change.RECONNECTED),
        ({"url": "rtsp://u:p@10.0.0.1/1"}, Change.RECONNECTED),
        ({"sub_url": "rtsp://10.0.0.1/2"}, Change.RECONNECTED),
        ({"rotate": 90}, Change.RECONNECTED),
        ({"zones": []}, Change.RENEWED),
        ({"lines": [{"id": "cua", "points": [[0, 0], [1, 1]]}]}, Change.RENEWED),
        ({"rules": [{"kind": "intrusion", "id": "dem", "zone": "san"}]}, Change.RENEWED),
        ({"site": "quang-trung"}, Change.RENEWED),
        ({"health": {"dark": {"enabled": False}}}, Change.RENEWED),
        ({"masks": [MASK]}, Change.RECONNECTED),
        ({"payment_points": [POINT]}, Change.RECONNECTED),
    ],
)
def test_a_camera_is_touched_no_more_than_its_change_asks_for(changes: dict[str, Any], change: Change | None) -> None:
    found = difference(settings(CAMERA, OTHER), settings(CAMERA | changes, OTHER))
    assert found.restart == ()
    assert {one.camera: one.change for one in found.cameras} == ({"mot": change} if change else {})


def test_masks_that_become_others_keep_the_connection() -> None:
    before, after = settings(CAMERA | {"masks": [MASK]}), settings(CAMERA | {"masks": [MASK, MASK]})
    assert [one.change for one in difference(before, after).cameras] == [Change.RENEWED]


def test_cameras_come_and_go() -> None:
    found = difference(settings(CAMERA), settings(OTHER))
    assert [(one.camera, one.change) for one in found.cameras] == [("mot", Change.REMOVED), ("hai", Change.ADDED)]
    assert found.goes_on == frozenset()
    assert difference(settings(), settings(CAMERA)).cameras[0].change is Change.ADDED


@pytest.mark.parametrize(
    "more", [{"analysis": {"fps": 2}}, {"clips": None}, {"detector": {"kind": "ssdlite", "threads": 1}}]
)
def test_what_is_not_of_single_cameras_takes_a_fresh_start(more: dict[str, object]) -> None:
    assert difference(settings(CAMERA), settings(CAMERA, **more)).restart == tuple(more)


def test_how_long_is_tried_takes_nothing() -> None:
    assert difference(settings(CAMERA), settings(CAMERA, trial_s=5)) == difference(settings(), settings())


def test_other_devices_take_no_fresh_start_and_touch_no_camera() -> None:
    listed = {"site": "cho", "list": [{"id": "khoi-1", "kind": "smoke"}]}
    before, after = settings(CAMERA), settings(CAMERA, devices=listed)
    found = difference(before, after)
    assert (found.devices, found.restart, found.cameras) == (True, (), ())
    assert difference(after, before).devices
    assert not difference(after, after).devices


@pytest.mark.parametrize(
    ("after", "may"),
    [
        (settings(CAMERA | {"zones": []}), False),
        (settings(CAMERA | {"url": "rtsp://10.0.0.9/1"}, OTHER), False),
        (settings(CAMERA, devices={"site": "cho"}), False),
        (settings(CAMERA, holidays=[{"id": "hoi", "date": "2026-03-01"}]), False),
        (settings(CAMERA, analysis={"fps": 30}), True),
        (settings(CAMERA, uplink={"piece_kb": 8192}), True),
        (settings(CAMERA, mqtt={"host": "other"}), True),
    ],
)
def test_a_lost_link_counts_against_what_may_have_cost_it(after: EdgeSettings, may: bool) -> None:
    assert difference(settings(CAMERA), after).may_unlink is may
