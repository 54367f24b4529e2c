"""Who may do what: every route of the application against one table. A route that the table lacks fails."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from fastapi.routing import APIRoute, APIWebSocketRoute
from psycopg.rows import TupleRow
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

from contracts.command import RecordingReply, RecordingWanted, ReplyState
from contracts.ids import digest_of, new_id
from contracts.media import LENGTH_HEADER, OFFSET_HEADER
from edge.enrol.keys import new_key, request_pem
from storage import accounts, payment_points, payment_scans, recordings
from storage.accounts import UserRow
from storage.payment_points import Step
from storage.payment_scans import NewScan
from storage.tokens import digest_of_token, new_token
from tests.api.running import COOKIE, JPEG, PASSWORD, TOKENS, RunningApi, commit_event, password_hash, picture
from tests.support.samples import BOX_TOKEN, EVENT_ID, NOON, event

NOT_ADMINS = ("operator", "police", "viewer", "technician")
NOT_TECHNICIANS = ("operator", "police", "viewer")
ELSEWHERE = ("", " of another ward", " of another site")
ACTORS = ("nobody", "admin", *(role + place for role in NOT_ADMINS for place in ELSEWHERE), "box", "other box")
USER_OF = {actor: actor.replace(" ", "-") for actor in ACTORS[1:-2]} | {"police": "lan", "admin": "admin"}
BOX_OF = {"box": "an-luu-1", "other box": "phuong-4-1"}

Decision = int | str
Db = psycopg.Connection[TupleRow]


@dataclass(frozen=True)
class Rule:
    """What a route answers: `ok` to whom it lets in, `elsewhere` to who sees only another ward or site, 403 to roles
    that are `refused` wherever they are. `but` names the actors whom none of this fits.
    """

    ok: Decision = 200
    elsewhere: Decision | None = None
    refused: tuple[str, ...] = ()
    nobody: Decision = 401
    boxes: Decision = 401
    but: Mapping[str, Decision] = field(default_factory=dict)

    def of(self, actor: str) -> Decision:
        if actor in self.but:
            return self.but[actor]
        if actor == "nobody":
            return self.nobody
        if actor in BOX_OF:
            return self.boxes
        if actor.partition(" ")[0] in self.refused:
            return 403
        return self.elsewhere if " of another " in actor and self.elsewhere is not None else self.ok


EVERYBODY = Rule(nobody=200, boxes=200)
SIGNED_IN = Rule()
THEIR_PLACE = Rule(elsewhere=404)
THEIR_VIDEO = Rule(elsewhere=404, refused=("technician",))
THEIR_WORK = Rule(elsewhere=404, refused=("technician", "viewer"))
TOO_LATE = Rule(409, elsewhere=404, refused=("technician", "viewer"))
ADMINS = Rule(refused=NOT_ADMINS)
ADMINS_CREATE = Rule(201, refused=NOT_ADMINS)
ADMINS_DO = Rule(204, refused=NOT_ADMINS)
ADMINS_MISS = Rule(404, refused=NOT_ADMINS)  # what is named is not there
BOXES = Rule(401, boxes=200)
NO_PROVIDER = Rule(404, nobody=404, boxes=404)

THEIR_BOXES = Rule(  # the box has a camera at the other site
    elsewhere=404,
    refused=("police", "viewer"),
    but={"operator of another site": 200, "technician of another site": 200},
)
CONFIGURING = Rule(elsewhere=404, refused=NOT_TECHNICIANS, but={"technician of another site": 200})
RECONFIGURING = replace(CONFIGURING, but={"technician of another site": 403})  # the box has a camera elsewhere
THEIR_LAYOUT = Rule(404, but={"admin": 200, "police": 200, "police of another site": 403})  # shared with police there
PART_OF_WARD = {f"{role} of another site": 403 for role in ("operator", "police")}
HAVE_NOT_ASKED = {"admin": 403, "operator": 403}
THEIR_PART_OF_WARD = Rule(elsewhere=404, but=dict.fromkeys((f"{role} of another site" for role in NOT_ADMINS), 200))
THEIR_TARGETS = Rule(elsewhere=404, refused=("police", "technician", "viewer"), but={"operator of another site": 403})
THEIR_REGISTRY = Rule(elsewhere=404, refused=("viewer",))
THEY_DECIDE = Rule(elsewhere=404, refused=("operator", "technician", "viewer"), but={"police": 403})  # their own
IN_PART_OF_WARD = tuple(f"{role} of another site" for role in ("operator", "police", "technician"))

EXPECTED = {
    "GET /": EVERYBODY,
    "GET /static": EVERYBODY,
    "GET /verify": EVERYBODY,
    "GET /api/v1/openapi.json": EVERYBODY,
    "POST /api/v1/session": EVERYBODY,
    "GET /api/v1/session": SIGNED_IN,
    "GET /api/v1/session/ways": EVERYBODY,
    "GET /api/v1/session/oidc": NO_PROVIDER,
    "GET /api/v1/session/oidc/callback": NO_PROVIDER,
    "DELETE /api/v1/session": Rule(204),
    "POST /api/v1/account/password": Rule(204),
    "GET /api/v1/account/sessions": SIGNED_IN,
    "DELETE /api/v1/account/sessions": Rule(204),
    "DELETE /api/v1/account/sessions/{session}": Rule(404),  # another user's
    "GET /api/v1/account/totp": SIGNED_IN,
    "POST /api/v1/account/totp": Rule(201),
    "POST /api/v1/account/totp/confirm": Rule(403),  # a wrong code
    "DELETE /api/v1/account/totp": Rule(404),  # there is none
    "GET /api/v1/users": ADMINS,
    "POST /api/v1/users": ADMINS_CREATE,
    "PUT /api/v1/users/{username}": ADMINS,
    "POST /api/v1/users/{username}/password": ADMINS_DO,
    "DELETE /api/v1/users/{username}/totp": ADMINS_DO,
    "GET /api/v1/users/{username}/sessions": ADMINS,
    "DELETE /api/v1/users/{username}/sessions": ADMINS_DO,
    "DELETE /api/v1/users/{username}/sessions/{session}": ADMINS_MISS,
    "GET /api/v1/users/{username}/identities": ADMINS,
    "POST /api/v1/users/{username}/identities": Rule(409, refused=NOT_ADMINS),  # the settings name no provider
    "DELETE /api/v1/users/{username}/identities/{identity}": ADMINS_MISS,
    "GET /api/v1/audit": ADMINS,
    "GET /api/v1/audit/check": ADMINS,
    "GET /api/v1/grants": ADMINS,
    "POST /api/v1/grants": ADMINS_CREATE,
    "DELETE /api/v1/grants/{grant_id}": ADMINS_MISS,
    "GET /api/v1/boxes": SIGNED_IN,
    "GET /api/v1/releases": SIGNED_IN,
    "GET /api/v1/boxes/releases": SIGNED_IN,
    "PUT /api/v1/boxes/{box}/release": RECONFIGURING,
    "DELETE /api/v1/boxes/{box}/release": replace(RECONFIGURING, ok=204),
    "GET /api/v1/box/release": BOXES,
    "GET /api/v1/box/release/{version}/{arch}/bundle": Rule(401, boxes=404),  # its bytes are not in the media store
    "POST /api/v1/box/release/report": Rule(401, boxes=204),
    "GET /api/v1/boxes/enrolments": Rule(refused=NOT_TECHNICIANS),
    "POST /api/v1/boxes/enrolments": Rule(201, elsewhere=404, refused=NOT_TECHNICIANS),
    "DELETE /api/v1/boxes/enrolments/{code_id}": Rule(404, refused=NOT_TECHNICIANS),  # there is none
    "POST /api/v1/boxes/{box}/revoke": Rule(204, elsewhere=404, refused=NOT_TECHNICIANS),
    "GET /api/v1/enrol/ca": EVERYBODY,
    "POST /api/v1/enrol": Rule(404, nobody=404, boxes=404),  # no such code
    "POST /api/v1/box/certificate": Rule(401, boxes=409),  # boxes that were declared, not enrolled
    "GET /api/v1/boxes/configuration/schema": SIGNED_IN,
    "GET /api/v1/boxes/{box}/configuration": CONFIGURING,
    "GET /api/v1/boxes/{box}/configuration/revisions/{revision}": CONFIGURING,
    "PUT /api/v1/boxes/{box}/configuration": RECONFIGURING,
    "POST /api/v1/boxes/{box}/configuration/revisions/{revision}/restore": RECONFIGURING,
    "PUT /api/v1/box/configuration": Rule(401, boxes=204),
    "POST /api/v1/box/report": Rule(401, boxes=204),
    "GET /api/v1/boxes/reports": Rule(refused=("police", "viewer")),
    "GET /api/v1/boxes/{box}/reports": THEIR_BOXES,
    "GET /api/v1/cameras": SIGNED_IN,
    "GET /api/v1/devices": SIGNED_IN,
    "GET /api/v1/cameras/{camera}/picture": THEIR_VIDEO,
    "GET /api/v1/cameras/{camera}/timeline": THEIR_PLACE,
    "GET /api/v1/map": SIGNED_IN,
    "GET /api/v1/layouts": SIGNED_IN,
    "POST /api/v1/layouts": Rule(201, elsewhere=422),  # of a camera that they do not see
    "PUT /api/v1/layouts/{layout}": THEIR_LAYOUT,
    "DELETE /api/v1/layouts/{layout}": replace(THEIR_LAYOUT, but={**THEIR_LAYOUT.but, "admin": 204, "police": 204}),
    "GET /api/v1/session/preferences": SIGNED_IN,
    "PUT /api/v1/session/preferences": SIGNED_IN,
    "POST /api/v1/cameras/{camera}/recordings": Rule(202, elsewhere=404, refused=("technician", "viewer")),
    "GET /api/v1/cameras/{camera}/recordings": THEIR_WORK,
    "GET /api/v1/recordings/{recording}": THEIR_WORK,
    "POST /api/v1/evidence/exports": Rule(201, elsewhere=404, refused=("technician", "viewer")),
    "GET /api/v1/evidence/exports": ADMINS,
    "GET /api/v1/evidence/exports/{export_id}/package": Rule(
        404, refused=("technician", "viewer"), but={"police": 200}
    ),
    "GET /api/v1/evidence/keys": EVERYBODY,
    "GET /api/v1/recordings/{recording}/video": replace(THEIR_WORK, but=HAVE_NOT_ASKED),
    "GET /api/v1/events": SIGNED_IN,
    "GET /api/v1/events/{event_id}": THEIR_PLACE,
    "GET /api/v1/events/{event_id}/snapshot": THEIR_VIDEO,
    "GET /api/v1/events/{event_id}/thumbnail": THEIR_VIDEO,
    "GET /api/v1/events/{event_id}/clip": THEIR_VIDEO,  # after they gave a reason
    "POST /api/v1/playback": Rule(201, elsewhere=404, refused=("technician",)),
    "GET /api/v1/incidents": SIGNED_IN,
    "GET /api/v1/incidents/{incident_id}": THEIR_PLACE,
    "GET /api/v1/incidents/{incident_id}/colleagues": THEIR_WORK,
    "POST /api/v1/incidents/{incident_id}/see": TOO_LATE,
    "POST /api/v1/incidents/{incident_id}/assign": TOO_LATE,
    "POST /api/v1/incidents/{incident_id}/resolve": TOO_LATE,
    "POST /api/v1/incidents/{incident_id}/false-alarm": TOO_LATE,
    "POST /api/v1/incidents/{incident_id}/escalate": TOO_LATE,
    "POST /api/v1/incidents/{incident_id}/reopen": TOO_LATE,
    "POST /api/v1/incidents/{incident_id}/undo": TOO_LATE,
    "POST /api/v1/incidents/{incident_id}/comments": THEIR_WORK,
    # Who sees a part of the ward sees that part of the shift.
    "GET /api/v1/wards/{ward}/shift": Rule(
        elsewhere=404, but=dict.fromkeys((f"{role} of another site" for role in NOT_ADMINS), 200)
    ),
    "POST /api/v1/wards/{ward}/handovers": Rule(
        201, elsewhere=404, refused=("technician", "viewer"), but=PART_OF_WARD
    ),
    "GET /api/v1/handovers": SIGNED_IN,
    "POST /api/v1/handovers/{handover_id}/accept": replace(THEIR_WORK, but={"police": 409}),  # their own
    "GET /api/v1/history/events": SIGNED_IN,
    "GET /api/v1/history/cameras/{camera}/{metric}": THEIR_PLACE,
    "PUT /api/v1/box/media/{digest}": replace(BOXES, boxes=204),
    "GET /api/v1/box/media/{digest}": BOXES,
    "PATCH /api/v1/box/media/{digest}": BOXES,
    "GET /api/v1/payments/points": SIGNED_IN,
    "GET /api/v1/payments/banks": SIGNED_IN,
    "GET /api/v1/payments/points/{point}": THEIR_REGISTRY,
    "GET /api/v1/payments/export": Rule(refused=("viewer",)),
    "GET /api/v1/payments/changes": Rule(refused=("viewer",)),
    "GET /api/v1/payments/changes/{change}": THEIR_REGISTRY,
    "POST /api/v1/payments/changes": replace(THEIR_REGISTRY, ok=201),
    "POST /api/v1/payments/changes/{change}/approve": THEY_DECIDE,
    "POST /api/v1/payments/changes/{change}/refuse": THEY_DECIDE,
    "POST /api/v1/payments/changes/{change}/withdraw": replace(THEIR_REGISTRY, ok=403, but={"police": 200}),
    "POST /api/v1/payments/imports/check": replace(THEIR_REGISTRY, but=dict.fromkeys(IN_PART_OF_WARD, 200)),
    "POST /api/v1/payments/imports": replace(THEIR_REGISTRY, ok=201, but=dict.fromkeys(IN_PART_OF_WARD, 422)),
    "POST /api/v1/payments/patrol": THEIR_PLACE,
    "GET /api/v1/payments/payability": SIGNED_IN,
    "GET /api/v1/payments/outages": SIGNED_IN,
    "GET /api/v1/payments/payability/{ward}/days": THEIR_PART_OF_WARD,
    "GET /api/v1/payments/payability/{ward}/export": THEIR_PART_OF_WARD,
    "GET /api/v1/payments/targets": SIGNED_IN,
    "PUT /api/v1/payments/targets": THEIR_TARGETS,
    "POST /api/v1/payments/targets/remove": THEIR_TARGETS,
    "GET /api/v1/payments/notices": SIGNED_IN,
    "POST /api/v1/payments/notices": Rule(201, elsewhere=404, refused=("technician", "viewer"), but=PART_OF_WARD),
    "POST /api/v1/payments/notices/{notice}/end": replace(THEIR_WORK, but=PART_OF_WARD),
    "GET /api/v1/public/payability/{ward}.json": Rule(404, nobody=404, boxes=404),  # the settings name no ward
    "GET /public/payability/{ward}": Rule(404, nobody=404, boxes=404),
    "POST /api/v1/payments/scans/{scan}/report": Rule(404, but={"police": 201}),  # who scanned reports
    "GET /api/v1/announcements/choices": SIGNED_IN,
    "POST /api/v1/announcements/preview": THEIR_WORK,
    "POST /api/v1/announcements": replace(THEIR_WORK, ok=201),
    "GET /api/v1/announcements": SIGNED_IN,
    "GET /api/v1/announcements/{announcement}": THEIR_PLACE,
    "GET /api/v1/announcements/{announcement}/sound": THEIR_PLACE,
    "POST /api/v1/announcements/{announcement}/approve": Rule(
        elsewhere=404, refused=("operator", "technician", "viewer"), but={"police": 403}  # their own words
    ),
    "POST /api/v1/announcements/{announcement}/refuse": Rule(
        elsewhere=404, refused=("operator", "technician", "viewer")
    ),
    "POST /api/v1/announcements/{announcement}/cancel": replace(THEIR_WORK, but={"operator": 403}),  # police's
    "GET /api/v1/box/sounds/{digest}": Rule(401, boxes=404),  # a picture is no sound
    "WS /api/v1/live": Rule("open", nobody=4401, boxes=4401),
    "WS /api/v1/box/live": Rule(403, nobody=403, boxes="open"),
}  # fmt: skip

MP4 = b"\x00\x00\x00\x20ftypisom" + bytes(1000)
TARGETS = {
    "camera": "quang-trung-1",
    "event_id": str(EVENT_ID),
    "digest": digest_of(JPEG),
    "metric": "camera.fps",
    "ward": "an-luu",
    "incident_id": str(new_id()),
    "handover_id": str(new_id()),
    "recording": str(new_id()),
    "export_id": str(new_id()),
    "username": "nghi",
    "session": str(uuid4()),
    "grant_id": str(uuid4()),
    "identity": str(uuid4()),
    "layout": str(new_id()),
    "point": "quay-14",
    "change": str(new_id()),
    "scan": str(new_id()),
    "announcement": str(new_id()),
    "notice": str(new_id()),
    "code_id": str(new_id()),
    "box": "an-luu-1",
    "revision": "0",
    "version": "0.2.0",
    "arch": "none",
}
RIGHTS = {"display_name": "Nghi", "role": "viewer", "wards": ["an-luu"], "sites": ["quang-trung"]}
REASON = "đối chiếu vụ mất xe"
WATCHED = {
    "cameras": [
        {
            "id": "quang-trung-1", "site": "quang-trung", "url": "rtsp://10.0.0.5/1",
            "zones": [{"id": "via-he", "polygon": [[0.1, 0.5], [0.9, 0.5], [0.9, 1], [0.1, 1]]}],
        },
        {"id": "cho-an-luu-1", "site": "cho-an-luu", "url": "rtsp://10.0.0.6/1"},
    ]
}  # fmt: skip
BODIES: dict[str, object] = {
    "POST /api/v1/account/password": {"current": PASSWORD, "new": PASSWORD},
    "POST /api/v1/account/totp": {"password": PASSWORD},
    "POST /api/v1/account/totp/confirm": {"code": "no code"},
    "DELETE /api/v1/account/totp": {"password": PASSWORD},
    "POST /api/v1/users": {**RIGHTS, "username": "moi", "password": PASSWORD},
    "PUT /api/v1/users/{username}": RIGHTS,
    "POST /api/v1/users/{username}/password": {"password": PASSWORD},
    "POST /api/v1/users/{username}/identities": {"subject": "somebody"},
    "POST /api/v1/grants": {
        "username": "nghi", "site": "quang-trung", "reason": REASON,
        "valid_until": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
    },
    "POST /api/v1/layouts": {"name": "Ca đêm", "tiles": 1, "cameras": ["quang-trung-1"]},
    "PUT /api/v1/layouts/{layout}": {"name": "Ca đêm", "tiles": 1, "cameras": [None], "version": 1},
    "PUT /api/v1/session/preferences": {"language": "vi"},
    "POST /api/v1/playback": {"event": str(EVENT_ID), "reason": REASON},
    "POST /api/v1/evidence/exports": {"event": str(EVENT_ID), "reason": REASON},
    "PUT /api/v1/boxes/{box}/release": {"version": "0.2.0"},
    "POST /api/v1/box/release/report": {
        "wish": str(new_id()), "version": "0.2.0", "running": "0.1.0", "state": "loading", "at": "2026-02-10T05:00:00Z",
    },
    "POST /api/v1/boxes/enrolments": {"name": "Hộp mới", "ward": "an-luu", "site": "quang-trung"},
    "POST /api/v1/boxes/{box}/revoke": {"reason": REASON},
    "POST /api/v1/enrol": {
        "secret": "0" * 13, "certificate_request": request_pem(new_key()), "mqtt_password": "x" * 43,
    },
    "POST /api/v1/box/certificate": {"certificate_request": request_pem(new_key())},
    "PUT /api/v1/boxes/{box}/configuration": {"document": WATCHED},
    "PUT /api/v1/box/configuration": {"document": {"cameras": []}},
    "POST /api/v1/box/report": {"at": "2026-02-10T05:00:00Z", "version": "0.1.0", "seconds": 20, "findings": []},
    "POST /api/v1/session": {"username": "lan", "password": PASSWORD},
    "POST /api/v1/cameras/{camera}/recordings": {
        "begin": "2026-02-10T05:00:00Z", "end": "2026-02-10T05:01:00Z", "reason": "tìm trẻ lạc",
    },
}  # fmt: skip
TABLE = "id,name,site,kind,bank,account\nquay-20,Quầy 20,quang-trung,stall,970436,0881000458086"
BODIES |= {
    "POST /api/v1/payments/changes": {
        "ward": "an-luu", "reason": REASON, "steps": [{"action": "end_point", "point": "quay-14"}],
    },
    "POST /api/v1/payments/changes/{change}/approve": {},
    "POST /api/v1/payments/changes/{change}/refuse": {"remark": REASON},
    "POST /api/v1/payments/imports/check": {"ward": "an-luu", "content": TABLE},
    "POST /api/v1/payments/imports": {"ward": "an-luu", "content": TABLE, "reason": REASON},
    "POST /api/v1/payments/patrol": {"point": "quay-14", "text": "https://example.com"},
    "PUT /api/v1/payments/targets": {"ward": "an-luu", "payable": 0.95, "verified": 0.8},
    "POST /api/v1/payments/targets/remove": {"ward": "an-luu"},
    "POST /api/v1/payments/notices": {
        "ward": "an-luu", "bank": "970436", "until": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
    },
    "POST /api/v1/payments/notices/{notice}/end": {},
    "POST /api/v1/payments/scans/{scan}/report": {"note": "mã lạ"},
    "POST /api/v1/announcements/preview": {"site": "quang-trung", "template": "tre-lac"},
    "POST /api/v1/announcements": {"site": "quang-trung", "template": "tre-lac"},
    "POST /api/v1/announcements/{announcement}/refuse": {"remark": REASON},
}  # fmt: skip
BODIES |= {route: {"version": 99} for route, rule in EXPECTED.items() if rule is TOO_LATE}
BODIES["POST /api/v1/incidents/{incident_id}/resolve"] = {"version": 99, "reason": "handled"}
BODIES["POST /api/v1/incidents/{incident_id}/false-alarm"] = {"version": 99, "reason": "animal"}
BODIES["POST /api/v1/incidents/{incident_id}/comments"] = {"text": "đã gọi"}
BODIES["POST /api/v1/wards/{ward}/handovers"] = {
    "start": "2026-02-10T05:00:00Z", "end": "2026-02-10T13:00:00Z", "note": "camera cổng chợ mờ",
}  # fmt: skip


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


def headers_of(db: Db, actor: str) -> dict[str, str]:
    if actor in USER_OF:
        token = new_token()
        accounts.open_session(db, USER_OF[actor], token, timedelta(hours=1))
        return {"Cookie": f"{COOKIE}={token}"}
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
    put_people(shared_api.conninfo)
    digest = TARGETS["digest"]
    commit_event(shared_api.conninfo, event(snapshot=digest, thumbnail=digest, clip=digest))
    with shared_api.box() as box:
        box.put(f"/api/v1/box/media/{TARGETS['digest']}", content=JPEG).raise_for_status()
        box.put(f"/api/v1/box/media/{digest_of(MP4)}", content=MP4).raise_for_status()
    record(shared_api)
    put_work(shared_api)
    export(shared_api)
    put_registry(shared_api)
    put_announcement(shared_api)
    with sending_box(shared_api):
        yield shared_api


@pytest.fixture(scope="module")
def db(furnished: RunningApi) -> Iterator[Db]:
    """A connection to its database."""
    with psycopg.connect(furnished.conninfo, autocommit=True) as db:
        yield db


def export(api: RunningApi) -> None:
    """Have police of An Lưu export the event."""
    with api.client("lan") as lan:
        made = lan.post("/api/v1/evidence/exports", json=BODIES["POST /api/v1/evidence/exports"])
        TARGETS["export_id"] = made.raise_for_status().json()["id"]


def put_work(api: RunningApi) -> None:
    """An incident, and a handover that police wrote."""
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        db.execute(
            "INSERT INTO incidents (id, ward_id, site_id, kind, severity, opened_at)"
            " VALUES (%s, 'an-luu', 'quang-trung', 'intrusion', 'high', now())",
            (TARGETS["incident_id"],),
        )
        db.execute(
            "INSERT INTO handovers (id, ward_id, starts_at, ends_at, author, note, summary)"
            " VALUES (%s, 'an-luu', now() - interval '8 hours', now(), 'lan', 'camera cổng chợ mờ', '{}')",
            (TARGETS["handover_id"],),
        )


def put_registry(api: RunningApi) -> None:
    """A payment point, a change that police proposed, and a scan of theirs."""
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        db.execute(
            "INSERT INTO payment_points (id, site_id, name, kind) VALUES ('quay-14', 'quang-trung', 'Quầy 14', 'stall')"
        )
        new = Step("add_point", "quay-15", "quang-trung", "Quầy 15", "stall")
        payment_points.propose(db, UUID(TARGETS["change"]), "an-luu", "form", REASON, "lan", [new])
        payment_scans.add(db, NewScan(UUID(TARGETS["scan"]), "lan", "an-luu", "quay-14", "not_ours", [], []))


def put_announcement(api: RunningApi) -> None:
    """A loudspeaker, and words that police wish to say over it."""
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        db.execute(
            "INSERT INTO devices (id, site_id, box_id, name, kind)"
            " VALUES ('loa-qt-1', 'quang-trung', 'an-luu-1', 'Loa 1', 'speaker')"
        )
        wish = {"site": "quang-trung", "text": "Mời bà con dự họp"}
        with api.client("lan") as lan:
            made = lan.post("/api/v1/announcements", json=wish).raise_for_status().json()
        TARGETS["announcement"] = made["id"]


def record(api: RunningApi) -> None:
    """Have a recording asked for and answered."""
    wanted = RecordingWanted(
        id=UUID(TARGETS["recording"]), camera=TARGETS["camera"], begin=NOON, end=NOON + timedelta(minutes=1)
    )
    done = RecordingReply(
        id=wanted.id, state=ReplyState.DONE, digest=digest_of(MP4), began_at=wanted.begin, ended_at=wanted.end
    )
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        place = recordings.place_of(db, wanted.camera)
        assert place
        recordings.ask(db, wanted, place, reason="tìm trẻ lạc", by="lan")
        assert recordings.answer(db, place.box_id, done)


def put_people(conninfo: str) -> None:
    """A user for every role: of all An Lưu, of its market alone, and of the other ward. TARGETS are at Quang Trung."""
    with psycopg.connect(conninfo, autocommit=True) as db:
        for actor, name in USER_OF.items():
            if name not in ("lan", "admin"):
                wards = ["phuong-4"] if "ward" in actor else ["an-luu"]
                sites = ["cho-an-luu"] if "site" in actor else []
                role = actor.partition(" ")[0]
                accounts.put_user(db, UserRow(name, name, password_hash(), role, wards, False, sites))


LAYOUT = f"""INSERT INTO layouts (id, owner, role, ward_id, name, tiles, cameras)
    VALUES ('{TARGETS["layout"]}', 'lan', 'police', 'an-luu', 'Ca đêm', 1, '{{quang-trung-1}}')
    ON CONFLICT (id) DO UPDATE SET version = 1, role = 'police', ward_id = 'an-luu'"""
UNDECIDED = """ALTER TABLE payment_changes DISABLE TRIGGER USER; ALTER TABLE payment_points DISABLE TRIGGER USER;
    UPDATE payment_changes SET state = 'proposed', decided_by = NULL, decided_at = NULL;
    DELETE FROM payment_points WHERE id = 'quay-15';
    ALTER TABLE payment_changes ENABLE TRIGGER USER; ALTER TABLE payment_points ENABLE TRIGGER USER"""
NOTICE = f"""INSERT INTO bank_notices (id, ward_id, bank, posted_by, until)
    VALUES ('{TARGETS["notice"]}', 'an-luu', '970436', 'lan', now() + interval '1 hour')
    ON CONFLICT (id) DO UPDATE SET ended_at = NULL, ended_by = NULL"""
AIMED = "INSERT INTO payment_targets VALUES ('an-luu', '', '', 0.9, 0.9) ON CONFLICT DO NOTHING"
UNSAID = """UPDATE announcements SET state = 'proposed', decided_by = NULL, decided_at = NULL, cancelled_by = NULL,
    expires_at = now() + interval '1 hour'"""
WITH_ITS_TOKEN = (
    f"UPDATE boxes SET token_sha256 = decode('{digest_of_token(BOX_TOKEN).hex()}', 'hex') WHERE id = 'an-luu-1'"
)
UNCONFIGURED = f"""DELETE FROM box_configs; INSERT INTO box_configs (box_id, revision, document, state)
    VALUES ('an-luu-1', 0, '{json.dumps(WATCHED)}', 'applied')"""
RELEASED = f"""INSERT INTO releases (version, arch, sha256, size, signature, made_by)
        VALUES ('0.2.0', 'none', '{"cd" * 32}', 9, '', 'x') ON CONFLICT DO NOTHING;
    INSERT INTO box_releases (box_id, wish, version, wished_by)
        VALUES ('an-luu-1', '{new_id()}', '0.2.0', 'x') ON CONFLICT DO NOTHING"""
ASK_AGAIN = ("POST /api/v1/account/password", "POST /api/v1/account/totp", "DELETE /api/v1/account/totp")
AS_CHEAP = f"UPDATE users SET password_hash = '{password_hash()}'"
"""As put_people has it: who chooses a password is given a hash of the product's cost."""
FRESH = {
    **dict.fromkeys((route for route in EXPECTED if "/release" in route), RELEASED),
    **dict.fromkeys((route for route in EXPECTED if "/configuration" in route), UNCONFIGURED),
    "POST /api/v1/boxes/{box}/revoke": WITH_ITS_TOKEN,
    "POST /api/v1/announcements/{announcement}/approve": UNSAID,
    "POST /api/v1/announcements/{announcement}/refuse": UNSAID,
    "POST /api/v1/announcements/{announcement}/cancel": UNSAID,
    "POST /api/v1/payments/notices/{notice}/end": NOTICE,
    "POST /api/v1/payments/targets/remove": AIMED,
    "POST /api/v1/payments/changes/{change}/approve": UNDECIDED,
    "POST /api/v1/payments/changes/{change}/refuse": UNDECIDED,
    "POST /api/v1/payments/changes/{change}/withdraw": UNDECIDED,
    "PUT /api/v1/layouts/{layout}": LAYOUT,
    "DELETE /api/v1/layouts/{layout}": LAYOUT,
    "POST /api/v1/handovers/{handover_id}/accept": "UPDATE handovers SET accepted_by = NULL, accepted_at = NULL",
    **dict.fromkeys(ASK_AGAIN, AS_CHEAP),
    "POST /api/v1/account/totp/confirm": "UPDATE users SET totp_secret = 'open:GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'",
}
"""What must be so again before each actor's try."""


