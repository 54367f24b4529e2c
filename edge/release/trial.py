"""Whether a new version does what the old one did: decided from what the box says of itself and how long it has had.

Pure. A version is taken once it has been ready, linked and with as many cameras as before for a while without a break;
it is given up when it takes too long, or starts again and again.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final
from uuid import UUID

from contracts.release import Fault
from edge.pulse import Pulse

MOST_RUNS: Final = 3
"""A version that has started more often than this since it was installed falls down again and again."""


class Outcome(StrEnum):
    GOES_ON = "goes_on"
    WELL = "well"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Demand:
    """What is asked of a version, from what the one before it did."""

    version: str
    linked: bool
    streaming: int
    ready_s: float
    well_s: float
    steady_s: float


@dataclass(frozen=True, slots=True)
class Trial:
    """Where a trial stands: the starts that were seen, and since when all has been well, by the box's own beat: one
    that has just fallen down is not well while nobody has noticed yet.
    """

    runs: tuple[UUID, ...] = ()
    well_since_s: float | None = None
    fault: Fault = field(default=Fault.NOT_READY)


def observe(trial: Trial, demand: Demand, pulse: Pulse | None, since_s: float) -> tuple[Trial, Outcome]:
    """The trial after a look at the box, `since_s` after its restart."""
    mine = pulse if pulse and pulse.version == demand.version else None
    if mine and mine.run not in trial.runs:
        trial = replace(trial, runs=(*trial.runs, mine.run), well_since_s=None)
    fault = _fault(trial, demand, mine)
    trial = replace(trial, fault=fault or trial.fault)
    if len(trial.runs) > MOST_RUNS:
        return replace(trial, fault=Fault.CRASHES), Outcome.FAILED
    if mine and fault is None:
        began = mine.beat_s if trial.well_since_s is None else trial.well_since_s
        trial = replace(trial, well_since_s=began)
        return trial, Outcome.WELL if mine.beat_s - began >= demand.steady_s else Outcome.GOES_ON
    trial = replace(trial, well_since_s=None)
    late = since_s > (demand.well_s + demand.ready_s if trial.runs else demand.ready_s)
    return trial, Outcome.FAILED if late else Outcome.GOES_ON


def _fault(trial: Trial, demand: Demand, mine: Pulse | None) -> Fault | None:
    """What is wrong at this moment."""
    if mine is None:
        return Fault.CRASHES if trial.runs else Fault.NOT_READY
    if demand.linked and not mine.linked:
        return Fault.NO_LINK
    if mine.streaming < demand.streaming:
        return Fault.FEWER_CAMERAS
    return None
