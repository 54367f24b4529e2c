from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest

from edge.detect.card import digest_of, short_licence


def test_the_digest_of_a_file_is_what_sha256sum_says(tmp_path: Path) -> None:
    file = tmp_path / "a.pt"
    file.write_bytes(bytes(range(256)) * 9_000)
    said = subprocess.run(["sha256sum", file], capture_output=True, text=True, check=True).stdout
    assert digest_of(file) == said.split()[0]


def test_the_digest_of_a_folder_can_be_checked_with_one_line_of_shell(tmp_path: Path) -> None:
    for name in ("net.xml", "net.bin", "Metadata.yaml"):
        (tmp_path / name).write_text(name)
    said = subprocess.run(
        ["bash", "-c", "LC_ALL=C; sha256sum * | sha256sum"], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    assert digest_of(tmp_path) == said.split()[0]


def test_a_renamed_file_changes_the_digest_of_its_folder_but_not_its_own(tmp_path: Path) -> None:
    file = tmp_path / "net.xml"
    file.write_text("<net/>")
    before = digest_of(tmp_path)
    renamed = file.rename(tmp_path / "other.xml")
    assert digest_of(tmp_path) != before
    assert digest_of(renamed) == hashlib.sha256(b"<net/>").hexdigest()


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("AGPL-3.0 License (https://ultralytics.com/license)", "AGPL-3.0"),
        ("Apache-2.0", "Apache-2.0"),
        ("", "unknown"),
        (None, "unknown"),
        ("x" * 200, "x" * 80),
    ],
)
def test_a_licence_is_said_in_short(text: str | None, short: str) -> None:
    assert short_licence(text) == short
