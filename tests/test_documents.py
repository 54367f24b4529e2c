"""What the documents name is there: files and headings, targets of make, commands of the programs, settings."""

from __future__ import annotations

import argparse
import json
import re
import shlex
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from jsonschema import Draft202012Validator

import api.__main__
import dashboards.__main__
import demo.__main__
import demo.sim.__main__
import edge.__main__
import ingest.__main__
from api.config import ApiSettings
from contracts.inventory import Inventory
from dashboards.alerts.groups import alerts
from dashboards.push.settings import PushSettings
from edge.config import EdgeSettings
from ingest.config import IngestSettings

ROOT: Final = Path(__file__).parents[1]
FOLDERS: Final = ("api/web/vendor", "dashboards", "demo", "deploy", "docs")
DOCUMENTS: Final = sorted([*ROOT.glob("*.md"), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.md"))])
PROGRAMS: Final[dict[str, Callable[[], object]]] = {
    "phoan-api": api.__main__.main,
    "phoan-dashboards": dashboards.__main__.main,
    "phoan-demo": demo.__main__.main,
    "phoan-edge": edge.__main__.main,
    "phoan-ingest": ingest.__main__.main,
    "phoan-sim": demo.sim.__main__.main,
}
SETTINGS: Final = (ApiSettings, EdgeSettings, IngestSettings, Inventory, PushSettings)
MADE: Final = ("deploy/own",)
"""What a program makes where it runs."""
ROOTS: Final = (ROOT, ROOT / "tests")
"""Whence documents name files."""

every_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


@every_document
def test_what_a_document_links_to_is_there(document: Path) -> None:
    assert [link for link in links(document) if not leads_somewhere(document, link)] == []


@every_document
def test_files_that_a_document_names_are_there(document: Path) -> None:
    path = re.compile(
        r"(?:api|benchmarks|contracts|dashboards|demo|deploy|docs|edge|ingest|storage|tests)(?:/[\w.-]+)+/?"
    )
    named = {
        name
        for span in spans(document)
        if path.fullmatch(name := span.partition("::")[0]) and not name.startswith(MADE)
    }
    assert [name for name in sorted(named) if not any((root / name).exists() for root in ROOTS)] == []


@every_document
def test_make_has_the_targets_that_a_document_names(document: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {found[1] for line in typed(document) if (found := re.match(r"(?:[A-Z]+=\S* )*make ([a-z-]+)", line))}
    assert named - targets == set()


@every_document
def test_programs_take_the_commands_that_a_document_names(document: Path) -> None:
    assert [f"{line}: {fault}" for line in typed(document) if (fault := fault_of(line))] == []


@every_document
def test_settings_that_a_document_shows_are_settings(document: Path) -> None:
    blocks = re.findall(r"^```yaml\n(.*?)^```$", document.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    ours = [block for block in blocks if document.parent.name == "docs"]
    assert [block for block in ours if not is_some_setting(yaml.safe_load(block))] == []


@pytest.mark.parametrize("document", ["README.md", "CHANGELOG.md"])
def test_as_many_alert_rules_are_told_of_as_there_are(document: str) -> None:
    assert f"{len(alerts())} alert rules" in (ROOT / document).read_text(encoding="utf-8")


def test_what_is_not_there_is_noticed(tmp_path: Path) -> None:
    readme = ROOT / "README.md"
    assert not leads_somewhere(readme, "docs/nowhere.md")
    assert not leads_somewhere(readme, "docs/architecture.md#the-life-of-nothing")
    assert fault_of("sudo phoan-edge doctor --everywhere")
    assert fault_of("phoan-ingest quarantine burn")
    assert fault_of("phoan-api audit forget")
    assert fault_of("systemctl restart phoan-edge") is None
    assert not is_some_setting({"devices": {"sight": "cho-an-luu"}})
    assert not is_some_setting({"public_wards": "an-luu"})
    document = tmp_path / "page.md"
    document.write_text("Type `make tea`.\n\n    phoan-demo \\\n        brew\n", encoding="utf-8")
    assert typed(document) == ["phoan-demo brew", "make tea"]


def without_blocks(document: Path) -> str:
    return re.sub(r"^```.*?^```$", "", document.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


def spans(document: Path) -> list[str]:
    """The pieces of code within lines."""
    return [" ".join(span.split()) for span in re.findall(r"(?<!`)`([^`]+)`(?!`)", without_blocks(document))]


def typed(document: Path) -> list[str]:
    """What a reader is to type: lines of blocks, fenced or set in, and code within lines."""
    text = document.read_text(encoding="utf-8").replace("\\\n", " ")
    blocks = re.findall(r"^```\w*\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    lines = [line for block in blocks for line in block.splitlines()] + re.findall(r"^ {4,}(\S.*)$", text, re.MULTILINE)
    return [" ".join(line.split()) for line in [*lines, *spans(document)]]


def links(document: Path) -> list[str]:
    return [link for link in re.findall(r"\]\(([^)\s]+)\)", without_blocks(document)) if "://" not in link]


def leads_somewhere(document: Path, link: str) -> bool:
    name, _, heading = link.partition("#")
    target = document.parent / name if name else document
    return target.exists() and (not heading or heading in headings(target))


def headings(document: Path) -> set[str]:
    """As GitHub names them in addresses."""
    titles = re.findall(r"^#+ (.+)$", without_blocks(document), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def fault_of(line: str) -> str | None:
    """What is wrong with a line that calls one of the programs; nothing where it calls none."""
    try:
        words = shlex.split(line, comments=True)
    except ValueError:
        words = line.split()
    programs = [Path(word).name for word in words]
    called = next((place for place, word in enumerate(programs) if word in PROGRAMS), None)
    if called is None or {"systemctl", "journalctl"} & set(words[:called]):
        return None
    given = tuple(word.strip("[]") for word in words[called + 1 :])
    return first_fault(parser_of(programs[called], given), iter(given))


def first_fault(parser: argparse.ArgumentParser, given: Iterator[str]) -> str | None:
    """The first word that the parser does not know. What is missing is no fault: documents leave things out."""
    places = iter([action for action in parser._actions if not action.option_strings])
    for word in given:
        if word.startswith("-"):
            option = parser._option_string_actions.get(word.partition("=")[0])
            if option is None:
                return f"there is no {word}"
            if option.nargs is None and "=" not in word:
                next(given, None)
            continue
        place = next(places, None)
        if isinstance(place, argparse._SubParsersAction):
            if word not in place.choices:
                return None if word in ("...", "…") else f"there is no {word}"
            return first_fault(place.choices[word], given)
        if place is not None and place.choices is not None and word not in {str(choice) for choice in place.choices}:
            return f"{word} is none of its choices"
    return None


@cache
def parser_of(program: str, given: tuple[str, ...]) -> argparse.ArgumentParser:
    """The parser that a program makes, for these words, before it does anything else."""

    class _Made(BaseException):
        pass

    made: list[argparse.ArgumentParser] = []

    def keep(parser: argparse.ArgumentParser, *_: object, **__: object) -> None:
        made.append(parser)
        raise _Made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(argparse.ArgumentParser, "parse_args", keep)
        patch.setattr(sys, "argv", [program, *given])
        with pytest.raises(_Made):
            PROGRAMS[program]()
    return made[0]


def is_some_setting(shown: object) -> bool:
    """Whether some settings file, or a part of one, may look so."""
    written = json.loads(json.dumps(shown, default=str))  # YAML knows days, JSON does not
    return any(Draft202012Validator(schema).is_valid(written) for schema in schemas())


@cache
def schemas() -> list[dict[str, Any]]:
    """The schema of every settings file and of all that can stand in one, as far as a document shows it."""
    found = []
    for settings in SETTINGS:
        whole = loosened(settings.model_json_schema())
        parts = [part for part in whole["$defs"].values() if part.get("additionalProperties") is False]
        found += [whole, *({**part, "$defs": whole["$defs"]} for part in parts)]
    return found


def loosened(schema: Any) -> Any:
    """Documents show a few fields of many; and a part that does not say its kind may be any of several."""
    if isinstance(schema, list):
        return [loosened(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: loosened(value) for key, value in schema.items() if key not in ("required", "discriminator")}
    if "oneOf" in kept:
        kept["anyOf"] = kept.pop("oneOf")
    return kept
