"""The table of docs/security.md: every requirement that it says is fulfilled names a test that is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| .+ \| (?P<where>.+) \| `(?P<file>\S+\.py)::(?P<test>test_\w+)` \|$", re.MULTILINE)


def test_every_row_has_its_test_and_its_place() -> None:
    text = (ROOT / "docs/security.md").read_text(encoding="utf-8")
    table = text.partition("## ASVS")[2]
    rows = list(ROW.finditer(table))
    lines = [line for line in table.splitlines() if line.startswith("| ")]
    assert len(rows) == len(lines) - 2 > 40, "all but the head name a test"
    for row in rows:
        assert f"def {row['test']}(" in (ROOT / "tests" / row["file"]).read_text(encoding="utf-8"), row["test"]
        for place in re.findall(r"`([^`]+)`", row["where"]):
            assert (ROOT / place).exists(), place
