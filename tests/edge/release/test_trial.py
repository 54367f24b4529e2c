from __future__ import annotations

from uuid import UUID

import pytest

from contracts.ids import new_id
from contracts.release import Fault
from edge.pulse import Pulse
from edge.release.trial import Demand, Outcome, Trial, observe

DEMAND = Demand("0.2.0", linked=True, streaming=2, ready_s=60, well_s=100, steady_s=10)
RUN = new_id()


def pulse(version: str = "0.2.0", run: UUID = RUN, *, linked: bool = True, streaming: int = 2) -> Pulse:
    return Pulse(run=run, version=version, boot="b", beat_s=0, linked=linked, cameras=3, streaming=streaming)


def beating(seen: Pulse | None, at: float) -> Pulse | None:
    return seen and seen.model_copy(update={"beat_s": 5000 + at})


def play(looks: list[tuple[float, Pulse | None]], demand: Demand = DEMAND) -> tuple[Outcome, Fault, float]:
    """What comes of these looks, why, and when."""
    trial, outcome, at = Trial(), Outcome.GOES_ON, 0.0
    for at, seen in looks:
        trial, outcome = observe(trial, demand, seen, at)
        if outcome is not Outcome.GOES_ON:
            break
    return outcome, trial.fault, at


def each(seen: Pulse | None, start: int, end: int) -> list[tuple[float, Pulse | None]]:
    return [(float(at), beating(seen, at)) for at in range(start, end)]


def test_a_box_that_has_fallen_down_is_not_well_while_its_last_word_is_fresh() -> None:
    last = beating(pulse(), 5)
    looks = [*each(pulse(), 0, 6), *((float(at), last) for at in range(6, 25)), *each(None, 25, 300)]
    assert play(looks)[:2] == (Outcome.FAILED, Fault.CRASHES)


def test_a_version_that_is_as_the_old_one_for_a_while_is_well() -> None:
    looks = [*each(None, 0, 20), *each(pulse(streaming=0), 20, 30), *each(pulse(), 30, 99)]
    assert play(looks)[0::2] == (Outcome.WELL, 40)


def test_what_the_old_version_says_does_not_count() -> None:
    assert play(each(pulse("0.1.0"), 0, 99)) == (Outcome.FAILED, Fault.NOT_READY, 61)


@pytest.mark.parametrize(
    ("seen", "fault"),
    [(pulse(linked=False), Fault.NO_LINK), (pulse(streaming=1), Fault.FEWER_CAMERAS), (None, Fault.CRASHES)],
)
def test_a_version_that_does_worse_for_too_long_has_failed(seen: Pulse | None, fault: Fault) -> None:
    looks = [*each(pulse(streaming=0), 0, 5), *each(seen, 5, 300)]
    assert play(looks) == (Outcome.FAILED, fault, 161)


def test_nothing_is_asked_that_the_old_version_did_not_do() -> None:
    demand = Demand("0.2.0", linked=False, streaming=0, ready_s=60, well_s=100, steady_s=10)
    assert play(each(pulse(linked=False, streaming=0), 3, 99), demand)[0] is Outcome.WELL


def test_a_break_begins_the_while_anew() -> None:
    looks = [*each(pulse(), 0, 8), *each(pulse(streaming=1), 8, 10), *each(pulse(), 10, 99)]
    assert play(looks)[0::2] == (Outcome.WELL, 20)


def test_a_version_that_starts_again_and_again_has_failed_at_once() -> None:
    looks = [(float(at), pulse(run=new_id()) if at % 5 == 0 else None) for at in range(99)]
    assert play(looks) == (Outcome.FAILED, Fault.CRASHES, 15)
