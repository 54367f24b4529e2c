from __future__ import annotations

import base64
import json
import zlib
from pathlib import Path

import pytest

from contracts.configuration import (
    MOST_DOCUMENT_BYTES,
    ConfigTooLargeError,
    PushedConfiguration,
    digest_of_document,
    pushed,
)
from contracts.wire import MAX_MESSAGE_BYTES, BrokenMessageError
from tests.support.samples import NOON

DOCUMENT = {"cameras": [{"id": "cong-cho", "site": "cho-an-luu", "url": "rtsp://10.0.0.5/1"}]}
GOLDEN = Path(__file__).parent / "golden" / "configuration.json"


def packed(content: bytes, digest: str = "0" * 64) -> PushedConfiguration:
    deflated = base64.b64encode(zlib.compress(content)).decode()
    return PushedConfiguration(revision=1, made_at=NOON, digest=digest, packed=deflated)


def test_a_document_arrives_as_it_was_pushed() -> None:
    assert pushed(3, NOON, DOCUMENT).document() == DOCUMENT
    assert PushedConfiguration.model_validate_json(GOLDEN.read_bytes()).document() == DOCUMENT


def test_the_order_of_fields_makes_no_other_document() -> None:
    assert digest_of_document({"a": 1, "b": 2}) == digest_of_document({"b": 2, "a": 1})


def test_a_ward_of_zones_fits_into_a_message_and_what_does_not_is_refused() -> None:
    polygon = [[number / 64, (number * 7 % 64) / 64] for number in range(64)]
    zones = [{"id": f"vung-{number}", "polygon": polygon} for number in range(20)]
    cameras = [
        {"id": f"camera-{number}", "site": "cho", "url": "rtsp://10.0.0.1/1", "zones": zones} for number in range(64)
    ]
    message = pushed(1, NOON, {"cameras": cameras})
    assert len(json.dumps(cameras)) > MAX_MESSAGE_BYTES
    assert len(message.to_bytes()) < MAX_MESSAGE_BYTES
    noise = {str(number): digest_of_document({"n": number}) for number in range(8000)}
    with pytest.raises(ConfigTooLargeError):
        pushed(1, NOON, noise)


@pytest.mark.parametrize("content", [b"", b"[1]", b"{", b'{"cameras": []}', b"[" * 100_000])
def test_what_is_no_document_or_not_this_one_is_damaged(content: bytes) -> None:
    with pytest.raises(BrokenMessageError, match="damaged"):
        packed(content).document()


def test_a_small_message_does_not_fill_the_memory() -> None:
    with pytest.raises(BrokenMessageError, match="too_large"):
        packed(b" " * (MOST_DOCUMENT_BYTES + 1)).document()


def test_what_is_not_deflated_is_damaged() -> None:
    with pytest.raises(BrokenMessageError, match="damaged"):
        PushedConfiguration(revision=1, made_at=NOON, digest="0" * 64, packed="xx!").document()
