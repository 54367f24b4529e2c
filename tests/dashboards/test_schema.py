"""The dashboards against the types that Grafana 12 publishes as @grafana/schema."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.panels.targets import boards

HERE = Path(__file__).parent
MODULES = HERE.parent / "node_modules"
TSC = MODULES / ".bin/tsc"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the compiler finds Grafana's types."""
    assert TSC.exists(), "run tests/system-packages: it installs the compiler and Grafana's types"
    folder = tmp_path_factory.mktemp("schema")
    options = {
        "strict": True,
        "noEmit": True,
        "skipLibCheck": True,
        "module": "esnext",
        "moduleResolution": "bundler",
        "target": "es2022",
        "types": [],
        "lib": ["es2022"],
        "baseUrl": ".",
        "paths": {
            "grafana-dashboard": [str(HERE / "grafana.d.ts")],
            "@grafana/schema": [str(MODULES / "@grafana/schema")],
            "@grafana/schema/*": [str(MODULES / "@grafana/schema/*")],
        },
    }
    (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": options, "files": ["boards.ts"]}))
    return folder


def complaints(folder: Path, values: list[str]) -> str:
    """What the compiler says of these dashboards."""
    lines = ['import type { Dashboard } from "grafana-dashboard";']
    lines += [f"export const board{number}: Dashboard = {value};" for number, value in enumerate(values)]
    (folder / "boards.ts").write_text("\n".join(lines), encoding="utf-8")
    done = subprocess.run([TSC, "--project", folder], capture_output=True, text=True, check=False)
    return done.stdout


def test_dashboards_are_of_grafanas_types(folder: Path) -> None:
    """The Vietnamese ones; the English ones differ in words only, which another test knows."""
    assert complaints(folder, [json.dumps(board) for board in boards("vi").values()]) == ""


def test_what_is_not_of_its_types_is_found(folder: Path) -> None:
    board = boards("vi")["storage"]
    broken = []
    changes: tuple[Callable[[dict[str, Any]], Any], ...] = (
        lambda panel: panel.update(type="graph"),
        lambda panel: panel["options"].update(colorMode="loud"),
        lambda panel: panel["gridPos"].update(w="4"),
        lambda panel: panel["targets"][0].pop("rawSql"),
        lambda panel: panel["targets"][0]["datasource"].update(type="postgres"),
        lambda panel: panel["fieldConfig"]["defaults"]["thresholds"].update(mode="relative"),
        lambda panel: panel.update(shown=True),
    )
    for change in changes:
        copy = json.loads(json.dumps(board))
        change(next(panel for panel in copy["panels"] if panel["type"] == "stat"))
        broken.append(json.dumps(copy))
    said = complaints(folder, broken)
    starts = {int(number) for number in re.findall(r"boards\.ts\((\d+),", said)}
    assert starts == set(range(2, 2 + len(broken))), said