def answer_to(api: RunningApi, db: Db, route: str, actor: str) -> Decision:
    method, _, path = route.partition(" ")
    headers = headers_of(db, actor)
    if method == "WS":
        return knock(api, path, headers)
    path = f"{path}/app.js" if path == "/static" else path.format(**TARGETS)
    content = JPEG if method in ("PUT", "PATCH") and "media" in path else None
    if method == "PATCH":
        headers |= {OFFSET_HEADER: "0", LENGTH_HEADER: str(len(JPEG))}
    if path.endswith(("/configuration", "/restore")):
        headers |= {"If-Match": "0"}
    with api.client(**headers) as client:
        if path.endswith("/clip"):
            client.post("/api/v1/playback", json=BODIES["POST /api/v1/playback"])
        return client.request(method, path, json=BODIES.get(route), content=content).status_code


@pytest.mark.parametrize("route", EXPECTED)
def test_each_is_let_in_or_not_as_the_table_says(furnished: RunningApi, db: Db, route: str) -> None:
    found: dict[str, Decision] = {}
    for actor in ACTORS:
        db.execute(FRESH.get(route, "").encode())
        found[actor] = answer_to(furnished, db, route, actor)
    assert found == {actor: EXPECTED[route].of(actor) for actor in ACTORS}


@pytest.mark.parametrize(
    ("actor", "cameras"),
    [
        ("police", ["cho-an-luu-1", "quang-trung-1"]),
        ("police of another ward", ["yersin-1"]),
        ("police of another site", ["cho-an-luu-1"]),
        ("viewer of another site", ["cho-an-luu-1"]),
        ("technician of another site", ["cho-an-luu-1"]),
        ("technician", ["cho-an-luu-1", "quang-trung-1"]),
        ("admin", ["cho-an-luu-1", "quang-trung-1", "yersin-1"]),
    ],
)
def test_lists_hold_only_what_the_user_may_see(furnished: RunningApi, actor: str, cameras: list[str]) -> None:
    with furnished.client(USER_OF[actor]) as client:
        assert sorted(camera["id"] for camera in client.get("/api/v1/cameras").json()["items"]) == cameras
        events = client.get("/api/v1/events").json()["items"]
        assert {item["ward"] for item in events} == ({"an-luu"} if "quang-trung-1" in cameras else set())
        span = {"start": NOON.isoformat(), "end": (NOON + timedelta(days=1)).isoformat()}
        counts = client.get("/api/v1/history/events", params=span).json()["items"]
        assert bool(counts) is bool(events)
        by_camera = client.get("/api/v1/events", params={"camera": "quang-trung-1"}).json()["items"]
        assert by_camera == events


def test_what_is_elsewhere_looks_like_what_is_nowhere(furnished: RunningApi) -> None:
    nowhere = str(EVENT_ID).replace("0001", "0009")
    for user in ("minh", "police-of-another-site"):
        with furnished.client(user) as client:
            for there, not_there in (
                (f"/api/v1/events/{EVENT_ID}", f"/api/v1/events/{nowhere}"),
                (f"/api/v1/events/{EVENT_ID}/snapshot", f"/api/v1/events/{nowhere}/snapshot"),
                (f"/api/v1/events/{EVENT_ID}/clip", f"/api/v1/events/{nowhere}/clip"),
                ("/api/v1/cameras/quang-trung-1/picture", "/api/v1/cameras/no-such-camera/picture"),
            ):
                assert client.get(there).content == client.get(not_there).content
