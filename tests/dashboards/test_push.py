"""`phoan-dashboards push` over real HTTP, against a server that keeps and refuses as Grafana does."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from dashboards import __main__ as program
from dashboards.__main__ import main
from dashboards.alerts import notify
from dashboards.alerts.groups import GROUPS
from dashboards.boards import BOARDS
from dashboards.house import DATASOURCE_UID, Language
from dashboards.push import grafana as client
from dashboards.push.settings import PushSettings
from tests.support.grafana import Grafana, Store, grafana

BOT = "7000000001:bi-mat-cua-bot"
HOOK = "khoa-cua-webhook"
DRAW = program.draw


@pytest.fixture(scope="module")
def drawn() -> Callable[[PushSettings], dict[Language, list[dict[str, Any]]]]:
    """Draws the dashboards once for each wall: it takes a second."""
    kept: dict[tuple[str, tuple[Language, ...]], dict[Language, list[dict[str, Any]]]] = {}

    def draw(settings: PushSettings) -> dict[Language, list[dict[str, Any]]]:
        key = (settings.where_the_wall_is(), settings.languages)
        if key not in kept:
            kept[key] = DRAW(settings)
        return kept[key]

    return draw


@pytest.fixture(autouse=True)
def quick(
    monkeypatch: pytest.MonkeyPatch, drawn: Callable[[PushSettings], dict[Language, list[dict[str, Any]]]]
) -> None:
    monkeypatch.setattr(client, "PAUSES_S", (0.0, 0.0))
    monkeypatch.setattr(program, "draw", drawn)


@pytest.fixture
def server() -> Iterator[Grafana]:
    with grafana() as running:
        yield running


def settings(server: Grafana, folder: Path, **changes: object) -> list[str]:
    """The arguments that push to `server`; `changes` are of the settings' file."""
    body: dict[str, Any] = {
        "grafana": {"url": server.url, "password": Store.password},
        "database": {"address": "timescaledb:5432", "password": Store.database_password},
        "contacts": {
            "email": {"addresses": ["truc@an-luu.example", "ky-thuat@an-luu.example"]},
            "telegram": {"token": BOT, "chat": "-100123"},
            "webhook": {"url": "https://goi.example/phoan", "token": HOOK},
        },
        "account": {"token_file": str(folder / "token")},
        "wall": "https://phoan.example",
        "languages": ["vi"],
        **changes,
    }
    file = folder / "push.yaml"
    file.write_text(yaml.safe_dump(body), encoding="utf-8")
    return ["push", "--config", str(file)]


