from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import TypeAdapter, ValidationError

from contracts.event import EventKind
from edge.config import CameraSettings, EdgeSettings
from edge.lookout import Lookout
from edge.rule_settings import AnyRule, LineSettings
from edge.rules.calendar import Calendar
from edge.schedule_settings import HolidaySettings, WindowSettings
from tests.support.samples import NOON

RULE = TypeAdapter[AnyRule](AnyRule)
LEAST: dict[str, dict[str, Any]] = {
    "intrusion": {"zone": "san"},
    "occupancy": {"zone": "san", "threshold": 3},
    "crowding": {"zone": "san", "density": 2},
    "loitering": {"zone": "san"},
    "wrong_way": {"zone": "san", "direction": [[0, 0.5], [1, 0.5]]},
    "stopped_vehicle": {"zone": "san"},
    "blocked_fire_lane": {"zone": "san"},
    "left_object": {"zone": "san"},
    "line_crossing": {"line": "cong"},
}
"""What each kind of rule cannot do without."""


DOCS = Path(__file__).parents[2] / "docs"


def camera(**changes: Any) -> CameraSettings:
    return CameraSettings.model_validate(
        {
            "id": "cho-1",
            "site": "cho",
            "url": "rtsp://127.0.0.1/x",
            "zones": [{"id": "san", "polygon": [[0, 0], [1, 0], [1, 1]]}],
            "lines": [{"id": "cong", "points": [[0, 0], [1, 1]]}],
            **changes,
        }
    )


@pytest.mark.parametrize("kind", LEAST)
def test_every_kind_of_rule_works_with_its_defaults_and_is_an_event_kind(kind: str) -> None:
    rule = {"id": "luat", "kind": kind, **LEAST[kind]}
    (watch,) = Lookout(camera(rules=[rule]), "UTC", Calendar()).watches
    assert watch.settings.kind == EventKind(kind)
    assert watch.settings.place in ("san", "cong")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rules": [{"id": "luat", "kind": "line_crossing", "line": "san"}]}, "watches line san"),
        ({"rules": [{"id": "luat", "kind": "loitering", "zone": "cong"}]}, "watches zone cong"),
        ({"lines": [{"id": "san", "points": [[0, 0], [1, 1]]}]}, "two zones or lines of one name"),
    ],
)
def test_a_rule_watches_what_its_camera_has(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        camera(**changes)


@pytest.mark.parametrize("points", [[[0, 0]], [[0, 0], [0, 0]], [[0, 0], [1, 1], [1, 1]], [[0, 0], [0, 1.1]]])
def test_a_line_that_has_no_direction_is_refused(points: list[list[float]]) -> None:
    with pytest.raises(ValidationError):
        LineSettings.model_validate({"id": "cong", "points": points})


def test_an_arrow_needs_a_length() -> None:
    with pytest.raises(ValidationError, match="two different points"):
        RULE.validate_python({"id": "luat", "kind": "wrong_way", "zone": "san", "direction": [[0, 0], [0, 0]]})


@pytest.mark.parametrize(
    ("holiday", "said"),
    [
        ({"id": "le_hoi"}, "needs one of"),
        ({"id": "le_hoi", "date": "2026-09-01", "every_year": "09-01"}, "needs one of"),
        ({"id": "tet", "date": "2026-09-01"}, "is known already"),
        ({"id": "holiday", "date": "2026-09-01"}, "is known already"),
        ({"id": "le_hoi", "every_year": "02-30"}, "day is out of range"),
        ({"id": "le_hoi", "lunar": {"month": 13, "day": 1}}, "less than or equal to 12"),
    ],
)
def test_a_holiday_that_no_calendar_has_is_refused(holiday: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        HolidaySettings.model_validate(holiday)


@pytest.mark.parametrize(
    ("settings", "day"),
    [
        ({"date": "2026-09-01"}, date(2026, 9, 1)),
        ({"every_year": "03-26"}, date(2031, 3, 26)),
        ({"lunar": {"month": 1, "day": 15}}, date(2026, 3, 3)),
    ],
)
def test_a_holiday_of_the_place_is_found_in_the_calendar(settings: dict[str, Any], day: date) -> None:
    holiday = HolidaySettings.model_validate({"id": "le_hoi", **settings})
    assert Calendar({holiday.id: holiday.holiday()}).names(day) == {"le_hoi", "holiday"}


def test_a_window_names_its_days_and_those_it_leaves_out() -> None:
    window = WindowSettings.model_validate(
        {"days": ["sat", "tet"], "not_on": ["national"], "from": "06:00", "to": "09:00"}
    )
    assert window.names() == {"sat", "tet", "national"}


@pytest.mark.parametrize("kind", LEAST)
def test_the_page_on_rules_shows_the_rule_and_says_all_its_settings_with_their_defaults(kind: str) -> None:
    page = (DOCS / "rules.md").read_text(encoding="utf-8")
    section = page.split(f"\n## {kind}\n")[1].split("\n## ")[0]
    picture = DOCS / f"img/rules/{kind}.jpg"
    assert f"(img/rules/{kind}.jpg)" in section
    assert 10_000 < picture.stat().st_size < 150_000
    rule = RULE.validate_python({"id": "luat", "kind": kind, **LEAST[kind]})
    shared = {"id", "kind", "zone", "schedule", "severity", "clear_after_s", "cool_down_s"}
    for name in set(type(rule).model_fields) - shared:
        (row,) = re.findall(rf"^\| `{name}`(?:,| \|)(.*)$", section, re.MULTILINE)
        default = getattr(rule, name)
        if name not in LEAST[kind] and isinstance(default, int | float) and not isinstance(default, bool):
            assert f" {default:g} |" in row, name
    (row,) = re.findall(r"^\| `severity`, `clear_after_s`, `cool_down_s` \| (.*) \| \|$", section, re.MULTILINE)
    assert row == f"{rule.severity}, {rule.clear_after_s:g}, {rule.cool_down_s:g}"


def test_the_examples_of_the_page_are_settings_that_a_box_takes() -> None:
    page = (DOCS / "rules.md").read_text(encoding="utf-8")
    parts = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)]
    example, schedule, holidays = parts
    camera = example["cameras"][0] | {"site": "cho-an-luu", "url": "rtsp://192.168.2.7/x"}
    camera["rules"][0] |= schedule
    settings = EdgeSettings.model_validate(
        {"ward": "an-luu", "box": "hop", "data_dir": "data", "mqtt": {"host": "x"}, "cameras": [camera], **holidays}
    )
    (rule,) = settings.cameras[0].rules
    assert rule.hours(settings.time_zone, settings.calendar).active(NOON.replace(hour=16))
    assert settings.calendar.names(date(2026, 9, 1)) == {"nghi_bu", "holiday"}
    assert "hoi_dinh" in settings.calendar.names(date(2026, 4, 2))
