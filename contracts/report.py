"""What `phoan-edge doctor` found on a box, as it goes to the centre: codes and figures, never sentences.

A finding's code is worded in two places from one table: on the box (edge/doctor/words) and on the page (locales).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field, StringConstraints

from contracts.ids import Code
from contracts.wire import Message, Said, Timestamp, Versioned

MOST_FINDINGS: Final = 1000


class Level(StrEnum):
    """How grave a finding is."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


_ORDER: Final = (Level.OK, Level.WARN, Level.BAD)

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,30}$")]
Text = Annotated[Said, StringConstraints(max_length=200)]
Figure = Annotated[float, Field(allow_inf_nan=False)]
Value = Annotated[int | Figure | Text, Field(union_mode="smart")]


class Finding(Message):
    """One thing that was looked at. `values` fill the sentence that the code stands for; none of them is a secret."""

    code: Code
    level: Level
    values: dict[Name, Value] = Field(default_factory=dict, max_length=16)


class BoxReport(Versioned):
    """All that one run of the doctor found."""

    at: Timestamp
    version: Said = Field(max_length=40)
    seconds: Figure = Field(ge=0, description="how long the run took")
    findings: tuple[Finding, ...] = Field(max_length=MOST_FINDINGS)

    @property
    def level(self) -> Level:
        """That of the gravest finding."""
        return worst(finding.level for finding in self.findings)


def worst(levels: Iterable[Level]) -> Level:
    """The gravest of `levels`; `ok` of none."""
    return max(levels, key=_ORDER.index, default=Level.OK)
