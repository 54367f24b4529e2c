"""A box's uploads to a real centre over a line that breaks, is slow to heal, or costs money."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from api.config import ApiSettings
from contracts.event import Severity
from contracts.ids import digest_of
from edge.centre.outbox import MediaKind, Medium, Outbox
from edge.centre.uplink import Uplink
from edge.centre.upload import Uploader, UploadError
from edge.config import CentreSettings
from edge.footage.media import MediaStore
from edge.footage.settings import UplinkSettings
from edge.supervise import Supervisor
from tests.api.running import RunningApi
from tests.support.relay import Relay
from tests.support.samples import BOX_TOKEN, event
from tests.support.waiting import eventually

MB = 1_000_000
IN_FLIGHT = 700_000
"""What a cut may cost: a piece, and what the relay has in its hands."""
LONG_S = 90.0


def clip(size: int = 6 * MB) -> bytes:
    return b"\x00\x00\x00\x20ftypisom" + os.urandom(size)


def picture(size: int = 40_000) -> bytes:
    return b"\xff\xd8\xff\xe0" + os.urandom(size)


class Box:
    """Store, outbox and uploader of a box, behind a line that the test cuts."""

    def __init__(self, folder: Path, api: RunningApi) -> None:
        self.api = api
        self.relay = Relay(api.port)
        self.outbox = Outbox(folder / "outbox.db", max_records=1000)
        self.media = MediaStore(folder / "media", max_bytes=200 * MB)
        self.now = datetime(2026, 2, 10, 5, 0, tzinfo=UTC)

    def owe(self, data: bytes, kind: MediaKind = MediaKind.CLIP, severity: Severity = Severity.HIGH) -> str:
        """Keep something that the centre shall have."""
        digest = self.media.put(data, severity)
        self.outbox.append_event(event(severity=severity), [Medium(digest, kind)])
        return digest

    @contextmanager
    def uploading(self, uplink: UplinkSettings | None = None) -> Iterator[Supervisor]:
        settings = CentreSettings(url=f"http://127.0.0.1:{self.relay.port}", token=SecretStr(BOX_TOKEN))
        line = Uplink(uplink or UplinkSettings(), "Asia/Ho_Chi_Minh", self.outbox, lambda: self.now)
        uploader = Uploader(settings, self.outbox, self.media, line)
        supervisor = Supervisor()
        supervisor.keep_running(
            "uploads", lambda: uploader.run(supervisor.stop), transient=(UploadError,), longest_s=0.5
        )
        try:
            yield supervisor
        finally:
            supervisor.stop.set()
            supervisor.join(10)
            assert not supervisor.failed

    def owed(self) -> int:
        return len(self.outbox.uploads())

    def arrived(self) -> list[str]:
        """What the centre has, in the order in which it came to have it."""
        with psycopg.connect(self.api.conninfo) as db:
            return [row[0] for row in db.execute("SELECT digest FROM media ORDER BY received_at, digest").fetchall()]

    def holds(self, data: bytes) -> bool:
        path = self.api.settings.media_dir / digest_of(data)[:2] / digest_of(data)
        return path.is_file() and path.read_bytes() == data


@pytest.fixture
def box(database: str, tmp_path: Path) -> Iterator[Box]:
    settings = {"database": database, "media_dir": tmp_path / "centre", "cookie_secure": False}
    api = RunningApi(ApiSettings.model_validate(settings), database)
    box = Box(tmp_path / "box", api)
    yield box
    box.relay.close()
    box.outbox.close()
    api.stop()


def test_a_line_that_breaks_in_the_middle_costs_what_was_on_its_way_and_no_more(box: Box) -> None:
    data = clip()
    box.owe(data)
    cuts = [1 * MB, 2 * MB, 4 * MB]
    with box.uploading():
        for cut in cuts:
            box.relay.cut_after(cut)
            eventually(lambda: box.relay.is_cut, LONG_S)
            box.relay.restore()
        eventually(lambda: box.owed() == 0, LONG_S)
    assert box.holds(data)
    assert len(data) < box.relay.passed <= len(data) + len(cuts) * IN_FLIGHT


def test_a_box_that_is_killed_goes_on_where_the_centre_is(box: Box) -> None:
    data = clip()
    box.owe(data)
    box.relay.cut_after(3 * MB)
    with box.uploading():
        eventually(lambda: box.relay.is_cut, LONG_S)
    before = box.relay.passed
    box.relay.restore()
    with box.uploading():
        eventually(lambda: box.owed() == 0, LONG_S)
    assert box.holds(data)
    assert box.relay.passed - before <= len(data) - before + IN_FLIGHT


def test_a_centre_that_was_away_gets_everything(box: Box) -> None:
    box.relay.cut()
    owed = [box.owe(picture(), MediaKind.SNAPSHOT) for _ in range(5)] + [box.owe(clip(MB))]
    with box.uploading():
        assert box.owed() == 6
        box.relay.restore()
        eventually(lambda: box.owed() == 0, LONG_S)
    assert set(box.arrived()) == set(owed)


def test_the_most_urgent_goes_first_and_pictures_before_clips(box: Box) -> None:
    low_clip = box.owe(clip(MB), severity=Severity.LOW)
    low_picture = box.owe(picture(), MediaKind.SNAPSHOT, Severity.LOW)
    critical_clip = box.owe(clip(MB), severity=Severity.CRITICAL)
    critical_picture = box.owe(picture(), MediaKind.SNAPSHOT, Severity.CRITICAL)
    with box.uploading():
        eventually(lambda: box.owed() == 0, LONG_S)
    assert box.arrived() == [critical_picture, critical_clip, low_picture, low_clip]


def test_what_is_more_urgent_does_not_wait_for_the_end_of_a_long_clip(box: Box) -> None:
    long = box.owe(clip(8 * MB), severity=Severity.LOW)
    box.relay.cut_after(2 * MB)
    with box.uploading(UplinkSettings(piece_kb=64)):
        eventually(lambda: box.relay.is_cut, LONG_S)
        urgent = box.owe(picture(), MediaKind.SNAPSHOT, Severity.CRITICAL)
        box.relay.restore()
        eventually(lambda: box.owed() == 0, LONG_S)
    assert box.arrived() == [urgent, long]


def test_on_a_metered_line_a_day_costs_its_budget_and_the_rest_comes_the_next_day(box: Box) -> None:
    data = clip(3 * MB)
    box.owe(data)
    budget = UplinkSettings(daily_mb=2, piece_kb=256)
    with box.uploading(budget):
        eventually(lambda: box.outbox.spent("2026-02-10") > 1.9 * MB, LONG_S)
        critical = box.owe(picture(200_000), MediaKind.SNAPSHOT, Severity.CRITICAL)
        waiting = box.owe(picture(200_000), MediaKind.SNAPSHOT, Severity.HIGH)
        eventually(lambda: box.arrived() == [critical], LONG_S)
    assert box.relay.passed <= 2.3 * MB
    with box.uploading(budget):  # a restart is not a new day
        assert not box.holds(data)
        box.now = datetime(2026, 2, 10, 17, 1, tzinfo=UTC)
        eventually(lambda: box.owed() == 0, LONG_S)
    assert box.holds(data)
    assert set(box.arrived()) == {critical, waiting, digest_of(data)}
    assert box.relay.passed <= len(data) + 0.5 * MB


def test_what_is_damaged_on_the_boxs_disk_is_given_up_and_holds_up_nothing(
    box: Box, caplog: pytest.LogCaptureFixture
) -> None:
    damaged = box.owe(clip(2 * MB), severity=Severity.CRITICAL)
    gone = box.owe(picture(), MediaKind.SNAPSHOT, Severity.CRITICAL)
    good = box.owe(picture(), MediaKind.SNAPSHOT, Severity.LOW)
    path, other = box.media.find(damaged), box.media.find(gone)
    assert path
    assert other
    path.write_bytes(path.read_bytes()[:-1] + b"\x00")
    other.unlink()
    with box.uploading():
        eventually(lambda: box.owed() == 0, LONG_S)
    assert box.arrived() == [good]
    assert "a clip is not the bytes that it is named by" in caplog.text
    assert f"snapshot {gone} is gone" in caplog.text
