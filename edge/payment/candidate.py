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

STILL: Final = 0.4
"""Two places of a code that overlap by this share of their union are one: a hand holds nothing that still."""

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
    """A code that is not the shop's, where it hangs, since when, and how often it was read there."""

    code: Code
    first: datetime
    last: datetime
    reads: int = 1

    def sure(self, span: timedelta = SPAN) -> bool:
        return self.reads >= AGREEING and self.last - self.first >= span


def weighed(candidates: Iterable[Candidate], codes: Iterable[Code], at: datetime) -> tuple[Candidate, ...]:
    """The candidates after a look. A code that turns up in another place begins anew: it is being moved."""
    known = [one for one in candidates if timedelta(0) <= at - one.last <= FORGOTTEN]
    for code in codes:
        if code.nature is Nature.OURS:
            continue
        found = next((one for one in known if _same(one.code, code)), None)
        if found is None:
            known.append(Candidate(code, at, at))
        else:
            known[known.index(found)] = replace(found, last=at, reads=found.reads + 1)
    return tuple(sorted(known, key=lambda one: (one.reads, one.last))[-MOST:])


def _same(first: Code, second: Code) -> bool:
    return first.key == second.key and iou(first.place, second.place) >= STILL
