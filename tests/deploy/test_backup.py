"""deploy/backup.sh as a program: what it keeps, what it drops, and that it believes no dump that it has not read."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from demo.postgres import Postgres
from storage import backups
from tests.support.compose import PROJECT
from tests.support.databases import fresh_database
from tests.support.images import POSTGRES, SYSTEM
from tests.support.waiting import eventually

SCRIPT = PROJECT / "deploy" / "backup.sh"
PICTURE = f"ab/ab{'0' * 62}"


class Backup:
    """The script with its folders below one, against a database."""

    def __init__(self, folder: Path, conninfo: str) -> None:
        self.kept, self.media = folder / "backups", folder / "media"
        self.kept.mkdir()
        self.media.mkdir()
        (folder / "password").write_text("not-asked-for-on-this-socket\n")
        where = conninfo_to_dict(conninfo)
        self.environment = {
            "PATH": f"{POSTGRES}:{SYSTEM}",
            "PGHOST": str(where["host"]),
            "PGUSER": str(where["user"]),
            "PGDATABASE": str(where["dbname"]),
            "PHOAN_BACKUP_PASSWORD_FILE": str(folder / "password"),
            "PHOAN_BACKUPS": str(self.kept),
            "PHOAN_MEDIA": str(self.media),
            "PHOAN_BACKUP_WAIT_S": "0.1",
            "PHOAN_BACKUP_HOUR": "0",
        }

    def run(self, word: str, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {**self.environment, **variables}
        command = ["dash", str(SCRIPT), word]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)

    def dumps(self, folder: str = "daily") -> list[str]:
        return sorted(path.name for path in (self.kept / folder).glob("*.dump"))

    def put(self, name: str, content: bytes = b"a picture") -> None:
        path = self.media / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


@pytest.fixture
def backup(tmp_path: Path, database: str) -> Backup:
    return Backup(tmp_path, database)


def test_a_dump_restores_to_the_same_places(backup: Backup, postgres: Postgres) -> None:
    done = backup.run("once")
    assert done.returncode == 0, done.stderr
    (name,) = backup.dumps()
    assert backup.dumps("monthly") == [f"{datetime.now(UTC):%Y-%m}.dump"]
    with fresh_database(postgres, template="template0") as again:
        words = ["pg_restore", "--exit-on-error", "--single-transaction", "--no-owner", f"--dbname={again}"]
        restored = subprocess.run(
            [POSTGRES / words[0], *words[1:], backup.kept / "daily" / name], capture_output=True, text=True, check=False
        )
        assert restored.returncode == 0, restored.stderr
        with psycopg.connect(again) as connection:
            assert connection.execute("SELECT id FROM boxes ORDER BY id").fetchall() == [("an-luu-1",), ("phuong-4-1",)]


def test_nobody_else_may_read_a_backup(backup: Backup) -> None:
    backup.put(PICTURE)
    assert backup.run("once").returncode == 0
    files = [path for path in backup.kept.rglob("*") if path.is_file()]
    assert {path.stat().st_mode & 0o077 for path in files} == {0}


def test_a_database_that_is_away_leaves_no_half_dump_and_is_not_healthy(backup: Backup) -> None:
    done = backup.run("once", PGHOST="/nowhere")
    assert done.returncode == 1
    assert "could not" in done.stderr or "failed" in done.stderr
    assert backup.dumps() == []
    assert backup.run("health").returncode == 1
    assert backup.run("once").returncode == 0
    assert backup.run("health").returncode == 0
    assert not list(backup.kept.rglob("*.part"))


def test_yesterdays_backup_is_healthy_and_the_one_before_is_not(backup: Backup) -> None:
    for hours, code in ((25, 0), (27, 1)):
        (backup.kept / "last-good").write_text(f"{int(time.time()) - hours * 3600}\n")
        assert backup.run("health").returncode == code


@pytest.mark.parametrize("kept_bytes", [0.0, 0.5, 0.99])
def test_a_damaged_dump_is_found(backup: Backup, kept_bytes: float) -> None:
    assert backup.run("once").returncode == 0
    assert backup.run("verify").returncode == 0
    (name,) = backup.dumps()
    path = backup.kept / "daily" / name
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * kept_bytes)])
    found = backup.run("verify")
    assert found.returncode == 1
    assert f"BAD  {path}" in found.stdout


def test_a_dump_of_another_database_is_not_taken_for_ours(backup: Backup, postgres: Postgres) -> None:
    with fresh_database(postgres, template="template0") as empty:
        done = backup.run("once", PGDATABASE=str(conninfo_to_dict(empty)["dbname"]))
    assert done.returncode == 1
    assert "cannot be read back" in done.stdout
    assert backup.dumps() == []


def test_the_newest_are_kept(backup: Backup) -> None:
    for folder, names in (
        ("daily", [f"phoan-2026-01-{day:02}T020000Z.dump" for day in range(1, 5)]),
        ("monthly", [f"2025-{month:02}.dump" for month in range(1, 5)]),
    ):
        (backup.kept / folder).mkdir()
        for name in names:
            (backup.kept / folder / name).write_bytes(b"old")
    assert backup.run("once", PHOAN_BACKUP_DAYS="3", PHOAN_BACKUP_MONTHS="2").returncode == 0
    assert backup.dumps()[:2] == ["phoan-2026-01-03T020000Z.dump", "phoan-2026-01-04T020000Z.dump"]
    assert len(backup.dumps()) == 3
    assert backup.dumps("monthly") == ["2025-04.dump", f"{datetime.now(UTC):%Y-%m}.dump"]


def test_media_are_copied_once_and_go_when_the_centre_has_removed_them(backup: Backup) -> None:
    backup.put(PICTURE)
    backup.put("parts/half-an-upload", b"half")
    backup.put("tmpdraft/cd", b"a draft")
    assert "1 copied, 0 removed" in backup.run("once").stdout
    inode = (backup.kept / "media" / PICTURE).stat().st_ino
    backup.put(f"cd/cd{'0' * 62}")
    assert "1 copied, 0 removed" in backup.run("once").stdout
    assert (backup.kept / "media" / PICTURE).stat().st_ino == inode
    (backup.media / PICTURE).unlink()
    assert "0 copied, 1 removed" in backup.run("once").stdout
    assert [path.name for path in (backup.kept / "media").rglob("*") if path.is_file()] == [f"cd{'0' * 62}"]


def test_while_it_runs_a_failure_is_said_and_tried_again(backup: Backup) -> None:
    """The full disk's stand-in: a file where a folder must be."""
    (backup.kept / "daily").write_text("")
    command = ["dash", str(SCRIPT), "run"]
    with subprocess.Popen(
        command, env=backup.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        try:
            assert process.stdout
            assert b"the backup failed; it is tried again" in process.stdout.readline()
            assert backup.run("health").returncode == 1
            (backup.kept / "daily").unlink()
            eventually(lambda: (backup.kept / "last-good").exists(), 60)
        finally:
            process.kill()
    assert backup.run("health").returncode == 0


def notes(database: str) -> list[tuple[object, ...]]:
    """What the database was told: outcome, reason, sizes."""
    with psycopg.connect(database) as connection:
        return connection.execute(
            "SELECT outcome, reason, bytes, media_copied, media_removed FROM backups ORDER BY ended_at, outcome"
        ).fetchall()


def test_the_database_is_told_what_became_of_a_backup(backup: Backup, database: str) -> None:
    backup.put(PICTURE)
    assert backup.run("once").returncode == 0
    (name,) = backup.dumps()
    assert notes(database) == [("good", None, (backup.kept / "daily" / name).stat().st_size, 1, 0)]
    with psycopg.connect(database) as connection:
        row = connection.execute("SELECT ended_at BETWEEN began_at AND now(), detail FROM backups").fetchone()
    assert row == (True, "")


def test_a_failure_is_told_with_its_reason_in_the_programs_words_and_once_an_hour(
    backup: Backup, database: str
) -> None:
    (backup.kept / "daily").write_text("")
    for _ in range(3):
        assert backup.run("once").returncode == 1
    assert notes(database) == [("failed", "folder", None, None, None)]
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT detail LIKE 'mkdir: %%File exists' FROM backups").fetchone() == (True,)
        connection.execute("UPDATE backups SET began_at = began_at - INTERVAL '2 hours'")
    assert backup.run("once").returncode == 1
    assert len(notes(database)) == 2
    (backup.kept / "daily").unlink()
    assert backup.run("once").returncode == 0
    assert [outcome for outcome, *_ in notes(database)] == ["failed", "failed", "good"]


def test_media_that_cannot_be_copied_are_told_though_the_dump_is_there(backup: Backup, database: str) -> None:
    backup.put(PICTURE)
    (backup.kept / "media").mkdir()
    (backup.kept / "media" / "ab").write_text("")
    assert backup.run("once").returncode == 1
    ((outcome, reason, size, copied, _),) = notes(database)
    assert (outcome, reason, copied) == ("failed", "media", 0)
    assert isinstance(size, int)


def test_what_the_database_could_not_be_told_is_told_next_time(backup: Backup, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("ALTER TABLE backups RENAME TO away")
        done = backup.run("once")
        assert done.returncode == 0, "a dump is as good as it is"
        assert "the database could not be told of this; it is tried again" in done.stdout
        assert backup.run("health").returncode == 0
        assert backup.run("once", PGHOST="/nowhere").returncode == 1
        connection.execute("ALTER TABLE away RENAME TO backups")
    time.sleep(1.1)  # a backup is known by its second
    assert "the database was told of earlier backups" in backup.run("once").stdout
    assert sorted(str(reason) for _, reason, *_ in notes(database)) == ["None", "None", "dump"]
    with psycopg.connect(database) as connection:
        row = connection.execute("SELECT detail FROM backups WHERE outcome = 'failed'").fetchone()
    assert row
    assert row[0].startswith("pg_dump: error: connection to server"), "not the hint that follows it"
    assert row[0].endswith("No such file or directory")
    assert not (backup.kept / "untold").exists()
    assert len((backup.kept / "last-good").read_text()) > 5


def test_what_waits_to_be_told_is_bounded(backup: Backup) -> None:
    (backup.kept / "untold").write_text("".join(f"{number}|1|good|||||\n" for number in range(200)))
    assert backup.run("once", PGHOST="/nowhere").returncode == 1
    lines = (backup.kept / "untold").read_text().splitlines()
    assert len(lines) == 50
    assert lines[0].startswith("151|")
    assert "|failed||" in lines[-1]


def test_quotes_and_bars_of_a_reason_are_no_statement(backup: Backup, database: str) -> None:
    (backup.kept / "untold").write_text(
        "1763776800|1763776900|failed||||dump|o'clock | \\' ; DROP TABLE backups -- :x $y\n"
    )
    assert backup.run("once").returncode == 0
    with psycopg.connect(database) as connection:
        row = connection.execute("SELECT detail FROM backups WHERE outcome = 'failed'").fetchone()
    assert row == ("o'clock | \\' ; DROP TABLE backups -- :x $y",)


def test_the_backups_own_role_may_add_a_note_and_nothing_more(backup: Backup, database: str) -> None:
    def denied(statement: LiteralString) -> bool:
        with psycopg.connect(database, user=backups.ROLE) as connection:
            try:
                connection.execute(statement)
            except psycopg.errors.InsufficientPrivilege:
                return True
        return False

    with psycopg.connect(database, autocommit=True) as owner:
        backups.allow(owner)  # no such role yet: nothing to do
        owner.execute("CREATE ROLE backup LOGIN")
        try:
            owner.execute("GRANT pg_read_all_data TO backup")
            assert backup.run("once", PGUSER=backups.ROLE).returncode == 0
            assert notes(database) == []
            backups.allow(owner)
            time.sleep(1.1)  # a backup is known by its second
            assert backup.run("once", PGUSER=backups.ROLE).returncode == 0
            assert len(notes(database)) == 2
            assert denied("UPDATE backups SET outcome = 'good'")
            assert denied("DELETE FROM backups")
            assert denied("INSERT INTO wards DEFAULT VALUES")
        finally:
            owner.execute("DROP OWNED BY backup")
            owner.execute("DROP ROLE backup")


def test_notes_go_to_another_host_than_the_dump_comes_from_where_one_is_named(backup: Backup, database: str) -> None:
    done = backup.run("once", PHOAN_BACKUP_NOTES_HOST="/nowhere")
    assert done.returncode == 0
    assert notes(database) == []
    time.sleep(1.1)  # a backup is known by its second
    assert backup.run("once", PHOAN_BACKUP_NOTES_HOST=backup.environment["PGHOST"]).returncode == 0
    assert len(notes(database)) == 2


def test_a_dump_that_is_good_is_not_made_again_while_media_cannot_be_copied(backup: Backup, database: str) -> None:
    """A dump every minute would fill the disk, or push those of other days out."""
    backup.put(PICTURE)
    (backup.kept / "media").mkdir()
    (backup.kept / "media" / "ab").write_text("")
    command = ["dash", str(SCRIPT), "run"]
    with subprocess.Popen(
        command, env=backup.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout
            failures = (line for line in process.stdout if "the backup failed; it is tried again" in line)
            for _ in range(3):
                next(failures)
            time.sleep(1.1)  # a dump is named by its second
            next(failures)
            next(failures)
            assert len(backup.dumps()) == 1
            (backup.kept / "media" / "ab").unlink()
            eventually(lambda: len(notes(database)) == 2, 60)
        finally:
            process.kill()
    (name,) = backup.dumps()
    size = (backup.kept / "daily" / name).stat().st_size
    assert notes(database) == [("failed", "media", size, 0, 0), ("good", None, size, 1, 0)]
    assert backup.run("once").returncode == 0
    assert len(backup.dumps()) == 2, "who asks for one gets one"


@pytest.fixture
def running(backup: Backup) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        ["dash", str(SCRIPT), "run"], env=backup.environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    yield process
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def test_it_makes_the_first_backup_at_once_and_one_a_day(backup: Backup, running: subprocess.Popen[str]) -> None:
    eventually(lambda: (backup.kept / "last-good").exists(), 30)
    time.sleep(1.1)  # a dump is named by its second
    assert len(backup.dumps()) == 1
    (backup.kept / "last-day").write_text("2026-01-01\n")
    eventually(lambda: len(backup.dumps()) == 2, 60)
    running.terminate()
    assert running.wait(5) == 0


def test_while_it_runs_what_could_not_be_told_is_told_as_soon_as_it_can(
    backup: Backup, database: str, running: subprocess.Popen[str]
) -> None:
    eventually(lambda: len(notes(database)) == 1, 60)
    (backup.kept / "untold").write_text("1763776800|1763776900|failed||||dump|gone\n")
    eventually(lambda: len(notes(database)) == 2, 60)
    assert running.poll() is None
