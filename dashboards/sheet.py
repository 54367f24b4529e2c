"""One dashboard in one language while it is put together: its variables, annotations and links, and where panels lie.

A panel is known by the name of its statement, from which its id follows, so that a link to a panel outlives any change
of the order.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Final, Protocol, Self, TypeVar

from grafana_foundation_sdk.builders.dashboard import (
    AnnotationQuery,
    ConstantVariable,
    Dashboard,
    QueryVariable,
    Row,
    ThresholdsConfig,
    TimePicker,
)
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models.common import DataSourceRef

from dashboards import house
from dashboards.columns import Column, Steps
from dashboards.house import DATASOURCE, Language, Text
from dashboards.links import OPEN_INCIDENT, Links, Others, Wall
from dashboards.query import Query
from dashboards.statements import statements
from dashboards.words import KINDS, names

COLUMNS: Final = 24
"""Grafana's grid."""

LABELS: Final = {
    "ward": Text("Phường, xã", "Ward"),
    "site": Text("Địa bàn", "Site"),
}
EVERY_WARD: Final = "SELECT id FROM wards"
EVERY_SITE: Final = "SELECT id FROM sites UNION ALL SELECT ''"
"""What stands in `IN (...)` when all are chosen. Grafana puts it there as it is: no list of thousands of names, and
nothing breaks while there are none. What belongs to no site has '' there."""

ANNOTATION: Final = Text("Vụ việc từ mức cao trở lên", "Incidents, high and critical")
NOTHING: Final = Text("Không có dữ liệu", "No data")


class Placeable(Protocol):
    """What every panel builder of the SDK can do."""

    def id(self, id_val: int) -> Self: ...
    def title(self, title: str) -> Self: ...
    def description(self, description: str) -> Self: ...
    def datasource(self, datasource: DataSourceRef) -> Self: ...
    def with_target(self, target: Query) -> Self: ...
    def no_value(self, no_value: str) -> Self: ...
    def grid_pos(self, grid_pos: models.GridPos) -> Self: ...
    def override_by_name(self, name: str, properties: list[models.DynamicConfigValue]) -> Self: ...
    def thresholds(self, thresholds: ThresholdsConfig) -> Self: ...
    def build(self) -> models.Panel: ...


P = TypeVar("P", bound=Placeable)


