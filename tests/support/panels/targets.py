"""Every query of the dashboards in the repository: of panels, of variables, of annotations."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from dashboards import render
from tests.support.panels.frames import Target
from tests.support.panels.macros import All, Asked, Value, interval

EVERYTHING: Final[Mapping[str, Value | All]] = {
    "wall": "https://wall.example",
    "ward": All("SELECT id FROM wards"),
    "site": All("SELECT id FROM sites UNION ALL SELECT ''"),
}
CHOSEN: Final[Mapping[str, Value | All]] = {
    **EVERYTHING,
    "ward": ["an-luu", "phuong-4", "O'Brien"],
    "site": ["cho-an-luu", "quang-trung", "yersin"],
}
ONE: Final[Mapping[str, Value | All]] = {**EVERYTHING, "ward": ["an-luu"], "site": ["cho-an-luu"]}
"""Several chosen, one of them with a quote in its name, and one."""


def boards(language: str) -> dict[str, dict[str, Any]]:
    """The dashboards as they lie in the repository, by name."""
    folder: Path = render.FOLDER / language
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))}


def targets(language: str = "vi") -> Iterator[Target]:
    """Every query, with what its panel says of its step."""
    for name, board in boards(language).items():
        known = frozenset(variable["name"] for variable in board["templating"]["list"])
        for panel in board["panels"]:
            for query in panel.get("targets", ()):
                yield Target(
                    f"{name}: {panel['title']}",
                    query["rawSql"],
                    query["format"],
                    panel.get("interval", "1s"),
                    panel.get("maxDataPoints", 1000),
                    known,
                    frozenset(one["matcher"]["options"] for one in panel["fieldConfig"]["overrides"]),
                )
        for variable in board["templating"]["list"]:
            if variable["type"] == "query":
                yield Target(f"{name}: ${variable['name']}", variable["query"], "table", variables=known)
        for annotation in board["annotations"]["list"]:
            query = annotation["target"]
            yield Target(f"{name}: {annotation['name']}", query["rawSql"], query["format"], variables=known)


def asked(
    target: Target,
    span: timedelta,
    variables: Mapping[str, Value | All] = EVERYTHING,
    *,
    timescaledb: bool = False,
    end: datetime | None = None,
) -> Asked:
    """The last `span` of time, in the step that the target's panel has there."""
    end = end or datetime.now(UTC)
    step = interval(span, target.points, target.least)
    known = {name: value for name, value in variables.items() if name in target.variables}
    return Asked(end - span, end, step, timescaledb, known)
