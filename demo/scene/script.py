"""What happens before the camera, and when: deeds on a time line. Pure; drawn by `scene`, and the truth that tests ask.

A deed that changes something has a hand over the board from `begin` to `end`, and the change is made behind it, at
`changed_at`; what is changed stays so until another deed. The others pass and leave nothing behind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np


class Act(StrEnum):
    """What is done."""

    HAND = "hand"  # reaches past the board
    PHONE = "phone"  # a customer holds a telephone up to pay, with a code of their own on it
    PERSON = "person"  # walks past, between camera and board
    SWAP = "swap"  # sticks another payee's code over ours
    FOREIGN = "foreign"  # sticks the code of a web page over ours
    RESTORE = "restore"  # takes off what was stuck over, or puts our board back
    TAKE = "take"  # takes the board away
    BAG = "bag"  # puts a bag down before the board
    ADD = "add"  # puts another payee's board up beside ours


class Face(StrEnum):
    """What is to be seen where our board stood."""

    OURS = "ours"
    THEIRS = "theirs"
    PAGE = "page"
    NOTHING = "nothing"
    BAG = "bag"


PASSING: Final = (Act.HAND, Act.PHONE, Act.PERSON)

_FACES: Final = {
    Act.SWAP: Face.THEIRS,
    Act.FOREIGN: Face.PAGE,
    Act.RESTORE: Face.OURS,
    Act.TAKE: Face.NOTHING,
    Act.BAG: Face.BAG,
}

LASTS: Final = {Act.HAND: (0.8, 3.0), Act.PHONE: (3.0, 9.0), Act.PERSON: (1.5, 4.0)}
"""For how many seconds something passes, from and to."""

CHANGES: Final = (2.0, 5.0)
"""For how many seconds a hand hides the board while something is changed."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that happens at one board, in seconds from the scene's beginning. Its looks follow from `seed`."""

    act: Act
    begin: float
    end: float
    board: int = 0
    seed: int = 0

    @property
    def changed_at(self) -> float:
        """The hand lies over the board then."""
        return (self.begin + self.end) / 2

    def going_on(self, at: float) -> bool:
        return self.begin <= at < self.end

    def part(self, at: float) -> float:
        """How much of it is over, 0 to 1."""
        return (at - self.begin) / (self.end - self.begin)


def face(deeds: Sequence[Deed], board: int, at: float) -> Face:
    """What is to be seen where a board stood at a moment."""
    done = [deed for deed in deeds if deed.act in _FACES and deed.board == board and deed.changed_at <= at]
    return _FACES[max(done, key=lambda deed: deed.changed_at).act] if done else Face.OURS


def added(deeds: Sequence[Deed], at: float) -> bool:
    """Whether another's board stands beside ours."""
    return any(deed.act is Act.ADD and deed.changed_at <= at for deed in deeds)


def change(act: Act, begin: float, seed: int, board: int = 0) -> Deed:
    """Something that is changed, at a thief's usual speed."""
    return Deed(act, begin, begin + float(np.random.default_rng(seed).uniform(*CHANGES)), board, seed)


def passing(
    seconds: float, seed: int, *, every_s: float = 9.0, boards: int = 1, begin: float = 0.0
) -> tuple[Deed, ...]:
    """A stall's usual traffic: hands, telephones and people, one after another."""
    random = np.random.default_rng(seed)
    deeds, at = [], begin + random.exponential(every_s)
    while at < seconds:
        act = PASSING[int(random.choice(3, p=(0.4, 0.25, 0.35)))]
        end = at + random.uniform(*LASTS[act])
        if end >= seconds:
            break
        deeds.append(Deed(act, at, end, int(random.integers(boards)), int(random.integers(1 << 30))))
        at = end + random.exponential(every_s)
    return tuple(deeds)
