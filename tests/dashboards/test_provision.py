"""The files of the repository from which Grafana provisions itself, and the commands that write and compare them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import SecretStr

from contracts.settings import load
from dashboards import provision
from dashboards.__main__ import HOME, main
from dashboards.alerts import notify
from dashboards.alerts.alert import FOLDER
from dashboards.alerts.groups import alerts, rule_groups
from dashboards.boards import BOARDS
from dashboards.house import DATASOURCE_UID, FOLDERS, Language
from dashboards.push.settings import PushSettings

KEPT = HOME / "provisioning"
BESIDE = re.compile(r"\$(?!\{PHOAN_[A-Z_]+\}|__file\{/run/secrets/[a-z-]+\})")
"""A dollar sign that Grafana would take for a variable which nobody sets."""


VIETNAMESE = "alerting/vi"
ALERTING = tuple(f"alerting/{language.value}" for language in Language)


def read(name: str) -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load((KEPT / name).read_text(encoding="utf-8"))
    return parsed


def test_the_files_of_the_repository_are_those_that_are_built_now() -> None:
    built = provision.files({language: rule_groups(language=language) for language in Language})
    assert {path.relative_to(KEPT) for path in KEPT.rglob("*.yaml")} == built.keys()
    for path, text in built.items():
        assert (KEPT / path).read_text(encoding="utf-8") == text, f"{path}: run `phoan-dashboards provision`"


def test_every_file_says_its_version_and_names_only_variables_that_are_ours() -> None:
    for path in KEPT.rglob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        assert yaml.safe_load(text)["apiVersion"] == 1
        assert BESIDE.findall(text) == [], path


def test_the_data_source_is_the_one_that_dashboards_and_rules_name() -> None:
    (source,) = read("datasources/phoan.yaml")["datasources"]
    assert (source["uid"], source["isDefault"]) == (DATASOURCE_UID, True)
    assert source["secureJsonData"] == {"password": "$__file{/run/secrets/database-grafana}"}
    rules = [rule for one in ALERTING for group in read(f"{one}/rules.yaml")["groups"] for rule in group["rules"]]
    assert {query["datasourceUid"] for rule in rules for query in rule["data"]} == {DATASOURCE_UID, "__expr__"}


def test_each_language_has_a_folder_and_a_path() -> None:
    providers = read("dashboards/phoan.yaml")["providers"]
    assert {(one["folderUid"], one["folder"]) for one in providers} == set(FOLDERS.values())
    assert {one["options"]["path"].rpartition("/")[2] for one in providers} == {language.value for language in Language}


@pytest.mark.parametrize("folder", ALERTING)
def test_rules_are_written_as_files_want_them(folder: str) -> None:
    groups = read(f"{folder}/rules.yaml")["groups"]
    assert {group["folder"] for group in groups} == {FOLDER[1]}
    assert "/" not in FOLDER[1], "Grafana would make nested folders of it"
    rules = [rule for group in groups for rule in group["rules"]]
    assert [rule["uid"] for rule in rules] == [alert.uid for alert in alerts()]
    for rule in rules:
        assert {"uid", "title", "condition", "data", "for", "noDataState", "execErrState"} <= rule.keys()
        assert all(isinstance(value, str) for value in (rule["annotations"] | rule["labels"]).values())
        if "panelId" in rule:
            assert rule["annotations"]["__panelId__"] == str(rule["panelId"])


def test_a_language_is_another_folder_of_the_same_rules() -> None:
    """Grafana renames a rule whose uid it knows, and makes a second one where the uid or the folder is another."""

    def kept(folder: str) -> list[tuple[str, ...]]:
        groups = read(f"{folder}/rules.yaml")["groups"]
        return [(rule["uid"], group["folder"]) for group in groups for rule in group["rules"]]

    def called(folder: str) -> list[Any]:
        policy = read(f"{folder}/policy.yaml")
        return [policy["policies"], policy["muteTimes"], [one["name"] for one in policy["templates"]]]

    vietnamese, english = ALERTING
    assert kept(vietnamese) == kept(english)
    assert called(vietnamese) == called(english)
    assert read(f"{vietnamese}/email.yaml") == read(f"{english}/email.yaml")
    (texts,) = read(f"{english}/policy.yaml")["templates"]
    assert "alerts]" in texts["template"]
    assert "cảnh báo" not in texts["template"]


@pytest.mark.parametrize("folder", ALERTING)
def test_whoever_is_called_exists_and_mail_alone_is_enough_to_start(folder: str) -> None:
    policy, points = read(f"{folder}/policy.yaml"), read(f"{folder}/email.yaml")["contactPoints"]
    (root,) = policy["policies"]
    branch = root["routes"][0]
    receivers = {root["receiver"], branch["receiver"], *(route["receiver"] for route in branch["routes"])}
    assert receivers == {point["name"] for point in points} == {notify.USUAL, notify.URGENT}
    named = {name for route in branch["routes"] for name in route.get("mute_time_intervals", [])}
    assert named == {timing["name"] for timing in policy["muteTimes"]}
    (texts,) = policy["templates"]
    defined = set(re.findall(r'define "([^"]+)"', texts["template"]))
    for path in (f"{folder}/email.yaml", "contacts/telegram.yaml", "contacts/webhook.yaml"):
        text = (KEPT / path).read_text(encoding="utf-8")
        assert set(re.findall(r'template "([^"]+)"', text)) <= defined


def test_further_ways_join_the_urgent_contact_point_under_uids_of_their_own() -> None:
    uids = []
    for path in (f"{VIETNAMESE}/email.yaml", "contacts/telegram.yaml", "contacts/webhook.yaml"):
        for point in read(path)["contactPoints"]:
            assert point["name"] == notify.URGENT or "email" in path
            uids += [receiver["uid"] for receiver in point["receivers"]]
    assert len(set(uids)) == len(uids)


def test_times_are_texts_in_any_yaml() -> None:
    text = (KEPT / VIETNAMESE / "policy.yaml").read_text(encoding="utf-8")
    assert "start_time: '00:00'" in text


def test_the_command_writes_and_compares_and_leaves_what_was_put_beside(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["provision", "--out", str(tmp_path)]
    assert main([*command, "--check"]) == 1
    assert list(tmp_path.iterdir()) == []
    assert main(command) == 0
    assert main([*command, "--check"]) == 0
    (tmp_path / VIETNAMESE / "telegram.yaml").write_text("apiVersion: 1\n", encoding="utf-8")
    (tmp_path / VIETNAMESE / "policy.yaml").write_text("apiVersion: 1\n", encoding="utf-8")
    capsys.readouterr()
    assert main([*command, "--check"]) == 1
    assert capsys.readouterr().out.splitlines() == ["~ alerting/vi/policy.yaml"]
    assert main(command) == 0
    assert (tmp_path / VIETNAMESE / "telegram.yaml").exists()


def test_links_lead_beside_grafana_unless_the_wall_is_named(tmp_path: Path) -> None:
    rules = read(f"{VIETNAMESE}/rules.yaml")["groups"][0]["rules"]
    said = re.match(r'\{\{ reReplaceAll "([^"]+)" "" externalURL \}\}/#/', rules[0]["annotations"]["wall"])
    assert said
    pattern = said[1].replace("\\\\", "\\").replace(r"\z", r"\Z")  # as Go reads it, and as Python writes it
    for host in ("phoan.example", "grafana.an-luu.example:8443"):
        assert re.sub(pattern, "", f"https://{host}/grafana/") == f"https://{host}"
    main(["provision", "--out", str(tmp_path), "--wall", "https://phoan.example"])
    there = (tmp_path / VIETNAMESE / "rules.yaml").read_text(encoding="utf-8")
    assert "wall: https://phoan.example/#/cameras/" in there


def test_dashboards_are_built_into_a_folder_and_compared(tmp_path: Path) -> None:
    command = ["build", "--out", str(tmp_path), "--wall", "https://phoan.example"]
    assert main(command) == 0
    assert {path.name for path in tmp_path.iterdir()} == {language.value for language in Language}
    assert main([*command, "--check"]) == 0
    assert main(["build", "--out", str(tmp_path), "--check"]) == 1
    for stale in ("vi/cu.json", "khac.json"):
        (tmp_path / stale).write_text("{}", encoding="utf-8")
    assert main([*command, "--check"]) == 1
    assert main(command) == 0
    assert not (tmp_path / "vi" / "cu.json").exists()
    assert (tmp_path / "khac.json").exists(), "only the folders of the languages are ours"


def test_the_operators_page_explains_every_dashboard_and_every_alert() -> None:
    page = (HOME.parent / "docs" / "operator.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"^### (.+)$", page, re.MULTILINE)) | set(
        re.findall(r"^\| \*\*([^*]+)\*\*", page, re.MULTILINE)
    )
    assert {board.title.of(Language.VI) for board in BOARDS} <= explained
    assert {alert.title.vi for alert in alerts()} <= explained
    severities = dict(re.findall(r"^\| \*\*([^*]+)\*\* \| (\w+) \|", page, re.MULTILINE))
    assert severities == {alert.title.vi: alert.severity.value for alert in alerts()}


def test_the_settings_that_the_operators_page_shows_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (HOME.parent / "docs" / "operator.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.+?)```", page, re.DOTALL)
    (tmp_path / "push.yaml").write_text(example, encoding="utf-8")
    monkeypatch.setenv("TELEGRAM_TOKEN", "7:bi-mat")
    settings = load(PushSettings, tmp_path / "push.yaml")
    assert settings.contacts.telegram is not None
    assert settings.contacts.telegram.token == SecretStr("7:bi-mat")


def test_the_readme_names_every_variable_and_every_secret() -> None:
    told = (KEPT / "README.md").read_text(encoding="utf-8")
    files = "".join(path.read_text(encoding="utf-8") for path in KEPT.rglob("*.yaml"))
    for name in {*re.findall(r"PHOAN_[A-Z_]+", files), *re.findall(r"/run/secrets/[a-z-]+", files)}:
        assert f"`{name}`" in told
