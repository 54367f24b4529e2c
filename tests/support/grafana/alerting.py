"""Alert rules, texts, mute timings, contact points and the policy."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable

from tests.support.grafana.store import Json, RefusedError, Route, Store

SECRET = {"telegram": {"bottoken"}, "webhook": {"password", "authorization_credentials"}, "email": set[str]()}
REQUIRED = {"telegram": {"bottoken", "chatid"}, "webhook": {"url"}, "email": {"addresses"}}


def _get_group(store: Store, body: Json, query: Json, folder: str, name: str) -> tuple[int, Json]:
    if (folder, name) not in store.groups:
        raise RefusedError(404, "rule group not found")
    return 200, store.groups[folder, name]


def _put_group(store: Store, body: Json, query: Json, folder: str, name: str) -> tuple[int, Json]:
    if folder not in store.folders:
        raise RefusedError(400, "folder not found")
    if body["interval"] % 10:
        raise RefusedError(400, "interval should be divided exactly by scheduler interval 10")
    titles = [rule["title"] for rule in body["rules"]]
    if len(set(titles)) != len(titles):
        raise RefusedError(400, "a conflicting alert rule is found")
    # A rule of another group, known by its uid, moves here; a group without rules is no more.
    for key in [key for key in store.groups if key != (folder, name)]:
        group, moved = store.groups[key], {rule["uid"] for rule in body["rules"]}
        group["rules"] = [rule for rule in group["rules"] if rule["uid"] not in moved]
        if not group["rules"]:
            del store.groups[key]
    rules = [_kept_rule(number, rule, folder, name) for number, rule in enumerate(body["rules"], 1)]
    store.groups[folder, name] = {**body, "title": name, "folderUid": folder, "rules": rules}
    return 200, store.groups[folder, name]


def _kept_rule(number: int, rule: Json, folder: str, group: str) -> Json:
    if rule["condition"] not in {query["refId"] for query in rule["data"]}:
        raise RefusedError(400, "invalid alert rule: condition does not exist")
    data = [{"queryType": "", **copy.deepcopy(query)} for query in rule["data"]]
    for query in data:
        query["model"] = {"intervalMs": 1000, "maxDataPoints": 43200, **query["model"]}
    own = {"id": number, "orgID": 1, "folderUID": folder, "ruleGroup": group, "provenance": "api"}
    return {
        **rule,
        **own,
        "data": data,
        "updated": "2026-11-22T09:00:00Z",
        "notification_settings": None,
        "record": None,
    }


def _get_rules(store: Store, body: Json, query: Json) -> tuple[int, Json]:
    return 200, [rule for group in store.groups.values() for rule in group["rules"]]


def _delete_rule(store: Store, body: Json, query: Json, uid: str) -> tuple[int, Json]:
    for group in store.groups.values():
        group["rules"] = [rule for rule in group["rules"] if rule["uid"] != uid]
    return 204, None


def _named(shelf: str, what: str) -> Callable[..., tuple[int, Json]]:
    def get(store: Store, body: Json, query: Json, name: str) -> tuple[int, Json]:
        kept = getattr(store, shelf)
        if name not in kept:
            raise RefusedError(404, f"{what} not found")
        return 200, kept[name]

    return get


def _put_template(store: Store, body: Json, query: Json, name: str) -> tuple[int, Json]:
    held = store.templates.get(name)
    if held and body.get("version") != held["version"]:
        raise RefusedError(409, "version conflict")
    version = f"{int(held['version']) + 1 if held else 1}"
    store.templates[name] = {"name": name, "template": body["template"], "version": version, "provenance": "api"}
    return 202, store.templates[name]


def _post_timing(store: Store, body: Json, query: Json) -> tuple[int, Json]:
    if body["name"] in store.timings:
        raise RefusedError(400, "Time interval with this name already exists.")
    store.timings[body["name"]] = {**body, "version": "1", "provenance": "api"}
    return 201, store.timings[body["name"]]


def _put_timing(store: Store, body: Json, query: Json, name: str) -> tuple[int, Json]:
    held = _named("timings", "mute timing")(store, None, None, name)[1]
    if body.get("version", held["version"]) != held["version"]:
        raise RefusedError(409, "version conflict")
    store.timings[name] = {**body, "version": f"{int(held['version']) + 1}", "provenance": "api"}
    return 202, store.timings[name]


def _get_contacts(store: Store, body: Json, query: Json) -> tuple[int, Json]:
    def shown(contact: Json) -> Json:
        hidden = dict.fromkeys(SECRET[contact["type"]] & contact["settings"].keys(), "[REDACTED]")
        return {**contact, "settings": {**contact["settings"], **hidden}}

    return 200, [shown(one) for one in store.contacts.values()]


def _post_contact(store: Store, body: Json, query: Json) -> tuple[int, Json]:
    if body["uid"] in store.contacts:
        raise RefusedError(500, "contact point with this uid exists")
    _keep_contact(store, body["uid"], body)
    return 202, body


def _put_contact(store: Store, body: Json, query: Json, uid: str) -> tuple[int, Json]:
    if uid not in store.contacts:
        raise RefusedError(404, "contact point not found")
    _keep_contact(store, uid, body)
    return 202, {"message": "contactpoint updated"}


def _keep_contact(store: Store, uid: str, body: Json) -> None:
    if any(not body["settings"].get(key) for key in REQUIRED[body["type"]]):
        raise RefusedError(400, f"invalid object specification: {json.dumps(body['settings'])}")
    store.contacts[uid] = {**body, "uid": uid, "provenance": "api"}


def _get_policy(store: Store, body: Json, query: Json) -> tuple[int, Json]:
    return 200, {**store.policy, "provenance": "api"}


def _put_policy(store: Store, body: Json, query: Json) -> tuple[int, Json]:
    _check_route(store, body)
    store.policy = body
    return 202, {"message": "policies updated"}


def _check_route(store: Store, route: Json) -> None:
    names = {one["name"] for one in store.contacts.values()} | {"grafana-default-email"}
    if route.get("receiver", "grafana-default-email") not in names:
        raise RefusedError(400, "invalid object specification: receiver does not exist")
    if set(route.get("mute_time_intervals", ())) - store.timings.keys():
        raise RefusedError(400, "invalid object specification: undefined time interval")
    for one in route.get("routes", ()):
        _check_route(store, one)


ALERTING = "/v1/provisioning"
ROUTES: tuple[Route, ...] = (
    ("GET", f"{ALERTING}/folder/([^/]+)/rule-groups/([^/]+)", "Viewer", _get_group),
    ("PUT", f"{ALERTING}/folder/([^/]+)/rule-groups/([^/]+)", "Editor", _put_group),
    ("GET", f"{ALERTING}/alert-rules", "Viewer", _get_rules),
    ("DELETE", f"{ALERTING}/alert-rules/([^/]+)", "Editor", _delete_rule),
    ("GET", f"{ALERTING}/templates/([^/]+)", "Viewer", _named("templates", "template")),
    ("PUT", f"{ALERTING}/templates/([^/]+)", "Editor", _put_template),
    ("GET", f"{ALERTING}/mute-timings/([^/]+)", "Viewer", _named("timings", "mute timing")),
    ("POST", f"{ALERTING}/mute-timings", "Editor", _post_timing),
    ("PUT", f"{ALERTING}/mute-timings/([^/]+)", "Editor", _put_timing),
    ("GET", f"{ALERTING}/contact-points", "Viewer", _get_contacts),
    ("POST", f"{ALERTING}/contact-points", "Editor", _post_contact),
    ("PUT", f"{ALERTING}/contact-points/([^/]+)", "Editor", _put_contact),
    ("GET", f"{ALERTING}/policies", "Viewer", _get_policy),
    ("PUT", f"{ALERTING}/policies", "Editor", _put_policy),
)
