from __future__ import annotations

import pytest

from contracts.picture import MAX_PICTURE_BYTES, PictureHeader, pack, unpack
from contracts.wire import BrokenMessageError
from tests.support.samples import NOON

HEADER = PictureHeader(camera="quang-trung-1", captured_at=NOON, width=768, height=576)
JPEG = b"\xff\xd8\xff\xe0 not really a picture"


def test_a_picture_is_unpacked_as_it_was_packed() -> None:
    assert unpack(pack(HEADER, JPEG)) == (HEADER, JPEG)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (b"", "truncated"),
        (b"\x00\x00", "truncated"),
        (b"\xff\xff\xff\xff" + JPEG, "truncated"),
        (pack(HEADER, b"GIF89a"), "not_jpeg"),
        (b"\x00\x00\x00\x02{}" + JPEG, "invalid"),
        (b"\x00\x00\x00\x02\xff\xff" + JPEG, "invalid"),
        (b"\x00" * (MAX_PICTURE_BYTES + 1), "too_large"),
    ],
)
def test_a_broken_picture_is_refused(message: bytes, reason: str) -> None:
    with pytest.raises(BrokenMessageError) as caught:
        unpack(message)
    assert caught.value.reason == reason
