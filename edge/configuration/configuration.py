"""What a box runs on: its own file, the last good configuration, or the one on trial; and what it answers the centre.

Knows which is which and keeps them; applying one to a running box is for `edge.configuration.changes`.
"""

from __future__ import annotations

import logging
from typing import Any, Final

from contracts.configuration import ConfigAnswer, ConfigState, PushedConfiguration
from contracts.settings import SettingsError
from contracts.wire import BrokenMessageError
from edge import pulse
from edge.config import EdgeSettings
from edge.configuration.credentials import NO_LOGINS, Logins
from edge.configuration.document import merged, told
from edge.configuration.kept import GOOD, Files, Revision, Standing
from edge.configuration.standing import Found, Start, at_start, fallen_back, without_trial

log = logging.getLogger(__name__)

FOLDER: Final = "configuration"


class Configuration:
    """Owns the files and what was read of them. `settings` is what the box runs on; used by one thread at a time, but
    for `answer`.
    """

    def __init__(self, base: EdgeSettings, logins: Logins = NO_LOGINS, boot: str | None = None) -> None:
        self._base = base
        self._logins = logins
        self._boot = pulse.boot() if boot is None else boot
        self._files = Files(base.data_dir / FOLDER)
        found = Found(self._files.good(), self._files.trial(), self._files.standing())
        self._good = found.good
        start = at_start(found, self._boot)
        if start.standing != found.standing:
            self._files.note(start.standing)
        self.settings = base
        self._running = 0
        self._trying: Revision | None = None
        self._take(start)

    @property
    def answer(self) -> ConfigAnswer | None:
        """What the centre is told; may be asked by any thread."""
        standing, running = self._standing, self._running
        if standing is None:
            return None
        state, reason = standing.state.value, standing.reason
        return ConfigAnswer(revision=standing.revision, state=state, reason=reason, running=running)

    def own(self) -> dict[str, Any]:
        """What the box's own file says, as the centre may know it."""
        return told(self._base)

    @property
    def trial(self) -> Standing | None:
        """The trial that goes on; None while there is none."""
        return self._standing if self._standing and self._standing.state is ConfigState.TRYING else None

    def is_news(self, pushed: PushedConfiguration) -> bool:
        """Whether this revision is newer than all that were heard of."""
        return self._standing is None or pushed.revision > self._standing.revision

    def read(self, pushed: PushedConfiguration) -> tuple[Revision, EdgeSettings] | None:
        """The revision and what it makes of this box; None when it is refused, which is kept and answered."""
        try:
            revision = Revision(revision=pushed.revision, document=pushed.document())
            return revision, merged(self._base, revision.document, self._logins)
        except (SettingsError, BrokenMessageError) as error:
            said = error.detail if isinstance(error, BrokenMessageError) else str(error)
            log.error("configuration %d of the centre is refused: %s", pushed.revision, said)
            self._note(Standing(revision=pushed.revision, state=ConfigState.REFUSED, reason=said[:400]))
            return None

    def begin(
        self, revision: Revision, settings: EdgeSettings, *, worked: frozenset[str], linked: bool, planned: bool
    ) -> None:
        """From now on this revision is tried; `planned`: by a program that starts anew for it."""
        self._files.put_trial(revision)
        self._note(
            Standing(
                revision=revision.revision,
                state=ConfigState.TRYING,
                worked=worked,
                linked=linked,
                boot=self._boot,
                planned=planned,
            )
        )
        self._trying, self.settings, self._running = revision, settings, revision.revision
        log.info("configuration %d of the centre is tried", revision.revision)

    def accept(self) -> None:
        """What was tried is the last good one."""
        assert self._trying
        self._files.accept_trial()
        self._good, self._trying = self._trying, None
        self._note(Standing(revision=self._good.revision, state=ConfigState.APPLIED))
        log.info("configuration %d of the centre is applied", self._good.revision)

    def fall_back(self, reason: str) -> bool:
        """Go back to the last good one, if something was on trial; whether it was."""
        trial = self.trial
        if trial is None:
            return False
        log.error("configuration %d of the centre is given up: %s", trial.revision, reason)
        start = Start(None, trial, on_trial=True)
        self._files.note(fallen_back(trial, reason))
        self._take(without_trial(start, self._good, reason))
        return True

    def _take(self, start: Start) -> None:
        """Read what runs now. What cannot be used any more makes way for what was good before."""
        self._standing = start.standing
        self._trying = start.running if start.on_trial else None
        self._running = start.running.revision if start.running else 0
        if not start.on_trial:
            self._files.drop_trial()
        try:
            self.settings = merged(self._base, start.running.document, self._logins) if start.running else self._base
        except SettingsError as error:
            if self.fall_back(str(error)):
                return
            self._files.set_aside(GOOD, f"does not go with this box's own file any more: {error}")
            self._good = None
            self._take(Start(None, self._standing))

    def _note(self, standing: Standing) -> None:
        self._files.note(standing)
        self._standing = standing
