from __future__ import annotations

from typing import Any

import psycopg

from contracts.inventory import Inventory
from storage import inventory
from tests.api.conftest import StartApi
from tests.api.running import RunningApi
from tests.support.samples import INVENTORY

MAP = "/api/v1/map"


def placed() -> Inventory:
    """The sample inventory with An Lưu on the map."""
    declared: dict[str, Any] = INVENTORY.model_dump(mode="json")
    street, market = declared["wards"][0]["sites"]
    street |= {"outline": [[20.99, 106.54], [20.995, 106.56]]}
    market |= {
        "position": {"lat": 20.994, "lon": 106.55},
        "outline": [[20.99, 106.54], [20.99, 106.55], [21.0, 106.55]],
    }
    box, other = declared["boxes"]
    box |= {"token": None, "position": {"lat": 20.9, "lon": 106.57}}
    other |= {"token": None}
    box["cameras"][0] |= {
        "position": {"lat": 20.991, "lon": 106.541}, "bearing": 75, "view_angle": 80, "range_m": 40,
        "lines": [{"id": "cua", "name": "Cửa chợ", "points": [[0.8, 0.2], [0.8, 0.8]]}],
    }  # fmt: skip
    return Inventory.model_validate(declared)


def shown(api: RunningApi, user: str) -> dict[str, Any]:
    with api.client(user) as client:
        answer: dict[str, Any] = client.get(MAP).raise_for_status().json()
        return answer


def test_the_map_shows_what_stands_where(api: RunningApi) -> None:
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        inventory.apply(db, placed())
    answer = shown(api, "lan")
    assert answer["tiles"] is None
    assert answer["bounds"] == {"south": 20.9, "west": 106.54, "north": 21.0, "east": 106.57}
    sites = {site["id"]: site for site in answer["sites"]}
    assert sites["quang-trung"]["outline"] == {"shape": "line", "points": [[20.99, 106.54], [20.995, 106.56]]}
    assert sites["quang-trung"]["position"] is None
    assert (sites["cho-an-luu"]["outline"]["shape"], sites["cho-an-luu"]["kind"]) == ("polygon", "market")
    assert [(box["id"], box["state"], box["position"]) for box in answer["boxes"]] == [
        ("an-luu-1", "unknown", {"lat": 20.9, "lon": 106.57})
    ]
    first, second = answer["cameras"]
    assert (first["bearing"], first["view_angle"], first["range_m"], first["watched"]) == (75.0, 80.0, 40.0, True)
    assert (second["id"], second["position"], second["bearing"]) == ("cho-an-luu-1", None, None)
    assert [camera["watched"] for camera in shown(api, "tech")["cameras"]] == [False, False]
    with api.client("lan") as client:
        camera = client.get("/api/v1/cameras").json()["items"][0]
    assert camera["position"] == {"lat": 20.991, "lon": 106.541}
    assert camera["lines"] == [{"id": "cua", "name": "Cửa chợ", "points": [[0.8, 0.2], [0.8, 0.8]]}]


def test_what_is_not_named_again_leaves_the_map(api: RunningApi) -> None:
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        inventory.apply(db, placed())
        inventory.apply(db, INVENTORY)
    answer = shown(api, "lan")
    assert answer["bounds"] is None
    with api.client("lan") as client:
        assert client.get("/api/v1/cameras").json()["items"][0]["lines"] == []


def test_nobody_sees_the_map_of_another_ward(shared_api: RunningApi) -> None:
    answer = shown(shared_api, "minh")
    assert [site["id"] for site in answer["sites"]] == ["yersin"]
    assert [box["id"] for box in answer["boxes"]] == ["phuong-4-1"]
    assert [camera["id"] for camera in answer["cameras"]] == ["yersin-1"]
    assert len(shown(shared_api, "admin")["sites"]) == 3


def test_the_page_may_load_pictures_from_the_one_server_of_the_map(start_api: StartApi) -> None:
    tiles = {"url": "https://tiles.example.vn/{z}/{x}/{y}.png", "attribution": "© bản đồ", "max_zoom": 18}
    api = start_api(map_tiles=tiles)
    assert shown(api, "lan")["tiles"] == tiles
    with api.client() as client:
        policy = client.get("/").headers["content-security-policy"]
    assert "img-src 'self' blob: https://tiles.example.vn;" in policy
    assert policy.count("://") == 1
