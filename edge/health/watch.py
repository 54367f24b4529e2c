"""One camera's health at work: remembers what the checks need, and turns their readings into commands.

Not safe for two threads. What a command becomes, and what picture goes with it, is edge.analysis's business.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from contracts.status import CameraState
from edge.capture.mask import Mask
from edge.detect import Picture
from edge.health import checks
from edge.health.condition import ACCEPTED, Patience, Reading, Standing, Verdict, decide
from edge.health.look import Look, measured
from edge.health.normal import Memory, latest
from edge.health.settings import CheckSettings, HealthSettings, MovedSettings
from edge.health.stillness import Stillness, beginning
from edge.rules.command import Close, Command

RECENT: Final = 0.2
"""Weight of the newest look among the recent ones, of whose contours a move is told."""

NOTHING_YET: Final = Standing()


@dataclass(slots=True)
class Check:
    """One check and where it stands."""

    settings: CheckSettings
    standing: Standing = NOTHING_YET
    verdict: Verdict = Verdict.UNCLEAR

    @property
    def troubled(self) -> bool:
        """Whether it is bad now, or its event is open. What is switched off is not said, but counts here."""
        return self.standing.opened or self.verdict is Verdict.BAD

    def take(self, reading: Reading) -> Iterator[tuple[CheckSettings, Command]]:
        self.verdict = reading.verdict
        if not self.settings.enabled:
            return
        self.standing, commands = decide(_patience(self.settings), self.standing, reading)
        for command in commands:
            yield self.settings, command


class CameraHealth:
    """Owns the checks of one camera. `brightness` and `sharpness` are of its last look, 0 to 1."""

    def __init__(self, settings: HealthSettings) -> None:
        self.settings = settings
        self.brightness: float | None = None
        self.sharpness: float | None = None
        self._covered = Check(settings.covered)
        self._blurred = Check(settings.blurred)
        self._moved = Check(settings.moved)
        self._dark = Check(settings.dark)
        self._frozen = Check(settings.frozen)
        self._stalled = Check(settings.stalled)
        self._wrong_clock = Check(settings.wrong_clock)
        self._memory = Memory()
        self._recent: Look | None = None
        self._stillness: Stillness | None = None
        self._looked_at: datetime | None = None

    def wants_look(self, at: datetime) -> bool:
        """Whether it is time to look again; a clock that was set back does not keep it from looking."""
        return self._looked_at is None or abs(at - self._looked_at) >= timedelta(seconds=self.settings.every_s)

    def observe(self, at: datetime, grey: Picture, picture: Picture, mask: Mask) -> list[tuple[CheckSettings, Command]]:
        """What follows from a picture and its small grey one, both with the mask burnt in."""
        self._looked_at = at
        height, width = grey.shape
        look = measured(grey, picture, mask.visible(width, height) if mask else None)
        return list(self._judged(at, look)) if look else []

    def _judged(self, at: datetime, look: Look) -> Iterator[tuple[CheckSettings, Command]]:
        """What follows from a look. All of it must be taken."""
        self.brightness, self.sharpness = look.bright / 255, look.sharpness
        known = self._memory.worth(look)
        self._recent = latest(self._recent, look, RECENT) if self._recent else look
        settings = self.settings
        yield from self._covered.take(checks.covered(settings.covered, settings.dark, at, look, known))
        yield from self._dark.take(_told(checks.dark(settings.dark, at, look), not self._covered.standing.opened))
        # What cannot be seen is neither sharp nor soft, neither here nor there.
        hidden = self._dark.troubled or self._covered.troubled
        moved = checks.moved(settings.moved, at, self._recent, known)
        yield from self._accepting(self._moved.take(_told(moved, not hidden)))
        blurred = checks.blurred(settings.blurred, at, look, known)
        yield from self._blurred.take(_told(blurred, not hidden and not self._moved.troubled))
        self._stillness = self._stillness.after(look, settings.frozen) if self._stillness else beginning(look)
        yield from self._frozen.take(_told(self._stillness.reading(at), not hidden))
        self._learn(look)

    def hear(self, state: CameraState, fault: str | None, now: datetime) -> list[tuple[CheckSettings, Command]]:
        """What follows from how the connection stands."""
        return list(self._stalled.take(checks.stalled(state, fault, now)))

    def compare_clock(self, at: datetime, offset_s: float) -> list[tuple[CheckSettings, Command]]:
        """What follows from the camera's clock being `offset_s` ahead of the box's."""
        return list(self._wrong_clock.take(checks.wrong_clock(self.settings.wrong_clock, at, offset_s)))

    def _accepting(self, commands: Iterator[tuple[CheckSettings, Command]]) -> Iterator[tuple[CheckSettings, Command]]:
        """The same, and a view that is accepted is learnt anew."""
        for settings, command in commands:
            if isinstance(command, Close) and command.reason == ACCEPTED:
                self._memory, self._recent = Memory(), None
            yield settings, command

    def _learn(self, look: Look) -> None:
        """Take the look into the normal, unless something may be wrong with it."""
        if not any(check.troubled for check in (self._covered, self._blurred, self._moved, self._dark, self._frozen)):
            self._memory = self._memory.after(look, self.settings.every_s)


def _told(reading: Reading, can_be_told: bool) -> Reading:
    return reading if can_be_told else replace(reading, verdict=Verdict.UNCLEAR)


def _patience(settings: CheckSettings) -> Patience:
    accept = settings.accept_after_s if isinstance(settings, MovedSettings) else None
    return Patience(
        timedelta(seconds=settings.after_s),
        timedelta(seconds=settings.clear_after_s),
        timedelta(seconds=settings.cool_down_s),
        None if accept is None else timedelta(seconds=accept),
    )
