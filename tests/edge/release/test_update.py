"""The updater where its own disk or settings are what is wrong; the whole way of a release is in tests/e2e."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.ids import new_id
from contracts.release import Fault
from contracts.settings import SettingsError
from edge.release.centre import CentreError, connected
from edge.release.journal import Journal, Progress, Step
from edge.release.places import WHOLE, Places
from edge.release.settings import BoxCentre, UpdaterView
from edge.release.update import Updater
from tests.support import disks
from tests.support.certificates import TestAuthority
from tests.support.https import SmallHttps


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with disks.small_disk(tmp_path / "disk", "1m") as disk:
        yield disk


def installed(folder: Path) -> Places:
    """A box on trial with 0.2.0, which does not run; 0.1.0 is good."""
    places = Places(folder)
    for version in ("0.1.0", "0.2.0"):
        places.of(version).mkdir(parents=True)
        (places.of(version) / WHOLE).write_text(version)
    places.point(places.good, "0.1.0")
    places.point(places.current, "0.2.0")
    Journal(places.work).write(Progress(step=Step.TRIAL, wish=new_id(), version="0.2.0", tries=1, previous="0.1.0"))
    return places


def test_a_full_disk_keeps_no_box_on_a_version_that_fails(small_disk: Path, tmp_path: Path) -> None:
    places = installed(small_disk)
    with (small_disk / "filling").open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))
    restarted: list[str | None] = []
    view = UpdaterView.model_validate(
        {"box": "b", "data_dir": tmp_path, "update": {"folder": small_disk, "ready_s": 5, "well_s": 5, "steady_s": 1}}
    )
    updater = Updater(
        view, tmp_path / "edge.yaml", None, restart=lambda: restarted.append(places.named(places.current))
    )
    result = updater.run(automatic=True)
    assert (result.code, places.named(places.current)) == (1, "0.1.0")
    assert Fault.NO_ROOM in result.said
    assert restarted == ["0.1.0"]


def test_an_authority_that_is_not_there_is_told_in_one_sentence(tmp_path: Path) -> None:
    centre = BoxCentre.model_validate({"url": "https://x.example", "token": "t" * 40, "tls_ca": tmp_path / "ca.pem"})
    with pytest.raises(SettingsError, match=r"field centre\.tls_ca: .*ca\.pem cannot be read"), connected(centre):
        pass


def test_where_the_centre_has_an_authority_of_its_own_no_public_one_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    public, own = TestAuthority(tmp_path / "public"), TestAuthority(tmp_path / "own")
    monkeypatch.setenv("SSL_CERT_FILE", str(public.ca))
    with SmallHttps(public.server(), {}) as other:
        settings = {"url": f"https://127.0.0.1:{other.port}", "token": "t" * 40, "tls_ca": own.ca}
        with connected(BoxCentre.model_validate(settings)) as centre, pytest.raises(CentreError, match="ConnectError"):
            centre.wanted()
