"""The dashboards in the repository: what the builders make, and nothing that a Grafana 12 refuses or shows broken."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboards import house, render
from dashboards.boards import BOARDS, locate
from dashboards.house import Language
from dashboards.words import BOX_STATES, CAMERA_STATES, FAULTS, KINDS, SEVERITY, SITE_KINDS, Words
from tests.support.panels.macros import VARIABLE
from tests.support.panels.targets import boards

Json = dict[str, Any]
ALL = {f"{language.value}/{name}": board for language in Language for name, board in boards(language.value).items()}
LOCALES = Path(__file__).parents[2] / "api/web/locales"

MACROS = {"__interval", "__interval_ms", "__timeFilter", "__timeFrom", "__timeTo", "__timeGroupAlias"}
OF_LINKS = {"__url_time_range", "__value", "__data"}


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from strings(one)


def values(value: object, key: str) -> Iterator[Any]:
    """Whatever stands under `key`, anywhere."""
    if isinstance(value, dict):
        for name, one in value.items():
            if name == key:
                yield one
            yield from values(one, key)
    elif isinstance(value, list):
        for one in value:
            yield from values(one, key)


def panels(board: Json) -> list[Json]:
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def links(board: Json) -> Iterator[tuple[Json, Json]]:
    """Every data link, with its panel."""
    for panel in panels(board):
        config = panel["fieldConfig"]
        for link in config["defaults"].get("links", ()):
            yield panel, link
        for override in config["overrides"]:
            for one in override["properties"]:
                if one["id"] == "links":
                    yield from ((panel, link) for link in one["value"])


def test_the_repository_holds_what_the_builders_make() -> None:
    made = dict(render.files())
    kept = {
        path.relative_to(render.FOLDER).as_posix(): path.read_text(encoding="utf-8")
        for path in render.FOLDER.rglob("*.json")
    }
    assert kept.keys() == made.keys()
    changed = [name for name in made if made[name] != kept[name]]
    assert not changed, "run: python -m dashboards build"


def test_writing_twice_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "vi").mkdir()
    (tmp_path / "vi/gone.json").write_text("{}")
    assert len(render.write(tmp_path)) == 2 * len(BOARDS) + 1
    assert render.write(tmp_path) == []
    assert not (tmp_path / "vi/gone.json").exists()


def test_links_lead_to_the_wall_that_is_asked_for(tmp_path: Path) -> None:
    render.write(tmp_path, wall="https://an-luu.example.vn")
    board = json.loads((tmp_path / "vi/overview.json").read_text())
    wall = next(one for one in board["templating"]["list"] if one["name"] == "wall")
    assert (wall["query"], wall["type"], wall["hide"]) == ("https://an-luu.example.vn", "constant", 2)


def test_every_dashboard_has_a_place_of_its_own() -> None:
    uids = [board["uid"] for board in ALL.values()]
    assert len(set(uids)) == len(uids) == 2 * len(BOARDS)
    assert all(len(uid) <= 40 and re.fullmatch(r"[a-zA-Z0-9_-]+", uid) for uid in uids)
    titles = Counter((name.partition("/")[0], board["title"]) for name, board in ALL.items())
    assert set(titles.values()) == {1}


@pytest.mark.parametrize("name", ALL)
def test_the_frame_of_a_dashboard_is_that_of_the_house(name: str) -> None:
    board = ALL[name]
    assert (board["schemaVersion"], board["timezone"], board["editable"]) == (42, house.TIME_ZONE, False)
    assert board["time"]["from"] in (house.SINCE, house.A_WEEK, house.A_MONTH)
    assert board["time"]["to"] == house.UNTIL
    assert "id" not in board, "a number of one Grafana means another dashboard in the next"
    assert "version" not in board
    assert set(board["tags"]) == {house.TAG, name.partition("/")[0]}


@pytest.mark.parametrize("name", ALL)
def test_panels_have_numbers_of_their_own_and_lie_beside_each_other(name: str) -> None:
    board = ALL[name]
    numbers = [panel["id"] for panel in board["panels"]]
    assert len(set(numbers)) == len(numbers)
    assert all(0 < number < 2**31 for number in numbers)
    taken: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        x, y, w, h = (panel["gridPos"][key] for key in "xywh")
        assert 0 <= x < x + w <= 24, panel["title"]
        assert h > 0, panel["title"]
        cells = {(column, row) for column in range(x, x + w) for row in range(y, y + h)}
        assert not cells & taken, f"{panel['title']} lies over another"
        taken |= cells
    lines = Counter(row for _, row in taken)
    assert set(lines.values()) == {24}, "a line with a hole in it"


@pytest.mark.parametrize("name", ALL)
def test_every_panel_says_what_it_answers(name: str) -> None:
    for panel in panels(ALL[name]):
        assert len(panel["title"]) <= 60, panel["title"]
        assert len(panel["description"]) > 15, panel["title"]
        assert panel["fieldConfig"]["defaults"]["noValue"], panel["title"]
        if panel["type"] not in ("stat", "bargauge"):
            assert panel["gridPos"]["h"] >= 8, panel["title"]


@pytest.mark.parametrize("name", ALL)
def test_every_query_asks_the_one_data_source(name: str) -> None:
    board = ALL[name]
    wanted = {"type": house.DATASOURCE_TYPE, "uid": house.DATASOURCE_UID}
    assert all(source == wanted for source in values(board, "datasource"))
    for panel in panels(board):
        assert panel["datasource"] == wanted
        references = [query["refId"] for query in panel["targets"]]
        assert references
        assert len(set(references)) == len(references)


@pytest.mark.parametrize("name", ALL)
def test_every_variable_that_is_used_is_there(name: str) -> None:
    board = ALL[name]
    known = {variable["name"] for variable in board["templating"]["list"]}
    for sql in [
        *values(board, "rawSql"),
        *(one for one in values(board["templating"], "query") if isinstance(one, str)),
    ]:
        used = {found[1] or found[2] or found[4] for found in VARIABLE.finditer(sql)}
        assert used <= known | MACROS, sql
        assert not re.search(r"\{\w+\}", re.sub(r"\$\{[^}]*\}", "", sql)), "a part that nobody filled in"
    for variable in board["templating"]["list"]:
        if variable["type"] == "query":
            assert (variable["multi"], variable["includeAll"]) == (True, True)
            assert variable["allValue"].startswith("SELECT id FROM")
            # Whoever forgets the format gets one value without its quotes.
            others = [
                sql for sql in strings(board) if f"${variable['name']}" in sql or f"${{{variable['name']}}}" in sql
            ]
            assert not others
            forms = {
                found[6] for sql in strings(board) for found in VARIABLE.finditer(sql) if found[4] == variable["name"]
            }
            assert forms <= {"sqlstring", "queryparam"}


@pytest.mark.parametrize("name", ALL)
def test_links_name_what_there_is(name: str) -> None:
    board = ALL[name]
    known = {variable["name"] for variable in board["templating"]["list"]}
    there = {one["uid"] for key, one in ALL.items() if key.partition("/")[0] == name.partition("/")[0]}
    found = list(links(board))
    for panel, link in found:
        assert link["title"]
        assert isinstance(link["targetBlank"], bool)
        used = {part[1] or part[4] for part in VARIABLE.finditer(link["url"])}
        assert used <= known | OF_LINKS, link
        for field in re.findall(r"\$\{__data\.fields\.(\w+)\}", link["url"]):
            assert re.search(rf"\b{field}\b", panel["targets"][0]["rawSql"]), link
        if "${__value.time" in link["url"]:
            assert '"time"' in panel["targets"][0]["rawSql"], link
        if link["url"].startswith("/d/"):
            assert re.match(r"/d/([\w-]+)\?", link["url"])[1] in there  # type: ignore[index]
        else:
            assert re.match(r"\$\{wall\}/#/(cameras|incidents|payments|boxes)\b", link["url"]), link
    assert found or name.endswith(("devices", "storage"))


@pytest.mark.parametrize("name", ALL)
def test_nothing_is_null_but_the_lowest_threshold(name: str) -> None:
    def nulls(value: object, path: str) -> Iterator[str]:
        if value is None:
            yield path
        elif isinstance(value, dict):
            for key, one in value.items():
                yield from nulls(one, f"{path}.{key}")
        elif isinstance(value, list):
            for one in value:
                yield from nulls(one, f"{path}[]")

    assert all(path.endswith("steps[].value") for path in nulls(ALL[name], ""))
    for steps in values(ALL[name], "steps"):
        numbers = [step["value"] for step in steps]
        assert numbers[0] is None, "the first colour holds from minus infinity"
        assert None not in numbers[1:]
        assert numbers[1:] == sorted(numbers[1:])


OPTIONS = {"displayName", "unit", "decimals", "mappings", "noValue", "color", "links", "thresholds"}
CELLS = {"custom.width", "custom.cellOptions", "custom.hidden", "custom.hideFrom"}


@pytest.mark.parametrize("name", ALL)
def test_an_override_sets_what_its_kind_of_panel_has(name: str) -> None:
    for panel in panels(ALL[name]):
        for override in panel["fieldConfig"]["overrides"]:
            assert override["matcher"]["id"] == "byName"
            options = {one["id"] for one in override["properties"]}
            assert options, (panel["title"], override["matcher"])
            assert options <= (OPTIONS | CELLS if panel["type"] == "table" else OPTIONS), panel["title"]
        columns = [override["matcher"]["options"] for override in panel["fieldConfig"]["overrides"]]
        assert len(set(columns)) == len(columns), panel["title"]


def test_both_languages_differ_in_words_only() -> None:
    def bones(value: object) -> object:
        if isinstance(value, dict):
            return {key: bones(one) for key, one in value.items() if key not in ("rawSql", "text")}
        if isinstance(value, list):
            return [bones(one) for one in value]
        return "text" if isinstance(value, str) else value

    for board in BOARDS:
        assert bones(ALL[f"vi/{board.name}"]) == bones(ALL[f"en/{board.name}"])


def test_a_panel_is_found_by_its_name() -> None:
    uid, number = locate("pipeline", "lag")
    board = ALL["vi/pipeline"]
    assert uid == board["uid"]
    assert (
        "rows.received_at" in next(panel for panel in board["panels"] if panel["id"] == number)["targets"][0]["rawSql"]
    )
    with pytest.raises(KeyError):
        locate("pipeline", "nothing")
    with pytest.raises(KeyError):
        locate("nothing", "lag")


WALL_WORDS: dict[str, Words] = {
    "kind.": KINDS,
    "severity.": SEVERITY,
    "boxes.state.": BOX_STATES,
    "boxes.camera.": CAMERA_STATES,
    "fault.": FAULTS,
    "payability.kind.": SITE_KINDS,
}


@pytest.mark.parametrize("prefix", WALL_WORDS)
@pytest.mark.parametrize("language", Language)
def test_codes_are_called_as_on_the_wall(prefix: str, language: Language) -> None:
    said = json.loads((LOCALES / f"{language.value}.json").read_text(encoding="utf-8"))
    words = WALL_WORDS[prefix]
    wall = {key.removeprefix(prefix): text for key, text in said.items() if key.startswith(prefix)}
    codes = {code: text for code, text in wall.items() if "." not in code}
    assert codes == {code: text.of(language) for code, text in words.items()}
