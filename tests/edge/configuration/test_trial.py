from __future__ import annotations

import pytest

from edge.configuration.trial import Before, Now, Verdict, judge

BOTH = frozenset({"mot", "hai"})


@pytest.mark.parametrize(
    ("before", "seconds", "linked", "works", "verdict"),
    [
        (Before(True, BOTH), 1, True, BOTH, Verdict.GOES_ON),
        (Before(True, BOTH), 5, True, BOTH, Verdict.GOOD),
        (Before(True, BOTH), 19, True, frozenset(), Verdict.GOES_ON),
        (Before(True, BOTH), 20, True, frozenset(), Verdict.WORSE),
        (Before(True, BOTH), 20, True, {"mot"}, Verdict.GOOD),  # one of them may have failed by itself
        (Before(True), 5, True, frozenset(), Verdict.GOOD),  # none worked before
        (Before(True), 19, False, frozenset(), Verdict.GOES_ON),
        (Before(True), 20, False, frozenset(), Verdict.WORSE),
        (Before(False), 5, False, frozenset(), Verdict.GOOD),  # the uplink was away before
    ],
)
def test_a_box_must_be_no_worse_than_it_was(
    before: Before, seconds: float, linked: bool, works: frozenset[str], verdict: Verdict
) -> None:
    found, why = judge(before, Now(seconds, linked, dict.fromkeys(works, True)), 20)
    assert found is verdict
    assert bool(why) == (verdict is Verdict.WORSE)


def test_the_reason_names_what_went() -> None:
    assert judge(Before(True, BOTH), Now(20, True, {}), 20)[1] == "no picture came any more of hai, mot for 20 s"
