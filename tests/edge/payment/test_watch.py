from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from contracts.command import PaymentPoints
from edge.capture.mask import Mask
from edge.geometry import Box
from edge.payment.allowed import AllowSets
from edge.payment.point import Clear, Raise
from edge.payment.settings import PaymentPointSettings
from edge.payment.state import PointState
from edge.payment.watch import PointWatch
from edge.rules.calendar import Calendar
from tests.edge.payment.stalls import (
    BASE64,
    BOARD,
    HEIGHT,
    OTHER,
    PAGE,
    TEXT,
    WIDTH,
    fingerprints,
    frame,
    point,
    said,
    stall,
)
from tests.support.samples import NOON

S = PointState
IN_FRONT: Box = (0.4, 0.2, 0.8, 1.0)
OPENING_HOURS = [{"from": "06:00", "to": "18:00"}]
NIGHT = datetime.fromisoformat("2026-02-10T22:00:00+07:00")


class Stall:
    """A watch on a board of which the test paints every second."""

    def __init__(self, folder: Path, settings: PaymentPointSettings | None = None, at: datetime = NOON) -> None:
        settings = settings or point()
        self.allow = AllowSets(folder)
        self.watch = PointWatch(settings, settings.hours("Asia/Ho_Chi_Minh", Calendar()), self.allow, Mask(()))
        self.alarms: list[Raise | Clear] = []
        self.at = at

    def show(
        self,
        picture: NDArray[np.uint8],
        seconds: int = 1,
        tracks: Sequence[Box] = (),
        rotation: int = 0,
        every: int = 1,
    ) -> Stall:
        for _ in range(0, seconds, every):
            self.alarms += self.watch.look(frame(picture, self.at, rotation), tracks)
            self.at += timedelta(seconds=every)
        return self

    @property
    def state(self) -> PointState:
        return self.watch.state_at(self.at)

    @property
    def told(self) -> list[str]:
        return [
            f"{'+' if isinstance(one, Raise) else '-'}{one.kind.removeprefix('payment_code_')}" for one in self.alarms
        ]


@pytest.fixture
def unknown(tmp_path: Path) -> Stall:
    return Stall(tmp_path)


@pytest.fixture
def verified(unknown: Stall) -> Stall:
    unknown.allow.hear(said(TEXT))
    return unknown.show(stall(), 3)


def test_ours_is_verified_and_its_size_is_known(verified: Stall) -> None:
    assert (verified.state, verified.told) == (S.VERIFIED, [])
    assert verified.watch.pixels_per_module == pytest.approx(3, rel=0.05)
    assert (verified.watch.looks, sum(verified.watch.reads.values())) == (3, 3)


def test_a_swap_is_told_with_what_may_be_told_of_it(verified: Stall) -> None:
    verified.show(stall(OTHER), 5)
    assert (verified.state, verified.told) == (S.MISMATCH, ["+mismatch"])
    (alarm,) = verified.alarms
    assert isinstance(alarm, Raise)
    assert alarm.since == NOON + timedelta(seconds=3)
    assert alarm.why == {
        "code": fingerprints(OTHER)[0][:12],
        "nature": "not_ours",
        "reads": 4,
        "seconds": 3.0,
        "bank": "970422",
        "bank_name": "MB",
        "last_four": "4050",
    }
    assert alarm.place is not None
    left, top = BOARD
    assert alarm.place[0] * WIDTH == pytest.approx(left + 12, abs=3)
    assert alarm.place[1] * HEIGHT == pytest.approx(top + 12, abs=3)


def test_the_address_of_a_page_is_told_even_while_nobody_is_known(unknown: Stall) -> None:
    unknown.show(stall(OTHER), 15).show(stall(None), 200)
    assert (unknown.state, unknown.told) == (S.UNKNOWN, [])
    unknown.show(stall(PAGE), 12)
    assert (unknown.state, unknown.told) == (S.FOREIGN, ["+foreign"])


def test_who_is_approved_later_makes_a_code_ours_without_a_restart(verified: Stall) -> None:
    verified.show(stall(OTHER), 5)
    verified.allow.hear(said(TEXT, OTHER))
    verified.show(stall(OTHER), 12)
    assert (verified.state, verified.told) == (S.VERIFIED, ["+mismatch", "-mismatch"])


def test_who_is_approved_no_longer_makes_a_code_theirs(verified: Stall) -> None:
    verified.allow.hear(said(OTHER))
    verified.show(stall(), 6)
    assert (verified.state, verified.told) == (S.MISMATCH, ["+mismatch"])


