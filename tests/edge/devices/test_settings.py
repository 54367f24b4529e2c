from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from contracts.settings import SettingsError, load
from edge.config import EdgeSettings
from edge.devices import defaults
from edge.devices.rule_settings import DeviceRuleSettings
from edge.devices.settings import DevicesSettings

PAGE = Path(__file__).parents[3] / "docs" / "devices.md"
CAMERA = {"id": "cho-an-luu-1", "site": "cho-an-luu", "url": "rtsp://192.168.2.7/x"}
BOX: dict[str, Any] = {"ward": "an-luu", "box": "hop", "data_dir": "data", "mqtt": {"host": "x"}, "cameras": [CAMERA]}
SMOKE = {"id": "khoi", "kind": "smoke"}


def examples() -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("number", range(4))
def test_the_examples_of_the_page_are_settings_that_a_box_takes(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEVICES_PASSWORD", "secret")
    found = examples()
    assert len(found) == 4
    file = tmp_path / "edge.yaml"
    file.write_text(yaml.safe_dump(BOX) + found[number], encoding="utf-8")
    settings = load(EdgeSettings, file)
    assert settings.devices or settings.probes


def test_the_page_says_every_default_limit() -> None:
    table = PAGE.read_text(encoding="utf-8").split("\n## Rules\n")[1].split("\n## ")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")]
    for kind, rules in defaults.RULES.items():
        for rule in rules:
            if rule.raises is None:
                continue
            named = [row for row in rows if f"`{kind}`" in row and f"`{rule.kind.value}`" in row]
            assert any(f"≥ {rule.raises:g}" in row for row in named), (kind, rule.id)


def given(*devices: dict[str, Any], **changes: object) -> dict[str, Any]:
    return {"site": "cho-an-luu", "list": list(devices), **changes}


@pytest.mark.parametrize(
    ("devices", "said"),
    [
        (given(SMOKE, SMOKE), "two devices have the name khoi"),
        (given(SMOKE, {**SMOKE, "id": "b", "address": "khoi"}), "two devices are own khoi"),
        ({"list": [SMOKE]}, "device khoi needs a site"),
        (given({**SMOKE, "gateway": "gw"}), "reached over gw, which is no listed gateway"),
        (given({**SMOKE, "gateway": "b"}, {"id": "b", "kind": "plug"}), "which is no listed gateway"),
        (given({**SMOKE, "objects": {"a": "smoke"}}), "is no ESPHome device"),
        (given({**SMOKE, "dialect": "esphome", "objects": {"a": "mood"}}), "mood is nothing that devices measure"),
        (given({**SMOKE, "address": "a/#"}), "address"),
        (given({**SMOKE, "camera": "nowhere"}), "names camera nowhere, which this box does not have"),
        (given({**SMOKE, "site": "dinh", "camera": "cho-an-luu-1"}), "are at two sites"),
        (given({**SMOKE, "id": "cho-an-luu-1"}), "has a name that something else on this box has too"),
        (given({**SMOKE, "id": "hop"}), "has a name that something else on this box has too"),
        (given(opening=[{"from": "05:00", "to": "19:00", "days": ["hoi_lang"]}]), "day hoi_lang, which is not known"),
        ({"adopt": {}}, "devices that are adopted need a site"),
        (given(adopt={"gateway": "gw"}), "adopt names gw"),
        (given(tasmota={"full_topic": "%topic%/"}), "must hold %prefix%"),
        (given({**SMOKE, "rules": [{"id": "a", "kind": "heat", "metric": "temperature", "severity": "low"}]}),
         "must say which temperature raises it"),
        (given({**SMOKE, "rules": [
            {"id": "a", "kind": "heat", "metric": "temperature", "severity": "low", "raises": 60, "clears": 70}
        ]}), "good side"),
        (given({**SMOKE, "rules": [
            {"id": "a", "kind": "smoke", "metric": "smoke", "severity": "low", "when": "closed"}
        ]}), "needs opening hours"),
        (given({**SMOKE, "rules": [{"id": "a", "kind": "crowding", "metric": "smoke", "severity": "low"}]}), "kind"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_what_is_wrong(devices: dict[str, Any], said: str, tmp_path: Path) -> None:
    file = tmp_path / "edge.yaml"
    file.write_text(yaml.safe_dump({**BOX, "devices": devices}), encoding="utf-8")
    with pytest.raises(SettingsError, match=re.escape(said)):
        load(EdgeSettings, file)


def test_without_opening_hours_nothing_is_after_hours() -> None:
    plug = {"id": "o-cam", "kind": "plug"}
    for opening, ids in ((None, set()), ([{"from": "05:00", "to": "19:00"}], {"load"})):
        settings = DevicesSettings.model_validate(given(plug, opening=opening))
        (device,) = settings.list
        rules = device.rules_with(opening=settings.opening is not None)
        assert {rule.id for rule in rules if rule.when == "closed"} == ids


def test_a_gateway_is_one_by_its_kind_or_by_its_word() -> None:
    settings = DevicesSettings.model_validate(
        given(
            {"id": "z2m", "kind": "gateway", "dialect": "zigbee2mqtt"},
            {"id": "switch", "kind": "ups", "gateway": True},
            {"id": "khoi", "kind": "smoke", "dialect": "zigbee2mqtt", "address": "Báo khói/1", "gateway": "z2m"},
        )
    )
    zigbee, switch, smoke = settings.list
    assert (zigbee.known_as, switch.known_as, smoke.known_as) == ("bridge", "switch", "Báo khói/1")
    assert (zigbee.is_gateway, switch.is_gateway, smoke.is_gateway) == (True, True, False)
    assert (switch.habit.gateway, smoke.habit.gateway) == (None, "z2m")
    assert smoke.habit.period.total_seconds() == 3600


def test_only_dialects_that_are_spoken_are_listened_to() -> None:
    settings = DevicesSettings.model_validate(given(SMOKE))
    assert [one.filters for one in settings.adapters("an-luu", "Asia/Ho_Chi_Minh").values()] == [
        ("phoan/1/an-luu/dev/+/state", "phoan/1/an-luu/dev/+/tele")
    ]


def test_a_rule_of_no_metric_cannot_be_written() -> None:
    with pytest.raises(ValidationError):
        DeviceRuleSettings.model_validate({"id": "a", "kind": "smoke", "metric": "mood", "severity": "low"})


def test_the_silence_of_one_device_that_tells_of_money_is_a_note_and_of_one_that_guards_an_alarm() -> None:
    """A street without power is one incident at the centre, not one for each soundbox."""
    assert {kind: defaults.missed(kind).value for kind in ("soundbox", "pos", "plug", "meter", "smoke", "gateway")} == {
        "soundbox": "low", "pos": "low", "plug": "low", "meter": "medium", "smoke": "high", "gateway": "high",
    }  # fmt: skip
