"""The technician's handbook names only commands that there are, with options that they take, and pages that exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from edge.__main__ import parser

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "technician.md").read_text(encoding="utf-8")
COMMAND = re.compile(r"^(?:sudo )?(?:\S+/)?phoan-edge (.+?)(?:\s+#.*)?$")


def commands(text: str) -> list[str]:
    """What stands behind `phoan-edge` wherever it is typed: in blocks of code, and in code within lines."""
    blocks = re.findall(r"^```\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    spans = re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text)
    typed = [line.strip() for block in blocks for line in block.splitlines()] + spans
    return [found[1] for line in typed if (found := COMMAND.match(line))]


def test_the_handbook_has_commands() -> None:
    words = {shlex.split(command)[0] for command in commands(TEXT)}
    assert words >= {"install", "enrol", "discover", "doctor", "password", "check", "update", "health"}


@pytest.mark.parametrize("command", sorted(set(commands(TEXT))))
def test_every_command_of_the_handbook_is_taken(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        parser().parse_args(shlex.split(command))
    except SystemExit:
        pytest.fail(f"phoan-edge {command}: {capsys.readouterr().err}")


def test_a_command_that_is_not_there_is_refused() -> None:
    for wrong in ("discover --everywhere", "mend", "password", "enrol"):
        with pytest.raises(SystemExit):
            parser().parse_args(shlex.split(wrong))


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#]+)", TEXT))))
def test_what_the_handbook_points_at_is_there(target: str) -> None:
    assert (DOCS / target).exists()
