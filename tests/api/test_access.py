"""Who may do what: every route of the application against one table. A route that the table lacks fails."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from fastapi.routing import APIRoute, APIWebSocketRoute
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

from contracts.ids import digest_of
from tests.api.running import COOKIE, JPEG, PASSWORD, TOKENS, RunningApi, commit_event, picture
from tests.support.samples import EVENT_ID, event

ACTORS = ("nobody", "police", "other police", "technician", "admin", "box", "other box")
USER_OF = {"police": "lan", "other police": "minh", "technician": "tech", "admin": "admin"}
BOX_OF = {"box": "an-luu-1", "other box": "phuong-4-1"}

SIGNED_IN = (401, 200, 200, 200, 200, 401, 401)
THEIR_WARD = (401, 200, 404, 200, 200, 401, 401)
THEIR_VIDEO = (401, 200, 404, 403, 200, 401, 401)
BOXES = (401, 401, 401, 401, 401, 204, 204)
EVERYBODY = (200,) * 7

EXPECTED = {
    "GET /": EVERYBODY,
    "GET /static": EVERYBODY,
    "GET /api/v1/openapi.json": EVERYBODY,
    "POST /api/v1/session": EVERYBODY,
    "GET /api/v1/session": SIGNED_IN,
    "DELETE /api/v1/session": (401, 204, 204, 204, 204, 401, 401),
    "GET /api/v1/cameras": SIGNED_IN,
    "GET /api/v1/cameras/{camera}/picture": THEIR_VIDEO,
    "GET /api/v1/events": SIGNED_IN,
    "GET /api/v1/events/{event_id}": THEIR_WARD,
    "GET /api/v1/events/{event_id}/snapshot": THEIR_VIDEO,
    "GET /api/v1/history/events": SIGNED_IN,
    "GET /api/v1/history/cameras/{camera}/{metric}": THEIR_WARD,
    "PUT /api/v1/box/media/{digest}": BOXES,
    "WS /api/v1/live": (4401, "open", "open", "open", "open", 4401, 4401),
    "WS /api/v1/box/live": (403, 403, 403, 403, 403, "open", "open"),
}

TARGETS = {"camera": "quang-trung-1", "event_id": str(EVENT_ID), "digest": digest_of(JPEG), "metric": "camera.fps"}
BODIES = {"POST /api/v1/session": {"username": "lan", "password": PASSWORD}}
CASES = [(route, actor, decisions[ACTORS.index(actor)]) for route, decisions in EXPECTED.items() for actor in ACTORS]


def named(route: BaseRoute) -> list[str]:
    """The names under which EXPECTED holds `route`."""
    match route:
        case APIWebSocketRoute() | WebSocketRoute():
            return [f"WS {route.path}"]
        case APIRoute() | Route():
            return [f"{method} {route.path}" for method in (route.methods or set()) - {"HEAD"}]
        case Mount():
            return [f"GET {route.path}"]
    raise AssertionError(f"a kind of route that this test does not know: {route!r}")


def every_route(routes: list[BaseRoute]) -> Iterator[BaseRoute]:
    for route in routes:
        inner = getattr(getattr(route, "original_router", None), "routes", None)
        if inner is None:
            yield route
        else:
            yield from every_route(inner)


def test_every_route_has_its_row(shared_api: RunningApi) -> None:
    app = shared_api.server.config.app
    assert {name for route in every_route(app.routes) for name in named(route)} == set(EXPECTED)  # type: ignore[union-attr]


def headers_of(api: RunningApi, actor: str) -> dict[str, str]:
    if actor in USER_OF:
        return {"Cookie": f"{COOKIE}={api.session(USER_OF[actor])}"}
    if actor in BOX_OF:
        return {"Authorization": f"Bearer {TOKENS[BOX_OF[actor]]}"}
    return {}


def knock(api: RunningApi, path: str, headers: dict[str, str]) -> int | str:
    """What a WebSocket says to who connects: `open`, a close code, or the status of a refusal."""
    try:
        with closing(api.socket(path, **headers)) as socket:
            socket.recv(timeout=5)
            return "open"
    except InvalidStatus as error:
        return error.response.status_code
    except ConnectionClosed as error:
        return error.rcvd.code if error.rcvd else "lost"


@contextmanager
def sending_box(api: RunningApi) -> Iterator[None]:
    """A box that answers every wish with a picture."""

    def answer(socket: ClientConnection) -> None:
        for _ in socket:
            socket.send(picture(TARGETS["camera"]))

    with closing(api.live_box()) as socket:
        thread = threading.Thread(target=answer, args=(socket,))
        thread.start()
        yield
    thread.join()


@pytest.fixture(scope="module")
def furnished(shared_api: RunningApi) -> Iterator[RunningApi]:
    """An API that has what TARGETS name, all of it in An Lưu."""
    commit_event(shared_api.conninfo, event(snapshot=TARGETS["digest"]))
    with shared_api.box() as box:
        box.put(f"/api/v1/box/media/{TARGETS['digest']}", content=JPEG).raise_for_status()
    with sending_box(shared_api):
        yield shared_api


@pytest.mark.parametrize(("route", "actor", "decision"), CASES, ids=lambda value: str(value))
def test_each_is_let_in_or_not_as_the_table_says(
    furnished: RunningApi, route: str, actor: str, decision: int | str
) -> None:
    method, _, path = route.partition(" ")
    headers = headers_of(furnished, actor)
    if method == "WS":
        assert knock(furnished, path, headers) == decision
        return
    path = f"{path}/app.js" if path == "/static" else path.format(**TARGETS)
    content = JPEG if method == "PUT" else None
    with furnished.client(**headers) as client:
        answer = client.request(method, path, json=BODIES.get(route), content=content)
    assert answer.status_code == decision


@pytest.mark.parametrize(
    ("actor", "cameras"),
    [
        ("police", ["cho-an-luu-1", "quang-trung-1"]),
        ("other police", ["yersin-1"]),
        ("technician", ["cho-an-luu-1", "quang-trung-1"]),
        ("admin", ["cho-an-luu-1", "quang-trung-1", "yersin-1"]),
    ],
)
def test_lists_hold_only_what_the_user_may_see(furnished: RunningApi, actor: str, cameras: list[str]) -> None:
    with furnished.client(USER_OF[actor]) as client:
        assert sorted(camera["id"] for camera in client.get("/api/v1/cameras").json()["items"]) == cameras
        events = client.get("/api/v1/events").json()["items"]
        assert {item["ward"] for item in events} == ({"an-luu"} if "quang-trung-1" in cameras else set())
        by_camera = client.get("/api/v1/events", params={"camera": "quang-trung-1"}).json()["items"]
        assert by_camera == events


def test_what_is_elsewhere_looks_like_what_is_nowhere(furnished: RunningApi) -> None:
    nowhere = str(EVENT_ID).replace("0001", "0009")
    with furnished.client("minh") as client:
        for there, not_there in (
            (f"/api/v1/events/{EVENT_ID}", f"/api/v1/events/{nowhere}"),
            (f"/api/v1/events/{EVENT_ID}/snapshot", f"/api/v1/events/{nowhere}/snapshot"),
            ("/api/v1/cameras/quang-trung-1/picture", "/api/v1/cameras/no-such-camera/picture"),
        ):
            assert client.get(there).content == client.get(not_there).content
