from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge.centre.outbox import MediaKind, Outbox, Upload
from edge.centre.uplink import OVERHEAD, Uplink, exempt
from edge.footage.settings import UplinkSettings
from edge.release.spent import AT_ONCE, Spending, spent

MB = 1_000_000
LOW_SNAPSHOT = Upload("a" * 64, MediaKind.SNAPSHOT, 1)
CRITICAL_SNAPSHOT = Upload("b" * 64, MediaKind.SNAPSHOT, 4)


class Clock:
    now = datetime(2026, 2, 10, 5, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    outbox = Outbox(tmp_path / "outbox.db", max_records=1000)
    yield outbox
    outbox.close()


def metered(outbox: Outbox, clock: Clock, daily_mb: float | None = 1) -> Uplink:
    return Uplink(UplinkSettings(daily_mb=daily_mb), "Asia/Ho_Chi_Minh", outbox, clock)


@pytest.mark.parametrize(
    ("kind", "rank", "goes_anyway"),
    [
        (MediaKind.THUMBNAIL, 4, True),
        (MediaKind.SNAPSHOT, 4, True),
        (MediaKind.CLIP, 4, False),
        (MediaKind.THUMBNAIL, 3, False),
        (MediaKind.SNAPSHOT, 1, False),
        (MediaKind.RECORDING, 4, True),
    ],
)
def test_critical_pictures_and_what_a_person_asked_for_go_anyway(
    outbox: Outbox, kind: MediaKind, rank: int, goes_anyway: bool
) -> None:
    upload = Upload("a" * 64, kind, rank)
    assert exempt(upload) is goes_anyway
    uplink = metered(outbox, Clock())
    assert uplink.take(LOW_SNAPSHOT, MB - OVERHEAD)
    assert uplink.take(upload, 50_000) is goes_anyway


def test_a_line_without_a_meter_takes_everything_and_counts_nothing(outbox: Outbox) -> None:
    uplink = metered(outbox, Clock(), daily_mb=None)
    assert all(uplink.take(LOW_SNAPSHOT, 100 * MB) for _ in range(10))
    assert outbox.spent("2026-02-10") == 0


def test_what_goes_anyway_is_counted_all_the_same(outbox: Outbox) -> None:
    uplink = metered(outbox, Clock())
    assert uplink.take(CRITICAL_SNAPSHOT, 2 * MB)
    assert outbox.spent("2026-02-10") == 2 * MB + OVERHEAD
    assert not uplink.take(LOW_SNAPSHOT, 1)


def test_a_piece_is_cut_to_what_is_left(outbox: Outbox) -> None:
    uplink = metered(outbox, Clock())
    uplink.take(LOW_SNAPSHOT, 700_000)
    assert uplink.cut(LOW_SNAPSHOT, 524_288) == 300_000 - 2 * OVERHEAD
    assert uplink.cut(CRITICAL_SNAPSHOT, 524_288) == 524_288
    assert uplink.take(LOW_SNAPSHOT, 300_000 - 2 * OVERHEAD)
    assert not uplink.may(LOW_SNAPSHOT, 1)


def test_the_budget_begins_anew_at_local_midnight_and_not_at_a_restart(
    outbox: Outbox, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    clock.now = datetime(2026, 2, 10, 16, 59, tzinfo=UTC)  # a minute before midnight in Vietnam
    assert metered(outbox, clock).take(LOW_SNAPSHOT, 900_000)
    after_restart = metered(outbox, clock)
    assert not after_restart.take(LOW_SNAPSHOT, 900_000)
    assert not after_restart.used_up()
    assert after_restart.take(LOW_SNAPSHOT, 95_000)
    assert after_restart.used_up()
    assert after_restart.used_up()
    assert caplog.text.count("budget for uploads is used up") == 1
    clock.now = datetime(2026, 2, 10, 17, 0, tzinfo=UTC)
    assert not after_restart.used_up()
    assert after_restart.take(LOW_SNAPSHOT, 900_000)


def test_a_bundle_is_counted_and_waits_for_nothing(outbox: Outbox, tmp_path: Path) -> None:
    clock = Clock()
    uplink = Uplink(UplinkSettings(daily_mb=1), "Asia/Ho_Chi_Minh", outbox, clock, lambda day: spent(tmp_path, day))
    assert uplink.may(LOW_SNAPSHOT, MB - OVERHEAD)
    spending = Spending(tmp_path, "Asia/Ho_Chi_Minh", clock)
    for _ in range(9):
        spending.count(100_000)
    spending.settle()
    assert not uplink.may(LOW_SNAPSHOT, 100_000)
    assert uplink.cut(LOW_SNAPSHOT, MB) == 100_000 - OVERHEAD
    Spending(tmp_path, "Asia/Ho_Chi_Minh", clock).count(AT_ONCE)  # the next try, cut off before it is settled
    assert uplink.used_up()
    assert uplink.may(CRITICAL_SNAPSHOT, MB)
    clock.now += timedelta(days=1)
    assert uplink.may(LOW_SNAPSHOT, MB - OVERHEAD)


def test_a_damaged_count_of_bundles_counts_nothing_and_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "spent.json").write_bytes(b"{")
    assert spent(tmp_path, "2026-02-10") == 0
    Spending(tmp_path, "Asia/Ho_Chi_Minh", Clock()).count(AT_ONCE)
    assert spent(tmp_path, "2026-02-10") == AT_ONCE
