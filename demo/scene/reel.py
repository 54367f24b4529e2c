"""The film of the demo's stall, in short pieces that follow each other without a gap, and which one comes next.

The loop exists twice, with our code and with a thief's over it. From either a visitor may ask for the other: at the
next turning place a hand comes and makes the change, for as long as `TURN` pieces last, and the loop goes on behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

PIECES: Final = 8
PIECE_S: Final = 2.0
TURN: Final = 2
"""Pieces that a change takes, from the hand's coming to its going."""

TURNS_AT: Final = range(0, PIECES, 2)
"""The pieces at which a change may begin."""


class Side(StrEnum):
    """Which code hangs at the stall."""

    OURS = "ours"
    THEIRS = "theirs"

    @property
    def other(self) -> Side:
        return Side.THEIRS if self is Side.OURS else Side.OURS


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in the reel: which side hangs, the number of the piece, and how far a change from that side is."""

    side: Side = Side.OURS
    piece: int = 0
    turned: int | None = None

    @property
    def name(self) -> str:
        """The file that holds it."""
        if self.turned is None:
            return f"{self.side}-{self.piece}.mp4"
        return f"from-{self.side}-{(self.piece - self.turned) % PIECES}-{self.turned}.mp4"


FIRST: Final = Spot()
LOOP: Final = tuple(Spot(piece=piece) for piece in range(PIECES))
"""What a camera can begin with."""


def advance(spot: Spot, wanted: Side) -> Spot:
    """The place after `spot`."""
    piece = (spot.piece + 1) % PIECES
    if spot.turned is not None and spot.turned < TURN - 1:
        return replace(spot, piece=piece, turned=spot.turned + 1)
    side = spot.side if spot.turned is None else spot.side.other
    return Spot(side, piece, 0 if wanted is not side and piece in TURNS_AT else None)


def spots() -> Iterator[Spot]:
    """All that there are, the loop with our code first: a camera can begin with that."""
    for side in Side:
        yield from (Spot(side, piece) for piece in range(PIECES))
        for start in TURNS_AT:
            yield from (Spot(side, (start + step) % PIECES, step) for step in range(TURN))


def drawn(folder: Path, wanted: Iterable[Spot] | None = None) -> bool:
    """Whether these are there, or all."""
    return all((folder / spot.name).exists() for spot in wanted or spots())
