from __future__ import annotations

import json
from pathlib import Path

import pytest

from contracts.evidence import File, FileKind, canonical, contents_digest, read_manifest
from contracts.wire import BrokenMessageError
from tests.support.evidence import manifest, package

GOLDEN = Path(__file__).parent / "golden" / "evidence.zip"


def test_an_export_is_written_as_it_always_was() -> None:
    assert package() == GOLDEN.read_bytes(), "who received an export must be able to check it for years"


def test_a_manifest_is_read_back_as_it_was() -> None:
    assert read_manifest(manifest().to_bytes()) == manifest()


def test_the_signed_bytes_have_their_keys_in_order_and_no_fractions() -> None:
    def no_fraction(text: str) -> float:
        raise AssertionError(text)

    said = manifest().to_bytes()
    whole = json.loads(said, parse_float=no_fraction)
    assert said == json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def test_one_digest_covers_every_files_name_size_and_content() -> None:
    file = File(path="a", kind=FileKind.CLIP, bytes=1, sha256="ab" * 32)
    others = (
        file.model_copy(update={"path": "b"}),
        file.model_copy(update={"bytes": 2}),
        file.model_copy(update={"sha256": "cd" * 32}),
    )
    assert len({contents_digest([one]) for one in (file, *others)} | {contents_digest([file, file])}) == 5


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (b"", "not_json"),
        (b"\xff\xfe", "not_json"),
        (b"[" * 100_000, "not_json"),
        (b"[]", "invalid"),
        (b'{"product": "other", "format": 1}', "invalid"),
        (b'{"product": "phoan", "format": 2}', "unknown_format"),
        (b'{"product": "phoan"}', "unknown_format"),
        (canonical({**manifest().model_dump(mode="json"), "key_id": "short"}), "invalid"),
    ],
)
def test_what_is_no_manifest_is_refused_with_a_reason(said: bytes, reason: str) -> None:
    with pytest.raises(BrokenMessageError) as refused:
        read_manifest(said)
    assert refused.value.reason == reason
