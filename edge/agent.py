"""Puts the box together: one thread a camera, one that looks, and one each for link, uploads, live and measurements."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version

from edge.analysis import Analysis
from edge.announce.announcer import Announcer
from edge.announce.journal import TRANSIENT as JOURNAL_TRANSIENT
from edge.broken import Telling
from edge.centre.link import Link
from edge.centre.live import TRANSIENT as LIVE_TRANSIENT
from edge.centre.live import Live
from edge.centre.outbox import Outbox
from edge.centre.uplink import Uplink
from edge.centre.upload import Uploader, UploadError
from edge.config import EdgeSettings
from edge.configuration.changes import Changes
from edge.configuration.configuration import Configuration
from edge.configuration.report import Report, ReportError
from edge.crew import Crew, replace_camera, replace_sub
from edge.detect import Detector
from edge.devices.keeper import Keeper
from edge.devices.probes import Probes
from edge.doctor.sending import Reports
from edge.enrol.renewal import Renewal, RenewalError
from edge.events import EventBook
from edge.figures import Figures, serve
from edge.footage.keeping import Keeping
from edge.footage.media import MediaStore
from edge.footage.newest import Newest
from edge.measure import Measurements
from edge.notify import READY, STOPPING, ServiceNotice
from edge.payment.alarms import Alarms
from edge.payment.allowed import AllowSets
from edge.payment.rounds import Rounds
from edge.pulse import PulseFile
from edge.release.places import Places
from edge.release.spent import spent
from edge.supervise import Supervisor, at_most
from edge.watchdog import Watchdog

log = logging.getLogger(__name__)

STOP_TIMEOUT_S = 4.0
END_TIMEOUT_S = 15.0
START_ANEW = -1
"""Instead of an exit code: the settings changed in a way that takes a fresh start of the program."""


def run(configuration: Configuration, detector: Detector) -> int:
    """Run the box until SIGTERM or SIGINT; the exit code is 1 when a bug ended it, or START_ANEW."""
    supervisor, settings = Supervisor(), configuration.settings
    anew, ended = threading.Event(), threading.Event()

    def start_anew() -> None:
        anew.set()
        supervisor.stop.set()

    def end(*_: object) -> None:
        ended.set()
        supervisor.stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    outbox = Outbox(settings.data_dir / "outbox.db", max_records=settings.outbox_max_records)
    book = EventBook(outbox)
    notice = ServiceNotice()
    _start(supervisor, configuration, detector, outbox, book, notice, start_anew)
    notice.say(READY)
    notice.have_watched()
    log.info("box %s runs with %d cameras, detector %s", settings.box, len(settings.cameras), detector.name)
    supervisor.stop.wait()
    if anew.is_set():
        notice.say_anew()
    else:
        notice.say(STOPPING)
    with at_most(END_TIMEOUT_S):
        supervisor.join(STOP_TIMEOUT_S)
        outbox.close()
    log.info("box %s stopped", settings.box)
    if supervisor.failed:
        return 1
    return START_ANEW if anew.is_set() and not ended.is_set() else 0


def _start(
    supervisor: Supervisor,
    configuration: Configuration,
    detector: Detector,
    outbox: Outbox,
    book: EventBook,
    notice: ServiceNotice,
    start_anew: Callable[[], None],
) -> None:
    settings = configuration.settings
    stop, ready, changed = supervisor.stop, threading.Event(), threading.Event()
    reserve = settings.disk_reserve_mb * 1_000_000
    media = MediaStore(settings.data_dir / "media", max_bytes=settings.media_max_mb * 1_000_000, reserve=reserve)
    newest: dict[str, Newest] = {}
    devices = Keeper(settings, outbox, book, media, newest)
    if closed := book.close_left_open(datetime.now(UTC), devices.goes_on):
        log.info("closed %d events that were open when the box last stopped", closed)
    keeping = Keeping(settings, outbox, media, book)
    allow = AllowSets(settings.data_dir)
    announcer = _start_speakers(supervisor, settings, book)
    live = _start_centre(supervisor, settings, outbox, media, keeping, allow, announcer)
    crew = Crew(settings, supervisor, keeping, live, ready=ready, on_change=changed.set, newest=newest)
    stations = crew.stations
    link = Link(
        settings,
        outbox,
        version("phoan"),
        crew.statuses,
        changed,
        devices.adopted,
        lambda: configuration.answer,
    )
    changes = Changes(
        configuration, crew, devices, linked=lambda: link.connected, answered=changed.set, start_anew=start_anew
    )
    link.on_config(changes.hear)
    analysis = Analysis(stations, settings.analysis, detector, book, media, live, ready, keeping.clips)
    alarms = Alarms(media, book, keeping.clips)
    rounds = Rounds(stations, allow, alarms, outbox, time_zone=settings.time_zone, calendar=settings.calendar)
    renewal = Renewal(settings, lambda: link.broker_until, start_anew=start_anew)
    measurements = Measurements(
        settings.box,
        settings.data_dir,
        stations,
        outbox,
        settings.telemetry_every_s,
        rounds,
        renewal.samples,
    )
    supervisor.keep_running("certificate", lambda: renewal.run(stop), transient=(RenewalError,), longest_s=600.0)
    supervisor.start("link", lambda: link.run(stop))
    supervisor.start("devices", lambda: devices.run(stop))
    if settings.probes:
        probes = Probes(settings.probes, settings.box, outbox)
        supervisor.start("probes", lambda: probes.run(stop))
    supervisor.start("analysis", lambda: analysis.run(stop))
    keeping.start(supervisor)
    supervisor.start("payment codes", lambda: rounds.run(stop))
    supervisor.start("measurements", lambda: measurements.run(stop))
    if settings.metrics:
        metrics, figures = settings.metrics, Figures(stations, outbox, analysis.sight.inputs_used, rounds)
        supervisor.start("metrics", lambda: serve(figures, metrics.host, metrics.port, stop))
    crew.start(analysis, rounds)
    supervisor.start("configuration", lambda: changes.run(stop))
    if settings.centre:
        report = Report(settings.centre, configuration.own())
        supervisor.keep_running("own settings", lambda: report.run(stop), transient=(ReportError,), longest_s=60.0)
    telling = Telling(settings.data_dir, settings.box, outbox.append_samples)
    supervisor.start("telling of damage", lambda: telling.run(stop))
    pulse = PulseFile(settings.data_dir, version("phoan"), lambda: link.connected, crew.statuses)
    supervisor.start("pulse", lambda: pulse.run(stop))
    watchdog = Watchdog(
        supervisor,
        stations,
        {"analysis": analysis, "payment codes": rounds, "devices": devices},
        partial(replace_camera, supervisor),
        notice,
        subs=crew.subs,
        replace_sub=partial(replace_sub, supervisor),
    )
    supervisor.start("watchdog", lambda: watchdog.run(stop))


def _start_speakers(supervisor: Supervisor, settings: EdgeSettings, book: EventBook) -> Announcer:
    """One thread a loudspeaker. A box without any answers the centre so."""
    announcer = Announcer(
        settings.announce, settings.centre, settings.data_dir, ward=settings.ward, time_zone=settings.time_zone
    )
    book.listen(announcer.event_opened)
    announcer.catch_up(book.open_events())
    for speaker in announcer.speakers:
        run = partial(announcer.run_speaker, speaker, supervisor.stop)
        supervisor.keep_running(f"speaker {speaker.id}", run, transient=JOURNAL_TRANSIENT)
    if announcer.speakers:
        run = partial(announcer.run_fetching, supervisor.stop)
        supervisor.keep_running("sounds", run, transient=JOURNAL_TRANSIENT)
    return announcer


def _start_centre(
    supervisor: Supervisor,
    settings: EdgeSettings,
    outbox: Outbox,
    media: MediaStore,
    keeping: Keeping,
    allow: AllowSets,
    announcer: Announcer,
) -> Live | None:
    """What needs the API: uploads and the live line. A box without a centre does without."""
    if settings.centre is None:
        return None
    bundles = partial(spent, Places(settings.update.folder).work)
    line = Uplink(settings.uplink, settings.time_zone, outbox, beside=bundles)
    uploader = Uploader(settings.centre, outbox, media, line)
    live = Live(settings.centre, requests=keeping.requests, allow=allow.hear, announcer=announcer)
    reports = Reports(settings.data_dir, settings.centre)
    supervisor.keep_running("uploads", lambda: uploader.run(supervisor.stop), transient=(UploadError,))
    supervisor.start("reports", lambda: reports.run(supervisor.stop))
    supervisor.keep_running("live link", lambda: live.run(supervisor.stop), transient=LIVE_TRANSIENT, longest_s=5.0)
    return live
