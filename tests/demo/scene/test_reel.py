from __future__ import annotations

from collections.abc import Sequence

from demo.scene import reel
from demo.scene.reel import FIRST, PIECES, TURN, TURNS_AT, Side, Spot, advance, spots


def played(start: Spot, wanted: Sequence[Side]) -> list[Spot]:
    """The spots that follow."""
    found, spot = [], start
    for side in wanted:
        spot = advance(spot, side)
        found.append(spot)
    return found


def test_the_loop_goes_round_for_as_long_as_nobody_wants_anything_else() -> None:
    names = [spot.name for spot in played(FIRST, [Side.OURS] * (2 * PIECES))]
    assert names == [f"ours-{piece % PIECES}.mp4" for piece in range(1, 2 * PIECES + 1)]


def test_a_swap_begins_at_the_next_turning_place_and_the_loop_goes_on_behind_it() -> None:
    after = played(Spot(Side.OURS, 0), [Side.THEIRS] * 6)
    assert [spot.name for spot in after[:4]] == [
        "ours-1.mp4", "from-ours-2-0.mp4", "from-ours-2-1.mp4", "theirs-4.mp4",
    ]  # fmt: skip
    assert all(spot.side is Side.THEIRS for spot in after[3:])


def test_who_wants_it_back_meanwhile_gets_it_back_after_the_change() -> None:
    after = played(Spot(Side.OURS, 1), [Side.THEIRS, *[Side.OURS] * 7])
    assert after[0].turned == 0
    assert after[TURN].name == f"from-theirs-{2 + TURN}-0.mp4"
    assert after[-1].side is Side.OURS


def test_a_change_may_go_on_past_the_end_of_the_loop() -> None:
    last = TURNS_AT[-1]
    after = played(Spot(Side.OURS, last - 1), [Side.THEIRS] * (TURN + 1))
    assert [spot.piece for spot in after] == [(last + step) % PIECES for step in range(TURN + 1)]
    assert {spot.name for spot in after[:-1]} <= {spot.name for spot in spots()}


def test_every_place_that_can_be_reached_has_its_own_film() -> None:
    reached, todo = set(), [FIRST]
    while todo:
        spot = todo.pop()
        if spot not in reached:
            reached.add(spot)
            todo += [advance(spot, side) for side in Side]
    assert reached == set(spots())
    assert len({spot.name for spot in spots()}) == len(list(spots()))
    assert next(reel.spots()) == FIRST
