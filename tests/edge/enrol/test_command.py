"""`phoan-edge enrol` against a real centre: what it makes, what it refuses, and in which words."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
import yaml

from contracts.enrolment import EnrolmentCode, new_secret, parse_code
from contracts.settings import load
from demo.processes import free_port
from edge.centre.link import Link
from edge.centre.outbox import Outbox
from edge.config import EdgeSettings
from edge.enrol import command, files
from edge.enrol.renewal import Renewal
from edge.enrol.words import EnrolError
from tests.edge.enrol.conftest import RELEASE_KEY
from tests.support.centres import Centre
from tests.support.certificates import TestAuthority
from tests.support.https import SmallHttps
from tests.support.waiting import eventually


def refusal(typed: str, folder: Path, **more: bool) -> EnrolError:
    """Why a box is not enrolled."""
    with pytest.raises(EnrolError) as caught:
        command.enrol(typed, folder / "etc", folder / "data", **more)
    assert not (folder / "etc" / files.SETTINGS).exists() or more or caught.value.code == "enrolled"
    for lang in ("vi", "en"):
        said = caught.value.sentence(lang)
        assert said.endswith(".")
        assert "{" not in said
    return caught.value


def test_a_box_is_enrolled_by_one_command_and_comes_online(centre: Centre, tmp_path: Path) -> None:
    centre.start_accounts()
    typed = f"{centre.code('hop-cho')}@{centre.address}"
    arguments = ["enrol", typed, "--etc", str(tmp_path / "etc"), "--data", str(tmp_path / "data"), "--lang", "en"]
    done = subprocess.run([sys.executable, "-m", "edge", *arguments], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Box hop-cho (Hộp hop-cho) belongs to ward an-luu now.")

    etc = tmp_path / "etc"
    assert sorted(path.name for path in etc.iterdir()) == ["box-key.pem", "box.pem", "ca.pem", "edge.yaml"]
    assert {path.name: path.stat().st_mode & 0o777 for path in etc.iterdir()} == {
        "box-key.pem": 0o600, "edge.yaml": 0o600, "box.pem": 0o644, "ca.pem": 0o644,
    }  # fmt: skip
    settings = load(EdgeSettings, etc / "edge.yaml")
    assert (settings.ward, settings.box, settings.cameras) == ("an-luu", "hop-cho", ())
    assert settings.centre
    assert settings.centre.tls_ca == etc / "ca.pem"

    outbox, stop = Outbox(settings.data_dir / "outbox.db", max_records=100), threading.Event()
    link = Link(settings, outbox, "0", tuple, threading.Event())
    thread = threading.Thread(target=link.run, args=(stop,))
    thread.start()
    try:
        eventually(lambda: link.connected, 15)
        found = {
            sample.metric: sample.value
            for sample in Renewal(settings, lambda: link.broker_until).samples(datetime.now(UTC))
        }
        assert 824 < found["box.certificate_days"] <= 825
        assert 364 < found["box.server_certificate_days"] <= 365
    finally:
        stop.set()
        thread.join()
        outbox.close()


def test_its_account_lies_sealed_in_the_database_and_the_code_not_at_all(centre: Centre, tmp_path: Path) -> None:
    code = centre.code("hop-kin")
    command.enrol(f"{code}@{centre.address}", tmp_path / "etc", tmp_path / "data")
    secrets_of_box = yaml.safe_load((tmp_path / "etc" / "edge.yaml").read_text())
    with psycopg.connect(centre.database, autocommit=True) as db:
        dump = "".join(
            str(row)
            for table in ("enrolment_codes", "broker_accounts", "boxes", "box_certificates", "audit")
            for row in db.execute(f"SELECT to_jsonb({table}.*) FROM {table}").fetchall()
        )
    for secret in (secrets_of_box["mqtt"]["password"], secrets_of_box["centre"]["token"], parse_code(code).secret):
        assert secret not in dump


def test_who_stops_it_by_hand_gets_no_traceback(tmp_path: Path) -> None:
    code = EnrolmentCode(new_secret(), "0" * 16)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        typed = f"{code}@127.0.0.1:{silent.getsockname()[1]}"
        command_line = [sys.executable, "-m", "edge", "enrol", typed, "--etc", str(tmp_path), "--data", str(tmp_path)]
        process = subprocess.Popen(command_line, stderr=subprocess.PIPE, text=True)
        silent.settimeout(120)
        asking, _ = silent.accept()
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=60)[1]
        asking.close()
    assert (process.returncode, said) == (130, "")


def test_a_code_is_good_once(centre: Centre, tmp_path: Path) -> None:
    typed = f"{centre.code('hop-mot')}@{centre.address}"
    command.enrol(typed, tmp_path / "one" / "etc", tmp_path / "one" / "data")
    assert refusal(typed, tmp_path / "two").code == "code_used"


def test_of_many_boxes_at_once_a_code_lets_one_in(centre: Centre, tmp_path: Path) -> None:
    typed, results = f"{centre.code('hop-dua')}@{centre.address}", list[str]()

    def enrol(folder: Path) -> None:
        try:
            command.enrol(typed, folder / "etc", folder / "data")
            results.append("in")
        except EnrolError as error:
            results.append(error.code)

    threads = [threading.Thread(target=enrol, args=(tmp_path / str(n),)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["code_used"] * 7 + ["in"]


def test_a_box_whose_answer_was_lost_asks_again_with_the_same_code(centre: Centre, tmp_path: Path) -> None:
    typed = f"{centre.code('hop-mat')}@{centre.address}"
    blocked = tmp_path / "data"
    blocked.write_text("a file where the folder is to be")  # the centre has answered by the time that this is found
    with pytest.raises(EnrolError, match="folder"):
        command.enrol(typed, tmp_path / "etc", blocked / "inner")
    assert not (tmp_path / "etc" / "edge.yaml").exists()
    with psycopg.connect(centre.database, autocommit=True) as db:
        assert db.execute(
            "SELECT count(*) FROM enrolment_codes WHERE box_id = 'hop-mat' AND used_at IS NOT NULL"
        ).fetchone() == (1,)
    assert command.enrol(typed, tmp_path / "etc", tmp_path / "good").box == "hop-mat"
    with psycopg.connect(centre.database, autocommit=True) as db:
        details = db.execute(
            "SELECT details FROM audit WHERE object = 'box:hop-mat' AND action = 'box.enrolled' ORDER BY seq"
        )
        assert [row[0]["again"] for row in details] == [False, True]
    assert not (tmp_path / "etc" / ".enrolling").exists()


def test_a_box_is_not_enrolled_twice_by_mistake_and_keeps_its_cameras_when_it_is_on_purpose(
    centre: Centre, tmp_path: Path
) -> None:
    command.enrol(f"{centre.code('hop-hai')}@{centre.address}", tmp_path / "etc", tmp_path / "data")
    path = tmp_path / "etc" / "edge.yaml"
    before = yaml.safe_load(path.read_text())
    camera = {"id": "cho-9", "site": "cho-an-luu", "url": "rtsp://192.168.1.9/1"}
    path.write_text(yaml.safe_dump({**before, "cameras": [camera]}))
    typed = f"{centre.code('hop-hai')}@{centre.address}"
    error = refusal(typed, tmp_path)
    assert (error.code, error.details["box"]) == ("enrolled", "hop-hai")
    command.enrol(typed, tmp_path / "etc", tmp_path / "data", again=True)
    after = yaml.safe_load(path.read_text())
    assert after["cameras"] == [camera]
    assert after["mqtt"]["password"] != before["mqtt"]["password"]
    assert after["update"] == {"release_key": RELEASE_KEY}
    (tmp_path / "data" / "outbox.db").write_bytes(b"what was not sent yet")
    other = f"{centre.code('hop-ba')}@{centre.address}"
    command.enrol(other, tmp_path / "etc", tmp_path / "data", again=True)
    assert "cameras" not in yaml.safe_load(path.read_text())
    (left,) = (tmp_path / "data").iterdir()
    assert left.name.startswith("former-hop-hai-")
    assert (left / "outbox.db").read_bytes() == b"what was not sent yet"


def test_a_box_that_is_enrolled_anew_shuts_the_old_one_out(centre: Centre, tmp_path: Path) -> None:
    for folder in ("old", "new"):
        typed = f"{centre.code('hop-doi')}@{centre.address}"
        command.enrol(typed, tmp_path / folder / "etc", tmp_path / folder / "data")
    with psycopg.connect(centre.database, autocommit=True) as db:
        good = "SELECT count(*) FROM box_certificates WHERE box_id = 'hop-doi' AND revoked_at IS NULL"
        assert db.execute(good).fetchone() == (1,)
    with centre.api.client() as _:
        tokens = [load(EdgeSettings, tmp_path / name / "etc" / "edge.yaml").centre for name in ("old", "new")]
    assert tokens[0]
    assert tokens[1]
    assert tokens[0].token != tokens[1].token


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("expires_at = now() - interval '1 second'", "code_expired"),
        ("withdrawn_at = now()", "code_withdrawn"),
        ("secret_sha256 = decode(md5(random()::text), 'hex')", "code_unknown"),
    ],
)
def test_a_code_that_is_good_no_more_is_refused_with_the_reason(
    centre: Centre, tmp_path: Path, change: str, why: str
) -> None:
    typed = f"{centre.code('hop-het')}@{centre.address}"
    with psycopg.connect(centre.database, autocommit=True) as db:
        open_one = "box_id = 'hop-het' AND used_at IS NULL AND withdrawn_at IS NULL"
        db.execute(f"UPDATE enrolment_codes SET {change} WHERE {open_one}".encode())
    assert refusal(typed, tmp_path).code == why


def test_what_is_mistyped_never_leaves_the_box(centre: Centre, tmp_path: Path) -> None:
    code = centre.code("hop-sai")
    wrong = ("0" if code[0] != "0" else "1") + code[1:]
    for typed, why in (
        (f"{wrong}@{centre.address}", "check"),
        (f"{code[:-6]}@{centre.address}", "length"),
        (f"{code[:-1]}U@{centre.address}", "sign"),
        (code, "target"),
        (f"{code}@", "target"),
        (f"{code}@https://a/b", "target"),
        (f"{code}@http://192.0.2.1", "plain"),
        (f"{code}@ftp://x", "target"),
        (f"{code}@x:port", "target"),
        (f"{code}@trungtam..example", "target"),
        (f"{code}@{'x' * 64}.example", "target"),
        (f"{code}@trungtam\x07.example", "target"),
        (f"{code}@2001:db8::1", "target"),
    ):
        assert refusal(typed, tmp_path).code == why, typed
    assert not (tmp_path / "etc").exists()


def test_a_centre_that_is_not_there_or_another_one_is_told_apart(centre: Centre, tmp_path: Path) -> None:
    code = centre.code("hop-xa")
    assert refusal(f"{code}@127.0.0.1:{free_port()}", tmp_path).code == "unreachable"
    stranger = EnrolmentCode(parse_code(code).secret, "0" * 16)
    assert refusal(f"{stranger}@{centre.address}", tmp_path).code == "fingerprint"
    assert refusal(f"{code}@localhost.:{centre.api.port}", tmp_path).code in ("server_name", "unreachable")
    with SmallHttps(centre.authority.server(), {}) as other:
        assert refusal(f"{code}@127.0.0.1:{other.port}", tmp_path).code == "no_centre"
    assert not (tmp_path / "etc").exists(), "nothing was written before the centre was known to be the right one"


def test_somebody_between_who_shows_the_right_authority_gets_no_code(centre: Centre, tmp_path: Path) -> None:
    """They can pass on the authority's certificate, which is public, but cannot speak with its key."""
    thief = TestAuthority(tmp_path / "thief").server()
    pem = centre.authority.ca.read_text()
    with SmallHttps(thief, {"/api/v1/enrol/ca": pem}) as between:
        assert refusal(f"{centre.code('hop-giua')}@127.0.0.1:{between.port}", tmp_path).code == "untrusted"
        assert between.posted == []


