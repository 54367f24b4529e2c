"""The files from which a Grafana takes everything by itself when it starts: data source, dashboards, alert rules.

What belongs to the place where it runs stands there as an environment variable or as a secret's file, which Grafana
reads. `alerting/` has a folder for each language, of which a Grafana is given one. The folder `contacts/` holds ways of
calling people that not every ward has: a file that is copied from there into that folder is in use.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from dashboards import house
from dashboards.alerts import alert, notify
from dashboards.alerts.notify import Contact
from dashboards.house import Language
from dashboards.plain import plain
from dashboards.push.places import datasource_fields

HEAD: Final = "# Made by `phoan-dashboards provision`; change dashboards/ and make it anew.\n"
DASHBOARDS: Final = "/etc/grafana/dashboards"
"""Where the container finds dashboards/json."""

STORE: Final = ("timescaledb:5432", "phoan", "grafana", "disable")
"""The store's address, name, account and TLS within docker-compose.yml, where a network of its own joins both."""
STORE_FILE: Final = "$__file{/run/secrets/database-grafana}"
EMAIL: Final = "${PHOAN_ALERT_EMAIL}"
TELEGRAM: Final = ("$__file{/run/secrets/alert-telegram}", "${PHOAN_ALERT_TELEGRAM_CHAT}")
WEBHOOK: Final = ("${PHOAN_ALERT_WEBHOOK}", "$__file{/run/secrets/alert-webhook}")


Groups = Sequence[Mapping[str, Any]]
"""Rule groups as the HTTP API takes them."""


def files(groups: Mapping[Language, Groups]) -> dict[Path, str]:
    """Every file by its path below `provisioning/`. A Grafana reads the alerts' folder of one language."""
    return {
        Path("datasources/phoan.yaml"): _text({"datasources": [_datasource()]}),
        Path("dashboards/phoan.yaml"): _text({"providers": [_provider(language) for language in Language]}),
        **{
            Path("alerting", language.value, name): text
            for language, found in groups.items()
            for name, text in _alerting(language, found)
        },
        Path("contacts/telegram.yaml"): _text(_contacts(notify.telegram(*TELEGRAM))),
        Path("contacts/webhook.yaml"): _text(_contacts(notify.webhook(*WEBHOOK))),
    }


def _alerting(language: Language, groups: Groups) -> Iterator[tuple[str, str]]:
    yield "rules.yaml", _text({"groups": [_group(one) for one in groups]})
    yield "policy.yaml", _text(_policy(language))
    yield "email.yaml", _text(_contacts(notify.email(EMAIL)))


def _datasource() -> dict[str, Any]:
    fields = datasource_fields(*STORE, timescale=True)
    return {**fields, "orgId": 1, "isDefault": True, "editable": False, "secureJsonData": {"password": STORE_FILE}}


def _provider(language: Language) -> dict[str, Any]:
    uid, title = house.FOLDERS[language]
    return {
        "name": uid,
        "orgId": 1,
        "type": "file",
        "folder": title,
        "folderUid": uid,
        "allowUiUpdates": False,
        "disableDeletion": False,
        "updateIntervalSeconds": 60,
        "options": {"path": f"{DASHBOARDS}/{language.value}"},
    }


def _group(group: Mapping[str, Any]) -> dict[str, Any]:
    """A file names the folder by its title, the span in words, and a rule's panel beside the annotations too."""
    return {
        "orgId": 1,
        "name": group["title"],
        "folder": alert.FOLDER[1],
        "interval": f"{group['interval']}s",
        "rules": [_rule(one) for one in group["rules"]],
    }


def _rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    told = rule["annotations"]
    kept = (
        "uid",
        "title",
        "condition",
        "data",
        "noDataState",
        "execErrState",
        "for",
        "annotations",
        "labels",
        "isPaused",
    )
    panel = (
        {"dashboardUid": told["__dashboardUid__"], "panelId": int(told["__panelId__"])} if "__panelId__" in told else {}
    )
    return {key: rule[key] for key in kept} | panel


def _policy(language: Language) -> dict[str, Any]:
    """This Grafana is ours alone, so our branch hangs below a root that calls the same people."""
    branch = plain(notify.policy())
    root = {"orgId": 1, "receiver": branch["receiver"], "group_by": branch["group_by"], "routes": [branch]}
    return {
        "policies": [root],
        "muteTimes": [{"orgId": 1, **notify.mute_timing()}],
        "templates": [{"orgId": 1, "name": notify.TEMPLATE, "template": notify.texts(language)}],
    }


def _contacts(contact: Contact) -> dict[str, Any]:
    """Both contact points with this one way; mail carries warnings as well, the others only what is urgent."""
    points: dict[str, list[dict[str, Any]]] = {}
    for one in map(plain, notify.contact_points([contact])):
        if contact.way is notify.Way.EMAIL or one["name"] == notify.URGENT:
            receiver = {key: one[key] for key in ("uid", "type", "settings", "disableResolveMessage")}
            points.setdefault(one["name"], []).append(receiver)
    return {"contactPoints": [{"orgId": 1, "name": name, "receivers": found} for name, found in points.items()]}


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as such, lists set in, nothing shortened to an anchor."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _string(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else "'" if value[:1].isdigit() else None  # a time is no number in any YAML
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _string)


def _text(body: Mapping[str, Any]) -> str:
    made = yaml.dump({"apiVersion": 1, **body}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=118)
    return HEAD + made
