from __future__ import annotations

import pytest
from pydantic import ValidationError

from api.ward.tiles import MapTiles


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://tiles.example.vn/{z}/{x}/{y}.png", "https://tiles.example.vn"),
        ("http://10.0.0.7:8088/map/{z}/{x}/{y}.png?style=light", "http://10.0.0.7:8088"),
        ("/tiles/{z}/{x}/{y}.png", None),
    ],
)
def test_the_origin_is_that_of_the_address(url: str, origin: str | None) -> None:
    assert MapTiles(url=url, attribution="© bản đồ").origin == origin


@pytest.mark.parametrize(
    "url",
    [
        "https://tiles.example.vn/{z}/{x}.png",
        "https://{s}.example.vn/{z}/{x}/{y}.png",
        "https://tiles.example.vn/{z}/{x}/{y}/{token}.png",
        "https://tiles.example.vn; script-src */{z}/{x}/{y}.png",
        "https://a b/{z}/{x}/{y}.png",
        "//tiles.example.vn/{z}/{x}/{y}.png",
        "javascript:alert(1)/{z}/{x}/{y}",
        "https://user:password@tiles.example.vn/{z}/{x}/{y}.png",
        "tiles/{z}/{x}/{y}.png",
    ],
)
def test_an_address_that_names_more_than_one_place_is_refused(url: str) -> None:
    with pytest.raises(ValidationError):
        MapTiles(url=url, attribution="x")
