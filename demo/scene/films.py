"""Draws and encodes the reel of the demo's stall, piece by piece, once; it stays in the demo's folder.

`python -m demo.scene.films FOLDER PART PARTS` makes one of so many parts: one is started for every core.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

import cv2

from demo.scene import encoded
from demo.scene.board import HANH, LAN, Stance
from demo.scene.lens import Light
from demo.scene.reel import LOOP, PIECE_S, PIECES, Side, Spot, spots
from demo.scene.scene import Scene, View
from demo.scene.script import Act, Deed

LOOP_S: Final = PIECES * PIECE_S

VIEW: Final = View(
    width=1280,
    height=720,
    fps=10,
    pixels_per_module=3.2,
    shops=(HANH, LAN),
    stances=(Stance(14, -8, 1), Stance(-12, -8, -1)),
    light=Light(flicker=0.0),
    noise=4.0,
    name="QUẦY 12 – 14 · RAU QUẢ SẠCH",
    loop_s=LOOP_S,
    seed=12,
)

MBIT: Final = 4.0

PASSERS: Final = (
    Deed(Act.HAND, 2.6, 4.4, 1, 5),
    Deed(Act.PERSON, 6.2, 9.6, 0, 31),
    Deed(Act.PHONE, 10.5, 15.0, 1, 9),
)
"""What the loop shows apart from boards and the street."""

HAND: Final = (0.2, 3.9)
"""From when until when a hand is there, in seconds from the beginning of a change."""

_LATER: Final = tuple(Deed(deed.act, deed.begin + LOOP_S, deed.end + LOOP_S, deed.board, deed.seed) for deed in PASSERS)


def make(folder: Path, wanted: Iterable[Spot]) -> None:
    """Make what is not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    for spot in wanted:
        if not (folder / spot.name).exists():
            _make(folder, spot)


@cache
def _scene() -> Scene:
    """One a process: the stall is painted once."""
    cv2.setNumThreads(1)
    return Scene(VIEW)


def _make(folder: Path, spot: Spot) -> None:
    target = folder / spot.name
    part = target.with_suffix(f".{os.getpid()}.part.mp4")
    begin = spot.piece * PIECE_S
    if spot.turned is not None and spot.piece < spot.turned:
        begin += LOOP_S  # the change went on past the loop's end
    scene = _scene()
    scene.deeds = (*PASSERS, *_LATER, *_changes(spot, begin))
    rate = encoded.bits_per_second(MBIT, VIEW.width, VIEW.height, VIEW.fps)
    pictures = (picture for _, picture in scene.pictures(PIECE_S, begin))
    encoded.encode(pictures, part, fps=VIEW.fps, bit_rate=rate)
    part.rename(target)


def _changes(spot: Spot, begin: float) -> tuple[Deed, ...]:
    """What makes the picture show the spot's side, and its change if it is one."""
    before = (Deed(Act.SWAP, -10, -9),) if spot.side is Side.THEIRS else ()
    if spot.turned is None:
        return before
    start = begin - spot.turned * PIECE_S
    act = Act.SWAP if spot.side is Side.OURS else Act.RESTORE
    return (*before, Deed(act, start + HAND[0], start + HAND[1], 0, 21))


def _step_back() -> None:
    """Draw when nobody else has work: the ward runs by now. A session of its own has its own niceness on Linux."""
    os.nice(19)
    with contextlib.suppress(OSError):
        Path("/proc/self/autogroup").write_text("19")


def main(folder: Path, part: int, parts: int) -> None:
    """Of `parts` that draw together, this is one."""
    make(folder, LOOP[part::parts])  # a camera waits for it
    _step_back()
    make(folder, tuple(spots())[part::parts])


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