class Sheet:
    """Owns the grid: panels flow from left to right, those of one line share a height."""

    def __init__(
        self,
        name: str,
        title: Text,
        note: Text,
        language: Language,
        wall: str,
        variables: Iterable[str] = ("ward", "site"),
        refresh: str = house.REFRESH,
        since: str = house.SINCE,
    ) -> None:
        self.language = language
        self.links = Links(language)
        self._statements = statements(name)
        self._shared = statements("shared")
        self._ids: set[int] = set()
        self._x, self._y, self._height = 0, 0, 0
        self._builder = (
            Dashboard(title.of(language))
            .uid(house.uid(name, language))
            .description(note.of(language))
            .tags([house.TAG, language.value])
            .timezone(house.TIME_ZONE)
            .week_start(house.WEEK_START)
            .time(since, house.UNTIL)
            .refresh(refresh)
            .timepicker(TimePicker().refresh_intervals(list(house.REFRESHES)))
            .tooltip(models.DashboardCursorSync.CROSSHAIR)
            .readonly()
            .links([Wall(language), Others(language)])
        )
        chosen = list(variables)
        for variable in chosen:
            self._builder.with_variable(self._choice(variable))
        self._builder.with_variable(ConstantVariable("wall").value(wall))
        if "site" in chosen:  # incidents are of places
            self._annotate()

    def say(self, text: Text) -> str:
        """A text in the dashboard's language."""
        return text.of(self.language)

    def dress(
        self,
        panel: P,
        name: str,
        title: Text,
        note: Text,
        *,
        table: bool = False,
        variant: str = "",
        empty: Text = NOTHING,
    ) -> P:
        """Give a panel its statement, title and note, and what it says when there is nothing.

        One statement may serve several panels, each with a `variant`, as of what is measured.
        """
        query = Query(self._filled(self._statements[name]).replace("{variant}", variant))
        return (
            panel.id(self._id(f"{name} {variant}".strip()))
            .title(self.say(title))
            .description(self.say(note))
            .datasource(DATASOURCE)
            .with_target(query.table() if table else query.time_series())
            .no_value(self.say(empty))
        )

    def show(self, panel: P, columns: Iterable[Column], *, cells: bool = False) -> P:
        """Say how columns or lines are shown; `cells` where they are those of a table."""
        for column in columns:
            panel = panel.override_by_name(column.name, column.properties(self.language, cells=cells))
        return panel

    def row(self, title: Text) -> None:
        """A heading over what follows."""
        self._break()
        heading = Row(self.say(title)).id(self._id(f"row {title.en}"))
        self._builder.with_row(heading.grid_pos(models.GridPos(x=0, y=self._y, w=COLUMNS, h=1)))
        self._y += 1

    def place(self, panel: P, width: int, height: int) -> None:
        """Put a panel beside the last one, or below where the line is full."""
        if self._x + width > COLUMNS:
            self._break()
        if self._height not in (0, height):
            raise ValueError("the panels of one line share a height")
        where = models.GridPos(x=self._x, y=self._y, w=width, h=height)
        self._builder.with_panel(_Placed(panel, where))
        self._x, self._height = self._x + width, height

    def build(self) -> models.Dashboard:
        """The finished dashboard."""
        return self._builder.build()

    def _filled(self, statement: str) -> str:
        """A statement with the parts that several share, and with names in the dashboard's language."""
        parts = {
            "place": self._shared["place"],
            "sizes": self._shared["sizes"],
            "kinds": names(KINDS, self.language),
            "open": self.say(OPEN_INCIDENT),
        }
        for part, text in parts.items():
            statement = statement.replace(f"{{{part}}}", text)
        return statement

    def _break(self) -> None:
        self._x, self._y, self._height = 0, self._y + self._height, 0

    def _id(self, name: str) -> int:
        number = panel_id(name)
        if number in self._ids:
            raise ValueError(f"two panels have the id of {name}: rename one")
        self._ids.add(number)
        return number

    def _choice(self, variable: str) -> QueryVariable:
        return (
            QueryVariable(variable)
            .label(self.say(LABELS[variable]))
            .datasource(DATASOURCE)
            .query(self._shared[variable])
            .refresh(models.VariableRefresh.ON_DASHBOARD_LOAD)
            .sort(models.VariableSort.DISABLED)
            .multi(True)
            .include_all(True)
            .allow_custom_value(False)
            .all_value(EVERY_WARD if variable == "ward" else EVERY_SITE)
            .current(models.VariableOption(selected=True, text=["All"], value=["$__all"]))
        )

    def _annotate(self) -> None:
        target = Query(self._filled(self._shared["incidents"]), ref_id="Anno").table()
        self._builder.annotation(
            AnnotationQuery()
            .name(self.say(ANNOTATION))
            .datasource(DATASOURCE)
            .enable(True)
            .icon_color(house.WARN)
            .target(target)
        )


class _Placed(Builder[models.Panel]):
    """A panel at its place; the SDK's own flow is for panels that do not say where they lie."""

    def __init__(self, panel: Placeable, where: models.GridPos) -> None:
        self._panel = panel.grid_pos(where)

    def build(self) -> models.Panel:
        return self._panel.build()


def panel_id(name: str) -> int:
    """The number of the panel of the statement `name`, the same on every sheet and for ever."""
    return zlib.crc32(name.encode()) % 1_000_000 + 1


def thresholds(steps: Steps) -> ThresholdsConfig:
    """Colours from a value on."""
    return (
        ThresholdsConfig()
        .mode(models.ThresholdsMode.ABSOLUTE)
        .steps([models.Threshold(value=value, color=colour) for value, colour in steps])
    )
