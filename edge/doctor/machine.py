"""The box itself: disk, memory, processor, what helps it to decode and to detect, and how hot it is."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import psutil

from contracts.report import Finding
from edge.capture.hardware import AUTO, CPU, device
from edge.doctor.checks import bad, ok, warn
from edge.doctor.reasons import reason_of

WRITE_BYTES: Final = 8_000_000
PIECE_BYTES: Final = 1_000_000
SLOW_MB_S: Final = 5.0
LOW_GB: Final = 2.0
LOW_MEMORY_MB: Final = 300
HOT_C: Final = 80.0
FILE: Final = "doctor.tmp"


def look_at_disk(folder: Path, reserve_mb: int = 0) -> Iterator[Finding]:
    """Space, and speed as the outbox needs it: every piece is on the disk before the next one. What is written goes
    again, and never into the last room, which is the outbox's.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        room = os.statvfs(folder)
        free = room.f_bavail * room.f_frsize
        if free < 2 * WRITE_BYTES:
            yield bad("disk_full", free_mb=free // 1_000_000)
            return
        speed = _speed(folder / FILE)
    except OSError as error:
        yield bad("disk_unwritable", folder=str(folder)[:120], reason=reason_of(error))
        return
    free_gb = round(free / 1e9, 1)
    if free < reserve_mb * 1_000_000 or free_gb < LOW_GB:
        yield warn("disk_low", free_gb=free_gb)
    if speed < SLOW_MB_S:
        yield warn("disk_slow", mb_s=round(speed, 1))
    elif free_gb >= LOW_GB:
        yield ok("disk_good", free_gb=free_gb, mb_s=round(speed, 1))


def _speed(path: Path) -> float:
    """Megabytes a second. The file has no name any more when it is written: nothing can leave it behind."""
    piece = os.urandom(PIECE_BYTES)
    with path.open("wb", buffering=0) as file:
        path.unlink()
        began = time.monotonic()
        for _ in range(WRITE_BYTES // PIECE_BYTES):
            file.write(piece)
            os.fsync(file.fileno())
        took = time.monotonic() - began
    return WRITE_BYTES / 1e6 / max(took, 1e-6)


def look_at_memory() -> Iterator[Finding]:
    """What programs may still take."""
    free = psutil.virtual_memory().available // 1_000_000
    yield (warn if free < LOW_MEMORY_MB else ok)("memory_low" if free < LOW_MEMORY_MB else "memory_good", free_mb=free)


def look_at_processor() -> Iterator[Finding]:
    """Its cores and how busy they were in the last five minutes."""
    cores, load = cores_of(), round(os.getloadavg()[1], 1)
    busy = load > 1.5 * cores
    yield (warn if busy else ok)("processor_busy" if busy else "processor", cores=cores, load=load)


def look_at_accelerator(decode: str = AUTO) -> Iterator[Finding]:
    """Hardware that decodes video, and devices that infer."""
    from openvino import Core  # slow to import

    name = device(decode, "h264") if decode != CPU else None
    yield ok("accelerator", device=name) if name else ok("accelerator_none")
    yield ok("inference_devices", devices=", ".join(Core().available_devices)[:100])


def look_at_temperature(sys: Path = Path("/sys")) -> Iterator[Finding]:
    """The hottest part, where the kernel tells, and whether the processor is held back."""
    readings = [_number(path) for path in sorted((sys / "class/thermal").glob("thermal_zone*/temp"))]
    celsius = max((reading / 1000 for reading in readings if reading is not None), default=None)
    if celsius is not None and 0 < celsius < 150:
        hot = celsius >= HOT_C
        yield (warn if hot else ok)("temperature_high" if hot else "temperature_good", celsius=round(celsius))
    if is_throttled(sys):
        yield warn("throttled")


def is_throttled(sys: Path) -> bool:
    """Whether a governor that ought to be at its most is limited to less, or a Raspberry Pi says so."""
    said = _text(sys / "devices/platform/soc/soc:firmware/get_throttled")
    if said:
        try:
            return bool(int(said, 16) & 0xF)
        except ValueError:
            return False
    for folder in sorted((sys / "devices/system/cpu/cpufreq").glob("policy*")):
        most, allowed = _number(folder / "cpuinfo_max_freq"), _number(folder / "scaling_max_freq")
        if most and allowed and allowed < 0.7 * most:
            return True
    return False


def cores_of() -> int:
    """Those that this program may use."""
    return len(os.sched_getaffinity(0))


def _text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""


def _number(path: Path) -> float | None:
    try:
        return float(_text(path))
    except ValueError:
        return None
