"""All alert rules in one language, in their groups, bound to the panels and to the wall."""

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

BESIDE: Final = r'{{ reReplaceAll "/grafana/*\\z" "" externalURL }}'
"""The wall's address where Grafana is the folder `/grafana/` of the same server, as a template of Grafana."""


def alerts() -> list[Alert]:
    """Every rule."""
    return [alert for group in GROUPS for alert in group.alerts]


def rule_groups(wall: str = BESIDE, language: Language = Language.VI) -> list[dict[str, Any]]:
    """The groups as Grafana's API takes them. `wall`: where the wall is, without a slash at its end."""
    return [plain(_built(group, wall, language).build()) for group in GROUPS]


def _built(group: Group, wall: str, language: Language) -> alerting.RuleGroup:
    name = group.name.of(language)
    rules = alerting.RuleGroup(name).folder_uid(FOLDER[0]).interval(group.every_s)
    for alert in group.alerts:
        place = Place(f"{wall}/#/{alert.wall}", _panel(alert.panel, language))
        rules.with_rule(alert.build(place, name, language))
    return rules


def _panel(panel: Panel | None, language: Language) -> tuple[str, int] | None:
    return None if panel is None else (house.uid(panel.board, language), panel_id(panel.key))
