from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from edge.release.install import Installation, next_steps
from edge.release.places import WHOLE, Places

SHIPPED = Path(__file__).parents[3] / "deploy" / "edge"
MOST_EXPOSED = {"phoan-edge.service": 1.8, "phoan-edge-update.service": 3.0}
"""systemd's own measure, 0 to 10; what is left is the network, files of its own, and devices."""


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units of an installation in a folder, whose programs are there."""
    installation = Installation(root=tmp_path, folder=tmp_path / "opt")
    for link in ("current", "good"):
        program = tmp_path / "opt" / link / "bin" / "phoan-edge"
        program.parent.mkdir(parents=True)
        shutil.copy("/bin/true", program)
    installation.write()
    return tmp_path / "etc" / "systemd" / "system"


def analyze(*arguments: str) -> tuple[int, str]:
    """What systemd-analyze says; it is there wherever systemd is (Debian's package systemd)."""
    done = subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout + done.stderr


def test_systemd_understands_every_line_of_the_units(units: Path) -> None:
    for unit in sorted(units.iterdir()):
        code, said = analyze("verify", "--man=no", "--recursive-errors=no", str(unit))
        assert (code, said) == (0, ""), unit.name


@pytest.mark.parametrize("unit", MOST_EXPOSED)
def test_a_unit_is_exposed_no_more_than_it_must_be(units: Path, unit: str) -> None:
    threshold = str(int(MOST_EXPOSED[unit] * 10))
    code, said = analyze("security", "--offline=true", f"--threshold={threshold}", str(units / unit))
    assert code == 0, said[-300:]


def test_the_unit_is_what_edge_notify_speaks_to(units: Path) -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.read(units / "phoan-edge.service", encoding="utf-8")
    service = unit["Service"]
    assert service["Type"] == "notify"
    assert service["NotifyAccess"] == "main"
    assert int(service["WatchdogSec"]) > 60  # edge.watchdog gives a camera that long before it takes over
    assert "MemoryDenyWriteExecute" not in service
    assert "PrivateDevices" not in service


def test_what_the_repository_shows_is_what_is_installed() -> None:
    for place, text in Installation(watchdog=True).texts().items():
        name = {"phoan.conf": f"{Path(place).parent.name.split('.')[0]}-phoan.conf"}.get(Path(place).name)
        assert (SHIPPED / (name or Path(place).name)).read_text(encoding="utf-8") == text


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "edge", "install", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_install_writes_into_an_image_and_says_what_to_do_next(tmp_path: Path) -> None:
    done = run("--root", str(tmp_path), "--memory-max", "3G", "--watchdog")
    assert done.returncode == 0, done.stderr
    unit = (tmp_path / "etc/systemd/system/phoan-edge.service").read_text()
    assert "MemoryMax=3G\n" in unit
    assert "ExecStart=/opt/phoan/current/bin/phoan-edge --config /etc/phoan/edge.yaml run\n" in unit
    assert (tmp_path / "etc/systemd/system.conf.d/phoan-watchdog.conf").exists()
    assert (tmp_path / "usr/lib/sysusers.d/phoan.conf").exists()
    assert (tmp_path / "usr/local/bin/phoan-edge").readlink() == Path("/opt/phoan/current/bin/phoan-edge")
    assert next_steps(Installation()) in done.stdout
    assert "{" not in re.sub(r"\{\d", "", unit)


def test_what_to_do_next_names_the_folders_that_were_chosen() -> None:
    usual = next_steps(Installation())
    assert "enrol CODE@CENTRE " in usual
    assert "--data" not in usual
    chosen = next_steps(Installation(etc=Path("/srv/etc"), data=Path("/srv/data")))
    assert "phoan-edge --config /srv/etc/edge.yaml enrol CODE@CENTRE --data /srv/data " in chosen


def test_an_installation_that_was_cut_off_between_its_links_is_finished(tmp_path: Path) -> None:
    installation = Installation(root=tmp_path, folder=Path("/opt"))
    places = Places(tmp_path / "opt")
    places.of("0.1.0").mkdir(parents=True)
    (places.of("0.1.0") / WHOLE).write_text("0.1.0")
    places.point(places.good, "0.1.0")
    assert installation.first_version() == "0.1.0"
    assert places.named(places.current) == "0.1.0"


def test_print_writes_nothing(tmp_path: Path) -> None:
    done = run("--print", "--root", str(tmp_path), "--folder", "/srv/phoan", "--user", "camera")
    assert "# /etc/systemd/system/phoan-edge.service" in done.stdout
    assert "ExecStart=/srv/phoan/current/bin" in done.stdout
    assert "User=camera" in done.stdout
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "etc").write_text("a file in the way")
    done = run("--root", str(tmp_path))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "cannot be written" in done.stderr
