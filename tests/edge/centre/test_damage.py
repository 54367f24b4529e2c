"""Whatever a power cut or a bad disk leaves of the outbox's files: the box starts, and sends what can be read."""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.event import Severity
from contracts.telemetry import Sample
from edge.broken import FOLDER, METRIC, MOST_BYTES, Telling, part_of, untold
from edge.centre.carve import Carver, Log
from edge.centre.outbox import Kind, MediaKind, Medium, Outbox, Stored
from edge.centre.outbox_file import SUSPECT
from tests.support import disks
from tests.support.samples import NOON, event

PAGE = 4096
FRAME = PAGE + 24

Key = tuple[str, int]


@dataclass(frozen=True)
class Page:
    """A place on the disk, the small records that lie whole on it, and whether all epochs' names do."""

    name: str
    offsets: range
    records: frozenset[Key]
    names: bool

    def survives(self, name: str, damaged: range) -> bool:
        hit = damaged.start < self.offsets.stop and self.offsets.start < damaged.stop
        return name != self.name or not hit


class Disk:
    """What was on the disk in the moment of a power cut, and what the box had been promised is there."""

    def __init__(self, file: bytes, log: bytes, kept: dict[Key, str]) -> None:
        self.file = file
        self.log = log
        self.kept = kept
        self.pages = pages_of(file, log)

    def of(self, name: str) -> bytes:
        return self.log if name == "log" else self.file

    def readable(self, name: str, damaged: range) -> set[Key]:
        """The small records on pages that the damage does not touch."""
        whole = (page.records for page in self.pages if page.survives(name, damaged))
        return {key for keys in whole for key in keys}

    def names_left(self, name: str, damaged: range) -> bool:
        """Whether the epochs' names lie on an untouched page; without them records come under other numbers."""
        return any(page.names for page in self.pages if page.survives(name, damaged))


def key_of(one: Stored) -> Key:
    return str(one.epoch), one.seq


def write(path: Path) -> Disk:
    """An outbox that was killed once, and is being written again: records in its file, in its log and in both."""
    first = Outbox(path, max_records=10_000)
    number = 0

    def samples(outbox: Outbox, count: int) -> None:
        nonlocal number
        for _ in range(count):
            number += 1
            outbox.append_samples([Sample(at=NOON, device="an-luu-1", metric="box.cpu_percent", value=number)])

    samples(first, 60)
    first.append_event(event(severity=Severity.HIGH), [Medium("ab" * 32, MediaKind.SNAPSHOT)])
    first.close()
    second = Outbox(path, max_records=10_000)
    samples(second, 60)
    for turn in range(12):
        second.append_event(event(why={"text": "x" * (400 * turn)} if turn else {}))
    samples(second, 30)
    kept = {key_of(one): one.body for one in second.waiting(10_000)}
    file, log = path.read_bytes(), path.with_name(path.name + "-wal").read_bytes()
    second.close()
    return Disk(file, log, kept)


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Disk:
    disk = write(tmp_path_factory.mktemp("box") / "outbox.db")
    assert len(disk.log) > 100 * FRAME
    assert len(disk.file) > 5 * PAGE
    return disk


