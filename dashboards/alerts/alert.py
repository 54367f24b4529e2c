"""One alert rule: its statement, the bound of its value, how long that must last, and what it says to whom.

Every row of the statement is an alert of its own. Texts are templates of Grafana. They name `.Labels` and `.Values`,
never `$labels`: in a provisioning file a dollar sign may stand for an environment variable.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from grafana_foundation_sdk.builders import alerting
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models.alerting import RelativeTimeRange

from dashboards.house import DATASOURCE_UID, TAG, Language, Text
from dashboards.query import Query
from dashboards.statements import statements
from dashboards.words import CERTIFICATES, PARTS, names

FOLDER: Final = ("phoan-alerts", "Phố An – Cảnh báo")
"""The folder of the rules: uid and title. No slash: Grafana would take the title for a path. It is the same in every
language: a file names the folder by its title, so another title would be another folder."""

APP: Final = "app"
"""The label by which the notification policy knows our alerts among others of the same Grafana."""

EXPRESSION: Final = "__expr__"
VALUE: Final = '{{ with .Values.A }}{{ printf "%.0f" .Value }}{{ end }}'
"""The row's value without decimals; nothing where the rule could not be asked."""
VALUE_1: Final = '{{ with .Values.A }}{{ printf "%.1f" .Value }}{{ end }}'

BOX: Final = "{{ .Labels.box_name }} ({{ .Labels.box }}), {{ .Labels.ward_name }}"
CAMERA: Final = "{{ .Labels.camera_name }} ({{ .Labels.camera }}), {{ .Labels.site_name }}, {{ .Labels.ward_name }}"


class Severity(StrEnum):
    """Critical calls people at once, at night too; a warning waits for the morning."""

    CRITICAL = "critical"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Panel:
    """The panel that shows what the alert is about: the dashboard's name and the panel's key there."""

    board: str
    key: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where an alert leads: a page of the wall, and a panel by dashboard and number."""

    wall: str
    panel: tuple[str, int] | None


@dataclass(frozen=True, slots=True)
class Threshold(Builder[Dataquery]):
    """The expression that holds each row's value against a bound. The SDK's own builder warns of old dashboards."""

    bound: float
    word: Literal["gt", "lt"]

    def build(self) -> Dataquery:
        return _Expression(self)


class _Expression(Dataquery):
    def __init__(self, threshold: Threshold) -> None:
        self._threshold = threshold

    def to_json(self) -> dict[str, object]:
        """As Grafana's rule editor saves it."""
        return {
            "conditions": [{"evaluator": {"params": [self._threshold.bound], "type": self._threshold.word}}],
            "datasource": {"type": EXPRESSION, "uid": EXPRESSION},
            "expression": "A",
            "refId": "B",
            "type": "threshold",
        }


@dataclass(frozen=True, slots=True)
class Alert:
    """`over` and `under`: the value beyond which a row alerts, one of both. `wall`: the page there, behind `#/`."""

    name: str
    title: Text
    statement: str
    after: str
    severity: Severity
    summary: Text
    advice: Text
    panel: Panel | None
    wall: str
    over: float | None = None
    under: float | None = None
    blind: Literal["KeepLast", "Alerting"] = "KeepLast"
    """What to think while the database does not answer. Only one rule says so: all of them would say the same."""

    @property
    def uid(self) -> str:
        """The rule's uid, the same for ever: silences and history hang on it."""
        return f"{TAG}-{self.name}"

    def build(self, place: Place, group: str, language: Language) -> alerting.Rule:
        """The rule as Grafana keeps it. In another language it bears the same uid: it is renamed, never doubled."""
        told = {"summary": self.summary.of(language), "description": self.advice.of(language), "wall": place.wall}
        return (
            alerting.Rule(self.title.of(language))
            .uid(self.uid)
            .org_id(1)
            .folder_uid(FOLDER[0])
            .rule_group(group)
            .condition("B")
            .queries([self._asked(language), self._bounded()])
            .for_val(self.after)
            .no_data_state("OK")
            .exec_err_state(self.blind)
            .is_paused(False)
            .labels({APP: TAG, "severity": self.severity.value})
            .annotations({**told, **_link(place)})
        )

    def _asked(self, language: Language) -> alerting.Query:
        statement = statements("alerts")[self.statement]
        for part, words in (("parts", PARTS), ("certificates", CERTIFICATES)):
            statement = statement.replace(f"{{{part}}}", names(words, language))
        return _query("A", DATASOURCE_UID).model(Query(statement, "A").table())

    def _bounded(self) -> alerting.Query:
        if (self.over is None) == (self.under is None):
            raise ValueError(f"{self.name} needs one bound")
        threshold = Threshold(self.over, "gt") if self.over is not None else Threshold(self.under or 0.0, "lt")
        return _query("B", EXPRESSION).model(threshold)


@dataclass(frozen=True, slots=True)
class Group:
    """Rules that are asked one after another, every `every_s` seconds."""

    name: Text
    every_s: int
    alerts: tuple[Alert, ...]


def _link(place: Place) -> dict[str, str]:
    if place.panel is None:
        return {}
    dashboard, number = place.panel
    return {"__dashboardUid__": dashboard, "__panelId__": str(number)}


def _query(ref_id: str, datasource: str) -> alerting.Query:
    return alerting.Query(ref_id).datasource_uid(datasource).relative_time_range(RelativeTimeRange(from_val=600, to=0))
