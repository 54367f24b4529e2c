from __future__ import annotations

import pytest

from contracts.picture import PictureHeader
from contracts.picture import pack as pack_picture
from contracts.video import MAX_PIECE_BYTES, VideoHeader, is_video, pack, read_header
from contracts.wire import BrokenMessageError
from tests.support.samples import NOON, event

KEY = VideoHeader(camera="quang-trung-1", kind="key", captured_at=NOON, sequence=1, pts=0)
INIT = VideoHeader(camera="quang-trung-1", kind="init", captured_at=NOON, codec="avc1.64001f", width=768, height=576)
SEEN = VideoHeader(camera="quang-trung-1", kind="tracks", captured_at=NOON, tracks=event().tracks)


@pytest.mark.parametrize(("header", "piece"), [(KEY, b"moof"), (INIT, b"ftyp"), (SEEN, b"")])
def test_the_header_of_a_piece_is_read_and_the_piece_stands_behind_it(header: VideoHeader, piece: bytes) -> None:
    message = pack(header, piece)
    assert read_header(message) == header
    assert message.endswith(piece)
    assert len(message) == 4 + int.from_bytes(message[1:4], "big") + len(piece)


def test_pieces_and_pictures_are_told_apart_by_their_first_byte() -> None:
    picture = PictureHeader(camera="quang-trung-1", captured_at=NOON, width=768, height=576)
    assert is_video(pack(KEY, b"moof"))
    assert not is_video(pack_picture(picture, b"\xff\xd8"))
    assert not is_video(b"")


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (b"", "not_video"),
        (b"\x00\x00\x00\x02{}", "not_video"),
        (b"\x01\x00", "truncated"),
        (b"\x01\xff\xff\xff{}", "truncated"),
        (b"\x01\x00\x00\x02{}x", "invalid"),
        (b"\x01\x00\x00\x02\xff\xffx", "invalid"),
        (pack(KEY), "invalid"),
        (pack(SEEN, b"moof"), "invalid"),
        (pack(INIT.model_copy(update={"codec": None}), b"ftyp"), "invalid"),
        (pack(INIT.model_copy(update={"codec": '"><script>'}), b"ftyp"), "invalid"),
        (pack(KEY, bytes(MAX_PIECE_BYTES)), "too_large"),
    ],
)
def test_a_broken_piece_is_refused(message: bytes, reason: str) -> None:
    with pytest.raises(BrokenMessageError) as caught:
        read_header(message)
    assert caught.value.reason == reason
