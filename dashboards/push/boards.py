"""Dashboards: each is compared with what Grafana holds, and written with the version that was read.

A newer Grafana may rewrite a dashboard that it is given. So each one is saved with its digest as the message: where the
newest version bears the digest of what is wanted, nobody has changed it since.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from dashboards.house import TAG
from dashboards.push.grafana import Grafana, part
from dashboards.push.resource import Resource, Stored

OWN: Final = frozenset({"id", "version"})
"""Fields of a dashboard that belong to the Grafana that holds it."""


def dashboard(body: Mapping[str, Any], folder: str) -> Resource:
    """One dashboard in its folder."""
    plain = _plain(body)
    wanted = {"folder": folder, "dashboard": plain}
    uid, what = str(body["uid"]), f"dashboard {body['title']} ({body['uid']})"

    def read(grafana: Grafana) -> Stored | None:
        whole = grafana.get(f"/dashboards/uid/{part(uid)}", what, missing=True)
        if whole is None:
            return None
        held = {"folder": whole["meta"].get("folderUid", ""), "dashboard": _plain(whole["dashboard"])}
        if held != wanted and held["folder"] == folder and _newest(grafana, uid, what) == message(wanted):
            held = wanted
        return Stored(held, whole["dashboard"])

    def write(grafana: Grafana, stored: Stored | None) -> None:
        own = {key: stored.whole[key] for key in OWN} if stored else {}
        saved = {"dashboard": {**plain, **own}, "folderUid": folder, "message": message(wanted), "overwrite": False}
        grafana.post("/dashboards/db", what, saved)

    return Resource(what, wanted, read, write, exact=True)


def message(wanted: Mapping[str, Any]) -> str:
    """What a version says that was pushed."""
    text = json.dumps(wanted, sort_keys=True, ensure_ascii=False)
    return f"phoan-dashboards {hashlib.sha256(text.encode()).hexdigest()[:16]}"


def gone(wanted: Sequence[Mapping[str, Any]], folders: Sequence[str]) -> Resource:
    """Our own dashboards that no longer are: in our folders, with our tag and our kind of uid. Others' stay."""
    kept, what = {one["uid"] for one in wanted}, "dashboards that are no more"

    def read(grafana: Grafana) -> Stored:
        query = "&".join(f"folderUIDs={part(one)}" for one in folders)
        found = grafana.get(f"/search?type=dash-db&tag={TAG}&limit=1000&{query}", what)
        uids = sorted(one["uid"] for one in found if one["uid"].startswith(f"{TAG}-") and one["uid"] not in kept)
        return Stored(uids)

    def write(grafana: Grafana, stored: Stored | None) -> None:
        for uid in stored.value if stored else ():
            grafana.delete(f"/dashboards/uid/{part(uid)}", f"dashboard {uid}")

    return Resource(what, [], read, write)


def _plain(body: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key not in OWN}


def _newest(grafana: Grafana, uid: str, what: str) -> str:
    answer = grafana.get(f"/dashboards/uid/{part(uid)}/versions?limit=1", what)
    versions = answer.get("versions", []) if isinstance(answer, dict) else answer
    return str(versions[0].get("message", "")) if versions else ""
