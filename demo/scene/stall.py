"""The stall itself, painted once: awning, posts, counter, crates of fruit and vegetables. The street shows through it.

All measures are shares of the picture's height, so that the same stall may be seen by any camera.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from demo.scene.paint import (
    Colour,
    Picture,
    Piece,
    filled,
    grained,
    in_perspective,
    lay,
    piece,
    shaded_ball,
    softened,
    text,
)

OPEN: Final = (0.13, 0.66)
"""Between awning and counter the street is seen."""

EDGE: Final = 0.80
"""Where the counter's top ends and its front begins."""

_AWNINGS: Final[tuple[tuple[Colour, Colour], ...]] = (
    ((60, 50, 185), (225, 228, 232)),
    ((150, 95, 30), (222, 226, 228)),
    ((70, 120, 40), (215, 225, 225)),
)
_FRUITS: Final[tuple[Colour, ...]] = (
    (30, 130, 235),  # oranges
    (45, 45, 205),  # tomatoes
    (50, 160, 90),  # limes
    (60, 190, 225),  # mangoes
    (90, 60, 120),  # aubergines
    (70, 175, 130),  # guavas
)


def stall(height: int, width: int, name: str, seed: int) -> Piece:
    """The whole stall as one piece of the picture's size."""
    random = np.random.default_rng(seed)
    colour = filled(height, width, (0, 0, 0))
    cover = np.zeros((height, width), np.uint8)
    _posts(colour, cover, random)
    _counter(colour, cover, random)
    _front(colour, name, random)
    _awning(colour, cover, random)
    lit = piece(colour, cover)
    _crates(lit, random)
    _lamp(lit)
    return softened(lit, height / 1100)


def _posts(colour: Picture, cover: Picture, random: np.random.Generator) -> None:
    height, width = cover.shape
    thick = max(3, round(0.016 * height))
    for x in (round(0.045 * width), round(0.955 * width)):
        shine = 120 + 70 * np.sin(np.linspace(0.2, np.pi - 0.5, 2 * thick))
        colour[:, x - thick : x + thick] = np.stack([shine * 0.95, shine, shine], axis=-1)[None]
        cover[:, x - thick : x + thick] = 255


