"""Readings of a code that is not the shop's, weighed until they are more than a passer-by's telephone.

A code counts when the same text was read at least twice in the same place over some seconds: what somebody holds in
their hand moves, and wrong readings do not repeat themselves. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from edge.geometry import Box, iou

AGREEING: Final = 2
"""Readings that must say the same; the checksum of a code lets one wrong reading through in 65,536."""

SPAN: Final = timedelta(seconds=3)
"""Over which they must lie at least."""

FORGOTTEN: Final = timedelta(minutes=2)
"""A code unread for so long is forgotten. Far cameras read one only now and then."""

STILL: Final = 0.85
"""Two places of a code that overlap by this share of their union are one. Those of a sticker overlap by 0.97 even at 2
pixels a module, those of a telephone in a hand, a second later, by 0.6 to 0.87 (as demo.scene draws both).
"""

NEAR: Final = 0.4
"""Two places that overlap by less are two. Between this and STILL it sways: a telephone, or the camera's pole."""

SWAYING: Final = timedelta(seconds=12)
"""So much longer must be read what sways near one place: whoever pays holds a telephone up for less."""

SWAYS: Final = timedelta(seconds=10)
"""Between two readings of what sways. After more, it is another telephone that shows the same."""

MOST: Final = 8
"""Codes weighed at once; a screen full of codes is no reason to remember them all."""


class Nature(StrEnum):
    """What a reading is to the point where it was made."""

    OURS = "ours"  # names nobody but the point's own payees
    NOT_OURS = "not_ours"  # a payment code that names somebody else, alone or beside the point's own
    FOREIGN = "foreign"  # no payment code: the address of a page, say
    BROKEN = "broken"  # claims to be a payment code, and cannot be one


@dataclass(frozen=True, slots=True)
class Code:
    """One reading. `key` tells codes apart and shows no account; `place` is in the camera's picture, normalised."""

    nature: Nature
    key: str
    place: Box


@dataclass(frozen=True, slots=True)
class Candidate:
    """A code that is not the shop's, where it hangs, since when, and how often it was read there. `rest` is where it
    was when it last moved, and `resting` since when it has been there.
    """

    code: Code
    first: datetime
    last: datetime
    reads: int = 1
    rest: Box | None = None
    resting: datetime | None = None

    def sure(self, span: timedelta = SPAN) -> bool:
        """Whether it is more than a telephone: read again in one place, or for long near one."""
        rested, swayed = self.last - (self.resting or self.first), self.last - self.first
        return self.reads >= AGREEING and (rested >= span or swayed >= span + SWAYING)


def weighed(candidates: Iterable[Candidate], codes: Iterable[Code], at: datetime) -> tuple[Candidate, ...]:
    """The candidates after a look. A code that turns up in another place begins anew: it is being moved."""
    known = [one for one in candidates if timedelta(0) <= at - one.last <= FORGOTTEN]
    for code in codes:
        if code.nature is Nature.OURS:
            continue
        found = next((one for one in known if one.code.key == code.key and _goes_on(one, code.place, at)), None)
        if found is None:
            known = [one for one in known if one.code.key != code.key or one.last == at]
            known.append(Candidate(code, at, at))
        else:
            known[known.index(found)] = _read_again(found, code.place, at)
    return tuple(sorted(known, key=lambda one: (one.reads, one.last))[-MOST:])


def _goes_on(candidate: Candidate, place: Box, at: datetime) -> bool:
    """Whether a code that is read there is the candidate still."""
    if iou(_rest(candidate), place) >= STILL:
        return True
    return iou(candidate.code.place, place) >= NEAR and at - candidate.last <= SWAYS


def _read_again(candidate: Candidate, place: Box, at: datetime) -> Candidate:
    read = replace(candidate, last=at, reads=candidate.reads + 1)
    return read if iou(_rest(candidate), place) >= STILL else replace(read, rest=place, resting=at)


def _rest(candidate: Candidate) -> Box:
    return candidate.rest or candidate.code.place