@pytest.mark.parametrize(
    ("begins", "ends", "their_time", "why"),
    [(2, 400, 3, "clock"), (-800, -400, -600, "clock"), (-800, -1, 0, "server_expired")],
)
def test_a_wrong_clock_is_told_from_a_certificate_that_ended(
    centre: Centre, tmp_path: Path, begins: int, ends: int, their_time: int, why: str
) -> None:
    now = datetime.now(UTC)
    server = centre.authority.server(
        "127.0.0.1", not_before=now + timedelta(days=begins), not_after=now + timedelta(days=ends)
    )
    pem = centre.authority.ca.read_text()
    with SmallHttps(server, {"/api/v1/enrol/ca": pem}, date=now + timedelta(days=their_time)) as odd:
        error = refusal(f"{centre.code('hop-gio')}@127.0.0.1:{odd.port}", tmp_path)
    assert error.code == why


@pytest.mark.parametrize(
    ("name", "begins", "why"), [("127.0.0.1", 2, "clock"), ("trungtam.example", -2, "server_name")]
)
def test_of_a_centre_that_a_public_authority_vouches_for_the_same_is_told(
    centre: Centre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, begins: int, why: str
) -> None:
    public, now = TestAuthority(tmp_path / "public"), datetime.now(UTC)
    monkeypatch.setenv("SSL_CERT_FILE", str(public.ca))
    server = public.server(name, not_before=now + timedelta(days=begins), not_after=now + timedelta(days=400))
    pem = centre.authority.ca.read_text()
    with SmallHttps(server, {"/api/v1/enrol/ca": pem}, date=now + timedelta(days=begins + 1)) as public_centre:
        assert refusal(f"{centre.code('hop-pin')}@127.0.0.1:{public_centre.port}", tmp_path).code == why


