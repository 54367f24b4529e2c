from __future__ import annotations

import pytest
from pydantic import ValidationError

from contracts.inventory import Camera, Site
from contracts.position import Bounds, Position, bounds

MARKET = {"id": "cho", "name": "Chợ", "kind": "market"}
CAMERA = {"id": "cho-1", "name": "Cổng", "site": "cho"}


@pytest.mark.parametrize(
    "wrong", [{"lat": 91, "lon": 0}, {"lat": 0, "lon": 181}, {"lat": 21.0}, {"lat": "x", "lon": 1}]
)
def test_a_position_lies_on_the_earth(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Position.model_validate(wrong)


def test_bounds_hold_every_point() -> None:
    assert bounds([(21.0, 106.5), (20.9, 106.6), (20.95, 106.4)]) == Bounds(
        south=20.9, west=106.4, north=21.0, east=106.6
    )
    assert bounds([]) is None


def test_the_border_of_a_market_has_three_points_and_a_street_may_be_one_line() -> None:
    line = [[21.0, 106.5], [21.1, 106.5]]
    with pytest.raises(ValidationError, match="the outline of site cho is its border and needs three points"):
        Site.model_validate({**MARKET, "outline": line})
    assert Site.model_validate({**MARKET, "kind": "street", "outline": line}).outline == ((21.0, 106.5), (21.1, 106.5))


@pytest.mark.parametrize("wrong", [{"bearing": 360}, {"bearing": -1}, {"view_angle": 0}, {"range_m": 5000}])
def test_a_camera_looks_somewhere_and_not_for_ever(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Camera.model_validate({**CAMERA, **wrong})
