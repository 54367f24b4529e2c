"""Puts the box together: one thread a camera, one that looks, and one each for link, uploads, live and measurements."""

from __future__ import annotations

import logging
import signal
import threading
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version

from edge.analysis import Analysis
from edge.announce.announcer import Announcer
from edge.announce.journal import TRANSIENT as JOURNAL_TRANSIENT
from edge.capture.rtsp import CameraError
from edge.centre.link import Link
from edge.centre.live import TRANSIENT as LIVE_TRANSIENT
from edge.centre.live import Live
from edge.centre.outbox import Outbox
from edge.centre.streams import streams_for
from edge.centre.sub import Sub
from edge.centre.uplink import Uplink
from edge.centre.upload import Uploader, UploadError
from edge.config import EdgeSettings
from edge.detect import Detector
from edge.devices.parts import devices_of
from edge.devices.probes import Probes
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
from edge.station import Station
from edge.supervise import Supervisor, at_most
from edge.watchdog import Watchdog

log = logging.getLogger(__name__)

STOP_TIMEOUT_S = 4.0
END_TIMEOUT_S = 15.0
RECONNECT_LONGEST_S = 3.0
"""A camera that is good again must be back within seconds, and one that is gone costs one handshake a try."""


def run(settings: EdgeSettings, detector: Detector) -> int:
    """Run the box until SIGTERM or SIGINT; the exit code is 1 when a bug ended it."""
    supervisor = Supervisor()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: supervisor.stop.set())
    outbox = Outbox(settings.data_dir / "outbox.db", max_records=settings.outbox_max_records)
    book = EventBook(outbox)
    notice = ServiceNotice()
    _start(supervisor, settings, detector, outbox, book, notice)
    notice.say(READY)
    log.info("box %s runs with %d cameras, detector %s", settings.box, len(settings.cameras), detector.name)
    supervisor.stop.wait()
    notice.say(STOPPING)
    with at_most(END_TIMEOUT_S):
        supervisor.join(STOP_TIMEOUT_S)
        outbox.close()
    log.info("box %s stopped", settings.box)
    return 1 if supervisor.failed else 0


def _start(
    supervisor: Supervisor,
    settings: EdgeSettings,
    detector: Detector,
    outbox: Outbox,
    book: EventBook,
    notice: ServiceNotice,
) -> None:
    stop, ready, changed = supervisor.stop, threading.Event(), threading.Event()
    reserve = settings.disk_reserve_mb * 1_000_000
    media = MediaStore(settings.data_dir / "media", max_bytes=settings.media_max_mb * 1_000_000, reserve=reserve)
    looked_at = {device.camera for device in settings.devices.list} if settings.devices else set[str | None]()
    newest = {camera.id: Newest() for camera in settings.cameras if camera.id in looked_at}
    devices = devices_of(settings, settings.devices, outbox, book, media, newest) if settings.devices else None
    if closed := book.close_left_open(datetime.now(UTC), devices.goes_on if devices else lambda _: False):
        log.info("closed %d events that were open when the box last stopped", closed)
    keeping = Keeping(settings, outbox, media, book)
    allow = AllowSets(settings.data_dir)
    announcer = _start_speakers(supervisor, settings, book)
    live = _start_centre(supervisor, settings, outbox, media, keeping, allow, announcer)
    stations = [
        Station(
            camera,
            settings.analysis,
            settings.time_zone,
            ready=ready,
            on_change=changed.set,
            calendar=settings.calendar,
            health=camera.health or settings.health,
            sinks=(*keeping.sinks(camera.id), *(live.sinks(camera.id) if live else ())),
            networks=settings.camera_networks,
        )
        for camera in settings.cameras
    ]
    for station in stations:
        station.newest = newest.get(station.settings.id)
    link = Link(
        settings,
        outbox,
        version("phoan"),
        lambda: tuple(station.status() for station in stations),
        changed,
        devices.adopted if devices else tuple,
    )
    analysis = Analysis(stations, settings.analysis, detector, book, media, live, ready, keeping.clips)
    alarms = Alarms(media, book, keeping.clips)
    rounds = Rounds(stations, allow, alarms, outbox, time_zone=settings.time_zone, calendar=settings.calendar)
    measurements = Measurements(settings.box, settings.data_dir, stations, outbox, settings.telemetry_every_s, rounds)
    supervisor.start("link", lambda: link.run(stop))
    if devices:
        supervisor.start("devices", lambda: devices.reader.run(stop))
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
    for station in stations:
        start_camera(supervisor, station)
    subs = live.subs if live else ()
    for sub in subs:
        start_sub(supervisor, sub)
    watchdog = Watchdog(
        supervisor,
        stations,
        {"analysis": analysis, "payment codes": rounds, **({"devices": devices.reader} if devices else {})},
        partial(replace_camera, supervisor),
        notice,
        subs=subs,
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
    uploader = Uploader(settings.centre, outbox, media, Uplink(settings.uplink, settings.time_zone, outbox))
    cameras = tuple(camera.id for camera in settings.cameras)
    streams = streams_for(settings.cameras, settings.camera_networks)
    live = Live(settings.centre, cameras, keeping.requests, streams, allow.hear, announcer)
    supervisor.keep_running("uploads", lambda: uploader.run(supervisor.stop), transient=(UploadError,))
    supervisor.keep_running("live link", lambda: live.run(supervisor.stop), transient=LIVE_TRANSIENT, longest_s=5.0)
    return live


def replace_camera(supervisor: Supervisor, station: Station) -> None:
    """Leave the thread of a camera that hangs to itself, and pull the camera with another."""
    station.renew_capture()
    start_camera(supervisor, station)


def start_camera(supervisor: Supervisor, station: Station) -> None:
    """Pull one camera, again and again, until the supervisor stops or the watchdog has given its thread up."""
    capture = station.capture
    supervisor.keep_running(
        f"camera {station.settings.id}",
        lambda: capture.run(supervisor.stop),
        transient=(CameraError,),
        longest_s=RECONNECT_LONGEST_S,
        on_error=lambda error, first: log.debug("camera %s: %s", station.settings.id, error) if first else None,
        until=lambda: capture.abandoned,
    )


def replace_sub(supervisor: Supervisor, sub: Sub) -> None:
    """Leave the thread of a sub-stream that hangs to itself, and pull it with another."""
    sub.renew_capture()
    start_sub(supervisor, sub)


def start_sub(supervisor: Supervisor, sub: Sub) -> None:
    """Pull a sub-stream whenever somebody watches it."""
    capture = sub.capture
    supervisor.keep_running(
        f"sub-stream of camera {sub.camera}",
        lambda: capture.run(supervisor.stop),
        transient=(CameraError,),
        until=lambda: capture.abandoned,
    )