def test_a_mistake_in_the_boxs_own_file_is_not_told_as_one_of_the_centre(centre: Centre, tmp_path: Path) -> None:
    command.enrol(f"{centre.code('hop-cu')}@{centre.address}", tmp_path / "etc", tmp_path / "data")
    path = tmp_path / "etc" / "edge.yaml"
    good = path.read_text()
    path.write_text(good + "camera: []\n")
    typed = f"{centre.code('hop-cu')}@{centre.address}"
    error = refusal(typed, tmp_path, again=True)
    assert (error.code, error.details["file"]) == ("settings", path)
    assert "field camera is not known here" in error.sentence("en")
    path.write_text(good)
    assert command.enrol(typed, tmp_path / "etc", tmp_path / "data", again=True).box == "hop-cu"


def test_a_centre_that_lets_nobody_in_says_so(centre: Centre, tmp_path: Path) -> None:
    code = centre.code("hop-cho-khac")
    app = centre.api.server.config.app
    desk, app.state.enrolment = app.state.enrolment, None  # type: ignore[union-attr]
    try:
        assert refusal(f"{code}@{centre.address}", tmp_path).code == "enrolment_not_set_up"
    finally:
        app.state.enrolment = desk  # type: ignore[union-attr]


def test_the_files_belong_to_whom_the_folder_belongs(centre: Centre, tmp_path: Path) -> None:
    etc = tmp_path / "etc"
    etc.mkdir()
    owner = 54321 if os.geteuid() == 0 else os.geteuid()
    os.chown(etc, owner, -1)
    command.enrol(f"{centre.code('hop-chu')}@{centre.address}", etc, tmp_path / "data")
    assert {path.stat().st_uid for path in [*etc.iterdir(), tmp_path / "data"]} == {owner}


def test_what_is_printed_is_one_sentence_in_the_language_that_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", type=Path, default=tmp_path / "edge.yaml")
    command.add_arguments(parser)
    for lang, begin in (("vi", "Mã phải có 30 ký tự"), ("en", "A code has 30 signs")):
        assert command.run(parser.parse_args(["ABC@centre.example", "--lang", lang])) == 2
        said = capsys.readouterr().err
        assert said.startswith(begin)
        assert said.count("\n") == 1


def test_secrets_are_new_for_every_code(tmp_path: Path) -> None:
    first = files.secrets_for(tmp_path, new_secret())
    second = files.secrets_for(tmp_path, new_secret())
    assert first.password != second.password
