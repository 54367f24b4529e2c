"""How soon the watch on payment codes tells of a swapped sticker, and how often it tells of one that never was.

`make bench-qr` (SWAPS=200 HOURS=50). Every swap is a scene of its own, drawn by `demo.scene`: another stall, stance,
lens, sensor, light and bit rate, at 2 to 6 pixels a module. Its pictures, ten a second, go through libx264 at the rate
of a camera that spends 1, 2 or 4 Mbit/s on 1080p at 15 frames a second, and a decoder; they are as small as the board
allows, with the bits to match, and every 25th scene is 1080p15. The box's own `PointWatch` looks once a second, as on
it, without tracks of people: those would only help it. Time counts from when the sticker is stuck on, behind the
thief's hand, until the alarm. A swap without an alarm after GIVE_UP_S is missed. Another tenth as many changes of other
kinds are told apart in `others`; `told_as_another` are those of which another alarm was raised, as that a code cannot
be read any more. Where a camera could never read the shop's own code it will hardly read a thief's:
`missed_swaps_of_verified` leaves those out.

The undisturbed hours are LOOPS scenes of LOOP_S, encoded and decoded once each, with hands, telephones that show other
codes, and people before the board every ten seconds or so: more than at a busy stall. Each is then looked at again and
again, once a second of its own time, until the hours are full. What repeats is how people move, at another third of a
second each time; what does not is the light (day to evening, with the lamp) and the sensor's noise, which are laid over
the decoded pictures, so that they are not compressed. All counts as a false alarm but that a code cannot be read,
which is true: that is `unreadable_per_camera_day`.
"""

from __future__ import annotations

import base64
import json
import os
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Final, TypeVar

import cv2
import numpy as np
from av.video.frame import VideoFrame

from contracts import payment_code
from contracts.command import PaymentPoints, PointPayees
from contracts.event import EventKind
from contracts.payment_code import fingerprint
from demo.scene import encoded, script
from demo.scene.board import HANH, HANH_SECOND, Stance
from demo.scene.lens import Light
from demo.scene.scene import Scene, View
from demo.scene.script import Act
from edge.capture.capture import CapturedFrame
from edge.capture.mask import Mask
from edge.payment.allowed import AllowSets
from edge.payment.point import Clear, PointState, Raise
from edge.payment.rounds import Allowance
from edge.payment.settings import PaymentPointSettings
from edge.payment.view import Grey
from edge.payment.watch import PointWatch
from edge.rules.calendar import Calendar

SWAPS: Final = int(os.environ.get("SWAPS", "200"))
HOURS: Final = float(os.environ.get("HOURS", "50"))

SIZES: Final = (2.0, 2.5, 3.0, 4.0, 5.0, 6.0)
"""Pixels a module."""

BEFORE_S: Final = 6.0
"""Undisturbed, before a swap."""

GIVE_UP_S: Final = 60.0
OTHERS_GIVE_UP_S: Final = 240.0
"""That a board is gone or covered is told only after a while without anybody before it."""

LOOPS: Final = 18
LOOP_S: Final = 160.0
LOOP_FPS: Final = 6.0
KEPT: Final = 2
"""Of a loop's pictures every second is kept."""

KEY: Final = b"a ward's key for measuring with"
BEGIN: Final = datetime(2026, 5, 4, 2, 0, tzinfo=UTC)

EXPECTED: Final = {
    Act.SWAP: (EventKind.PAYMENT_CODE_MISMATCH,),
    Act.FOREIGN: (EventKind.PAYMENT_CODE_FOREIGN,),
    # Where the board stood, the street is seen behind it: something else, and no bare wall.
    Act.TAKE: (EventKind.PAYMENT_CODE_MISSING, EventKind.PAYMENT_CODE_COVERED),
    Act.BAG: (EventKind.PAYMENT_CODE_COVERED,),
    Act.ADD: (EventKind.PAYMENT_CODE_ADDED,),
}
OTHERS: Final = tuple(act for act in EXPECTED if act is not Act.SWAP)

