"""A registry in use: what the tests of payment points propose, approve and scan, through the API."""

from __future__ import annotations

from typing import Any

import httpx

from contracts import payment_code
from tests.api.running import RunningApi

OURS = payment_code.vietqr("970436", "0881000458086", name="CHO AN LUU SAP 14")
SECOND = payment_code.vietqr("970422", "0350000111122")
SWAPPED = payment_code.vietqr("970422", "1020304050", name="CHO AN LUU SAP 14")
REASON = "đăng ký quầy mới"

Json = dict[str, Any]


def new_point(name: str = "Quầy 14", site: str = "cho-an-luu", *texts: str, **more: object) -> Json:
    payees = [{"code": text} for text in texts or (OURS,)]
    return {"action": "add_point", "name": name, "site": site, "kind": "stall", "payees": payees, **more}


def proposal(*steps: Json, ward: str = "an-luu") -> Json:
    return {"ward": ward, "reason": REASON, "steps": list(steps)}


def propose(client: httpx.Client, *steps: Json) -> Json:
    made: Json = client.post("/api/v1/payments/changes", json=proposal(*steps)).raise_for_status().json()
    return made


def approve(api: RunningApi, change: str, user: str = "admin") -> Json:
    with api.client(user) as client:
        answer = client.post(f"/api/v1/payments/changes/{change}/approve", json={})
        done: Json = answer.raise_for_status().json()
    return done


def register(api: RunningApi, *steps: Json) -> Json:
    """Propose as lan, approve as an administrator."""
    with api.client("lan") as lan:
        return approve(api, propose(lan, *(steps or (new_point(),)))["id"])


def scan(client: httpx.Client, text: str, point: str | None = "quay-14") -> Json:
    body = {"text": text, **({"point": point} if point else {})}
    answer: Json = client.post("/api/v1/payments/patrol", json=body).raise_for_status().json()
    return answer
