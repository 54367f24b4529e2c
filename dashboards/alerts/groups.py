"""All alert rules, in their groups, bound to the panels and to the wall."""

from __future__ import annotations

from typing import Any, Final

from grafana_foundation_sdk.builders import alerting

from dashboards import house
from dashboards.alerts.alert import FOLDER, Alert, Group, Panel, Place
from dashboards.alerts.machines import MACHINES
from dashboards.alerts.pipeline import CENTRE, FLOW
from dashboards.alerts.streets import STREETS
from dashboards.house import Language
from dashboards.plain import plain
from dashboards.sheet import panel_id

GROUPS: Final = (MACHINES, FLOW, CENTRE, STREETS)

BESIDE: Final = '{{ reReplaceAll "/grafana/*" "" externalURL }}'
"""The wall's address where Grafana is the folder `/grafana/` of the same server, as a template of Grafana."""


def alerts() -> list[Alert]:
    """Every rule."""
    return [alert for group in GROUPS for alert in group.alerts]


def rule_groups(wall: str = BESIDE) -> list[dict[str, Any]]:
    """The groups as Grafana's API takes them. `wall`: where the wall is, without a slash at its end."""
    return [plain(_built(group, wall).build()) for group in GROUPS]


def _built(group: Group, wall: str) -> alerting.RuleGroup:
    rules = alerting.RuleGroup(group.name).folder_uid(FOLDER[0]).interval(group.every_s)
    for alert in group.alerts:
        rules.with_rule(alert.build(Place(f"{wall}/#/{alert.wall}", _panel(alert.panel)), group.name))
    return rules


def _panel(panel: Panel | None) -> tuple[str, int] | None:
    return None if panel is None else (house.uid(panel.board, Language.VI), panel_id(panel.key))