_Task = TypeVar("_Task")
_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class Change:
    """Something to be told of: when it was done to what kind of a code, and after how long it was told, if it was."""

    act: Act
    pixels_per_module: float
    seconds: float | None
    false: tuple[str, ...]
    looks: int
    look_s: float
    camera_s: float
    ways: Counter[str]
    verified: bool
    instead: tuple[str, ...]


@dataclass(slots=True)
class Quiet:
    """What was told while nothing happened that is to be told of."""

    pixels_per_module: float
    alarms: Counter[str] = field(default_factory=Counter)
    camera_s: float = 0.0
    looks: int = 0
    look_s: float = 0.0
    read_looks: int = 0


class Box:
    """A watch on one point as the box has it, at its own pace, on a clock of the scene's."""

    def __init__(self, region: list[list[float]]) -> None:
        self.settings = PaymentPointSettings.model_validate({"id": "quay-12", "region": region})
        with tempfile.TemporaryDirectory() as folder:
            allow = AllowSets(Path(folder))
            payees = [payment_code.read(shop.code).payees for shop in (HANH, HANH_SECOND)]
            prints = tuple(sorted(fingerprint(payee, KEY) for code in payees for payee in code))
            point = PointPayees(id=self.settings.id, payees=prints)
            allow.hear(PaymentPoints(key=base64.b64encode(KEY).decode(), points=(point,)))
        self.watch = PointWatch(self.settings, self.settings.hours("Asia/Ho_Chi_Minh", Calendar({})), allow, Mask(()))
        self.seconds = 0.0
        self._allowance = Allowance()
        self._due = 0.0

    def look(self, frame: VideoFrame, at: float) -> Sequence[Raise | Clear]:
        """Look if it is time to."""
        if at < self._due:
            return ()
        self._due = at + self.settings.every_s - 1e-6
        captured = CapturedFrame(frame, BEGIN + timedelta(seconds=at))
        began = time.thread_time()
        commands = self.watch.look(captured, (), closely=self._allowance.there(at))
        took = time.thread_time() - began
        self._allowance.spend(took)
        self.seconds += took
        return commands


def view(seed: int, size: float, *, full: bool = False) -> View:
    """A stall and its camera, as they come."""
    random = np.random.default_rng(seed)
    width, height = (1920, 1080) if full else next(wide for most, wide in _PICTURES if size <= most)
    stance = Stance(*(float(random.uniform(-edge, edge)) for edge in (30, 14, 4)))
    dusk = float(random.uniform(0.35, 1.0))
    lamp = float(random.uniform(0, 20)) if dusk < 0.6 else None
    return View(
        width=width,
        height=height,
        fps=15 if full else 10,
        pixels_per_module=size,
        stances=(stance,),
        room=(0.25, 0.12),
        blur=float(random.uniform(0.5, 0.9)),
        noise=float(random.uniform(3, 8)),
        glare=float(random.uniform(20, 90)),
        light=Light(dusk, dusk * float(random.uniform(0.85, 1.1)), 40.0, lamp),
        street_at=int(random.integers(0, 60)) * 10,
        loop_s=8.0,
        seed=seed,
    )


_PICTURES: Final = ((3.0, (640, 360)), (4.0, (854, 480)), (6.0, (960, 540)))
"""Up to which size of a module a picture of which size has room for the board."""


def frames(scene: Scene, seconds: float) -> Iterator[tuple[float, VideoFrame]]:
    """What the scene's camera sends, decoded."""
    look = scene.view
    mbit = (1.0, 2.0, 4.0)[look.seed % 3]
    rate = encoded.bits_per_second(mbit, look.width, look.height, look.fps)
    pictures = (picture for _, picture in scene.pictures(seconds))
    for number, frame in enumerate(encoded.through(pictures, fps=look.fps, bit_rate=rate)):
        yield number / look.fps, frame