def test_a_point_of_which_nothing_is_known_any_more_is_unknown_and_its_alarm_is_void(verified: Stall) -> None:
    verified.show(stall(OTHER), 5)
    verified.allow.hear(PaymentPoints(key=BASE64, points=()))
    verified.show(stall(OTHER), 30)
    assert (verified.state, verified.told) == (S.UNKNOWN, ["+mismatch", "-mismatch"])


def test_a_code_outside_of_the_region_is_nobodys_business(verified: Stall) -> None:
    both = stall()
    both[:, :250] = stall(OTHER, at=(20, 120))[:, :250]
    verified.show(both, 30)
    assert (verified.state, verified.told) == (S.VERIFIED, [])


def test_a_covered_board_is_told_and_one_behind_a_customer_is_not(verified: Stall) -> None:
    covered = stall()
    covered[100:260, 290:450] = 60
    verified.show(covered, 60, tracks=[IN_FRONT])
    assert (verified.state, verified.told) == (S.VERIFIED, [])
    verified.show(covered, 25)
    assert (verified.state, verified.told) == (S.COVERED, ["+covered"])
    (alarm,) = verified.alarms
    assert isinstance(alarm, Raise)
    assert alarm.since == NOON + timedelta(seconds=62)


def test_a_board_that_was_taken_away_is_missing(verified: Stall) -> None:
    assert verified.show(stall(None), 25).told == ["+missing"]


def test_a_stranger_who_stays_before_the_board_makes_it_unread(verified: Stall) -> None:
    hidden = stall()
    hidden[100:260, 290:450] = 60
    assert verified.show(hidden, 415, tracks=[IN_FRONT], every=5).told == []
    assert verified.show(hidden, 10, tracks=[IN_FRONT]).told == ["+unreadable"]


def test_a_camera_that_is_lost_makes_a_point_unknown_and_not_missing(verified: Stall) -> None:
    verified.at += timedelta(minutes=30)
    assert (verified.state, verified.told) == (S.UNKNOWN, [])
    verified.show(stall(), 1)
    assert (verified.state, verified.told) == (S.VERIFIED, [])


def test_what_was_covered_while_the_camera_was_lost_is_covered(verified: Stall) -> None:
    verified.at += timedelta(minutes=30)
    covered = stall()
    covered[100:260, 290:450] = 60
    assert verified.show(covered, 25).told == ["+covered"]


def test_a_picture_of_another_size_shows_the_same_point(verified: Stall) -> None:
    small = np.asarray(cv2.resize(stall(), (480, 270), interpolation=cv2.INTER_AREA), np.uint8)
    verified.show(small, 30)
    assert (verified.state, verified.told) == (S.VERIFIED, [])
    swapped = np.asarray(cv2.resize(stall(OTHER), (480, 270), interpolation=cv2.INTER_AREA), np.uint8)
    assert verified.show(swapped, 6).told == ["+mismatch"]


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_camera_that_hangs_otherwise_is_read_the_right_way_up(tmp_path: Path, rotation: int) -> None:
    turned = Stall(tmp_path)
    turned.allow.hear(said(TEXT))
    turned.show(stall(), 3, rotation=rotation)
    assert turned.state is S.VERIFIED
    home = turned.watch.point.home
    assert home is not None
    assert home[:2] == pytest.approx((312 / 640, 132 / 360), abs=0.01)


def closed(folder: Path) -> Stall:
    """Past closing; the board was left out, and the lamp is on."""
    night = Stall(folder, point(schedule=OPENING_HOURS), at=NIGHT)
    night.allow.hear(said(TEXT))
    return night.show(stall(), 610, every=5).show(stall(), 10)


def test_a_board_that_is_put_away_for_the_night_is_no_alarm(tmp_path: Path) -> None:
    night = closed(tmp_path).show(stall(), 15, tracks=[IN_FRONT]).show(stall(None), 60).show(stall(None), 240, every=5)
    assert (night.state, night.told) == (S.UNKNOWN, [])


def test_a_swap_at_night_is_one(tmp_path: Path) -> None:
    assert closed(tmp_path).show(stall(OTHER), 6).told == ["+mismatch"]


def test_whoever_was_before_a_board_at_night_that_looks_otherwise_since_is_told_of(tmp_path: Path) -> None:
    night = closed(tmp_path)
    came = night.at
    sticker = np.asarray(cv2.GaussianBlur(stall(OTHER), (0, 0), 2.2), np.uint8)  # too dark to be read
    hand = stall()
    hand[100:260, 290:450] = 60
    night.show(hand, 15, tracks=[IN_FRONT]).show(sticker, 25)
    assert (night.state, night.told) == (S.COVERED, ["+covered"])
    (alarm,) = night.alarms
    assert isinstance(alarm, Raise)
    assert alarm.since == came - timedelta(seconds=1)
    assert alarm.why["somebody_s"] == 15.0