@contextmanager
def opened(file: bytes, log: bytes) -> Iterator[tuple[Outbox, Path]]:
    """A box that starts on these files."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "outbox.db"
        path.write_bytes(file)
        if log:
            path.with_name(path.name + "-wal").write_bytes(log)
        outbox = Outbox(path, max_records=10_000)
        try:
            yield outbox, path
        finally:
            outbox.close()


def sent(outbox: Outbox) -> dict[Key, str]:
    """Everything that the box sends the centre, as its link asks for it."""
    found: dict[Key, str] = {}
    after = (0, 0)
    while batch := outbox.waiting(50, after):
        found |= {key_of(one): one.body for one in batch}
        after = (batch[-1].number, batch[-1].seq)
    return found


def pages_of(file: bytes, log: bytes) -> list[Page]:
    """Every page by itself, in the file and in its log."""
    names = Carver(file, Log(log)).small().epochs
    images = [("file", range(at, at + PAGE)) for at in range(PAGE, len(file), PAGE)]
    images += [("log", range(at, at + FRAME)) for at in range(32, len(log) - FRAME + 1, FRAME)]
    found = []
    for name, offsets in images:
        if name == "file":
            carver = Carver(bytes(PAGE) + file[offsets.start : offsets.stop], Log(b""))
        else:
            carver = Carver(b"", Log(log[:32] + log[offsets.start : offsets.stop]))
        keys = frozenset((names[one.number], one.seq) for one in carver.records() if one.kind == "sample")
        found.append(Page(name, offsets, keys, carver.small().epochs == names))
    return found


def goes_on(outbox: Outbox) -> None:
    """The box writes, and starts again on what it wrote."""
    before = len(outbox.waiting(10_000))
    outbox.append_event(event())
    assert len(outbox.waiting(10_000)) == before + 1
    outbox.open_events()
    outbox.uploads()
    assert outbox.dropped == 0


@dataclass
class FullDisk:
    """A small disk that somebody else fills."""

    folder: Path

    def fill(self) -> None:
        with (self.folder / "filling").open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(PAGE))


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[FullDisk]:
    with disks.small_disk(tmp_path / "disk", "16m") as disk:
        yield FullDisk(disk)


fuzz = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@fuzz
@given(name=st.sampled_from(["file", "log"]), share=st.floats(0, 1))
def test_cut_at_any_byte_it_sends_what_lies_before_the_cut(disk: Disk, name: str, share: float) -> None:
    at = int(len(disk.of(name)) * share)
    cut = {"file": disk.file, "log": disk.log, name: disk.of(name)[:at]}
    with opened(cut["file"], cut["log"]) as (outbox, _):
        found = sent(outbox)
        gone = range(at, len(disk.of(name)))
        if disk.names_left(name, gone):
            assert found.keys() >= disk.readable(name, gone)
            assert found.items() <= disk.kept.items()
        else:
            assert len(found) >= len(disk.readable(name, gone))
        goes_on(outbox)


@fuzz
@given(
    name=st.sampled_from(["file", "log"]),
    share=st.floats(0, 0.9999),
    length=st.sampled_from([1, 8, 100, 512, PAGE]),
    filling=st.sampled_from([b"\x00", b"\xff", b"\x5a"]),
)
def test_overwritten_anywhere_it_sends_what_lies_elsewhere(
    disk: Disk, name: str, share: float, length: int, filling: bytes
) -> None:
    whole = disk.of(name)
    at = int(len(whole) * share)
    torn = whole[:at] + filling * min(length, len(whole) - at) + whole[at + length :]
    files = {"file": disk.file, "log": disk.log, name: torn}
    with opened(files["file"], files["log"]) as (outbox, _):
        found = sent(outbox)
        gone = range(at, at + length)
        if disk.names_left(name, gone):
            assert found.keys() >= disk.readable(name, gone)
        else:
            assert len(found) >= len(disk.readable(name, gone))
        goes_on(outbox)


def test_a_log_whose_file_is_empty_is_not_thrown_away(disk: Disk) -> None:
    with opened(b"", disk.log) as (outbox, path):
        assert len(sent(outbox)) > 100
        assert [part_of(folder) for folder in untold(path.parent)] == ["outbox"]


def test_what_lies_behind_a_damaged_place_of_the_log_is_sent_too(disk: Disk) -> None:
    at = 32 + 40 * FRAME + 2000
    torn = disk.log[:at] + b"\xff" * 4 + disk.log[at + 4 :]
    with opened(disk.file, torn) as (outbox, path):
        assert sent(outbox).keys() >= disk.readable("log", range(at, at + 4))
        assert "behind that place" in (untold(path.parent)[0] / "why.txt").read_text()


def test_a_kill_at_any_time_is_no_damage(disk: Disk) -> None:
    with opened(disk.file, disk.log) as (outbox, path):
        assert sent(outbox) == disk.kept
        assert not untold(path.parent)


def test_damage_that_is_found_while_the_box_runs_is_mended_at_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    outbox = Outbox(path, max_records=100_000)
    outbox.append_samples([Sample(at=NOON, device="an-luu-1", metric="box.cpu_percent", value=1)] * 20_000)
    outbox.close()
    outbox = Outbox(path, max_records=100_000)
    data = path.read_bytes()
    with path.open("r+b") as file:  # more than SQLite keeps in memory
        file.seek(20 * PAGE)
        file.write(b"\x5a" * (len(data) - 20 * PAGE))
    with pytest.raises(sqlite3.DatabaseError):
        outbox.waiting(20_000)
    outbox.close()
    assert path.with_name(path.name + SUSPECT).exists()
    again = Outbox(path, max_records=10_000)
    goes_on(again)
    again.close()
    assert not path.with_name(path.name + SUSPECT).exists()


def test_a_record_that_is_none_any_more_is_set_aside_and_holds_nobody_up(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    outbox = Outbox(path, max_records=100)
    outbox.append_samples([Sample(at=NOON, device="an-luu-1", metric="box.cpu_percent", value=1)] * 3)
    outbox.append_event(event())
    outbox.close()
    with sqlite3.connect(path) as database:
        database.execute("UPDATE records SET body = replace(body, 'device', CAST(x'64ff' AS TEXT)) WHERE seq = 2")
        database.execute("UPDATE open_events SET body = substr(body, 40)")
    database.close()
    again = Outbox(path, max_records=100)
    assert [one.seq for one in again.waiting(10)] == [1, 3, 4]
    assert again.pending == 3
    assert again.open_events() == []
    again.close()
    assert len(untold(tmp_path)) == 2


def test_an_outbox_is_read_before_it_is_given_up_for_its_size(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    outbox = Outbox(path, max_records=1000)
    outbox.append_samples([Sample(at=NOON, device="an-luu-1", metric="box.cpu_percent", value=1)] * 300)
    outbox.close()
    with path.open("r+b") as file:
        file.write(b"\x5a" * 16)
        file.truncate(MOST_BYTES + PAGE)  # what days without the centre make of it
    again = Outbox(path, max_records=1000)
    assert again.pending == 300
    again.close()
    assert not list((tmp_path / FOLDER).glob("*/outbox.db"))


def test_on_a_full_disk_too_a_record_that_is_none_holds_nobody_up(full_disk: FullDisk) -> None:
    path = full_disk.folder / "outbox.db"
    outbox = Outbox(path, max_records=100)
    outbox.append_samples([Sample(at=NOON, device="an-luu-1", metric="box.cpu_percent", value=1)] * 3)
    outbox.close()
    with sqlite3.connect(path) as database:
        database.execute("UPDATE records SET body = substr(body, 40) WHERE seq = 2")
    database.close()
    again = Outbox(path, max_records=100)
    full_disk.fill()
    assert [one.seq for one in again.waiting(10)] == [1, 3]
    again.close()


def test_the_centre_is_told_once_of_what_was_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    path.write_bytes(b"no database")
    outbox = Outbox(path, max_records=100)
    telling = Telling(tmp_path, "an-luu-1", outbox.append_samples)
    telling.tell(datetime.now(UTC))
    telling.tell(datetime.now(UTC))
    (stored,) = outbox.waiting(10)
    assert stored.kind is Kind.SAMPLE
    assert f'"metric":"{METRIC}","value":1.0,"zone":"outbox"' in stored.body
    outbox.close()
