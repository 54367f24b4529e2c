"""Service accounts and their tokens, and who asks."""

from __future__ import annotations

import base64

from tests.support.grafana.store import Json, RefusedError, Route, Store

ROLES = ("Viewer", "Editor", "Admin")


def role_of(store: Store, authorization: str) -> str:
    kind, _, given = authorization.partition(" ")
    if kind == "Basic":
        user, _, password = base64.b64decode(given).decode().partition(":")
        known = {"admin": (store.password, "Admin"), **store.users}
        if user in known and known[user][0] == password:
            return known[user][1]
    if kind == "Bearer" and given in store.tokens:
        return str(store.accounts[store.tokens[given]]["role"])
    raise RefusedError(401, "Invalid username or password")


def _search_accounts(store: Store, body: Json, query: Json) -> tuple[int, Json]:
    found = [one for one in store.accounts.values() if query["query"][0] in one["name"]]
    return 200, {"totalCount": len(found), "serviceAccounts": found, "page": 1, "perPage": 1000}


def _post_account(store: Store, body: Json, query: Json) -> tuple[int, Json]:
    if any(one["name"] == body["name"] for one in store.accounts.values()):
        raise RefusedError(400, "service account already exists")
    number = len(store.accounts) + 1
    store.accounts[number] = {"id": number, "login": f"sa-{body['name']}", "orgId": 1, "tokens": 0, **body}
    return 201, store.accounts[number]


def _patch_account(store: Store, body: Json, query: Json, number: str) -> tuple[int, Json]:
    store.accounts[int(number)].update(body)
    return 200, {"message": "Service account updated"}


def _post_token(store: Store, body: Json, query: Json, number: str) -> tuple[int, Json]:
    key = f"glsa_{number}_{len(store.tokens)}_{body['name']}"
    store.tokens[key] = int(number)
    store.accounts[int(number)]["tokens"] += 1
    return 200, {"id": len(store.tokens), "name": body["name"], "key": key}


ROUTES: tuple[Route, ...] = (
    ("GET", "/serviceaccounts/search", "Admin", _search_accounts),
    ("POST", "/serviceaccounts", "Admin", _post_account),
    ("PATCH", "/serviceaccounts/([^/]+)", "Admin", _patch_account),
    ("POST", "/serviceaccounts/([^/]+)/tokens", "Admin", _post_token),
)
