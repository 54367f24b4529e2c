from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import archive
from contracts.archive import MAX_FILES, ArchiveError, ArchiveWriter, Contents, is_path
from tests.support.evidence import taken_apart, written

PATHS = st.from_regex(r"\A[a-z0-9]{1,8}(/[a-z0-9]{1,8}){0,3}\Z")


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(PATHS, st.binary(max_size=300), max_size=8))
def test_what_was_written_is_read_and_every_other_program_reads_it_too(files: dict[str, bytes]) -> None:
    data = written(files.items())
    assert taken_apart(data) == files
    with zipfile.ZipFile(io.BytesIO(data)) as other:
        assert other.testzip() is None
        assert {name: other.read(name) for name in other.namelist()} == files


def test_the_same_files_make_the_same_archive() -> None:
    assert written([("a", b"1"), ("b", b"2")]) == written([("a", b"1"), ("b", b"2")])


def test_what_is_refused_once_it_is_known_leaves_no_trace() -> None:
    file = io.BytesIO()
    writer = ArchiveWriter(file)
    writer.add("a.txt", iter([b"1"]))
    refused = writer.add("b.txt", iter([b"2" * 5000]), lambda _: False)
    writer.add("c.txt", iter([b"3"]))
    writer.finish()
    assert refused.size == 5000
    assert file.getvalue() == written([("a.txt", b"1"), ("c.txt", b"3")])


def test_a_long_file_is_read_in_pieces() -> None:
    def pieces() -> Iterator[bytes]:
        for n in range(40):
            yield bytes([n]) * 100_000

    file = io.BytesIO()
    writer = ArchiveWriter(file)
    found = writer.add("long.mp4", pieces())
    writer.finish()
    (member,) = archive.members(file)
    assert archive.contents_of(file, member) == found
    assert found == Contents(4_000_000, member.crc, found.sha256)
    assert max(map(len, archive.pieces_of(file, member))) <= 1024 * 1024


@pytest.mark.parametrize(
    "path", ["", "a/", "/a", "a//b", "..", "a/../b", ".a", "a\\b", "ă", "a b", "a" * 121, "a/b/c/d/e/f"]
)
def test_a_name_that_is_not_plain_everywhere_is_refused(path: str) -> None:
    assert not is_path(path)
    with pytest.raises(ValueError, match="cannot be the name"):
        ArchiveWriter(io.BytesIO()).add(path, iter([b""]))


def test_a_name_is_given_once() -> None:
    with pytest.raises(ValueError, match="cannot be the name"):
        written([("a", b"1"), ("a", b"2")])
    with pytest.raises(ArchiveError, match="not_as_written"):
        taken_apart(written([("a", b"1"), ("A", b"2")]))


def test_more_files_than_an_export_can_have_are_refused_on_both_sides() -> None:
    writer = ArchiveWriter(io.BytesIO())
    for n in range(MAX_FILES + 1):
        writer.add(f"f{n}", iter([b""]))
    with pytest.raises(ValueError, match="1001 files"):
        writer.finish()
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as many:
        for n in range(MAX_FILES + 1):
            many.writestr(f"f{n}", b"")
    with pytest.raises(ArchiveError, match="too_many_files"):
        archive.members(file)