def changed(task: tuple[Act, int, float]) -> Change:
    """Have something changed, and wait for what the box says of it."""
    act, seed, size = task
    cv2.setNumThreads(1)
    look = view(seed, size, full=act is Act.SWAP and seed % 25 == 7)
    if act is Act.ADD:
        look = replace(look, room=(1.0, 0.12))
    deed = script.change(act, BEFORE_S, seed)
    lasts_s = BEFORE_S + (GIVE_UP_S if act is Act.SWAP else OTHERS_GIVE_UP_S)
    traffic = script.passing(lasts_s, seed, begin=deed.end)
    scene = Scene(look, (deed, *traffic))
    box, told, at, verified = Box(scene.region()), None, 0.0, False
    false: list[str] = []
    instead: list[str] = []
    for at, frame in frames(scene, lasts_s):
        for command in box.look(frame, at):
            if isinstance(command, Raise):
                if at >= deed.changed_at and command.kind in EXPECTED[act]:
                    told = at - deed.changed_at
                else:
                    (false if at < deed.changed_at else instead).append(command.kind.value)
        if at < deed.begin:
            verified = box.watch.point.state is PointState.VERIFIED
        if told is not None:
            break
    return Change(
        act, size, told, tuple(false), box.watch.looks, box.seconds, at, box.watch.reads, verified, tuple(instead)
    )


def undisturbed(task: tuple[int, float, float]) -> Quiet:
    """Look at a scene in which nothing is done to the board, for so many seconds of a camera's time."""
    seed, size, seconds = task
    cv2.setNumThreads(1)
    look = replace(view(seed, size), fps=LOOP_FPS, light=Light(flicker=0.05), loop_s=30.0)
    scene = Scene(look, script.passing(LOOP_S, seed, every_s=5.0))
    cut, region = _cut(look, scene.region())
    film = [_luma(frame)[cut].copy() for number, (_, frame) in enumerate(frames(scene, LOOP_S)) if number % KEPT == 0]
    box, found = Box(region), Quiet(size)
    days = _Days(film[0].shape, seed)
    every = round(LOOP_FPS / KEPT * box.settings.every_s)
    for number in range(int(seconds)):
        lap, step = divmod(number * every, len(film))
        grey = days.seen(film[(step + lap) % len(film)], number / seconds)
        commands = box.look(VideoFrame.from_ndarray(grey, format="gray"), float(number))
        found.alarms.update(one.kind.value for one in commands if isinstance(one, Raise))
        found.read_looks += box.watch.point.ours_at == BEGIN + timedelta(seconds=number)
    found.camera_s, found.looks, found.look_s = seconds, box.watch.looks, box.seconds
    return found


def _cut(look: View, region: list[list[float]]) -> tuple[tuple[slice, slice], list[list[float]]]:
    """The surroundings of a region, which are all that is kept of a loop, and the region in them."""
    corners = np.array(region) * (look.width, look.height)
    low, high = np.floor(corners.min(axis=0)).astype(int), np.ceil(corners.max(axis=0)).astype(int)
    inner = (corners - low) / (high - low)
    return np.s_[low[1] : high[1], low[0] : high[0]], np.clip(inner, 0, 1).round(6).tolist()


def _luma(frame: VideoFrame) -> Grey:
    return frame.to_ndarray(format="gray").astype(np.uint8)


class _Days:
    """Light and noise of a long time, laid over pictures: from day to evening, when the lamp is lit."""

    def __init__(self, shape: tuple[int, ...], seed: int) -> None:
        self._random = np.random.default_rng(seed)
        grain = self._random.normal(0, 4, (shape[0] + 64, shape[1] + 64))
        self._more, self._less = (np.clip(part, 0, 255).astype(np.uint8) for part in (grain, -grain))
        self._shape = shape

    def seen(self, picture: Grey, share: float) -> Grey:
        """A picture after so much of the time, 0 to 1."""
        day = 1.0 - 0.65 * share + 0.04 * float(np.sin(share * 900))
        lamp = 35.0 if share > 0.75 else 0.0
        lit = cv2.convertScaleAbs(picture, alpha=max(day, 0.2), beta=lamp)
        y, x = (int(value) for value in self._random.integers(0, 64, 2))
        part = np.s_[y : y + self._shape[0], x : x + self._shape[1]]
        return np.asarray(cv2.subtract(cv2.add(lit, self._more[part]), self._less[part]), np.uint8)


