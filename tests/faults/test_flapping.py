"""Cameras that come and go for weeks, made short: hundreds of broken connections, and nothing is left of them."""

from __future__ import annotations

import contextlib
import gc
import random
import socket
import threading
import time
from dataclasses import dataclass
from statistics import median

import psutil
import pytest

from contracts.status import CameraState
from tests.faults.world import soak_s
from tests.support import cameras
from tests.support.cameras import AUDIO, VIDEO, Behaviour, Line, playing, refusing
from tests.support.pulling import Box, is_in
from tests.support.streams import Damage, Film, camera, damaged, encode
from tests.support.waiting import eventually

SHORT_S = 40.0
FLAPPING = 6
FILM, HEVC = encode("h264", 320, 180), encode("hevc", 320, 180)
MAX_GROWTH_BYTES = 12_000_000


@dataclass(frozen=True, slots=True)
class Footprint:
    """What this process holds."""

    memory: int
    files: int
    threads: int


def footprint() -> Footprint:
    gc.collect()
    process = psutil.Process()
    return Footprint(process.memory_info().rss, process.num_fds(), threading.active_count())


def for_a_while(film: Film, seconds: float, damage: Damage | None) -> Behaviour:
    """Play, and be gone in the middle of it."""

    def behave(connection: socket.socket) -> None:
        power = threading.Timer(seconds, lambda: _cut(connection))
        power.start()
        try:
            camera(film, damage=damage)(connection)
        finally:
            power.cancel()

    return behave


def _cut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def moods(dice: random.Random) -> Behaviour:
    """Another fault with every connection, and good in between."""
    faults = [
        cameras.hang_up,
        cameras.garbage,
        cameras.web_server,
        refusing("401 Unauthorized"),
        refusing("404 Not Found"),
        playing(AUDIO, cameras.silent),
        playing(VIDEO, cameras.hang_up),
    ]

    def behave(connection: socket.socket) -> None:
        good = for_a_while(dice.choice([FILM, HEVC]), dice.uniform(0.1, 1.0), dice.choice([damaged, None]))
        dice.choice([good, dice.choice(faults)])(connection)

    return behave


@pytest.mark.timeout((soak_s() or 0) + 180)
def test_cameras_that_flap_at_random_leave_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """A short round in the normal run; with SOAK_S, as many seconds."""
    monkeypatch.setattr("edge.crew.RECONNECT_LONGEST_S", 0.1)  # weeks in a minute
    lasts_s = soak_s() or SHORT_S
    box = Box()
    lines = [Line(moods(random.Random(number))) for number in range(FLAPPING)]
    good = Line(camera(FILM))
    for number, line in enumerate(lines):
        box.pull(f"flapping-{number}", line.port)
    steady = box.pull("steady", good.port)
    eventually(lambda: is_in(steady, CameraState.STREAMING))

    began, frames, taken = time.monotonic(), steady.capture.packets_seen, []
    while time.monotonic() - began < lasts_s:
        time.sleep(0.5)
        taken.append(footprint())
    rate = (steady.capture.packets_seen - frames) / (time.monotonic() - began)

    connections = sum(line.accepted for line in lines)
    box.stop()
    for line in [*lines, good]:
        line.close()
    third = len(taken) // 3
    early, late = taken[third : 2 * third], taken[-third:]
    grown = {
        what: int(median(getattr(one, what) for one in late) - median(getattr(one, what) for one in early))
        for what in ("memory", "files", "threads")
    }
    print(f"{connections} connections in {lasts_s:.0f} s; grown: {grown}; steady camera {rate:.1f} a second")
    assert connections >= 2 * lasts_s
    assert grown["memory"] < MAX_GROWTH_BYTES
    assert abs(grown["files"]) <= FLAPPING  # some are connected at any moment, some not
    assert abs(grown["threads"]) <= 3 * FLAPPING
    assert rate > 8
    assert not box.supervisor.failed
