"""Data sources, folders and dashboards."""

from __future__ import annotations

import copy

from tests.support.grafana.store import Json, RefusedError, Route, Store


def _get_datasource(store: Store, body: Json, query: Json, uid: str) -> tuple[int, Json]:
    if uid not in store.datasources:
        raise RefusedError(404, "Data source not found")
    return 200, store.datasources[uid]


def _post_datasource(store: Store, body: Json, query: Json) -> tuple[int, Json]:
    if any(one["name"] == body["name"] for one in store.datasources.values()) or body["uid"] in store.datasources:
        raise RefusedError(409, "data source with the same name already exists")
    _keep_datasource(store, body["uid"], body, version=1)
    return 200, {"message": "Datasource added"}


def _put_datasource(store: Store, body: Json, query: Json, uid: str) -> tuple[int, Json]:
    if uid not in store.datasources:
        raise RefusedError(404, "Data source not found")
    version = store.datasources[uid]["version"]
    if body.get("version", version) != version:
        raise RefusedError(409, "Datasource has already been updated by someone else. Please reload and try again")
    _keep_datasource(store, uid, body, version=version + 1)
    return 200, {"message": "Datasource updated"}


def _keep_datasource(store: Store, uid: str, body: Json, *, version: int) -> None:
    given = (body.get("secureJsonData") or {}).get("password")
    if given is not None:
        store.passwords[uid] = given
    kept = {key: value for key, value in body.items() if key != "secureJsonData"}
    fields = {"password": uid in store.passwords}
    more = {"id": 1, "orgId": 1, "readOnly": False, "secureJsonFields": fields, "withCredentials": False}
    store.datasources[uid] = {"isDefault": False, **kept, **more, "version": version}


def _health(store: Store, body: Json, query: Json, uid: str) -> tuple[int, Json]:
    if uid not in store.datasources:
        raise RefusedError(404, "Data source not found")
    if store.passwords.get(uid) != store.database_password:
        raise RefusedError(400, "password authentication failed", status="ERROR")
    return 200, {"message": "Database Connection OK", "status": "OK"}


def _get_folder(store: Store, body: Json, query: Json, uid: str) -> tuple[int, Json]:
    if uid not in store.folders:
        raise RefusedError(404, "folder not found", status="not-found")
    return 200, store.folders[uid]


def _post_folder(store: Store, body: Json, query: Json) -> tuple[int, Json]:
    if body["uid"] in store.folders:
        raise RefusedError(409, "a folder with the same uid already exists")
    store.folders[body["uid"]] = {"id": len(store.folders) + 1, "canSave": True, "version": 1, **body}
    return 200, store.folders[body["uid"]]


def _put_folder(store: Store, body: Json, query: Json, uid: str) -> tuple[int, Json]:
    kept = _get_folder(store, None, None, uid)[1]
    if not body.get("overwrite") and body.get("version") != kept["version"]:
        raise RefusedError(412, "the folder has been changed by someone else", status="version-mismatch")
    kept.update(title=body["title"], version=kept["version"] + 1)
    return 200, kept


def _get_dashboard(store: Store, body: Json, query: Json, uid: str) -> tuple[int, Json]:
    if uid not in store.dashboards:
        raise RefusedError(404, "Dashboard not found")
    newest = copy.deepcopy(store.dashboards[uid][-1])
    if store.rewrites:
        newest["dashboard"] |= {"schemaVersion": 99, "preload": False}
    return 200, {"dashboard": newest["dashboard"], "meta": {"folderUid": newest["folder"], "provisioned": False}}


def _post_dashboard(store: Store, body: Json, query: Json) -> tuple[int, Json]:
    model, folder = body["dashboard"], body.get("folderUid", "")
    if folder and folder not in store.folders:
        raise RefusedError(400, "folder not found")
    versions = store.dashboards.setdefault(model["uid"], [])
    if versions and not body.get("overwrite"):
        if model.get("id") is None:
            raise RefusedError(412, "A dashboard with the same uid already exists", status="name-exists")
        if model.get("version") != len(versions):
            raise RefusedError(412, "The dashboard has been changed by someone else", status="version-mismatch")
    number = versions[0]["dashboard"]["id"] if versions else len(store.dashboards)
    kept = {**model, "id": number, "version": len(versions) + 1}
    versions.append({"dashboard": kept, "folder": folder, "message": body.get("message", "")})
    return 200, {"id": number, "uid": model["uid"], "status": "success", "version": len(versions)}


def _delete_dashboard(store: Store, body: Json, query: Json, uid: str) -> tuple[int, Json]:
    if store.dashboards.pop(uid, None) is None:
        raise RefusedError(404, "Dashboard not found")
    return 200, {"message": f"Dashboard {uid} deleted"}


def _versions(store: Store, body: Json, query: Json, uid: str) -> tuple[int, Json]:
    kept = store.dashboards.get(uid, [])[::-1][: int(query.get("limit", ["100"])[0])]
    return 200, {"versions": [{"version": one["dashboard"]["version"], "message": one["message"]} for one in kept]}


def _search(store: Store, body: Json, query: Json) -> tuple[int, Json]:
    found = []
    for uid, versions in store.dashboards.items():
        model, folder = versions[-1]["dashboard"], versions[-1]["folder"]
        if folder in query.get("folderUIDs", [folder]) and set(query.get("tag", ())) <= set(model.get("tags", [])):
            found.append({"uid": uid, "title": model["title"], "type": "dash-db", "folderUid": folder})
    return 200, found


ROUTES: tuple[Route, ...] = (
    ("GET", "/datasources/uid/([^/]+)", "Admin", _get_datasource),
    ("POST", "/datasources", "Admin", _post_datasource),
    ("PUT", "/datasources/uid/([^/]+)", "Admin", _put_datasource),
    ("GET", "/datasources/uid/([^/]+)/health", "Viewer", _health),
    ("GET", "/folders/([^/]+)", "Viewer", _get_folder),
    ("POST", "/folders", "Editor", _post_folder),
    ("PUT", "/folders/([^/]+)", "Editor", _put_folder),
    ("GET", "/dashboards/uid/([^/]+)", "Viewer", _get_dashboard),
    ("GET", "/dashboards/uid/([^/]+)/versions", "Editor", _versions),
    ("POST", "/dashboards/db", "Editor", _post_dashboard),
    ("DELETE", "/dashboards/uid/([^/]+)", "Editor", _delete_dashboard),
    ("GET", "/search", "Viewer", _search),
)