def spread(work: Callable[[_Task], _Found], tasks: Iterable[_Task]) -> list[_Found]:
    """The work on all cores."""
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        return list(pool.map(work, tasks))


def p95(values: Sequence[float]) -> float | None:
    ranked = sorted(values)
    return round(ranked[min(len(ranked) - 1, int(0.95 * len(ranked)))], 1) if ranked else None


def of_size(size: float, swaps: Sequence[Change], quiet: Sequence[Quiet]) -> dict[str, float | int | None]:
    """The figures of codes of one size."""
    here = [one for one in swaps if one.pixels_per_module == size]
    still = [one for one in quiet if one.pixels_per_module == size]
    days = sum(one.camera_s for one in still) / 86_400
    alarms = sum((one.alarms for one in still), Counter[str]())
    unread = alarms.pop(EventKind.PAYMENT_CODE_UNREADABLE.value, 0)
    times = [one.seconds for one in here if one.seconds is not None]
    looks = sum(one.looks for one in still)
    return {
        "swaps": len(here),
        "missed": len(here) - len(times),
        "detect_s_p50": round(statistics.median(times), 1) if times else None,
        "detect_s_p95": p95(times),
        "false_alarms": alarms.total(),
        "unreadable_per_camera_day": round(unread / days, 2) if days else None,
        "read_share_of_looks": round(sum(one.read_looks for one in still) / looks, 3) if looks else None,
        "ms_per_check": round(1000 * sum(one.look_s for one in still) / looks, 2) if looks else None,
    }


def main() -> None:
    """Print progress, and the figures last."""
    began = time.monotonic()
    tasks = [(Act.SWAP, seed, SIZES[seed % len(SIZES)]) for seed in range(SWAPS)]
    tasks += [(OTHERS[seed % 4], 10_000 + seed, SIZES[seed // 4 % len(SIZES)]) for seed in range(SWAPS // 10)]
    changes = spread(changed, tasks)
    swaps = [one for one in changes if one.act is Act.SWAP]
    print(f"{len(changes)} changes in {time.monotonic() - began:.0f} s", flush=True)
    loops = LOOPS if HOURS >= 10 else len(SIZES)
    each = HOURS * 3600 / loops
    quiet = spread(undisturbed, [(20_000 + number, SIZES[number % len(SIZES)], each) for number in range(loops)])
    print(f"{HOURS:g} undisturbed hours in {time.monotonic() - began:.0f} s in all", flush=True)
    times = [one.seconds for one in swaps if one.seconds is not None]
    days = (sum(one.camera_s for one in quiet) + sum(one.camera_s for one in changes)) / 86_400
    alarms = sum((one.alarms for one in quiet), Counter[str]())
    unread = alarms.pop(EventKind.PAYMENT_CODE_UNREADABLE.value, 0)
    alarms.update(kind for one in changes for kind in one.false)
    print(json.dumps({
        "swap_detect_s_p95": p95(times),
        "swap_detect_s_p50": round(statistics.median(times), 1) if times else None,
        "swaps": len(swaps),
        "missed_swaps": len(swaps) - len(times),
        "missed_swaps_of_verified": sum(one.seconds is None and one.verified for one in swaps),
        "undisturbed_hours": HOURS,
        "false_alarms_per_camera_day": round(alarms.total() / days, 3),
        "false_alarms": dict(alarms),
        "unreadable_per_camera_day": round(unread / days, 2),
        "ms_per_check": round(1000 * sum(one.look_s for one in quiet) / sum(one.looks for one in quiet), 2),
        "by_pixels_per_module": {f"{size:g}": of_size(size, swaps, quiet) for size in SIZES},
        "others": {
            act.value: {
                "done": len(here := [one for one in changes if one.act is act]),
                "told_as_another": sum(one.seconds is None and bool(one.instead) for one in here),
                "missed": sum(one.seconds is None and not one.instead for one in here),
                "detect_s_p95": p95([one.seconds for one in here if one.seconds is not None]),
            }
            for act in OTHERS
        },
        "seconds": round(time.monotonic() - began),
    }))  # fmt: skip


if __name__ == "__main__":
    main()
