"""`phoan-edge codes`: look through a camera now, and say which payment codes it can read and whether that is enough."""

from __future__ import annotations

import argparse
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from contracts.settings import SettingsError, load
from edge.capture.capture import Capture, CapturedFrame
from edge.capture.rtsp import CameraError
from edge.capture.slot import LatestSlot
from edge.config import CameraSettings, EdgeSettings
from edge.payment.allowed import AllowSets
from edge.payment.survey import FORMATS, GOOD, Found, Region, Survey, drawn, save, survey
from edge.payment.words import WORDS

LOOKS: Final = 8
BETWEEN_S: Final = 0.4
"""Eight looks in some three seconds: as many as are averaged, and a hand has passed by then."""

PATIENCE_S: Final = 30.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow `phoan-edge codes`."""
    parser.add_argument("camera", help="the camera's id in the settings")
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")
    parser.add_argument(
        "--picture", type=Path, metavar="FILE", help="write the picture with regions and codes drawn in"
    )
    parser.add_argument("--language", choices=sorted(WORDS), default="vi", help="of what is printed (default: vi)")


def run(arguments: argparse.Namespace) -> int:
    """Look and tell. Raises SettingsError with a sentence for the caller."""
    settings = load(EdgeSettings, arguments.config)
    camera = next((camera for camera in settings.cameras if camera.id == arguments.camera), None)
    if camera is None:
        there = ", ".join(camera.id for camera in settings.cameras)
        raise SettingsError(f"{arguments.config}: there is no camera {arguments.camera}; there are: {there}.")
    if arguments.picture and arguments.picture.suffix not in FORMATS:
        raise SettingsError(f"{arguments.picture}: pictures are written as {' or '.join(FORMATS)}.")
    frames = _frames(camera, settings)
    found = survey(camera, AllowSets(settings.data_dir), frames)
    if arguments.picture:
        _save(camera, frames[-1], found, arguments.picture)
    if arguments.json:
        print(json.dumps(found.to_json(), ensure_ascii=False, indent=2))
    else:
        print("\n".join(said(found, arguments.language)))
    return 0


def said(found: Survey, language: str) -> Iterator[str]:
    """The survey in sentences."""
    words = WORDS[language]
    yield words["head"].format(camera=found.camera, width=found.width, height=found.height, codes=len(found.codes))
    for region in found.regions:
        if not region.codes:
            yield words["empty"].format(
                point=region.point, width=region.width, height=region.height, needed=round(GOOD * 41)
            )
        yield from _of_region(region, found, words)
    for code in found.codes:
        if code.point is None:
            yield from _of_code(code, words)


def _of_region(region: Region, found: Survey, words: dict[str, str]) -> Iterator[str]:
    for code in found.codes:
        if code.point == region.point:
            yield from _of_code(code, words)
    if not region.known:
        yield words["not_known"].format(point=region.point)


def _of_code(code: Found, words: dict[str, str]) -> Iterator[str]:
    bank = f" ({code.bank_name or code.bank}{f' …{code.last_four}' if code.last_four else ''})" if code.bank else ""
    yield words["code"].format(
        where=words["region"].format(point=code.point) if code.point else words["nowhere"],
        nature=words[code.nature], bank=bank, size=code.pixels_per_module,
        read=code.read, looks=code.looks, way=words[code.way],
    )  # fmt: skip
    yield words[code.fitness]


def _frames(camera: CameraSettings, settings: EdgeSettings) -> list[CapturedFrame]:
    """Some frames of the camera, one after the other. Raises SettingsError when it brings none."""
    slot: LatestSlot[CapturedFrame] = LatestSlot()
    capture = Capture(camera.url, slot, lambda _: None, rotation=camera.rotate, networks=settings.camera_networks)
    stop, faults = threading.Event(), list[str]()
    thread = threading.Thread(target=_pull, args=(capture, stop, faults), daemon=True)
    thread.start()
    frames: list[CapturedFrame] = []
    deadline = time.monotonic() + PATIENCE_S
    while len(frames) < LOOKS and time.monotonic() < deadline and thread.is_alive():
        time.sleep(BETWEEN_S if frames else 0.05)
        if frame := slot.take():
            frames.append(frame)
    stop.set()
    thread.join(2.0)
    if not frames:
        raise SettingsError(f"Camera {camera.id} brings no picture: {faults[0] if faults else 'timeout'}.")
    return frames


def _pull(capture: Capture, stop: threading.Event, faults: list[str]) -> None:
    """Pull the camera, and leave behind why it ended if it does."""
    try:
        capture.run(stop)
    except CameraError as error:
        faults.append(error.fault.value)


def _save(camera: CameraSettings, frame: CapturedFrame, found: Survey, file: Path) -> None:
    try:
        save(drawn(camera, frame, found), file)
    except OSError as error:
        raise SettingsError(f"{file}: cannot be written: {error.strerror}.") from None
