"""How a column of a table or a line of a graph is shown: its name, unit, colours, width and link.

SQL names columns for programs, and this says what people read instead. Grafana calls it an override.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from grafana_foundation_sdk.models.dashboard import DynamicConfigValue

from dashboards.house import BAD, GOOD, MOMENT, WARN, Language, Text
from dashboards.links import To
from dashboards.words import Words, mapping

Steps = Sequence[tuple[float | None, str]]
"""Colours from a value on; the first step has no value."""


def rising(warn: float, bad: float) -> Steps:
    """More is worse."""
    return ((None, GOOD), (warn, WARN), (bad, BAD))


def falling(warn: float, bad: float) -> Steps:
    """Less is worse: below `bad` is bad, below `warn` is not good."""
    return ((None, BAD), (bad, WARN), (warn, GOOD))


ANY_IS_BAD: Final[Steps] = ((None, GOOD), (1, BAD))
ANY_IS_ODD: Final[Steps] = ((None, GOOD), (1, WARN))


@dataclass(frozen=True, slots=True)
class Column:
    """One column or line, by the name that SQL gives it."""

    name: str
    title: Text | None = None
    unit: str | None = None
    decimals: int | None = None
    width: int | None = None
    words: Words | None = None
    colours: Mapping[str, str] | None = None
    coloured: bool = False
    colour: str | None = None
    steps: Steps | None = None
    link: To | None = None
    hidden: bool = False
    bar: bool = False
    empty: Text | None = None

    def properties(self, language: Language, *, cells: bool) -> list[DynamicConfigValue]:
        """As Grafana keeps them; `cells` are those of a table, which knows widths and bars besides."""
        found = self._look(language)
        if cells:
            found += self._cell()
        if self.hidden:
            # Grafana 12 moved this option: the first is read up to 12.1, the second from 12.2 on.
            found += [
                DynamicConfigValue("custom.hidden", True),
                DynamicConfigValue("custom.hideFrom", {"legend": True, "tooltip": True, "viz": True}),
            ]
        return found

    def _look(self, language: Language) -> list[DynamicConfigValue]:
        found: list[DynamicConfigValue] = []
        if self.title is not None:
            found.append(DynamicConfigValue("displayName", self.title.of(language)))
        unit = self.unit or (MOMENT if self.name == "time" else None)
        if unit is not None:
            found.append(DynamicConfigValue("unit", unit))
        if self.decimals is not None:
            found.append(DynamicConfigValue("decimals", self.decimals))
        if self.words is not None:
            found.append(
                DynamicConfigValue("mappings", mapping(self.words, language, self.colours, coloured=self.coloured))
            )
        if self.empty is not None:
            found.append(DynamicConfigValue("noValue", self.empty.of(language)))
        if self.colour is not None:
            found.append(DynamicConfigValue("color", {"mode": "fixed", "fixedColor": self.colour}))
        if self.link is not None:
            found.append(DynamicConfigValue("links", [self.link.build()]))
        if self.steps is not None:
            steps = [{"value": value, "color": colour} for value, colour in self.steps]
            found.append(DynamicConfigValue("thresholds", {"mode": "absolute", "steps": steps}))
            found.append(DynamicConfigValue("color", {"mode": "thresholds"}))
        return found

    def _cell(self) -> list[DynamicConfigValue]:
        found: list[DynamicConfigValue] = []
        if self.width is not None:
            found.append(DynamicConfigValue("custom.width", self.width))
        if self.bar:
            found.append(DynamicConfigValue("custom.cellOptions", {"type": "gauge", "mode": "basic"}))
        elif self.steps is not None or self.coloured or self.colours is not None:
            found.append(DynamicConfigValue("custom.cellOptions", {"type": "color-text"}))
        return found
