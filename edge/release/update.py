"""Brings the box to the version that the centre names, and back when that one does worse than the old.

Every step is written down before it is taken, so whoever starts the updater again, after a power cut too, finishes what
was begun or takes it back (docs/decisions/019). The updater runs beside the box, from the version that is proven good.
"""

from __future__ import annotations

import logging
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from contracts.release import BundleError, Fault, ReportState, Wanted, opened
from edge import pulse
from edge.release.centre import Centre, CentreError
from edge.release.environment import build, prove
from edge.release.journal import Journal, Step
from edge.release.places import Places
from edge.release.settings import UpdaterView, may_now
from edge.release.spent import Spending
from edge.release.trial import Demand, Outcome, Trial, observe

log = logging.getLogger(__name__)

TICK_S: Final = 0.5
MOST_TRIES: Final = 3
"""A trial that was cut off more often than this goes back: the version may be what takes the machine down."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a call: an exit code and one sentence."""

    code: int
    said: str


class Updater:
    """Owns the journal. One at a time (edge.release.command sees to it)."""

    def __init__(
        self,
        view: UpdaterView,
        config: Path,
        centre: Centre | None,
        *,
        restart: Callable[[], None],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._view = view
        self._config = config
        self._centre = centre
        self._restart = restart
        self._now = now
        self._places = Places(view.update.folder)
        self._journal = Journal(self._places.work)

    def run(self, *, automatic: bool) -> Result:
        """Finish what was begun, then see what the centre wants. `automatic` keeps to the hours in which it may."""
        match self._journal.now.step:
            case Step.TRIAL:
                return self._try_out()
            case Step.BACK:
                return self._go_back()
        if self._centre is None:
            return Result(2, "The settings name no centre that could want a version.")
        self._deliver()
        try:
            wanted = self._centre.wanted()
        except CentreError as error:
            return Result(1, f"Nothing is known of a wanted version: {error}.")
        return self._towards(wanted, automatic) if wanted else Result(0, "The centre names no version for this box.")

    def _towards(self, wanted: Wanted, automatic: bool) -> Result:
        assert self._centre
        running = self._running
        if wanted.wish == self._journal.now.settled:
            said = "runs" if wanted.version == running else "failed here and is not tried again until it is named anew"
            return Result(0, f"Version {wanted.version} {said}.")
        self._journal.change(wish=wanted.wish, version=wanted.version, fault=None, detail="", tries=0)
        if wanted.version == running:
            return self._settle(Step.IDLE, ReportState.INSTALLED, f"Version {running} runs already.")
        try:
            return self._take(wanted, automatic)
        except CentreError as error:
            return Result(1, f"Version {wanted.version} is not here yet: {error}.")
        except BundleError as error:
            return self._refuse(error)

    def _take(self, wanted: Wanted, automatic: bool) -> Result:
        """Fetch, prove and build a version, then try it. Raises CentreError or BundleError."""
        assert self._centre
        key = self._view.update.release_key
        if key is None:
            raise BundleError(Fault.NO_KEY, "the settings have no update.release_key")
        path = self._places.work / f"{wanted.sha256}.tar"
        if not path.exists():
            self._tell(Step.LOADING, ReportState.LOADING)
            self._centre.fetch(wanted, path, Spending(self._places.work, self._view.time_zone, self._now))
        if automatic and not may_now(self._view.update, self._view.time_zone, self._now()):
            self._tell(Step.IDLE, ReportState.WAITING)
            return Result(0, f"Version {wanted.version} is here and waits for its hours.")
        self._journal.change(step=Step.BUILDING)
        with path.open("rb") as file:
            bundle = opened(file, key)
            if bundle.manifest.version != wanted.version:
                raise BundleError(Fault.TAMPERED, f"it is version {bundle.manifest.version}")
            build(self._places, bundle, wanted.size)
        prove(self._places, wanted.version, self._config)
        before = pulse.read(self._view.data_dir)
        self._journal.change(
            step=Step.TRIAL,
            linked=before.linked if before else False,
            streaming=before.streaming if before else 0,
            previous=self._places.named(self._places.good),
        )
        return self._try_out()

    def _try_out(self) -> Result:
        """Have `current` name the version, and watch the box; it may have been begun before."""
        places, progress = self._places, self._journal.now
        if places.named(places.good) == progress.version:
            return self._keep()
        try:
            progress = self._journal.change(tries=progress.tries + 1)
        except OSError as error:  # nobody would know how often it was begun
            return self._give_up(Fault.NO_ROOM, f"the journal cannot be written: {error.strerror}")
        if progress.tries > MOST_TRIES or not places.is_whole(progress.version):
            return self._give_up(Fault.CRASHES, "it was cut off in every trial")
        if places.named(places.current) != progress.version:
            places.point(places.current, progress.version)
        seen = pulse.read(self._view.data_dir)
        if seen is None or seen.version != progress.version:
            self._restart()
        log.info("version %s is on trial", progress.version)
        fault = self._watch()
        if fault is None:
            return self._keep()
        return self._give_up(fault, "")

    def _watch(self) -> Fault | None:
        """Look at the box until its trial is over; what is wrong with it."""
        settings, progress = self._view.update, self._journal.now
        demand = Demand(
            progress.version,
            progress.linked,
            progress.streaming,
            ready_s=settings.ready_s,
            well_s=settings.well_s,
            steady_s=settings.steady_s,
        )
        trial, began = Trial(), time.monotonic()
        while True:
            trial, outcome = observe(trial, demand, pulse.read(self._view.data_dir), time.monotonic() - began)
            if outcome is not Outcome.GOES_ON:
                return trial.fault if outcome is Outcome.FAILED else None
            time.sleep(TICK_S)

    def _keep(self) -> Result:
        """The version is good: the updater runs from it from now on, and the one before is kept."""
        places, progress = self._places, self._journal.now
        places.point(places.good, progress.version)
        said = f"Version {progress.version} runs well"
        if progress.previous:
            said += f"; {progress.previous} is kept"
        result = self._settle(Step.IDLE, ReportState.INSTALLED, f"{said}.")
        removed = places.tidy({progress.version, progress.previous})
        if removed:
            log.info("removed the versions %s", ", ".join(removed))
        return result

    def _give_up(self, fault: Fault, detail: str) -> Result:
        log.error("version %s failed (%s); going back", self._journal.now.version, fault)
        self._journal.hold(self._journal.now.model_copy(update={"step": Step.BACK, "fault": fault, "detail": detail}))
        return self._go_back()

    def _go_back(self) -> Result:
        """Have the box run what is good again; it may have been begun before."""
        places, progress = self._places, self._journal.now
        good = places.named(places.good)
        if good is None:
            return Result(2, f"{places.good} names no version that is here: run `phoan-edge install` again.")
        if places.named(places.current) != good:
            places.point(places.current, good)
        seen = pulse.read(self._view.data_dir)
        if seen is None or seen.version != good:
            self._restart()
            self._await(good)
        if progress.version and progress.version != good:
            places.remove(progress.version)
        for bundle in places.work.glob("*.tar*"):
            bundle.unlink()
        fault = progress.fault or Fault.NOT_INSTALLED
        said = f"Version {progress.version or 'unknown'} failed ({fault}); version {good} runs again."
        return self._settle(Step.IDLE, ReportState.ROLLED_BACK, said, fault, progress.detail)

    def _await(self, version: str) -> None:
        deadline = time.monotonic() + self._view.update.ready_s
        while time.monotonic() < deadline:
            seen = pulse.read(self._view.data_dir)
            if seen and seen.version == version:
                return
            time.sleep(TICK_S)
        log.error("version %s does not say yet that it runs again", version)

    def _refuse(self, error: BundleError) -> Result:
        """Nothing was changed; it is not tried again."""
        version = self._journal.now.version
        for bundle in self._places.work.glob("*.tar*"):
            bundle.unlink()
        if version != self._places.named(self._places.good):
            self._places.remove(version)
        said = f"Version {version} is refused ({error.fault}): {error}."
        return self._settle(Step.IDLE, ReportState.FAILED, said, error.fault, str(error))

    def _settle(
        self, step: Step, state: ReportState, said: str, fault: Fault | None = None, detail: str = ""
    ) -> Result:
        """A wish came to its end: remember it, and tell the centre now or next time."""
        progress = self._journal.now.reported(self._running or "", state, fault, detail)
        self._journal.hold(progress.model_copy(update={"step": step, "settled": progress.wish}))
        self._deliver()
        return Result(0 if state is ReportState.INSTALLED else 1, said)

    def _tell(self, step: Step, state: ReportState) -> None:
        progress = self._journal.now.reported(self._running or "", state)
        self._journal.write(progress.model_copy(update={"step": step}))
        self._deliver()

    def _deliver(self) -> None:
        report = self._journal.now.report
        if report is None or self._centre is None:
            return
        try:
            self._centre.report(report)
        except CentreError as error:
            log.warning("what became of version %s is told later: %s", report.version, error)
            return
        self._journal.change(report=None)

    @property
    def _running(self) -> str | None:
        return self._places.named(self._places.current)


def restarter(command: tuple[str, ...]) -> Callable[[], None]:
    """Restarts the box by a command, or by systemd where none is given."""
    if command:
        return lambda: _call(command)
    unit = "phoan-edge.service"

    def by_systemd() -> None:
        _call(("systemctl", "reset-failed", unit), quiet=True)  # nothing to reset is no mistake
        _call(("systemctl", "restart", "--no-block", unit))

    return by_systemd


def _call(command: tuple[str, ...], *, quiet: bool = False) -> None:
    """A command that fails is told of; the trial then sees that nothing was restarted."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        if done.returncode and not quiet:
            log.error("%s ended with %d: %s", command[0], done.returncode, done.stderr.strip()[-200:])
    except (OSError, subprocess.TimeoutExpired) as error:
        log.error("%s did not run: %s", command[0], error)
