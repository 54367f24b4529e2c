from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.event import Severity
from contracts.ids import digest_of
from edge.footage.disk import DiskFullError
from edge.footage.media import MediaStore
from tests.support import disks

KB = 1000


def picture(number: int, size: int = 10 * KB) -> bytes:
    return number.to_bytes(4, "big") * (size // 4)


def stored(folder: Path) -> set[str]:
    return {file.name for file in folder.glob("*/*") if file.is_file()}


def path_of(store: MediaStore, digest: str) -> Path:
    path = store.find(digest)
    assert path
    return path


def put_aged(store: MediaStore, number: int, severity: Severity = Severity.MEDIUM) -> str:
    """Keep a picture and make it `number` seconds newer than 1970, so that ages are certain."""
    digest = store.put(picture(number), severity)
    os.utime(path_of(store, digest), (number, number))
    return digest


def test_a_picture_is_kept_under_its_digest(tmp_path: Path) -> None:
    store = MediaStore(tmp_path, max_bytes=100 * KB)
    digest = store.put(picture(1), Severity.LOW)
    assert digest == digest_of(picture(1))
    assert path_of(store, digest).read_bytes() == picture(1)


def test_the_same_picture_is_kept_and_counted_once(tmp_path: Path) -> None:
    store = MediaStore(tmp_path, max_bytes=25 * KB)
    for _ in range(10):
        store.put(picture(1), Severity.LOW)
    assert stored(tmp_path) == {digest_of(picture(1))}


def test_when_the_folder_is_full_the_oldest_go(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = MediaStore(tmp_path, max_bytes=100 * KB)
    digests = [put_aged(store, number) for number in range(1, 12)]
    assert stored(tmp_path) == set(digests[2:])
    assert "removed 2 of the oldest, least severe" in caplog.text


def test_the_bound_holds_over_a_restart(tmp_path: Path) -> None:
    first = MediaStore(tmp_path, max_bytes=100 * KB)
    for number in range(1, 11):
        put_aged(first, number)
    second = MediaStore(tmp_path, max_bytes=100 * KB)
    newest = second.put(picture(99), Severity.LOW)
    assert sum(file.stat().st_size for file in tmp_path.glob("*/*")) <= 100 * KB
    assert newest in stored(tmp_path)
    assert digest_of(picture(1)) not in stored(tmp_path)


def test_the_least_severe_go_first_however_new_they_are(tmp_path: Path) -> None:
    store = MediaStore(tmp_path, max_bytes=100 * KB)
    severities = [Severity.CRITICAL, Severity.LOW, Severity.HIGH, Severity.LOW, Severity.MEDIUM] * 2
    digests = [put_aged(store, number, severity) for number, severity in enumerate(severities, start=1)]
    put_aged(store, 99, Severity.LOW)
    assert [digest for digest in digests if store.find(digest) is None] == [digests[1], digests[3]]
    for number in range(100, 108):
        put_aged(store, number, Severity.HIGH)
    kept = {severities[index] for index, digest in enumerate(digests) if store.find(digest)}
    assert kept <= {Severity.CRITICAL, Severity.HIGH}
    assert store.find(digests[0])


def test_the_same_bytes_of_two_events_are_kept_as_the_severer_wants(tmp_path: Path) -> None:
    store = MediaStore(tmp_path, max_bytes=100 * KB)
    digest = store.put(picture(1), Severity.LOW)
    for severity in (Severity.CRITICAL, Severity.MEDIUM):
        assert store.put(picture(1), severity) == digest
        assert path_of(store, digest).parent.name == "critical"
    assert len(stored(tmp_path)) == 1


def test_a_finished_draft_becomes_a_medium(tmp_path: Path) -> None:
    store = MediaStore(tmp_path, max_bytes=100 * KB)
    draft = store.drafts / "clip.mp4"
    draft.write_bytes(picture(7))
    digest = store.put_file(draft, Severity.HIGH)
    assert digest == digest_of(picture(7))
    assert path_of(store, digest).read_bytes() == picture(7)
    assert not draft.exists()


def test_what_is_larger_than_everything_that_may_be_kept_is_refused_and_costs_only_what_it_must(tmp_path: Path) -> None:
    store = MediaStore(tmp_path, max_bytes=100 * KB)
    with pytest.raises(DiskFullError):
        store.put(picture(1, 200 * KB), Severity.CRITICAL)
    assert stored(tmp_path) == set()
    assert store.put(picture(2), Severity.LOW)


def test_what_a_power_cut_tore_is_removed(tmp_path: Path) -> None:
    MediaStore(tmp_path, max_bytes=100 * KB)
    torn = tmp_path / "drafts" / digest_of(picture(1))
    torn.write_bytes(picture(1)[:100])
    store = MediaStore(tmp_path, max_bytes=100 * KB)
    assert not torn.exists()
    assert store.find(digest_of(picture(1))) is None


def test_pictures_of_a_release_that_kept_them_without_their_severity_are_found_again(tmp_path: Path) -> None:
    digest = digest_of(picture(1))
    old = tmp_path / digest[:2] / digest
    old.parent.mkdir()
    old.write_bytes(picture(1))
    old.with_suffix(".part").write_bytes(b"torn")
    store = MediaStore(tmp_path, max_bytes=100 * KB)
    assert path_of(store, digest).read_bytes() == picture(1)
    assert not old.parent.exists()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own."""
    with disks.small_disk(tmp_path / "disk", "1m") as disk:
        yield disk


def test_the_last_of_the_disk_is_left_to_others(disk: Path) -> None:
    store = MediaStore(disk / "media", max_bytes=10_000 * KB, reserve=300 * KB)
    for number in range(200):
        store.put(picture(number), Severity.LOW)
    free = shutil.disk_usage(disk).free
    assert 300 * KB <= free <= 400 * KB
    (disk / "others").write_bytes(bytes(free - 100 * KB))
    store.put(picture(1000), Severity.LOW)
    assert shutil.disk_usage(disk).free >= 300 * KB
    (disk / "more").write_bytes(bytes(shutil.disk_usage(disk).free - 16 * KB))
    with pytest.raises(DiskFullError):
        store.put(picture(1001, 100 * KB), Severity.CRITICAL)
    assert list(store.drafts.iterdir()) == []


def test_threads_may_put_the_same_pictures_at_once(tmp_path: Path) -> None:
    store = MediaStore(tmp_path, max_bytes=1000 * KB)
    threads = [
        threading.Thread(target=lambda: [store.put(picture(number), Severity.LOW) for number in range(20)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stored(tmp_path) == {digest_of(picture(number)) for number in range(20)}
    assert all(digest_of(file.read_bytes()) == file.name for file in tmp_path.glob("*/*"))
