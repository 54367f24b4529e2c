from __future__ import annotations

import argparse
import io
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.boxes import release_files
from api.evidence import key as keys
from contracts.release import (
    MANIFEST,
    Arch,
    BundleError,
    Fault,
    Manifest,
    Requirement,
    WheelFile,
    lacking,
    opened,
    unfit,
)

DIGEST = "ab" * 32
WHEEL = WheelFile(name="phoan-0.2.0-py3-none-any.whl", sha256=DIGEST, size=5)


def manifest(**changes: object) -> Manifest:
    fields: dict[str, object] = {"version": "0.2.0", "made_at": datetime.now(UTC), "wheels": (WHEEL,)}
    return Manifest.model_validate(fields | changes)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("release")
    (folder / "phoan-0.2.0-py3-none-any.whl").write_bytes(b"wheel of phoan")
    (folder / "house").mkdir()
    (folder / "house" / "some_thing-1.2-cp311-cp311-manylinux_2_28_aarch64.whl").write_bytes(b"another wheel")
    (folder / "lock.txt").write_text(
        "some-thing==1.2 \\\n    --hash=sha256:00\nnumpy==2.5\nuvloop==1 ; sys_platform == 'win32'\n"
    )
    keys.make(folder / "key.pem")
    return folder


@pytest.fixture(scope="module")
def made(folder: Path) -> Path:
    """A release as the command makes it."""
    return release_files.make(
        argparse.Namespace(
            key=folder / "key.pem",
            wheel=folder / "phoan-0.2.0-py3-none-any.whl",
            wheelhouse=folder / "house",
            requirements=folder / "lock.txt",
            arch=Arch.AARCH64,
            notes="",
            out=folder / "out",
        )
    )


@pytest.fixture(scope="module")
def key(folder: Path) -> str:
    return release_files.text_of(keys.read_signing(folder / "key.pem").public)


def fault_of(data: bytes, key: str) -> Fault | None:
    try:
        for _ in opened(io.BytesIO(data), key).wheels():
            pass
    except BundleError as error:
        return error.fault
    return None


def test_a_release_holds_what_it_says_under_a_signature_that_is_checked(made: Path, key: str) -> None:
    with made.open("rb") as file:
        bundle = opened(file, key)
        assert [(wheel.project, wheel.version, data) for wheel, data in bundle.wheels()] == [
            ("phoan", "0.2.0", b"wheel of phoan"),
            ("some-thing", "1.2", b"another wheel"),
        ]
    assert bundle.manifest.version == "0.2.0"
    assert bundle.manifest.requirements == (
        Requirement(name="some-thing", version="1.2"),
        Requirement(name="numpy", version="2.5"),
    )
    assert made.name == "phoan-0.2.0-aarch64.tar"


def test_another_key_does_not_open_it(made: Path, tmp_path: Path) -> None:
    other = release_files.text_of(keys.make(tmp_path / "key.pem").public)
    assert fault_of(made.read_bytes(), other) is Fault.TAMPERED


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(share=st.floats(0, 0.9999), cut=st.booleans())
def test_cut_or_changed_at_any_byte_it_gives_nothing_else_than_was_signed(
    made: Path, key: str, share: float, cut: bool
) -> None:
    data = made.read_bytes()
    at = int(len(data) * share)
    changed = data[:at] if cut else data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
    if fault_of(changed, key) is None:  # what fills the archive up may be anything
        assert [data for _, data in opened(io.BytesIO(changed), key).wheels()] == [b"wheel of phoan", b"another wheel"]
    else:
        assert fault_of(changed, key) is Fault.TAMPERED


@pytest.mark.parametrize(
    "change",
    [
        lambda members: [*members, ("wheels/more.whl", b"x")],
        lambda members: [*members, ("../../etc/cron.d/x", b"x")],
        lambda members: members[:-1],
        lambda members: [members[1], members[0], *members[2:]],
        lambda members: [*members, members[-1]],
    ],
    ids=["one more", "a path outside", "one less", "another order", "one twice"],
)
def test_a_release_with_other_members_is_refused(
    made: Path, key: str, change: Callable[[list[tuple[str, bytes]]], list[tuple[str, bytes]]]
) -> None:
    with tarfile.open(made) as archive:
        members = [(member.name, file.read()) for member in archive if (file := archive.extractfile(member))]
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in change(members):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    assert fault_of(out.getvalue(), key) is Fault.TAMPERED


def test_a_link_in_place_of_a_manifest_is_refused(key: str) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        link = tarfile.TarInfo(MANIFEST)
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    assert fault_of(out.getvalue(), key) is Fault.TAMPERED


@pytest.mark.parametrize(
    ("changes", "machine", "python", "fits"),
    [
        ({}, "x86_64", (3, 11), True),
        ({"arch": "aarch64"}, "x86_64", (3, 11), False),
        ({"arch": "aarch64"}, "aarch64", (3, 13), True),
        ({"python": "3.12"}, "x86_64", (3, 11), False),
        ({"python": "3.9"}, "x86_64", (3, 11), True),
    ],
)
def test_a_release_fits_the_machines_and_pythons_that_it_is_for(
    changes: dict[str, object], machine: str, python: tuple[int, int], fits: bool
) -> None:
    assert (unfit(manifest(**changes), machine, python) is None) is fits


def test_what_a_release_needs_is_there_or_brought_at_exactly_that_version() -> None:
    numpy = WheelFile(name="numpy-2.5-cp311-cp311-manylinux.whl", sha256=DIGEST, size=5)
    needs = (
        Requirement(name="numpy", version="2.5"),
        Requirement(name="av", version="18.1"),
        Requirement(name="psutil", version="7.0"),
    )
    release = manifest(wheels=(WHEEL, numpy), requirements=needs)
    assert lacking(release, {"av": "18.0", "psutil": "7.0", "numpy": "2.4"}) == ["av==18.1"]


@pytest.mark.parametrize("version", ["../0.2.0", "0.2.0/..", "", "v1", "0" * 41])
def test_a_version_that_is_no_folder_name_is_none(version: str) -> None:
    with pytest.raises(ValueError, match="version"):
        manifest(version=version)
