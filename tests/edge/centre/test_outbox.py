from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest

from contracts.event import EventRecord, Phase, Severity
from contracts.ids import new_id
from contracts.records import SeqRange
from contracts.telemetry import Sample, SampleRecord
from edge.broken import untold
from edge.centre.outbox import Kind, MediaKind, Medium, Outbox, Upload
from tests.support import disks
from tests.support.samples import NOON, event

SAMPLE = Sample(at=NOON, device="quang-trung-1", metric="zone.people", value=3, zone="via-he")
APPENDER = """
import sys
from pathlib import Path
from contracts.telemetry import Sample
from edge.centre.outbox import Outbox
from tests.support.samples import NOON, event

outbox = Outbox(Path(sys.argv[1]), max_records=1_000_000)
while True:
    outbox.append_samples([Sample(at=NOON, device="a", metric="box.x", value=1)] * 3)
    outbox.append_event(event())
    print(outbox.head, flush=True)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "outbox.db"


@pytest.fixture
def outbox(path: Path) -> Iterator[Outbox]:
    outbox = Outbox(path, max_records=1000)
    yield outbox
    outbox.close()


def seqs(outbox: Outbox) -> list[int]:
    return [record.seq for record in outbox.waiting(100_000)]


def spans(*pairs: tuple[int, int]) -> list[SeqRange]:
    return [SeqRange(first=first, last=last) for first, last in pairs]


def reopened(path: Path, max_records: int = 1000) -> Outbox:
    return Outbox(path, max_records=max_records)


def test_records_are_numbered_and_say_what_was_appended(outbox: Outbox) -> None:
    outbox.append_event(event())
    outbox.append_samples([SAMPLE, SAMPLE])
    first, second, third = outbox.waiting(10)
    assert EventRecord.model_validate_json(first.body) == EventRecord(seq=1, event=event())
    assert SampleRecord.model_validate_json(third.body) == SampleRecord(seq=3, **dict(SAMPLE))
    assert [record.kind for record in (first, second, third)] == [Kind.EVENT, Kind.SAMPLE, Kind.SAMPLE]
    assert (outbox.head, outbox.pending, outbox.dropped) == (3, 3, 0)
    assert first.epoch == outbox.epoch


def test_waiting_goes_on_behind_a_cursor_across_epochs(path: Path) -> None:
    for _ in range(3):
        outbox = reopened(path)
        outbox.append_samples([SAMPLE] * 2)
        outbox.close()
    outbox = reopened(path)
    cursor, seen = (0, 0), []
    while records := outbox.waiting(4, cursor):
        cursor = (records[-1].number, records[-1].seq)
        seen += [(record.number, record.seq) for record in records]
    outbox.close()
    assert seen == [(1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (3, 2)]


def test_every_opening_is_a_new_epoch(path: Path) -> None:
    epochs = set()
    for _ in range(3):
        outbox = reopened(path)
        outbox.append_samples([SAMPLE])
        epochs.add(outbox.epoch)
        assert outbox.head == 1
        outbox.close()
    assert len(epochs) == 3


@pytest.mark.parametrize(
    ("acknowledged", "left"),
    [
        ([(1, 6)], []),
        ([(1, 2), (5, 5)], [3, 4, 6]),
        ([(4, 4)], [1, 2, 3, 5, 6]),
        ([(5, 900)], [1, 2, 3, 4]),
        ([(7, 9)], [1, 2, 3, 4, 5, 6]),
        ([], [1, 2, 3, 4, 5, 6]),
        ([(1, 3), (2, 4)], [5, 6]),
    ],
)
def test_only_what_is_acknowledged_leaves(outbox: Outbox, acknowledged: list[tuple[int, int]], left: list[int]) -> None:
    outbox.append_samples([SAMPLE] * 6)
    assert outbox.acknowledge(outbox.epoch, spans(*acknowledged)) == 6 - len(left)
    assert outbox.acknowledge(outbox.epoch, spans(*acknowledged)) == 0
    assert seqs(outbox) == left
    assert outbox.pending == len(left)


def test_an_acknowledgement_of_an_old_epoch_touches_that_epoch_only(path: Path) -> None:
    old = reopened(path)
    old.append_samples([SAMPLE] * 3)
    old.close()
    outbox = reopened(path)
    outbox.append_samples([SAMPLE] * 3)
    assert outbox.pending == 6
    assert outbox.acknowledge(old.epoch, spans((1, 3))) == 3
    assert [(record.epoch, record.seq) for record in outbox.waiting(10)] == [(outbox.epoch, seq) for seq in (1, 2, 3)]
    assert outbox.acknowledge(old.epoch, spans((1, 3))) == 0
    outbox.close()


def test_an_acknowledgement_of_a_strange_epoch_changes_nothing(outbox: Outbox) -> None:
    outbox.append_samples([SAMPLE] * 3)
    assert outbox.acknowledge(new_id(), spans((1, 3))) == 0
    assert outbox.pending == 3


def test_numbers_are_not_used_again_after_everything_is_acknowledged(outbox: Outbox) -> None:
    outbox.append_samples([SAMPLE] * 3)
    outbox.acknowledge(outbox.epoch, spans((1, 3)))
    outbox.append_samples([SAMPLE])
    assert seqs(outbox) == [4]


def test_a_full_outbox_gives_up_the_oldest_of_the_least_severe_and_counts_them(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    outbox = reopened(path, max_records=300)
    outbox.append_event(event(severity=Severity.CRITICAL))
    for _ in range(99):
        outbox.append_event(event(severity=Severity.LOW))
    outbox.append_samples([SAMPLE] * 150)
    for _ in range(50):
        outbox.append_event(event(severity=Severity.HIGH))
    assert (outbox.pending, outbox.dropped) == (300, 0)

    outbox.append_event(event(severity=Severity.HIGH))
    assert (outbox.pending, outbox.dropped) == (201, 100)
    assert seqs(outbox) == [*range(1, 101), *range(201, 302)]
    outbox.append_samples([SAMPLE] * 100)
    assert outbox.dropped == 200
    assert seqs(outbox)[0] == 1
    outbox.close()
    assert "gave up 100" in caplog.text

    again = reopened(path, max_records=300)
    assert again.dropped == 200
    again.close()


def ask(outbox: Outbox, name: str, severity: str, kind: MediaKind = MediaKind.SNAPSHOT) -> None:
    outbox.append_event(event(severity=Severity(severity)), [Medium(name * 64, kind)])


def waiting(outbox: Outbox) -> list[str]:
    return [upload.digest[0] for upload in outbox.uploads()]


def test_media_are_uploaded_the_most_severe_first_then_in_their_order(outbox: Outbox) -> None:
    for name, severity in [("a", "low"), ("b", "critical"), ("c", "medium"), ("d", "critical"), ("b", "low")]:
        ask(outbox, name, severity)
    assert waiting(outbox) == ["b", "d", "c", "a"]
    outbox.uploaded("b" * 64)
    outbox.uploaded("e" * 64)
    assert waiting(outbox) == ["d", "c", "a"]


def test_of_one_severity_pictures_go_before_what_was_asked_for_and_that_before_clips(outbox: Outbox) -> None:
    for name, kind in zip("abcd", reversed(MediaKind), strict=True):
        ask(outbox, name, "high", kind)
    ask(outbox, "e", "critical", MediaKind.CLIP)
    outbox.ask_upload(Medium("f" * 64, MediaKind.RECORDING), Severity.CRITICAL)
    assert waiting(outbox) == ["f", "e", "d", "c", "b", "a"]


def test_the_same_bytes_wait_once_at_the_higher_severity(outbox: Outbox) -> None:
    for name, severity in [("a", "low"), ("b", "medium"), ("a", "high")]:
        ask(outbox, name, severity)
    assert [(upload.digest[0], upload.rank) for upload in outbox.uploads()] == [("a", 3), ("b", 2)]


def test_a_revision_without_new_media_asks_for_no_upload(outbox: Outbox) -> None:
    outbox.append_event(event(phase=Phase.CLOSE, closed_at=NOON, snapshot="a" * 64, clip="b" * 64))
    assert outbox.uploads() == []


OLD_SCHEMA = """
CREATE TABLE epochs (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE);
CREATE TABLE records (
    epoch INTEGER NOT NULL, seq INTEGER NOT NULL, kind TEXT NOT NULL, rank INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (epoch, seq)
) WITHOUT ROWID;
CREATE TABLE open_events (id TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE uploads (digest TEXT PRIMARY KEY, rank INTEGER NOT NULL);
CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""


def test_a_file_of_a_release_without_clips_is_opened_with_all_that_waits_in_it(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.executescript(OLD_SCHEMA)
        database.execute("INSERT INTO epochs (id) VALUES (?)", (str(new_id()),))
        body = EventRecord(seq=1, event=event()).to_bytes().decode()
        database.execute("INSERT INTO records VALUES (1, 1, 'event', 3, ?)", (body,))
        database.execute("INSERT INTO uploads VALUES (?, 3)", ("a" * 64,))
    database.close()
    for _ in range(2):
        outbox = reopened(path)
        assert seqs(outbox) == [1]
        assert outbox.uploads() == [Upload("a" * 64, MediaKind.SNAPSHOT, 3)]
        outbox.close()
    assert not untold(path.parent)


def test_what_a_day_has_cost_is_remembered_over_a_restart_until_the_next_day(path: Path) -> None:
    outbox = reopened(path)
    outbox.spend("2026-02-10", 500)
    outbox.spend("2026-02-10", 250)
    outbox.close()
    outbox = reopened(path)
    assert outbox.spent("2026-02-10") == 750
    outbox.spend("2026-02-11", 1)
    assert (outbox.spent("2026-02-10"), outbox.spent("2026-02-11"), outbox.spent("2026-02-12")) == (0, 1, 0)
    outbox.close()


def test_open_events_are_remembered_at_their_newest_revision_until_they_close(path: Path) -> None:
    outbox = reopened(path)
    outbox.append_event(event(revision=0))
    outbox.append_event(event(revision=1, phase=Phase.UPDATE, count=4))
    outbox.close()
    outbox = reopened(path)
    (left,) = outbox.open_events()
    assert left == event(revision=1, phase=Phase.UPDATE, count=4)
    outbox.append_event(event(revision=2, phase=Phase.CLOSE, closed_at=NOON))
    assert outbox.open_events() == []
    outbox.close()


def test_an_append_that_fails_leaves_no_gap(outbox: Outbox) -> None:
    outbox.append_samples([SAMPLE])
    broken = Sample.model_construct(at=NOON, device="not a name", metric="box.x", value=1.0, zone=None)
    with pytest.raises(ValueError, match="device"):
        outbox.append_samples([SAMPLE, broken])
    outbox.append_samples([SAMPLE])
    assert seqs(outbox) == [1, 2]
    assert (outbox.head, outbox.pending) == (2, 2)


def test_threads_that_append_at_once_leave_no_gap(outbox: Outbox) -> None:
    def append() -> None:
        for _ in range(20):
            outbox.append_samples([SAMPLE] * 2)

    threads = [threading.Thread(target=append) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seqs(outbox) == list(range(1, 201))
    assert outbox.head == outbox.pending == 200


@pytest.mark.parametrize("appends", [1, 40, 150])
def test_every_append_that_returned_is_there_after_a_kill(path: Path, appends: int) -> None:
    command = [sys.executable, "-c", textwrap.dedent(APPENDER), str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(appends):
            process.stdout.readline()
        process.kill()
        returned = [int(line) for line in process.stdout.read().splitlines() if line] or [4 * appends]
    outbox = reopened(path, 1_000_000)
    left = seqs(outbox)
    outbox.close()
    assert len(left) >= returned[-1] >= 4 * appends
    assert left == list(range(1, len(left) + 1))


def fill(path: Path, records: int = 200) -> UUID:
    outbox = reopened(path)
    outbox.append_samples([SAMPLE] * records)
    outbox.close()
    return outbox.epoch


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"not a database at all" * 100,
        lambda data: data[: len(data) // 2],
        lambda data: data[:100],
        lambda data: data[:5000] + b"\x5a" * 8000 + data[13_000:],
        lambda data: b"\x00" * len(data),
    ],
    ids=["text", "cut in half", "cut to a stub", "overwritten inside", "zeros"],
)
def test_a_damaged_file_is_set_aside_and_the_box_goes_on_with_what_can_be_read_in_it(
    path: Path, damage: Callable[[bytes], bytes], caplog: pytest.LogCaptureFixture
) -> None:
    old = fill(path)
    damaged = damage(path.read_bytes())
    path.write_bytes(damaged)
    outbox = reopened(path)
    outbox.append_event(event())
    *taken_over, new = outbox.waiting(1000)
    assert (new.kind, new.seq, new.epoch) == (Kind.EVENT, 1, outbox.epoch)
    assert len({one.epoch for one in taken_over} | {old}) <= 2  # the old one, or one for records without a name
    outbox.close()
    (folder,) = untold(path.parent)
    assert (folder / path.name).read_bytes() == damaged
    assert "outbox was damaged" in caplog.text


def test_an_empty_file_is_a_new_outbox(path: Path) -> None:
    path.touch()
    outbox = reopened(path)
    outbox.append_event(event())
    assert seqs(outbox) == [1]
    outbox.close()


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_cut_write_ahead_log_costs_at_most_its_own_tail(path: Path, share: float) -> None:
    """As a disk that loses its last writes leaves it: what was checkpointed or whole stays, nothing is torn."""
    outbox = reopened(path)
    for _ in range(100):
        outbox.append_samples([SAMPLE] * 2)
    wal = path.with_name("outbox.db-wal")
    base, log = path.read_bytes(), wal.read_bytes()
    outbox.close()

    path.write_bytes(base)
    wal.write_bytes(log[: int(len(log) * share)])
    again = reopened(path)
    left = seqs(again)
    again.append_samples([SAMPLE])
    assert again.pending == len(left) + 1
    again.close()
    assert left == list(range(1, len(left) + 1))
    assert len(left) % 2 == 0
    assert not untold(path.parent)


def test_a_file_that_cannot_be_opened_for_lack_of_a_place_is_not_called_damaged(tmp_path: Path) -> None:
    place = tmp_path / "outbox.db"
    place.mkdir()
    with pytest.raises(sqlite3.OperationalError):
        reopened(place)
    assert place.is_dir()


def test_an_epoch_of_which_all_is_committed_is_forgotten(path: Path) -> None:
    old = fill(path, 3)
    outbox = reopened(path)
    outbox.acknowledge(old, spans((1, 3)))
    outbox.close()
    with sqlite3.connect(path) as database:
        epochs = [row[0] for row in database.execute("SELECT id FROM epochs")]
    database.close()
    assert epochs == [str(outbox.epoch)]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with disks.small_disk(tmp_path / "disk", "12m") as disk:
        yield disk


def test_on_a_full_disk_what_cannot_be_remembered_is_said_and_stops_nothing(small_disk: Path) -> None:
    outbox = reopened(small_disk / "outbox.db")
    with (small_disk / "others").open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))
    asked = 0
    while outbox.ask_upload(Medium(f"{asked:064x}", MediaKind.CLIP), Severity.LOW):
        asked += 1
        assert asked < 200_000
    assert not outbox.spend("2026-02-10", 1) or outbox.spent("2026-02-10") == 1
    outbox.uploaded(f"{0:064x}")
    (small_disk / "others").unlink()
    assert outbox.ask_upload(Medium("f" * 64, MediaKind.CLIP), Severity.CRITICAL)
    assert outbox.uploads()[0].digest == "f" * 64
    outbox.close()
