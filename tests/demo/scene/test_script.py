from __future__ import annotations

from itertools import pairwise

import pytest

from demo.scene import script
from demo.scene.script import CHANGES, LASTS, PASSING, Act, Deed, Face


def test_a_change_is_made_behind_the_hand_and_stays() -> None:
    deed = script.change(Act.SWAP, 10.0, seed=1)
    assert deed.begin == 10.0
    assert CHANGES[0] <= deed.end - deed.begin <= CHANGES[1]
    assert script.face([deed], 0, deed.changed_at - 0.01) is Face.OURS
    assert script.face([deed], 0, deed.changed_at) is Face.THEIRS
    assert script.face([deed], 0, 1000.0) is Face.THEIRS
    assert script.face([deed], 1, 1000.0) is Face.OURS, "another board"


@pytest.mark.parametrize(
    ("act", "face"),
    [(Act.FOREIGN, Face.PAGE), (Act.TAKE, Face.NOTHING), (Act.BAG, Face.BAG), (Act.RESTORE, Face.OURS)],
)
def test_the_last_change_holds(act: Act, face: Face) -> None:
    deeds = [Deed(act, 5, 7), Deed(Act.SWAP, 1, 3)]
    assert script.face(deeds, 0, 6.5) is face


def test_what_is_put_beside_changes_nothing_of_ours() -> None:
    deeds = [Deed(Act.ADD, 1, 3)]
    assert script.face(deeds, 0, 5.0) is Face.OURS
    assert [script.added(deeds, at) for at in (1.9, 2.1)] == [False, True]


def test_passers_come_one_after_another_and_are_gone_in_time() -> None:
    deeds = script.passing(600.0, seed=5, every_s=4.0, boards=2, begin=20.0)
    assert len(deeds) > 40
    assert {deed.act for deed in deeds} == set(PASSING)
    assert {deed.board for deed in deeds} == {0, 1}
    assert deeds[0].begin >= 20.0
    assert deeds[-1].end < 600.0
    assert all(one.end < other.begin for one, other in pairwise(deeds))
    assert all(LASTS[deed.act][0] <= deed.end - deed.begin <= LASTS[deed.act][1] + 1e-9 for deed in deeds)
    assert all(script.face(deeds, 0, deed.end) is Face.OURS for deed in deeds)


def test_the_same_seed_gives_the_same_passers() -> None:
    assert script.passing(100.0, 7) == script.passing(100.0, 7)
    assert script.passing(100.0, 7) != script.passing(100.0, 8)
