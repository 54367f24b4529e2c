from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import yaml
from cryptography.fernet import Fernet
from pydantic import SecretStr

from api import commands
from api.access.passwords import matches
from api.config import ApiSettings
from contracts.settings import load
from demo.processes import free_port, wait_for_port
from storage import accounts, audit, wall
from storage.scope import Scope
from tests.api.program import called, started
from tests.support.samples import BOX_TOKEN

SECRET = "very-secret-word"
SITE = {"id": "pho-moi", "name": "Phố Mới", "kind": "street"}
BOX = {"id": "moi-1", "name": "Hộp", "ward": "moi", "token": BOX_TOKEN + "-new"}
CAMERA = {"id": "moi-cam", "name": "Cổng", "site": "pho-moi"}
ZONE = {"id": "vung", "name": "Vùng", "polygon": [[0, 0], [1, 0], [1, 1]]}


def declared(**box: Any) -> dict[str, Any]:
    return {"wards": [{"id": "moi", "name": "Phường Mới", "sites": [SITE]}], "boxes": [{**BOX, **box}]}


@pytest.fixture
def config(database: str, tmp_path: Path) -> Path:
    path = tmp_path / "api.yaml"
    path.write_text(yaml.safe_dump({"database": database, "media_dir": str(tmp_path / "media")}))
    return path


def run(config: Path, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return called("--config", config, *words, stdin=stdin)


def start(config: Path, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return started("--config", config, *words, stdin=stdin)


def assert_one_sentence(code: int, said: str, *words: str) -> None:
    assert code == 2
    assert said.endswith(".\n")
    assert len(said.splitlines()) == 1
    assert "Traceback" not in said
    assert SECRET not in said
    for word in words:
        assert word in said


def test_an_inventory_is_applied_as_often_as_one_likes(config: Path, database: str, tmp_path: Path) -> None:
    file = tmp_path / "inventory.yaml"
    file.write_text(yaml.safe_dump(declared(cameras=[{**CAMERA, "zones": [ZONE]}]), allow_unicode=True))
    for apply in (start, run):
        done = apply(config, "inventory", str(file))
        assert (done.returncode, done.stderr) == (0, "")
    with psycopg.connect(database) as db:
        assert [row.id for row in wall.cameras(db, Scope.of_wards(["moi"]))] == ["moi-cam"]
        assert accounts.box_of_token(db, BOX_TOKEN + "-new") == "moi-1"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", ["fields"]),
        ("[", ["YAML"]),
        ("- a", ["fields"]),
        ({}, ["wards"]),
        ({"wards": [{"id": "Bad Name", "name": "x"}]}, ["wards[0].id"]),
        ({"wards": [], "colour": 1}, ["colour"]),
        (declared(token=SECRET), ["boxes[0].token"]),
        (declared(ward="elsewhere"), ["elsewhere"]),
        (declared(site="nowhere"), ["site"]),
        (declared(token=BOX_TOKEN), ["token"]),
        (declared(cameras=[{**CAMERA, "site": "nowhere"}]), ["moi-cam", "nowhere"]),
        (declared(cameras=[CAMERA, CAMERA]), ["moi-cam"]),
        (declared(cameras=[{**CAMERA, "zones": [ZONE, ZONE]}]), ["zone"]),
        (declared(cameras=[{**CAMERA, "zones": [{**ZONE, "polygon": [[0, 0]]}]}]), ["boxes[0].cameras[0].zones[0]"]),
        (declared(token="${PHOAN_NOT_SET}"), ["PHOAN_NOT_SET"]),
    ],
    ids=range(15),
)
def test_a_wrong_inventory_ends_with_one_sentence_and_changes_nothing(
    config: Path, database: str, tmp_path: Path, content: object, words: list[str]
) -> None:
    file = tmp_path / "inventory.yaml"
    file.write_text(content if isinstance(content, str) else yaml.safe_dump(content, allow_unicode=True))
    done = run(config, "inventory", str(file))
    assert_one_sentence(done.returncode, done.stderr, "inventory.yaml", *words)
    with psycopg.connect(database) as db:
        assert wall.all_wards(db) == ["an-luu", "phuong-4"]


