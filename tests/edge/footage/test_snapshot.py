from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from contracts.ids import new_id
from edge.footage.snapshot import MOST_BETTER, Shown, best_of, score, showing
from edge.rules.presence import Sighting
from tests.support.samples import NOON

SHARP, BLURRED = 600.0, 5.0


def sighting(height: float, confidence: float = 0.8, left: float = 0.4, top: float = 0.2) -> Sighting:
    return Sighting(new_id(), "person", (left, top, left + height / 3, top + height), confidence)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (sighting(0.4), sighting(0.1)),
        (sighting(0.3, 0.9), sighting(0.3, 0.5)),
        (sighting(0.3), sighting(0.3, left=0.0)),
        (sighting(0.3), sighting(0.3, top=0.0)),
        (sighting(0.3), sighting(0.35, top=0.65)),
        (sighting(0.3), sighting(0.3, left=0.9)),
    ],
    ids=["larger", "surer", "not at the left", "not at the top", "not at the bottom", "not at the right"],
)
def test_somebody_is_shown_better_who_is(better: Sighting, worse: Sighting) -> None:
    assert showing(better) > 1.2 * showing(worse)
    assert best_of([worse, better]) is better


def test_a_sharp_picture_is_better_and_none_beats_what_its_box_promises() -> None:
    one = sighting(0.4)
    assert score(one, SHARP) == showing(one)
    assert score(one, BLURRED) < 0.6 * score(one, SHARP)
    assert best_of([]) is None


def test_only_what_is_clearly_better_is_wanted_and_sent_after_a_pause() -> None:
    shown = Shown(0.4, at(0))
    assert not shown.wants(0.45)
    assert shown.wants(0.51)
    shown = shown.keeping(0.51)
    assert not shown.wants(0.5)
    assert shown.wants(0.52)
    assert not shown.due(at(1.9))
    assert shown.due(at(2.0))
    sent = shown.sent(at(2))
    assert (sent.score, sent.best, sent.better) == (0.51, 0.0, 1)
    assert not sent.due(at(99))


def test_an_event_gets_a_few_better_pictures_and_no_more() -> None:
    shown, sent = Shown(0.01, at(0)), 0
    for second in range(100):
        reached = 0.01 * 1.3 ** (second + 1)
        if shown.wants(reached):
            shown = shown.keeping(reached)
        if shown.due(at(second)):
            shown, sent = shown.sent(at(second)), sent + 1
    assert sent == MOST_BETTER