def _awning(colour: Picture, cover: Picture, random: np.random.Generator) -> None:
    """Striped cloth with a scalloped edge, in its own shadow towards the top."""
    height, width = cover.shape
    first, second = _AWNINGS[int(random.integers(len(_AWNINGS)))]
    deep, stripe = round(0.105 * height), round(0.12 * height)
    columns = np.arange(width)
    hem = deep + np.abs(np.sin((columns % stripe) / stripe * np.pi)) * 0.028 * height
    rows = np.arange(round(0.14 * height))[:, None]
    inside = rows < hem[None]
    bands = ((columns + 0.15 * stripe * rows / deep) // stripe % 2).astype(int)
    cloth = np.where(bands[..., None] == 0, np.array(first), np.array(second)).astype(np.float32)
    cloth *= (0.55 + 0.4 * rows / len(rows) + 0.06 * np.sin(columns / stripe * 2 * np.pi)[None])[..., None]
    top = colour[: len(rows)]
    top[inside] = np.clip(cloth, 0, 255).astype(np.uint8)[inside]
    cover[: len(rows)][inside] = 255


def _counter(colour: Picture, cover: Picture, random: np.random.Generator) -> None:
    """A table of worn boards in perspective."""
    height, width = cover.shape
    far, near = round(OPEN[1] * height), round(EDGE * height)
    planks = grained(filled(300, 900, (95, 128, 158)), random, 11, (60, 1.2))
    for row in range(0, 300, 60):
        planks[row : row + 3] = (40, 55, 70)
    quad = np.array([(-0.01 * width, far), (1.01 * width, far), (1.09 * width, near), (-0.09 * width, near)])
    table = in_perspective(planks, quad, (height, width), 1)
    lay(colour, table, 0, 0)
    cover[far : near + 1] = np.maximum(cover[far : near + 1], 255 - table.through[far : near + 1, :, 0])
    cover[near:] = 255


def _front(colour: Picture, name: str, random: np.random.Generator) -> None:
    """The cloth that hangs from the counter, in folds, with the stall's name on a plate."""
    height, width = colour.shape[:2]
    near = round(EDGE * height)
    folds = np.cumsum(random.normal(0, 1, width))
    folds = np.sin(np.linspace(0, 46, width) + 0.05 * folds) * 0.13
    down = np.linspace(0.95, 0.55, height - near)[:, None]
    tint = np.array(_AWNINGS[int(random.integers(len(_AWNINGS)))][0], np.float32) * 0.75 + 25
    cloth = tint * (down * (1 + folds[None] * (0.5 + np.linspace(0, 1, height - near)[:, None])))[..., None]
    colour[near:] = grained(np.clip(cloth, 0, 255).astype(np.uint8), random, 4, (2, 2))
    colour[near : near + max(2, round(0.012 * height))] = (70, 98, 122)
    plate = filled(round(0.085 * height), round(0.62 * height), (225, 238, 240))
    text(plate, name, (plate.shape[1] / 2, plate.shape[0] / 2), round(0.036 * height), (40, 40, 170), 1)
    cv2.rectangle(plate, (0, 0), (plate.shape[1] - 1, plate.shape[0] - 1), (60, 60, 130), 2)
    y, x = near + round(0.075 * height), (width - plate.shape[1]) // 2
    colour[y : y + len(plate), x : x + plate.shape[1]] = plate


def _crates(stall: Piece, random: np.random.Generator) -> None:
    """Four baskets of fruit left and right of the boards, a heap of greens on either end."""
    height, width = stall.colour.shape[:2]
    kinds = random.permutation(len(_FRUITS))
    for number, x in enumerate((0.125, 0.245, 0.755, 0.875)):
        depth = 0.775 if number in (1, 2) else 0.735
        _basket(stall, random, round(x * width), round(depth * height), round(0.068 * width), _FRUITS[kinds[number]])
    for x in (0.05, 0.95):
        _greens(stall, random, round(x * width), round(0.72 * height), round(0.05 * width))


def _basket(stall: Piece, random: np.random.Generator, x: int, y: int, radius: int, fruit: Colour) -> None:
    flat = round(radius * 0.42)
    for part, shade in ((stall.colour, (50, 70, 82)), (stall.through, (0, 0, 0))):
        cv2.ellipse(part, (x, y + flat // 3), (radius, flat), 0, 0, 360, shade, -1, cv2.LINE_AA)
        cv2.ellipse(part, (x, y), (radius, flat), 0, 0, 360, (95, 150, 175) if any(shade) else shade, -1, cv2.LINE_AA)
    size = max(3, round(radius * 0.2))
    places = []
    for _ in range(64):
        angle, out = random.uniform(0, 2 * np.pi), np.sqrt(random.uniform(0, 1)) * 0.86
        rise = (1 - out**2) * radius * 0.5
        places.append((y + np.sin(angle) * out * flat, x + np.cos(angle) * out * radius, rise))
    for down, across, rise in sorted(places):
        tone = np.clip(np.array(fruit) * random.uniform(0.78, 1.1) + random.normal(0, 8, 3), 0, 255)
        ball = shaded_ball(round(size * random.uniform(0.85, 1.12)), (int(tone[0]), int(tone[1]), int(tone[2])))
        lay(stall.colour, ball, round(across - size), round(down - rise - size))
        lay(
            stall.through,
            Piece(np.zeros_like(ball.colour), ball.through),
            round(across - size),
            round(down - rise - size),
        )


def _greens(stall: Piece, random: np.random.Generator, x: int, y: int, radius: int) -> None:
    """Bunches of leaves: many short strokes, the lower ones darker."""
    for step in range(220):
        rise = step / 220
        centre = (x + random.normal(0, radius * 0.45 * (1.1 - rise)), y - rise * radius * 1.1)
        angle, length = random.uniform(-0.9, 0.9) - np.pi / 2, radius * random.uniform(0.18, 0.42)
        tip = (centre[0] + np.cos(angle) * length, centre[1] + np.sin(angle) * length)
        tone = (0.55 + 0.55 * rise) * random.uniform(0.8, 1.2)
        colour = (round(45 * tone), round(125 * tone), round(70 * tone))
        ends = tuple(map(round, centre)), tuple(map(round, tip))
        thick = max(1, round(radius * 0.09))
        cv2.line(stall.colour, ends[0], ends[1], colour, thick, cv2.LINE_AA)
        cv2.line(stall.through, ends[0], ends[1], (0, 0, 0), thick, cv2.LINE_AA)


def _lamp(stall: Piece) -> None:
    """A bulb on its wire under the awning."""
    height, width = stall.colour.shape[:2]
    x, y, size = round(0.68 * width), round(0.215 * height), max(3, round(0.016 * height))
    for part, wire, glass in ((stall.colour, (25, 25, 25), (205, 225, 232)), (stall.through, (0, 0, 0), (0, 0, 0))):
        cv2.line(part, (x, 0), (x, y - size), wire, max(1, size // 5), cv2.LINE_AA)
        cv2.circle(part, (x, y - size), size // 2, wire, -1, cv2.LINE_AA)
        cv2.circle(part, (x, y), size, glass, -1, cv2.LINE_AA)


LAMP: Final = (0.68, 0.215)
"""Where the bulb hangs, in shares of the picture's width and height."""
