"""The whole examination: which checks there are for a box, in which order, and in what time.

The detector works after the cameras were measured, so that neither disturbs the other.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from contracts.report import MOST_FINDINGS, BoxReport, Finding
from edge.config import EdgeSettings
from edge.doctor import broker, capacity, centre, certificates, clock, machine, network
from edge.doctor.cameras.camera import Way, look_at_camera
from edge.doctor.cameras.measure import Stream
from edge.doctor.checks import Check, run_checks, warn
from edge.doctor.settings import Box, read_box

CAMERAS_S: Final = 42.0
DETECTOR_S: Final = 14.0


@dataclass(frozen=True, slots=True)
class Limits:
    """How long the two parts may take, in seconds."""

    first_s: float = CAMERAS_S
    detector_s: float = DETECTOR_S


@dataclass(frozen=True, slots=True)
class Wish:
    """What is examined. `way` is how cameras are looked at."""

    config: Path
    way: Way = field(default_factory=Way)
    limits: Limits = field(default_factory=Limits)
    detector: bool = True


def examine(wish: Wish) -> tuple[Box, BoxReport]:
    """Look at everything. Always comes to an end, and never raises for what it finds."""
    began, at = time.monotonic(), datetime.now(UTC)
    box = read_box(wish.config)
    measured: dict[str, Stream] = {}
    findings = [*box.findings, *run_checks(list(_checks(wish, box, measured)), wish.limits.first_s)]
    if box.settings and wish.detector:
        last = Check("detector", partial(capacity.look_at_capacity, box.settings, tuple(measured.values())))
        findings += run_checks([last], wish.limits.detector_s)
    seconds = round(time.monotonic() - began, 1)
    report = BoxReport(at=at, version=version("phoan"), seconds=seconds, findings=tuple(findings[:MOST_FINDINGS]))
    return box, report


def _checks(wish: Wish, box: Box, measured: dict[str, Stream]) -> Iterator[Check]:
    settings = box.settings
    yield Check("network", network.look_at_network)
    yield Check("clock", clock.look_at_clock)
    yield Check("memory", machine.look_at_memory)
    yield Check("processor", machine.look_at_processor)
    yield Check("temperature", machine.look_at_temperature)
    if settings is None:
        return
    yield Check("names", partial(network.look_at_names, _names(settings)))
    yield Check("disk", partial(machine.look_at_disk, settings.data_dir, settings.disk_reserve_mb))
    yield Check("accelerator", partial(machine.look_at_accelerator, settings.analysis.decode))
    yield Check("broker", partial(broker.look_at_broker, settings))
    yield Check("centre", partial(_centre, settings))
    if settings.mqtt.tls_cert:
        yield Check("certificate", partial(certificates.look_at_own, settings.mqtt.tls_cert))
    if settings.devices:
        yield Check("devices", partial(broker.look_at_devices, settings.devices.broker))
    way = Way(wish.way.length, wish.way.onvif_ports, box.pulse is not None, wish.way.try_passwords)
    for camera in settings.cameras:
        yield Check(f"camera {camera.id}", partial(look_at_camera, settings, camera, way, measured))


def _names(settings: EdgeSettings) -> list[str]:
    """The hosts that the box must find; those of cameras are looked up with the cameras."""
    names = [settings.mqtt.host]
    if settings.centre:
        names.append(urlsplit(settings.centre.url).hostname or "")
    return [name for name in names if name]


def _centre(settings: EdgeSettings) -> Iterator[Finding]:
    if settings.centre is None:
        yield warn("centre_none")
    else:
        yield from centre.look_at_centre(settings.centre)
