"""The thread that takes up what the centre pushes: refuses it, applies it to the running box, and looks how that goes.

Only the newest message counts, and none while another is tried. What takes a fresh start of the program gets one.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from queue import SimpleQueue
from typing import Final

from contracts.configuration import PushedConfiguration
from contracts.wire import BrokenMessageError, read
from edge.configuration.configuration import Configuration
from edge.configuration.difference import Difference, difference
from edge.configuration.kept import Standing
from edge.configuration.trial import Before, Now, Verdict, judge
from edge.crew import Crew
from edge.devices.keeper import Keeper

log = logging.getLogger(__name__)

TICK_S: Final = 0.5


class Changes:
    """`hear` may be called from any thread; `run` is one thread's."""

    def __init__(
        self,
        configuration: Configuration,
        crew: Crew,
        devices: Keeper,
        *,
        linked: Callable[[], bool],
        answered: Callable[[], None],
        start_anew: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._configuration = configuration
        self._crew = crew
        self._devices = devices
        self._linked = linked
        self._answered = answered
        self._start_anew = start_anew
        self._clock = clock
        self._began = clock()
        self._heard: SimpleQueue[bytes] = SimpleQueue()

    def hear(self, payload: bytes) -> None:
        """The centre pushes, perhaps again."""
        self._heard.put(payload)

    def run(self, stop: threading.Event) -> None:
        """Take up and judge until `stop` is set."""
        while not stop.wait(TICK_S):
            self.tick()

    def tick(self) -> None:
        """Judge what is on trial; take up what was heard when nothing is."""
        trial = self._configuration.trial
        if trial:
            self._judge(trial)
            return
        newest = None
        while not self._heard.empty():
            newest = self._understood(self._heard.get(), newest)
        if newest:
            self._take_up(newest)

    def _understood(self, payload: bytes, newest: PushedConfiguration | None) -> PushedConfiguration | None:
        if not payload:
            return newest  # the centre has taken its message back
        try:
            pushed = read(PushedConfiguration, payload)
        except BrokenMessageError as error:
            log.error("ignored a broken configuration: %s", error)
            return newest
        if not self._configuration.is_news(pushed):
            return newest
        return pushed if newest is None or pushed.revision > newest.revision else newest

    def _take_up(self, pushed: PushedConfiguration) -> None:
        before = self._configuration.settings
        taken = self._configuration.read(pushed)
        if taken:
            revision, settings = taken
            differs = difference(before, settings)
            worked = self._crew.streaming() & differs.goes_on
            linked = differs.may_unlink and self._linked()
            self._configuration.begin(revision, settings, worked=worked, linked=linked, planned=bool(differs.restart))
            self._apply(differs)
        self._answered()

    def _apply(self, differs: Difference) -> None:
        if differs.restart:
            log.info("this program starts anew: %s cannot be changed while it runs", ", ".join(differs.restart))
            self._start_anew()
            return
        self._crew.apply(differs, self._configuration.settings)
        if differs.devices:
            self._devices.change(self._configuration.settings)
        self._began = self._clock()

    def _judge(self, trial: Standing) -> None:
        configuration = self._configuration
        streaming = self._crew.streaming()
        now = Now(self._clock() - self._began, self._linked(), dict.fromkeys(streaming, True))
        verdict, why = judge(Before(trial.linked, trial.worked), now, configuration.settings.trial_s)
        if verdict is Verdict.GOES_ON:
            return
        if verdict is Verdict.GOOD:
            configuration.accept()
        else:
            tried = configuration.settings
            configuration.fall_back(why)
            self._apply(difference(tried, configuration.settings))
        self._answered()