def test_a_missing_inventory_ends_with_one_sentence(config: Path, tmp_path: Path) -> None:
    done = start(config, "inventory", str(tmp_path / "nothing.yaml"))
    assert_one_sentence(done.returncode, done.stderr, "nothing.yaml")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"database": None}, ["database"]),
        ({"database": f"postgresql://u:{SECRET}@[::1/x"}, ["database"]),
        ({"database": f"postgresql://u:pa/{SECRET}@h/x"}, ["database"]),
        ({"database": f"{SECRET}"}, ["database"]),
        ({"database": f"host=127.0.0.1 port=1 user=u password={SECRET}"}, ["database"]),
        ({"session_hours": 0}, ["session_hours"]),
        ({"session_check_s": 0}, ["session_check_s"]),
        ({"port": 99999}, ["port"]),
        ({"secret_key": SECRET}, ["secret_key"]),
        ({"trusted_proxies": ["10.0.0.0/99"]}, ["trusted_proxies"]),
        ({"totp_roles": ["chief"]}, ["totp_roles"]),
        ({"passwort": SECRET}, ["passwort"]),
    ],
    ids=range(12),
)
def test_wrong_settings_end_with_one_sentence(config: Path, settings: dict[str, Any], words: list[str]) -> None:
    config.write_text(yaml.safe_dump({**yaml.safe_load(config.read_text()), **settings}))
    inventory = config.with_name("inventory.yaml")
    inventory.write_text(yaml.safe_dump(declared()))
    done = run(config, "inventory", str(inventory))
    assert_one_sentence(done.returncode, done.stderr, *words)


