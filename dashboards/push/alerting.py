"""Alert rules and whom they call: rule groups, texts, the night, contact points, and our branch of the policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashboards.alerts import alert
from dashboards.alerts.alert import APP
from dashboards.house import TAG
from dashboards.push.grafana import Grafana, part
from dashboards.push.resource import Resource, Stored

BASE = "/v1/provisioning"


def rule_group(group: Mapping[str, Any], *, editable: bool) -> Resource:
    """One group with all its rules; Grafana removes those that it lacks. It may answer them in another order."""
    path = f"{BASE}/folder/{part(alert.FOLDER[0])}/rule-groups/{part(group['title'])}"
    what = f"alert rules {group['title']}"

    def read(grafana: Grafana) -> Stored | None:
        whole = grafana.get(path, what, missing=True)
        return Stored(_ordered(whole)) if whole and whole.get("rules") else None

    def write(grafana: Grafana, _: Stored | None) -> None:
        grafana.put(path, what, group, editable=editable)

    return Resource(what, _ordered(group), read, write)


def _ordered(group: Mapping[str, Any]) -> dict[str, Any]:
    return {**group, "rules": sorted(group["rules"], key=lambda rule: str(rule["uid"]))}


def gone(uids: set[str]) -> Resource:
    """Our own rules that no longer are: in our folder, with our kind of uid."""
    what = "alert rules that are no more"

    def read(grafana: Grafana) -> Stored:
        rules = grafana.get(f"{BASE}/alert-rules", what)
        ours = (one["uid"] for one in rules or () if one.get("folderUID") == alert.FOLDER[0])
        return Stored(sorted(uid for uid in ours if uid.startswith(f"{TAG}-") and uid not in uids))

    def write(grafana: Grafana, stored: Stored | None) -> None:
        for uid in stored.value if stored else ():
            grafana.delete(f"{BASE}/alert-rules/{part(uid)}", f"alert rule {uid}")

    return Resource(what, [], read, write)


def template(name: str, text: str, *, editable: bool) -> Resource:
    """The texts of messages."""
    path, what = f"{BASE}/templates/{part(name)}", f"texts {name}"

    def read(grafana: Grafana) -> Stored | None:
        whole = grafana.get(path, what, missing=True)
        return whole and Stored({"template": str(whole.get("template", "")).strip()}, whole)

    def write(grafana: Grafana, stored: Stored | None) -> None:
        version = stored.whole.get("version", "") if stored else ""
        grafana.put(path, what, {"template": text, "version": version}, editable=editable)

    return Resource(what, {"template": text.strip()}, read, write)


def mute_timing(timing: Mapping[str, Any], *, editable: bool) -> Resource:
    """A time in which some alerts wait."""
    path, what = f"{BASE}/mute-timings/{part(timing['name'])}", f"mute timing {timing['name']}"

    def read(grafana: Grafana) -> Stored | None:
        whole = grafana.get(path, what, missing=True)
        return whole and Stored(whole, whole)

    def write(grafana: Grafana, stored: Stored | None) -> None:
        if stored is None:
            grafana.post(f"{BASE}/mute-timings", what, timing, editable=editable)
        else:
            version = {"version": stored.whole["version"]} if stored.whole.get("version") else {}
            grafana.put(path, what, {**timing, **version}, editable=editable)

    return Resource(what, dict(timing), read, write)


def contact_point(contact: Mapping[str, Any], secret: frozenset[str], *, anew: bool, editable: bool) -> Resource:
    """One way of a contact point. Grafana never says what its secrets are: a new one is sent when it is told to."""
    uid, what = contact["uid"], f"contact point {contact['name']} by {contact['type']}"

    def read(grafana: Grafana) -> Stored | None:
        found = grafana.get(f"{BASE}/contact-points", what)
        return next((Stored(one) for one in found if one["uid"] == uid), None)

    def write(grafana: Grafana, stored: Stored | None) -> None:
        if stored is None:
            grafana.post(f"{BASE}/contact-points", what, contact, editable=editable)
        else:
            grafana.put(f"{BASE}/contact-points/{part(uid)}", what, contact, editable=editable)

    return Resource(what, dict(contact), read, write, secret, anew=anew and bool(secret & contact["settings"].keys()))


def policy(branch: Mapping[str, Any], *, editable: bool) -> Resource:
    """Our branch of the notification policy. Grafana takes the whole tree, so the others are sent back as they were."""
    path, what = f"{BASE}/policies", "notification policy"
    ours = [[APP, "=", TAG]]

    def read(grafana: Grafana) -> Stored | None:
        tree = grafana.get(path, what)
        held = next((one for one in _routes(tree) if one.get("object_matchers") == ours), None)
        return Stored(held, tree) if held else None

    def write(grafana: Grafana, _: Stored | None) -> None:
        tree = grafana.get(path, what)
        others = [one for one in _routes(tree) if one.get("object_matchers") != ours]
        kept = {key: value for key, value in tree.items() if key not in ("routes", "provenance")}
        grafana.put(path, what, {**kept, "routes": [dict(branch), *others]}, editable=editable)

    return Resource(what, dict(branch), read, write)


def _routes(tree: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return tree.get("routes") or []
