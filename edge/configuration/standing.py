"""With which configuration a box starts: the one on trial once more, the last good one, or its own file. Pure.

A program that ended during a trial was ended by what it tried, unless it was to start anew or the power was cut: then
the machine's own start is another one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from contracts.configuration import ConfigState
from edge.configuration.kept import Revision, Standing

MOST_TRIES: Final = 3
"""A configuration that takes the machine down with it looks like a power cut, but not for ever."""

STOPPED: Final = "the box stopped while it tried this configuration"


@dataclass(frozen=True, slots=True)
class Found:
    """What lies on the disk, sound."""

    good: Revision | None = None
    trial: Revision | None = None
    standing: Standing | None = None


@dataclass(frozen=True, slots=True)
class Start:
    """What runs now; None is the box's own file. `standing` is to be noted when it is not what was found."""

    running: Revision | None
    standing: Standing | None
    on_trial: bool = False


def at_start(found: Found, boot: str) -> Start:
    """With what the box starts in this start of the machine."""
    good, trial, standing = found.good, found.trial, found.standing
    if standing is None or standing.state is not ConfigState.TRYING:
        return Start(good, _of_good(good) if _lost(standing, good) else standing)
    if good and good.revision == standing.revision:  # cut off just after it was found good
        return Start(good, _of_good(good))
    if trial is None or trial.revision != standing.revision:
        return Start(good, _of_good(good))  # damaged; the centre's message comes again
    if standing.planned or (standing.boot != boot and standing.tries < MOST_TRIES):
        tries = standing.tries + (not standing.planned)
        tried = standing.model_copy(update={"planned": False, "boot": boot, "tries": tries})
        return Start(trial, tried, on_trial=True)
    return Start(good, fallen_back(standing, STOPPED))


def fallen_back(standing: Standing, reason: str) -> Standing:
    """The revision is given up for this reason."""
    return Standing(revision=standing.revision, state=ConfigState.FALLEN_BACK, reason=reason[:400])


def without_trial(start: Start, good: Revision | None, reason: str) -> Start:
    """The same after what was tried could not even begin."""
    assert start.standing
    return replace(start, running=good, standing=fallen_back(start.standing, reason), on_trial=False)


def _lost(standing: Standing | None, good: Revision | None) -> bool:
    """Whether what was applied is not there any more, or nobody knows what became of it."""
    if standing is None:
        return True
    return standing.state is ConfigState.APPLIED and (good is None or good.revision != standing.revision)


def _of_good(good: Revision | None) -> Standing | None:
    return Standing(revision=good.revision, state=ConfigState.APPLIED) if good else None