def test_a_user_is_made_and_may_sign_in(config: Path, database: str) -> None:
    done = start(config, "user", "hoa", "--name", "Hoa", "--ward", "an-luu", stdin=f"{SECRET}\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert SECRET not in done.stdout
    with psycopg.connect(database) as db:
        user = accounts.user(db, "hoa")
    assert user is not None
    assert (user.role, user.wards, user.display_name) == ("police", ["an-luu"], "Hoa")
    assert matches(SECRET, user.password_hash)


@pytest.mark.parametrize(
    ("arguments", "password", "words"),
    [
        (["hoa"], "short", ["password"]),
        (["hoa"], "", ["password"]),
        (["hoa"], SECRET * 20, ["password"]),
        ([""], SECRET, ["username"]),
        (["h" * 81], SECRET, ["username"]),
        (["hoa\n"], SECRET, ["username"]),
        (["hoa", "--ward", "nowhere"], SECRET, ["--ward", "nowhere"]),
        (["hoa", "--ward", "an-luu", "--site", "yersin"], SECRET, ["--site", "yersin"]),
        (["hoa", "--ward", "an-luu", "--site", "nowhere"], SECRET, ["--site", "nowhere"]),
    ],
)
def test_a_wrong_user_ends_with_one_sentence(
    config: Path, database: str, arguments: list[str], password: str, words: list[str]
) -> None:
    done = run(config, "user", *arguments, stdin=f"{password}\n")
    assert_one_sentence(done.returncode, done.stderr, *words)
    with psycopg.connect(database) as db:
        assert db.execute("SELECT count(*) FROM users").fetchone() == (0,)


def test_a_user_is_limited_disabled_enabled_and_listed(config: Path, database: str) -> None:
    assert run(config, "user", "hoa", "--ward", "an-luu", "--site", "cho-an-luu", stdin=f"{SECRET}\n").returncode == 0
    assert run(config, "user", "hoa", "--disable").returncode == 0
    listed = run(config, "users").stdout
    assert listed == "hoa\tpolice\tcho-an-luu\tpassword only\tdisabled\n"
    assert run(config, "user", "hoa", "--enable").returncode == 0
    with psycopg.connect(database) as db:
        user = accounts.user(db, "hoa")
        actions = [(entry.action, entry.object) for entry in audit.entries(db)]
        actors = {entry.actor for entry in audit.entries(db)}
    assert user is not None
    assert (user.disabled, user.sites, user.display_name) == (False, ["cho-an-luu"], "hoa")
    assert actions == [("user.put", "user:hoa"), ("user.changed", "user:hoa"), ("user.changed", "user:hoa")]
    assert all(actor.startswith("cli:") for actor in actors)


def test_a_second_factor_is_set_up_and_taken_away_at_the_desk(config: Path, database: str) -> None:
    run(config, "user", "hoa", stdin=f"{SECRET}\n")
    address, *codes = run(config, "user", "hoa", "--new-totp").stdout.splitlines()
    assert address.startswith("otpauth://totp/")
    assert len(codes) == 10
    with psycopg.connect(database) as db:
        user = accounts.user(db, "hoa")
        assert user is not None
        assert user.totp_since
        assert accounts.recovery_codes_left(db, "hoa") == 10
    assert run(config, "user", "hoa", "--no-totp").returncode == 0
    assert "password only" in run(config, "users").stdout


@pytest.mark.parametrize("change", ["--disable", "--enable", "--sign-out", "--new-totp", "--no-totp"])
def test_a_change_to_nobody_ends_with_one_sentence(config: Path, change: str) -> None:
    done = run(config, "user", "nobody", change)
    assert_one_sentence(done.returncode, done.stderr, "nobody")


def test_an_inventory_leaves_its_entry_with_who_applied_it(config: Path, database: str, tmp_path: Path) -> None:
    file = tmp_path / "inventory.yaml"
    file.write_text(yaml.safe_dump(declared(), allow_unicode=True))
    assert run(config, "inventory", str(file)).returncode == 0
    with psycopg.connect(database) as db:
        (entry,) = audit.entries(db)
    assert (entry.action, entry.object) == ("inventory.applied", "file:inventory.yaml")
    assert entry.details == {"wards": 1, "boxes": 1}


def test_a_new_key_is_one_that_the_settings_take(config: Path) -> None:
    key = start(config, "key").stdout.strip()
    config.write_text(yaml.safe_dump({**yaml.safe_load(config.read_text()), "secret_key": key}))
    assert start(config, "users").returncode == 0


def test_second_factors_that_lie_open_are_warned_of_at_the_start(
    config: Path, database: str, caplog: pytest.LogCaptureFixture
) -> None:
    settings = load(ApiSettings, config)
    commands.warn_of_open_secrets(settings)
    assert caplog.text == ""
    run(config, "user", "lan", "--role", "admin", stdin=f"{SECRET}\n")
    run(config, "user", "lan", "--new-totp")
    commands.warn_of_open_secrets(settings)
    assert "second factors of 1 users lie open in the database: set secret_key" in caplog.text
    caplog.clear()
    sealed = settings.model_copy(update={"secret_key": SecretStr(Fernet.generate_key().decode())})
    commands.warn_of_open_secrets(sealed)
    assert "set up anew" in caplog.text


def test_a_place_for_pictures_that_is_none_ends_with_one_sentence(config: Path) -> None:
    config.write_text(yaml.safe_dump({**yaml.safe_load(config.read_text()), "media_dir": str(config)}))
    done = start(config, "run")
    assert_one_sentence(done.returncode, done.stderr, "media_dir")


def test_the_program_serves_until_it_is_told_to_end(config: Path) -> None:
    port = free_port()
    config.write_text(yaml.safe_dump({**yaml.safe_load(config.read_text()), "port": port}))
    command = [sys.executable, "-m", "api", "--config", str(config), "run"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        wait_for_port(port, process, "the API")
        assert httpx.get(f"http://127.0.0.1:{port}/").status_code == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) in (0, -signal.SIGTERM)
