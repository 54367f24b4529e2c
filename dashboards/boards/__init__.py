"""The dashboards, one module each, and what a whole set of them is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from grafana_foundation_sdk.models.dashboard import Dashboard

from dashboards import house
from dashboards.boards import devices, equipment, incidents, overview, payments, pipeline, places, storage
from dashboards.house import Language, Text
from dashboards.sheet import Sheet, panel_id


@dataclass(frozen=True, slots=True)
class Board:
    """One dashboard in every language: its name, which is that of its statements, and what fills it.

    `since` is how far back it looks at first: what people plan by needs days, what they act on hours.
    """

    name: str
    title: Text
    note: Text
    fill: Callable[[Sheet], None]
    variables: tuple[str, ...] = ("ward", "site")
    refresh: str = house.REFRESH
    since: str = house.SINCE

    def build(self, language: Language, wall: str = house.WALL) -> Dashboard:
        """The dashboard in one language; its links lead to the wall at `wall`."""
        sheet = Sheet(self.name, self.title, self.note, language, wall, self.variables, self.refresh, self.since)
        self.fill(sheet)
        return sheet.build()


BOARDS: Final = (
    Board("overview", overview.TITLE, overview.NOTE, overview.fill),
    Board("places", places.TITLE, places.NOTE, places.fill, since=house.A_WEEK),
    Board("equipment", equipment.TITLE, equipment.NOTE, equipment.fill),
    Board("devices", devices.TITLE, devices.NOTE, devices.fill),
    Board("payments", payments.TITLE, payments.NOTE, payments.fill, since=house.A_WEEK),
    Board("incidents", incidents.TITLE, incidents.NOTE, incidents.fill, since=house.A_MONTH),
    Board("pipeline", pipeline.TITLE, pipeline.NOTE, pipeline.fill, pipeline.VARIABLES),
    Board("storage", storage.TITLE, storage.NOTE, storage.fill, storage.VARIABLES, house.SLOW_REFRESH, house.A_MONTH),
)


def locate(board: str, panel: str, language: Language = Language.VI) -> tuple[str, int]:
    """The uid of a dashboard and the number of one of its panels. Raises KeyError when there is no such panel."""
    found = next((one for one in BOARDS if one.name == board), None)
    number = panel_id(panel)
    if found is None or number not in {one.id_val for one in found.build(language).panels or []}:
        raise KeyError(f"{board}/{panel}")
    return house.uid(board, language), number