def failing(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """What a push says that ends with exit code 2."""
    capsys.readouterr()
    assert main(arguments) == 2
    said = capsys.readouterr().err.strip()
    assert "\n" not in said
    assert said.endswith(".")
    return said


def test_a_push_brings_everything_and_a_second_one_changes_nothing(
    server: Grafana, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    push, store = settings(server, tmp_path, languages=["vi", "en"]), server.store
    assert main(push) == 0
    assert set(store.folders) == {"phoan", "phoan-en", "phoan-alerts"}
    assert len(store.dashboards) == len(BOARDS) * len(Language)
    assert [group["title"] for group in store.groups.values()] == [group.name.vi for group in GROUPS]
    assert store.policy["receiver"] == "grafana-default-email"
    assert store.policy["routes"][0]["receiver"] == notify.USUAL
    assert {one["name"] for one in store.contacts.values()} == {notify.USUAL, notify.URGENT}
    assert store.passwords == {DATASOURCE_UID: store.database_password}
    before = len(store.changes)
    assert before > 10
    capsys.readouterr()
    assert main(push) == 0
    assert store.changes[before:] == []
    assert "nothing to do" in capsys.readouterr().out


def test_links_lead_to_the_wall_of_the_settings(server: Grafana, tmp_path: Path) -> None:
    main(settings(server, tmp_path))
    walls = {
        rule["annotations"]["wall"].partition("/#/")[0]
        for group in server.store.groups.values()
        for rule in group["rules"]
    }
    assert walls == {"https://phoan.example"}
    for versions in server.store.dashboards.values():
        variables = {one["name"]: one for one in versions[-1]["dashboard"]["templating"]["list"]}
        assert variables["wall"]["query"] == "https://phoan.example"


def test_the_wall_is_beside_grafana_unless_it_is_named(server: Grafana, tmp_path: Path) -> None:
    main(settings(server, tmp_path, wall=""))
    rule = server.store.groups["phoan-alerts", GROUPS[0].name.vi]["rules"][0]
    assert rule["annotations"]["wall"].startswith(f"http://127.0.0.1:{server.port}/#/")


def test_a_dry_run_changes_nothing_and_shows_what_would_change(
    server: Grafana, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    push = settings(server, tmp_path)
    assert main([*push, "--dry-run"]) == 0
    assert server.store.changes == []
    assert not (tmp_path / "token").exists()
    assert "+ folder Phố An" in capsys.readouterr().out
    main(push)
    server.store.folders["phoan"]["title"] = "Tên cũ"
    server.store.groups["phoan-alerts", GROUPS[0].name.vi]["rules"][0]["for"] = "45m"
    before = len(server.store.changes)
    capsys.readouterr()
    assert main([*push, "--dry-run"]) == 0
    shown = capsys.readouterr().out
    assert '-  "title": "Tên cũ"' in shown
    assert '+  "title": "Phố An"' in shown
    assert '-      "for": "45m"' in shown
    assert "would change 2" in shown
    assert server.store.changes[before:] == []


def test_a_push_that_is_killed_anywhere_is_finished_by_the_next_one(tmp_path: Path) -> None:
    with grafana() as whole:
        assert main(settings(whole, tmp_path)) == 0
        wanted, steps = whole.store, len(whole.store.changes)
    for killed_at in (1, 3, steps // 2, steps - 3, steps):
        folder = tmp_path / str(killed_at)
        folder.mkdir()
        store = Store(dies_at=killed_at)
        with grafana(store) as dying:
            assert main(settings(dying, folder)) == 2
        with grafana(store) as again:
            assert main(settings(again, folder)) == 0
            assert len(store.changes) <= steps + 2
            assert {uid: one[-1]["dashboard"] for uid, one in store.dashboards.items()} == {
                uid: one[-1]["dashboard"] | {"id": store.dashboards[uid][-1]["dashboard"]["id"]}
                for uid, one in wanted.dashboards.items()
            }
            assert store.groups == wanted.groups
            assert (store.contacts, store.policy) == (wanted.contacts, wanted.policy)
            assert len(store.accounts) == 1
            assert (folder / "token").read_text().strip() in store.tokens


def test_what_somebody_changed_by_hand_is_put_back_and_only_that(server: Grafana, tmp_path: Path) -> None:
    push, store = settings(server, tmp_path), server.store
    main(push)
    uid = "phoan-overview"
    changed = store.dashboards[uid][-1]["dashboard"]
    store.dashboards[uid].append(
        {"dashboard": {**changed, "title": "Của tôi", "version": 2}, "folder": "phoan", "message": "sửa tay"}
    )
    store.contacts["phoan-usual-email"]["settings"]["addresses"] = "ai-do@example.org"
    store.policy["routes"].append({"receiver": "grafana-default-email", "object_matchers": [["team", "=", "khac"]]})
    store.groups["phoan-alerts", GROUPS[1].name.vi]["rules"][0]["labels"]["them"] = "nhan"
    before = len(store.changes)
    assert main(push) == 0
    assert [one.verb for one in store.changes[before:]] == ["POST", "PUT", "PUT"]
    assert store.dashboards[uid][-1]["dashboard"]["title"] == changed["title"]
    assert "them" not in store.groups["phoan-alerts", GROUPS[1].name.vi]["rules"][0]["labels"]
    assert store.policy["routes"][-1]["object_matchers"] == [["team", "=", "khac"]]


def test_another_language_renames_every_rule_and_doubles_none(server: Grafana, tmp_path: Path) -> None:
    def rules() -> dict[str, str]:
        found = [rule for group in server.store.groups.values() for rule in group["rules"]]
        titles = {rule["uid"]: rule["title"] for rule in found}
        assert len(titles) == len(found)
        return titles

    main(settings(server, tmp_path))
    before = rules()
    push = settings(server, tmp_path, languages=["en", "vi"])
    assert main(push) == 0
    after = rules()
    assert before.keys() == after.keys()
    assert all(before[uid] != after[uid] for uid in after)
    assert {group["title"] for group in server.store.groups.values()} == {group.name.en for group in GROUPS}
    assert "alerts]" in server.store.templates[notify.TEMPLATE]["template"]
    changes = len(server.store.changes)
    assert main(push) == 0
    assert len(server.store.changes) == changes


def test_a_grafana_that_rewrites_dashboards_is_not_written_to_again(tmp_path: Path) -> None:
    with grafana(Store(rewrites=True)) as server:
        push = settings(server, tmp_path)
        main(push)
        before = len(server.store.changes)
        assert main(push) == 0
        assert server.store.changes[before:] == []


def test_rules_in_another_order_are_no_difference(server: Grafana, tmp_path: Path) -> None:
    push, store = settings(server, tmp_path), server.store
    main(push)
    for group in store.groups.values():
        group["rules"].reverse()
    before = len(store.changes)
    assert main(push) == 0
    assert store.changes[before:] == []


def test_our_own_that_are_no_more_are_removed_and_others_stay(server: Grafana, tmp_path: Path) -> None:
    push, store = settings(server, tmp_path), server.store
    main(push)
    board = store.dashboards["phoan-overview"][-1]["dashboard"]
    for uid in ("phoan-cu", "cua-toi"):
        store.dashboards[uid] = [{"dashboard": {**board, "uid": uid}, "folder": "phoan", "message": ""}]
    rule = store.groups["phoan-alerts", GROUPS[0].name.vi]["rules"][0]
    store.groups["phoan-alerts", "Nhóm cũ"] = {
        "title": "Nhóm cũ",
        "rules": [{**rule, "uid": "phoan-cu"}, {**rule, "uid": "cua-toi"}],
    }
    assert main(push) == 0
    assert "phoan-cu" not in store.dashboards
    assert "cua-toi" in store.dashboards
    assert [one["uid"] for one in store.groups["phoan-alerts", "Nhóm cũ"]["rules"]] == ["cua-toi"]


def test_secrets_are_sent_again_only_when_asked_and_never_shown(
    server: Grafana, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(settings(server, tmp_path))
    contacts = {
        "email": {"addresses": ["truc@an-luu.example"]},
        "telegram": {"token": "bot-moi-tinh", "chat": "-100123"},
    }
    push = settings(server, tmp_path, contacts=contacts)
    assert main([*push, "--dry-run"]) == 0
    assert main(push) == 0
    assert server.store.contacts["phoan-urgent-telegram"]["settings"]["bottoken"] != "bot-moi-tinh"
    assert main([*push, "--secrets"]) == 0
    assert server.store.contacts["phoan-urgent-telegram"]["settings"]["bottoken"] == "bot-moi-tinh"
    said = "".join(capsys.readouterr())
    for secret in (BOT, "bot-moi-tinh", HOOK, Store.password, Store.database_password):
        assert secret not in said


def test_a_password_that_the_database_does_not_take_is_sent_anew_and_told(
    server: Grafana, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    push = settings(server, tmp_path)
    main(push)
    server.store.database_password = "mat-khau-moi"
    assert "cannot read the database" in failing(push, capsys)
    fresh = settings(server, tmp_path, database={"address": "timescaledb:5432", "password": "mat-khau-moi"})
    before = len(server.store.changes)
    assert main(fresh) == 0
    assert [one.path for one in server.store.changes[before:]] == [f"/datasources/uid/{DATASOURCE_UID}"]


def test_the_service_account_has_its_role_and_a_token_that_only_its_owner_reads(
    server: Grafana, tmp_path: Path
) -> None:
    push, store = settings(server, tmp_path), server.store
    main(push)
    file = tmp_path / "token"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    with_token = settings(server, tmp_path, grafana={"url": server.url, "token_file": str(file)})
    before = len(store.changes)
    assert main(with_token) == 0
    assert store.changes[before:] == []
    file.unlink()
    store.accounts[1]["role"] = "Viewer"
    assert main(settings(server, tmp_path)) == 0
    assert store.accounts[1]["role"] == "Admin"
    assert file.read_text().strip() in store.tokens


def test_editable_says_so_for_everything_that_alerts(server: Grafana, tmp_path: Path) -> None:
    main(settings(server, tmp_path, editable=True))
    alerting = [one for one in server.store.changes if one.path.startswith("/v1/provisioning")]
    assert alerting
    assert all(one.headers.get("X-Disable-Provenance") == "true" for one in alerting)


def test_without_contacts_the_policy_is_left_alone(server: Grafana, tmp_path: Path) -> None:
    before = dict(server.store.policy)
    assert main(settings(server, tmp_path, contacts={})) == 0
    assert (server.store.policy, server.store.contacts) == (before, {})


def test_a_data_source_that_a_file_brought_is_left_alone(
    server: Grafana, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    push, store = settings(server, tmp_path, database=None), server.store
    assert "cannot read the database" in failing(push, capsys)
    store.datasources[DATASOURCE_UID] = {"uid": DATASOURCE_UID, "name": "Của tệp", "version": 1, "readOnly": True}
    store.passwords[DATASOURCE_UID] = store.database_password
    before = len(store.changes)
    assert main(push) == 0
    assert store.changes[before:] == []


def test_options_do_without_a_file(server: Grafana, tmp_path: Path) -> None:
    (tmp_path / "a").write_text(f"{Store.password}\n")
    (tmp_path / "b").write_text(f"{Store.database_password}\n")
    options = ["--url", server.url, "--password-file", f"{tmp_path}/a", "--database", "db:5432/phoan2"]
    assert main(["push", *options, "--database-password-file", f"{tmp_path}/b", "--email", "a@b.example"]) == 0
    assert server.store.datasources[DATASOURCE_UID]["jsonData"]["database"] == "phoan2"
    assert server.store.contacts["phoan-usual-email"]["settings"]["addresses"] == "a@b.example"


def test_passing_failures_are_asked_again_but_nothing_is_made_twice(
    server: Grafana, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    push, store = settings(server, tmp_path), server.store
    store.fails = {"GET": [503, 429], "PUT": [500]}
    assert main(push) == 0
    store.folders["phoan-alerts"]["title"], store.folders["phoan"]["title"] = "Cũ", "Cũ"
    del store.contacts["phoan-usual-email"]
    before, store.fails = len(store.changes), {"POST": [502]}
    assert "fails at contact point Phố An by email (502" in failing(push, capsys)
    assert [one.verb for one in store.changes[before:]] == ["PUT", "PUT", "POST"]
    assert main(push) == 0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"password": "sai"}, "does not accept these credentials"),
        ({"token": "glsa_sai"}, "does not accept these credentials"),
        ({"user": "xem", "password": "xem"}, "may not touch data source"),
    ],
)
def test_who_may_not_push_is_told_so(
    server: Grafana, tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, str], said: str
) -> None:
    server.store.users["xem"] = ("xem", "Viewer")
    push = settings(server, tmp_path, grafana={"url": server.url, **changes})
    assert said in failing(push, capsys)
    assert server.store.changes == []


def test_an_old_grafana_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with grafana(Store(version="11.6.4")) as server:
        assert "is version 11.6.4; 12 or newer is needed" in failing(settings(server, tmp_path), capsys)
        assert server.store.changes == []


def test_what_is_not_there_or_no_grafana_is_told_so(
    server: Grafana, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere = {"url": f"http://127.0.0.1:{server.port}/khac", "password": Store.password}
    assert "404" in failing(settings(server, tmp_path, grafana=elsewhere), capsys)
    nowhere = {"url": "http://127.0.0.1:9", "password": Store.password}
    assert "cannot be reached" in failing(settings(server, tmp_path, grafana=nowhere), capsys)


def test_somebody_who_changes_a_dashboard_at_the_same_time_is_not_overwritten(
    server: Grafana, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    push, store = settings(server, tmp_path), server.store
    main(push)
    uid = "phoan-overview"
    store.dashboards[uid][-1]["dashboard"]["title"] = "Khác"
    store.dashboards[uid][-1]["message"] = ""
    original = client.Grafana.post

    def meanwhile(self: client.Grafana, path: str, what: str, body: object, *, editable: bool = False) -> Any:
        if path == "/dashboards/db":
            store.dashboards[uid].append(store.dashboards[uid][-1])  # a version that nobody here has read
        return original(self, path, what, body, editable=editable)

    monkeypatch.setattr(client.Grafana, "post", meanwhile)
    assert "Somebody else changed dashboard" in failing(push, capsys)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"grafana": {"url": "ftp://x", "password": "a"}}, "grafana.url"),
        ({"grafana": {"url": "http://x", "password": "a", "token": "b"}}, "one of password"),
        ({"database": {"address": "timescaledb"}}, "database.address"),
        ({"database": {"address": "timescaledb:5432"}}, "password"),
        ({"database": {"address": "a:1", "password_file": "/khong/co"}}, "cannot be read"),
        ({"account": {"token_file": "/khong/co/token"}}, "cannot be written"),
        ({"them": 1}, "them is not known"),
        ({"grafana": {"url": "http://g.example:3000", "password": "a"}, "wall": ""}, "must name the wall"),
    ],
)
def test_mistakes_in_the_settings_are_one_sentence(
    server: Grafana, tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, object], said: str
) -> None:
    assert said in failing(settings(server, tmp_path, **changes), capsys)
