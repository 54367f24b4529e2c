"""A box is brought to another version by real processes: releases built here, the API, a broker, and a box installed as
`phoan-edge install` does it. What is cut at any step goes on, and what does worse than before goes back.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from api.boxes import release_files
from api.config import ApiSettings
from api.evidence import key as keys
from contracts.release import Arch
from demo.postgres import Postgres
from edge import pulse
from edge.release.journal import Journal, Step
from storage import inventory, releases
from tests.api.running import RunningApi, audited, put_users
from tests.support.brokers import TestBroker
from tests.support.databases import fresh_database
from tests.support.releases import InstalledBox, in_place_of, trickle, wheel
from tests.support.samples import BOX_TOKEN, INVENTORY
from tests.support.waiting import eventually

BOX = "an-luu-1"
SLOW_S = 150.0
"""A box on a busy machine takes this long to start, at worst."""

FALLS_DOWN = in_place_of(
    "edge/agent.py",
    "    notice.say(READY)\n",
    "    notice.say(READY)\n    import time, os; time.sleep(1); os._exit(9)\n",
)
HANGS = in_place_of("edge/__main__.py", "def main() -> int:\n", "def main() -> int:\n    _hang()\n")


def hangs(source: Path) -> None:
    """`run` never comes to anything; `check` does."""
    file = source / "edge" / "__main__.py"
    hang = '\n\ndef _hang() -> None:\n    import time\n    while sys.argv[-1] == "run":\n        time.sleep(1)\n\n\n'
    HANGS(source)
    file.write_text(file.read_text().replace("\n\ndef main()", f"{hang}def main()", 1))


class Centre:
    """The API with releases, and what a technician does there."""

    def __init__(self, folder: Path, conninfo: str) -> None:
        self.folder = folder
        self.key = folder / "key.pem"
        self.release_key = release_files.text_of(keys.make(self.key).public)
        settings: dict[str, Any] = {
            "database": conninfo, "media_dir": folder / "media", "cookie_secure": False,
            "release_key": self.release_key,
        }  # fmt: skip
        self.settings = ApiSettings.model_validate(settings)
        self.api = RunningApi(self.settings, conninfo)

    def make(self, wheel: Path, key: Path | None = None) -> Path:
        wanted = {
            "key": key or self.key, "wheel": wheel, "wheelhouse": None, "requirements": None, "arch": Arch.NONE,
            "notes": "thử", "out": self.folder / ("other" if key else "releases"),
        }  # fmt: skip
        return release_files.make(argparse.Namespace(**wanted))

    def add(self, file: Path) -> None:
        arguments = argparse.Namespace(action="add", file=file)
        assert release_files.with_settings(self.settings, arguments, "cli:test") == 0

    def smuggle(self, file: Path) -> None:
        """Have a release that `add` would refuse, as somebody who took the centre over could."""
        data = file.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        path = self.folder / "media" / digest[:2] / digest
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        version = file.name.split("-")[1]
        with psycopg.connect(self.api.conninfo, autocommit=True) as db:
            db.execute(
                "INSERT INTO releases (version, arch, sha256, size, signature, made_by)"
                " VALUES (%s, 'none', %s, %s, '', 'x')"
                " ON CONFLICT (version, arch) DO UPDATE SET sha256 = excluded.sha256, size = excluded.size",
                (version, digest, len(data)),
            )

    def name(self, version: str) -> None:
        with self.api.client("tech") as client:
            client.put(f"/api/v1/boxes/{BOX}/release", json={"version": version}).raise_for_status()

    def told(self) -> tuple[str | None, str | None]:
        """What the box says of what is wanted."""
        with psycopg.connect(self.api.conninfo, autocommit=True) as db:
            row = releases.wish_of(db, BOX)
        assert row
        return row.state, row.reason


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("update")


@pytest.fixture(scope="module")
def centre(postgres: Postgres, folder: Path) -> Iterator[Centre]:
    with fresh_database(postgres) as conninfo:
        with psycopg.connect(conninfo, autocommit=True) as connection:
            inventory.apply(connection, INVENTORY)
        put_users(conninfo)
        centre = Centre(folder, conninfo)
        yield centre
        centre.api.stop()


@pytest.fixture(scope="module")
def box(centre: Centre, folder: Path) -> Iterator[InstalledBox]:
    """A box at work, with the version that lies in the repository."""
    broker = TestBroker(folder)
    broker.start()
    settings = {
        "ward": "an-luu",
        "box": BOX,
        "mqtt": {"host": "127.0.0.1", "port": broker.port},
        "centre": {"url": centre.api.url, "token": BOX_TOKEN},
        "cameras": [{"id": "quang-trung-1", "site": "quang-trung", "url": "rtsp://127.0.0.1:9/none"}],
        "update": {"release_key": centre.release_key, "ready_s": SLOW_S, "well_s": SLOW_S, "steady_s": 2},
    }
    box = InstalledBox(folder, settings)
    box.start()
    eventually(lambda: (seen := pulse.read(box.data)) and seen.linked, SLOW_S)
    yield box
    box.stop()
    broker.stop()


def change(box: InstalledBox, part: str, **fields: object) -> None:
    """Change the box's settings."""
    settings = yaml.safe_load(box.config.read_text())
    settings[part] |= fields
    box.config.write_text(yaml.safe_dump(settings))


def step(box: InstalledBox) -> Step:
    return Journal(box.places.work).now.step


def answers(box: InstalledBox, version: str) -> bool:
    """Whether the box runs this version and says so."""
    seen = pulse.read(box.data)
    return seen is not None and seen.version == version and seen.linked


