from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from contracts.ids import digest_of
from edge.media import MediaStore

KB = 1000


def picture(number: int, size: int = 10 * KB) -> bytes:
    return number.to_bytes(4, "big") * (size // 4)


def stored(folder: Path) -> set[str]:
    return {file.name for file in folder.glob("*/*")}


def put_aged(store: MediaStore, number: int) -> str:
    """Keep a picture and make it `number` seconds newer than 1970, so that ages are certain."""
    digest = store.put(picture(number))
    os.utime(store.path(digest), (number, number))
    return digest


def test_a_picture_is_kept_under_its_digest(tmp_path: Path) -> None:
    store = MediaStore(tmp_path, max_bytes=100 * KB)
    digest = store.put(picture(1))
    assert digest == digest_of(picture(1))
    assert store.path(digest).read_bytes() == picture(1)


def test_the_same_picture_is_kept_and_counted_once(tmp_path: Path) -> None:
    store = MediaStore(tmp_path, max_bytes=25 * KB)
    for _ in range(10):
        store.put(picture(1))
    assert stored(tmp_path) == {digest_of(picture(1))}


def test_when_the_folder_is_full_the_oldest_go(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = MediaStore(tmp_path, max_bytes=100 * KB)
    digests = [put_aged(store, number) for number in range(1, 12)]
    assert stored(tmp_path) == set(digests[2:])
    assert "removed the 2 oldest pictures" in caplog.text


def test_the_bound_holds_over_a_restart(tmp_path: Path) -> None:
    first = MediaStore(tmp_path, max_bytes=100 * KB)
    for number in range(1, 11):
        put_aged(first, number)
    second = MediaStore(tmp_path, max_bytes=100 * KB)
    newest = second.put(picture(99))
    assert sum(file.stat().st_size for file in tmp_path.glob("*/*")) <= 100 * KB
    assert newest in stored(tmp_path)
    assert digest_of(picture(1)) not in stored(tmp_path)


def test_a_picture_torn_by_a_power_cut_is_removed_and_can_be_written_again(tmp_path: Path) -> None:
    digest = digest_of(picture(1))
    torn = tmp_path / digest[:2] / f"{digest}.part"
    torn.parent.mkdir()
    torn.write_bytes(picture(1)[:100])
    store = MediaStore(tmp_path, max_bytes=100 * KB)
    assert not torn.exists()
    assert not store.path(digest).exists()
    assert store.put(picture(1)) == digest
    assert store.path(digest).read_bytes() == picture(1)


def test_threads_may_put_the_same_pictures_at_once(tmp_path: Path) -> None:
    store = MediaStore(tmp_path, max_bytes=1000 * KB)
    threads = [threading.Thread(target=lambda: [store.put(picture(number)) for number in range(20)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stored(tmp_path) == {digest_of(picture(number)) for number in range(20)}
    assert all(digest_of(file.read_bytes()) == file.name for file in tmp_path.glob("*/*"))
