from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import httpx
import psycopg
import pytest
import yaml

from contracts.ids import digest_of, new_id
from tests.api.program import called, started
from tests.api.running import RunningApi, audited, problem

Run = Callable[..., CompletedProcess[str]]

BOX = "an-luu-1"
BYTES = bytes(range(256)) * 40


@pytest.fixture
def release(api: RunningApi) -> str:
    """A release of all machines; its bytes are in the media store."""
    digest = digest_of(BYTES)
    path = api.settings.media_dir / digest[:2] / digest
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(BYTES)
    _enter(api, "0.2.0", "none", digest)
    return "0.2.0"


def _enter(api: RunningApi, version: str, arch: str, digest: str) -> None:
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        db.execute(
            "INSERT INTO releases (version, arch, sha256, size, signature, made_by)"
            " VALUES (%s, %s, %s, %s, '', 'cli:x')",
            (version, arch, digest, len(BYTES)),
        )


def name(api: RunningApi, version: str, user: str = "tech") -> httpx.Response:
    with api.client(user) as client:
        return client.put(f"/api/v1/boxes/{BOX}/release", json={"version": version})


def wanted(api: RunningApi, machine: str = "x86_64") -> dict[str, Any] | None:
    with api.box() as box:
        answer = box.get("/api/v1/box/release", params={"machine": machine})
    found: dict[str, Any] | None = answer.json().get("wanted")
    return found


def report(api: RunningApi, **fields: object) -> int:
    said = {"version": "0.2.0", "running": "0.1.0", "at": "2026-02-10T05:00:00Z", **fields}
    with api.box() as box:
        return box.post("/api/v1/box/release/report", json=said).status_code


def wish(api: RunningApi, user: str = "tech") -> dict[str, Any]:
    with api.client(user) as client:
        (found,) = client.get("/api/v1/boxes/releases").json()["items"]
    return dict(found)


def test_a_box_is_told_what_is_wanted_and_each_naming_is_another_wish(api: RunningApi, release: str) -> None:
    assert wanted(api) is None
    assert name(api, release).json()["version"] == "0.2.0"
    first = wanted(api)
    assert first
    assert (first["version"], first["sha256"], first["size"]) == ("0.2.0", digest_of(BYTES), len(BYTES))
    name(api, release)
    second = wanted(api)
    assert second
    assert second["wish"] != first["wish"]


def test_a_release_of_the_boxs_own_machine_goes_before_one_of_all(api: RunningApi, release: str) -> None:
    _enter(api, release, "aarch64", "ab" * 32)
    name(api, release)
    assert [(wanted(api, machine) or {})["arch"] for machine in ("x86_64", "aarch64")] == ["none", "aarch64"]
    _enter(api, "0.3.0", "aarch64", "ab" * 32)
    name(api, "0.3.0")
    assert wanted(api, "x86_64") is None


def test_a_bundle_is_fetched_whole_or_from_where_it_broke_off(api: RunningApi, release: str) -> None:
    address = f"/api/v1/box/release/{release}/none/bundle"
    with api.box() as box:
        assert box.get(address).content == BYTES
        part = box.get(address, headers={"Range": "bytes=1000-"})
        assert (part.status_code, part.content) == (206, BYTES[1000:])
        assert problem(box.get(address, headers={"Range": "bytes=999999-"})) == (416, "bad_range")
        assert problem(box.get("/api/v1/box/release/9.9.9/none/bundle")) == (404, "not_found")


def test_what_a_box_says_is_shown_and_in_the_audit_once_it_is_over(api: RunningApi, release: str) -> None:
    name(api, release)
    asked = (wanted(api) or {})["wish"]
    assert report(api, wish=asked, state="loading") == 204
    assert wish(api)["state"] == "loading"
    assert report(api, wish=asked, state="rolled_back", reason="no_link", detail="x\x00") == 204
    assert (wish(api)["state"], wish(api)["reason"]) == ("rolled_back", "no_link")
    name(api, release)
    assert wish(api).get("state") is None
    assert report(api, wish=asked, state="installed") == 204  # of the wish before: nobody's any more
    assert wish(api).get("state") is None
    entries = audited(api, "release.wanted", "release.rolled_back", "release.installed", "release.loading")
    assert [(entry.action, entry.actor) for entry in entries] == [
        ("release.wanted", "tech"),
        ("release.rolled_back", f"box:{BOX}"),
        ("release.wanted", "tech"),
    ]


def test_a_wish_is_taken_back(api: RunningApi, release: str) -> None:
    name(api, release)
    with api.client("admin") as client:
        assert client.delete(f"/api/v1/boxes/{BOX}/release").status_code == 204
        assert problem(client.delete(f"/api/v1/boxes/{BOX}/release")) == (404, "not_found")
    assert wanted(api) is None
    assert [entry.action for entry in audited(api, "release.unwanted")] == ["release.unwanted"]


def test_only_what_is_there_is_named_and_only_by_who_may(api: RunningApi, release: str) -> None:
    assert problem(name(api, "7.7.7")) == (409, "no_such_release")
    assert problem(name(api, release, "lan")) == (403, "may_not_name_release")
    assert report(api, wish=str(new_id()), state="weird") == 422


def phoan_api(config: Path, *arguments: str, run: Run = called) -> str:
    done = run("--config", config, "release", *arguments)
    assert done.returncode in (0, 2), done.stderr
    return done.stdout if done.returncode == 0 else done.stderr


def test_the_command_makes_adds_and_names_releases(api: RunningApi, tmp_path: Path) -> None:
    config, key, wheel = tmp_path / "api.yaml", tmp_path / "release.key", tmp_path / "phoan-0.4.0-py3-none-any.whl"
    wheel.write_bytes(b"a wheel")
    config.write_text(yaml.safe_dump({"database": api.conninfo, "media_dir": str(api.settings.media_dir)}))
    line = phoan_api(config, "key", str(key), run=started)
    assert line == phoan_api(config, "key", str(key))
    made = phoan_api(config, "make", "--key", str(key), "--wheel", str(wheel), "--out", str(tmp_path / "out"))
    file = made.removeprefix("made ").strip()
    assert "release_key: is missing" in phoan_api(config, "add", file)
    config.write_text(config.read_text() + line)
    for run in (started, called):  # adding it again changes nothing
        assert phoan_api(config, "add", file, run=run) == "version 0.4.0 may now be named for boxes\n"
    assert phoan_api(config, "list").startswith("0.4.0\tnone\t")
    assert phoan_api(config, "want", "0.4.0", "--ward", "an-luu") == "version 0.4.0 is wanted of 1 boxes\n"
    found = wanted(api)
    assert found
    assert found["version"] == "0.4.0"
    phoan_api(config, "want", "0.4.0", "--ward", "an-luu")
    assert wanted(api) == found, "a box of an earlier share is not asked again"
    assert "There is no release 0.5.0" in phoan_api(config, "want", "0.5.0", "--box", BOX)
    assert "There is no box other" in phoan_api(config, "want", "0.4.0", "--box", "other")
    data = Path(file).read_bytes()
    Path(file).write_bytes(data[:-20000] if len(data) > 20000 else data[:600])
    assert "Traceback" not in phoan_api(config, "add", file, run=started)
    assert len(audited(api, "release.added")) == 1