@pytest.mark.timeout(900)
def test_a_box_comes_to_the_version_that_is_named_whatever_is_cut_meanwhile(
    centre: Centre, box: InstalledBox, folder: Path
) -> None:
    before = box.runs
    assert box.update() == (0, "The centre names no version for this box.\n")
    made = centre.make(wheel(folder, "0.1.1"))
    centre.add(made)
    centre.name("0.1.1")

    with trickle(centre.api.port, made.stat().st_size // 2) as port:  # the line breaks while the bundle comes
        change(box, "centre", url=f"http://127.0.0.1:{port}")
        code, said = box.update()
        assert code == 1, said
        assert "broke off" in said
        (part,) = box.places.work.glob("*.part")
        there = part.stat().st_size
        assert 0 < there < made.stat().st_size
        assert json.loads((box.places.work / "spent.json").read_text())["bytes"] == there
        with part.open("r+b") as file:
            file.truncate(there - 100)  # and a power cut takes the last of it
    change(box, "centre", url=centre.api.url)

    box.update_until(lambda: step(box) is Step.BUILDING and box.places.of("0.1.1").exists())
    assert not box.places.is_whole("0.1.1")
    assert box.runs == before
    box.update_until(lambda: step(box) is Step.TRIAL and box.runs == "0.1.1")
    assert box.places.named(box.places.good) == before
    code, said = box.update()
    assert (code, said.splitlines()[0]) == (0, f"Version 0.1.1 runs well; {before} is kept.")
    assert answers(box, "0.1.1")
    assert centre.told() == ("installed", None)
    assert {path.name for path in (box.places.folder / "versions").iterdir()} == {before, "0.1.1"}
    assert not list(box.places.work.glob("*.tar*"))
    assert box.update() == (0, "Version 0.1.1 runs.\n")
    assert [entry.action for entry in audited(centre.api, "release.wanted", "release.installed")] == [
        "release.wanted",
        "release.installed",
    ]


@pytest.mark.timeout(900)
def test_a_version_that_falls_down_again_and_again_is_taken_back_also_over_power_cuts(
    centre: Centre, box: InstalledBox, folder: Path
) -> None:
    good = box.runs
    assert good
    centre.add(centre.make(wheel(folder, "0.1.2", FALLS_DOWN)))
    centre.name("0.1.2")
    box.update_until(lambda: step(box) is Step.TRIAL and (seen := pulse.read(box.data)) and seen.version == "0.1.2")
    box.update_until(lambda: step(box) is Step.BACK)
    code, said = box.update()
    assert code == 1
    assert f"Version 0.1.2 failed (crashes); version {good} runs again." in said
    assert box.runs == good
    eventually(lambda: answers(box, good), SLOW_S)
    assert centre.told() == ("rolled_back", "crashes")
    assert not box.places.of("0.1.2").exists()
    assert "failed here and is not tried again until it is named anew" in box.update()[1]


@pytest.mark.timeout(900)
def test_a_version_that_never_is_ready_is_taken_back(centre: Centre, box: InstalledBox, folder: Path) -> None:
    good = box.runs
    assert good
    change(box, "update", ready_s=8)
    centre.add(centre.make(wheel(folder, "0.1.3", hangs)))
    centre.name("0.1.3")
    code, said = box.update()
    change(box, "update", ready_s=SLOW_S)
    assert code == 1
    assert "Version 0.1.3 failed (not_ready)" in said
    eventually(lambda: answers(box, good), SLOW_S)
    assert centre.told() == ("rolled_back", "not_ready")


def test_a_bundle_that_somebody_changed_or_another_key_signed_is_refused_each_time_it_is_named(
    centre: Centre, box: InstalledBox, folder: Path
) -> None:
    good = box.runs
    made = centre.make(next((folder / "wheels").glob("phoan-0.1.2-*.whl")))
    strange = folder / "strange.pem"
    keys.make(strange)
    for file in (_with_another_wheel(made, folder / "phoan-0.1.9-none.tar"), centre.make(_renamed(folder), strange)):
        centre.smuggle(file)
        centre.name(file.name.split("-")[1])
        code, said = box.update()
        assert code == 1, said
        assert "is refused (tampered)" in said
        assert centre.told() == ("failed", "tampered")
        assert box.runs == good
    assert {entry.details["reason"] for entry in audited(centre.api, "release.failed")} == {"tampered"}


def test_outside_of_its_hours_a_box_waits_and_says_so(centre: Centre, box: InstalledBox) -> None:
    change(box, "update", automatic=False)
    centre.name("0.1.2")
    code, said = box.update("--automatic")
    assert (code, said.splitlines()[0]) == (0, "Version 0.1.2 is here and waits for its hours.")
    assert centre.told() == ("waiting", None)
    change(box, "update", automatic=True)


def _with_another_wheel(made: Path, to: Path) -> Path:
    """The release with other bytes in its wheel, under the old signature."""
    with tarfile.open(made) as source, tarfile.open(to, "w") as target:
        for member in source:
            file = source.extractfile(member)
            assert file
            data = file.read()
            if member.name.endswith(".whl"):
                data = data[:-1] + bytes([data[-1] ^ 1])
            target.addfile(member, io.BytesIO(data))
    return to


def _renamed(folder: Path) -> Path:
    (there,) = (folder / "wheels").glob("phoan-0.1.1-*.whl")
    return there.rename(there.with_name(there.name.replace("0.1.1", "0.1.8")))
