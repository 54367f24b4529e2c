"""Scenes as the box's own watch sees them: a thief's sticker is told of, and what passes is not."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contracts import payment_code
from contracts.command import PaymentPoints, PointPayees
from contracts.event import EventKind
from contracts.payment_code import fingerprint
from demo.scene import encoded, script
from demo.scene.board import HANH, HANH_SECOND, THIEF, Stance
from demo.scene.scene import Scene, View
from demo.scene.script import Act, Deed
from edge.capture.capture import CapturedFrame
from edge.capture.mask import Mask
from edge.payment.allowed import AllowSets
from edge.payment.point import PointState, Raise
from edge.payment.settings import PaymentPointSettings
from edge.payment.watch import PointWatch
from edge.rules.calendar import Calendar

KEY = b"a ward's key of payment codes"
BEGIN = datetime(2026, 5, 4, 2, 0, tzinfo=UTC)
VIEW = View(width=480, height=270, fps=4, pixels_per_module=2.5, stances=(Stance(18, -8, 2),), loop_s=8.0, seed=9)


@dataclass(frozen=True)
class Told:
    """An alarm, after how many seconds it came, and since when it says that it is so."""

    kind: EventKind
    at: float
    since: float


def watched(scene: Scene, seconds: float, folder: Path) -> tuple[list[Told], PointWatch]:
    """What the box says of a scene, at 2 Mbit/s, one look a second."""
    settings = PaymentPointSettings.model_validate({"id": "quay-12", "region": scene.region()})
    allow = AllowSets(folder)
    prints = {fingerprint(payee, KEY) for shop in (HANH, HANH_SECOND) for payee in payment_code.read(shop.code).payees}
    point = PointPayees(id="quay-12", payees=tuple(sorted(prints)))
    allow.hear(PaymentPoints(key=base64.b64encode(KEY).decode(), points=(point,)))
    watch = PointWatch(settings, settings.hours("Asia/Ho_Chi_Minh", Calendar({})), allow, Mask(()))
    look = scene.view
    told: list[Told] = []
    rate = encoded.bits_per_second(2, look.width, look.height, look.fps)
    frames = encoded.through((picture for _, picture in scene.pictures(seconds)), fps=look.fps, bit_rate=rate)
    for number, frame in enumerate(frames):
        if number % round(look.fps) == 0:
            at = number / look.fps
            commands = watch.look(CapturedFrame(frame, BEGIN + timedelta(seconds=at)), ())
            raised = [one for one in commands if isinstance(one, Raise)]
            told += [Told(one.kind, at, (one.since - BEGIN).total_seconds()) for one in raised]
    return told, watch


def test_a_swapped_sticker_is_told_of_within_seconds_with_the_moment_of_the_swap(tmp_path: Path) -> None:
    deed = script.change(Act.SWAP, 5.0, seed=2)
    (told,), watch = watched(Scene(VIEW, (deed,)), 20.0, tmp_path)
    assert told.kind is EventKind.PAYMENT_CODE_MISMATCH
    assert told.at - deed.end < 6
    assert deed.changed_at <= told.since <= deed.end + 2
    assert watch.point.state is PointState.MISMATCH
    payee = next(iter(payment_code.read(THIEF.code).payees))
    assert watch.point.candidates[-1].code.key == fingerprint(payee, KEY)[:12]


@pytest.mark.parametrize(
    ("act", "kind", "within_s"),
    [
        (Act.FOREIGN, EventKind.PAYMENT_CODE_FOREIGN, 6),
        (Act.BAG, EventKind.PAYMENT_CODE_COVERED, 24),
        (Act.ADD, EventKind.PAYMENT_CODE_ADDED, 14),
    ],
)
def test_other_changes_are_told_apart(act: Act, kind: EventKind, within_s: float, tmp_path: Path) -> None:
    deed = script.change(act, 3.0, seed=4)
    look = replace(VIEW, width=640, height=360, pixels_per_module=3, room=(1.0, 0.12)) if act is Act.ADD else VIEW
    (told, *_), _ = watched(Scene(look, (deed,)), 34.0 if act is Act.BAG else 20.0, tmp_path)
    assert told.kind is kind
    assert told.at - deed.end < within_s


def test_hands_telephones_and_people_are_no_alarm(tmp_path: Path) -> None:
    deeds = (
        Deed(Act.HAND, 3, 5.5, seed=1),
        Deed(Act.PHONE, 7, 13, seed=2),
        Deed(Act.PERSON, 15, 18, seed=3),
        Deed(Act.PHONE, 20, 28, seed=5),
        Deed(Act.HAND, 30, 32, seed=6),
        Deed(Act.PERSON, 33, 37, seed=8),
    )
    told, watch = watched(Scene(VIEW, deeds), 42.0, tmp_path)
    assert told == []
    assert watch.point.state is PointState.VERIFIED
    assert watch.pixels_per_module == pytest.approx(2.5, rel=0.06)
