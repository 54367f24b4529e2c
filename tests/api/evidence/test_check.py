"""An export as somebody leaves it who would have it say something else, and what is said of it then."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from api.evidence.check import SENTENCES, KeyStanding, State, Verdict, check
from contracts.evidence import FileKind, Manifest, canonical
from tests.support.evidence import ANOTHER, FILES, SIGNING, manifest, package, taken_apart, written

WHOLE = package()
OURS = [SIGNING.public.id]
Files = list[tuple[str, bytes]]


def checked(data: bytes, named: list[str] = OURS) -> Verdict:
    """The verdict, whose every fault must have its sentence."""
    verdict = check(io.BytesIO(data), named)
    assert all(str(fault).endswith(".") and "{" not in str(fault) for fault in verdict.faults)
    assert bool(verdict.faults) is (verdict.state is not State.UNTOUCHED)
    return verdict


def faults(data: bytes, named: list[str] = OURS) -> list[tuple[str, str | None]]:
    return [(fault.code, fault.path) for fault in checked(data, named).faults]


def test_an_export_is_untouched_and_says_what_it_is() -> None:
    verdict = checked(WHOLE)
    assert (verdict.state, verdict.key, verdict.key_id) == (State.UNTOUCHED, KeyStanding.NAMED, SIGNING.public.id)
    assert verdict.manifest == manifest()


def test_without_a_named_key_it_is_untouched_by_somebody_whom_nobody_named() -> None:
    assert checked(WHOLE, []).key is KeyStanding.UNNAMED


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
@example(0, 1)
@example(len(WHOLE) - 1, 1)
def test_no_byte_can_be_changed_unseen(at: int, by: int) -> None:
    changed = WHOLE[:at] + bytes([WHOLE[at] ^ by]) + WHOLE[at + 1 :]
    assert checked(changed).state is not State.UNTOUCHED


def test_every_single_byte_is_covered() -> None:
    unseen = [
        at for at in range(len(WHOLE))
        if check(io.BytesIO(WHOLE[:at] + bytes([WHOLE[at] ^ 1]) + WHOLE[at + 1 :])).state is State.UNTOUCHED
    ]  # fmt: skip
    assert unseen == []


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(WHOLE) - 1))
def test_an_end_that_is_cut_off_is_seen(length: int) -> None:
    assert checked(WHOLE[:length]).state is not State.UNTOUCHED


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(WHOLE)), st.binary(min_size=1, max_size=60))
def test_bytes_put_in_anywhere_are_seen(at: int, more: bytes) -> None:
    assert checked(WHOLE[:at] + more + WHOLE[at:]).state is not State.UNTOUCHED


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_at_all_get_an_answer(data: bytes) -> None:
    assert checked(data).state is not State.UNTOUCHED
    assert checked(b"PK\3\4" + data).state is not State.UNTOUCHED


@settings(max_examples=40, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_a_manifest_of_any_shape_that_the_key_signed_gets_an_answer(said: object) -> None:  # fmt: skip
    files = [*((path, data) for path, (_, data) in FILES.items())]
    assert checked(signed_as(files, canonical(said))).state is State.UNREADABLE


def signed_as(files: Files, said: bytes) -> bytes:
    """An export of `files` with `said` as its manifest, well signed."""
    return written(
        [*files, ("key.pem", SIGNING.public.pem), ("manifest.json", said), ("manifest.sig", SIGNING.sign(said))]
    )


def test_the_files_that_were_changed_are_named() -> None:
    content = taken_apart(WHOLE)
    content["clip.mp4"] = content["clip.mp4"][:-1] + b"!"
    content["event.json"] += b" "
    assert faults(written(content.items())) == [("file_changed", "clip.mp4"), ("file_changed", "event.json")]


CHANGES: dict[str, tuple[Callable[[Files], Files], list[tuple[str, str | None]]]] = {
    "a file removed": (
        lambda files: [file for file in files if file[0] != "snapshot.jpg"],
        [("file_missing", "snapshot.jpg")],
    ),
    "a file renamed": (
        lambda files: [("other.jpg" if path == "snapshot.jpg" else path, data) for path, data in files],
        [("file_missing", "snapshot.jpg"), ("file_added", "other.jpg")],
    ),
    "a file added": (lambda files: [("zusatz.txt", b"!"), *files], [("file_added", "zusatz.txt")]),
    "files in another order": (lambda files: [files[1], files[0], *files[2:]], [("order_changed", None)]),
    "no signature": (
        lambda files: [file for file in files if file[0] != "manifest.sig"],
        [("file_missing", "manifest.sig")],
    ),
    "an empty signature": (
        lambda files: [(path, b"" if path == "manifest.sig" else data) for path, data in files],
        [("signature_wrong", None)],
    ),
    "a signature with a byte more": (
        lambda files: [(path, data + b"\0" if path == "manifest.sig" else data) for path, data in files],
        [("signature_wrong", None)],
    ),
    "another reason in the manifest": (
        lambda files: [
            (path, data.replace("vụ mất xe".encode(), "vụ mất gà".encode()) if path == "manifest.json" else data)
            for path, data in files
        ],
        [("signature_wrong", None)],
    ),
    "another key beside it": (
        lambda files: [(path, ANOTHER.public.pem if path == "key.pem" else data) for path, data in files],
        [("key_changed", "key.pem"), ("signature_wrong", None), ("other_key", None)],
    ),
    "a key with a line break more": (
        lambda files: [(path, data + b"\n" if path == "key.pem" else data) for path, data in files],
        [("key_changed", "key.pem")],
    ),
    "no manifest, no signature, no key": (lambda files: files[:-3], [("no_export", None)]),
    "nothing in it": (lambda _: [], [("no_export", None)]),
}


@pytest.mark.parametrize(("change", "expected"), CHANGES.values(), ids=CHANGES)
def test_what_was_done_is_said(change: Callable[[Files], Files], expected: list[tuple[str, str | None]]) -> None:
    assert faults(written(change(list(taken_apart(WHOLE).items())))) == expected


def test_an_export_that_somebody_signed_anew_is_by_a_key_that_was_not_named() -> None:
    forged = {**FILES, "event.json": (FileKind.RECORD, b'{"ward": "phuong-4"}')}
    data = package(ANOTHER, forged)
    assert faults(data) == [("other_key", None)]
    assert checked(data).state is State.TOUCHED
    assert checked(data, [ANOTHER.public.id, *OURS]).state is State.UNTOUCHED


def test_a_newer_format_and_a_manifest_that_is_none_are_unreadable_not_touched() -> None:
    files = [(path, data) for path, (_, data) in FILES.items()]
    newer = canonical({**manifest().model_dump(mode="json"), "format": 2})
    assert faults(signed_as(files, newer)) == [("unknown_format", "manifest.json")]
    assert checked(signed_as(files, newer)).state is State.UNREADABLE
    lacking = canonical({**manifest().model_dump(mode="json"), "files": []})
    assert faults(signed_as(files, lacking)) == [("invalid", "manifest.json")]


def test_a_newer_program_may_say_more_in_the_same_format() -> None:
    files = [(path, data) for path, (_, data) in FILES.items()]
    more = canonical({**manifest().model_dump(mode="json"), "weather": "mưa"})
    assert checked(signed_as(files, more)).state is State.UNTOUCHED


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_the_same_files_packed_anew_by_another_program_are_not_as_they_were_exported(compression: int) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as anew:
        for path, data in taken_apart(WHOLE).items():
            anew.writestr(path, data)
    assert faults(file.getvalue()) == [("not_as_written", None)]


def test_a_bomb_is_not_unpacked() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("clip.mp4", bytes(50_000_000))
    assert len(file.getvalue()) < 100_000
    assert faults(file.getvalue()) == [("not_as_written", None)]


@pytest.mark.parametrize("path", ["../clip.mp4", "/etc/passwd", "a/../b", "con\\nul", "a//b", ".profile", "a\0b"])
def test_a_path_that_leads_elsewhere_is_not_followed(path: str) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as trick:
        trick.writestr(zipfile.ZipInfo(path), b"!")
    assert faults(file.getvalue()) == [("not_as_written", None)]


def test_every_code_has_a_sentence_and_every_sentence_a_code() -> None:
    assert len(set(SENTENCES.values())) == len(SENTENCES)


def test_the_signature_is_plain_ed25519_over_the_bytes_of_the_manifest() -> None:
    content = taken_apart(WHOLE)
    assert len(content["manifest.sig"]) == 64
    assert SIGNING.public.signed(content["manifest.sig"], content["manifest.json"])
    assert Manifest.model_validate_json(content["manifest.json"]) == manifest()
