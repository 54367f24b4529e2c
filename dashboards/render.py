"""Dashboards as the JSON that Grafana reads: the same text for the same builders, on every machine.

The SDK writes a few options that Grafana 12 knows no more, or only of other variables; they are left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from dashboards import house
from dashboards.boards import BOARDS
from dashboards.house import Language

FOLDER: Final = Path(__file__).parent / "json"
"""Where the repository keeps them: a folder for each language, from which Grafana's file provisioning reads, too."""


def value(dashboard: Dashboard) -> dict[str, Any]:
    """A dashboard as what a JSON parser makes of its file."""
    parsed: dict[str, Any] = json.loads(JSONEncoder().encode(dashboard))
    parsed["annotations"].setdefault("list", [])
    for panel in parsed["panels"]:
        if panel["type"] == "table":
            panel["options"].pop("footer", None)
    for variable in parsed["templating"]["list"]:
        for name in ("auto", "auto_count", "auto_min"):
            variable.pop(name, None)
    return parsed


def text(dashboard: Dashboard) -> str:
    """The JSON of a dashboard, keys in order."""
    return json.dumps(value(dashboard), sort_keys=True, indent=2, ensure_ascii=False) + "\n"


def files(wall: str = house.WALL) -> Iterator[tuple[str, str]]:
    """The name below a folder, and the text, of every dashboard in every language."""
    for language in Language:
        for board in BOARDS:
            yield f"{language.value}/{board.name}.json", text(board.build(language, wall))


def write(folder: Path = FOLDER, wall: str = house.WALL) -> list[Path]:
    """Write them all; a file that no builder stands for is removed. Returns those that changed."""
    wanted = {folder / name: body for name, body in files(wall)}
    changed = []
    for path, body in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != body:
            path.write_text(body, encoding="utf-8")
            changed.append(path)
    for language in Language:
        for path in (folder / language.value).glob("*.json"):
            if path not in wanted:
                path.unlink()
                changed.append(path)
    return changed
