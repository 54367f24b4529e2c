"""Hands, telephones, people and bags that come before a board. Drawn once each as pieces, then only moved."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from demo.scene.board import sheet
from demo.scene.paint import Colour, Picture, Piece, Plane, filled, grained, piece, softened

_SKINS: Final[tuple[Colour, ...]] = ((105, 140, 190), (90, 125, 172), (125, 160, 208))
_CLOTHES: Final[tuple[Colour, ...]] = (
    (60, 45, 40), (120, 88, 62), (72, 70, 128), (172, 170, 165), (92, 104, 84), (40, 40, 42),
)  # fmt: skip


def hand(length: int, seed: int) -> tuple[Piece, tuple[int, int]]:
    """A forearm that reaches up, `length` pixels of it with the hand, and where its palm is in the piece."""
    random = np.random.default_rng(seed)
    skin, sleeve = _SKINS[int(random.integers(len(_SKINS)))], _CLOTHES[int(random.integers(len(_CLOTHES)))]
    height, width = length + length // 6, round(length * 0.62)
    cover = np.zeros((height, width), np.uint8)
    colour = filled(height, width, skin)
    palm = (width // 2, round(length * 0.30))
    broad = round(length * 0.115)
    for finger, (lean, reach) in enumerate(((-0.42, 0.80), (-0.16, 0.98), (0.08, 1.0), (0.30, 0.86))):
        root = (palm[0] + round((finger - 1.5) * broad * 0.52), palm[1] - broad // 2)
        tip = (round(root[0] + lean * broad * 1.1), round(root[1] - reach * broad * 1.75))
        cv2.line(cover, root, tip, 255, max(3, round(broad * 0.46)), cv2.LINE_AA)
        cv2.line(colour, root, tip, _darker(skin, 0.93 + 0.03 * finger), max(2, round(broad * 0.34)), cv2.LINE_AA)
    thumb = (palm[0] - round(broad * 1.5), palm[1] - round(broad * 0.2))
    cv2.line(cover, (palm[0] - broad // 2, palm[1] + broad // 2), thumb, 255, max(3, round(broad * 0.5)), cv2.LINE_AA)
    cv2.ellipse(cover, palm, (broad, round(broad * 1.15)), 0, 0, 360, 255, -1, cv2.LINE_AA)
    wrist, elbow = palm[1] + round(broad * 0.7), height
    arm = [(palm[0] - broad * 0.62, wrist), (palm[0] + broad * 0.62, wrist), (palm[0] + broad * 1.35, elbow),
           (palm[0] - broad * 0.95, elbow)]  # fmt: skip
    cv2.fillConvexPoly(cover, np.array(arm, np.int32), 255, cv2.LINE_AA)
    cuff = round(length * random.uniform(0.5, 0.85))
    colour[cuff:] = sleeve
    cv2.dilate(cover[cuff:], np.ones((1, max(3, broad // 2)), np.uint8), dst=cover[cuff:])
    _round(colour, cover, random)
    return softened(piece(colour, cover), max(0.6, length / 260)), palm


def phone(height: int, content: str | None, seed: int) -> tuple[Piece, tuple[int, int]]:
    """A telephone held up, its screen towards the camera: with a code on it, or a list. And the screen's middle."""
    random = np.random.default_rng(seed)
    width = round(height * 0.49)
    arm, palm = hand(round(height * 1.9), seed)
    left, top = palm[0] - width // 2, palm[1] - round(height * 0.72)
    up = max(0, -top)
    colour = cv2.copyMakeBorder(arm.colour, up, 0, width, width, cv2.BORDER_CONSTANT, value=(0, 0, 0))
    through = cv2.copyMakeBorder(arm.through, up, 0, width, width, cv2.BORDER_CONSTANT, value=(255, 255, 255))
    held = Piece(np.asarray(colour, np.uint8), np.asarray(through, np.uint8))
    x, y = left + width, top + up
    body = held.colour[y : y + height, x : x + width]
    body[:] = (28, 26, 26)
    held.through[y : y + height, x : x + width] = 0
    rim = max(2, round(width * 0.045))
    screen = body[2 * rim : -2 * rim, rim:-rim]
    screen[:] = (250, 248, 246)
    screen[: len(screen) // 8] = (170, 95, 30)
    if content is None:
        for row in range(len(screen) // 5, len(screen) - 4, max(4, len(screen) // 12)):
            screen[row : row + 2, screen.shape[1] // 8 : int(screen.shape[1] * random.uniform(0.4, 0.9))] = 120
    else:
        side = screen.shape[1]
        code = cv2.resize(sheet(content)[0], (side, side), interpolation=cv2.INTER_AREA)
        middle = len(screen) // 2 - side // 2
        screen[middle : middle + side] = code
    return softened(held, 0.6), (x + width // 2, y + height // 2)


def person(height: int, seed: int) -> Piece:
    """Head and shoulders of somebody who walks past near the camera, out of focus; some wear a conical hat."""
    random = np.random.default_rng(seed)
    shirt = _CLOTHES[int(random.integers(len(_CLOTHES)))]
    width = round(height * 0.75)
    margin = round(height * 0.06)
    cover = np.zeros((height + margin, width + 2 * margin), np.uint8)
    colour = filled(*cover.shape, shirt)
    x = cover.shape[1] // 2
    head = round(height * 0.13)
    neck = margin + 2 * head
    shoulders = (round(width * 0.48), round(height * 0.26))
    cv2.ellipse(cover, (x, neck + shoulders[1]), shoulders, 0, 180, 360, 255, -1, cv2.LINE_AA)
    cv2.rectangle(cover, (x - shoulders[0], neck + shoulders[1]), (x + shoulders[0], cover.shape[0]), 255, -1)
    colour = _folded(colour, random)
    hair = (30, 28, 26)
    if random.random() < 0.4:
        straw = np.array(
            [(x, margin), (x - 2 * head, margin + round(1.5 * head)), (x + 2 * head, margin + round(1.5 * head))]
        )
        cv2.circle(cover, (x, neck - head // 2), head, 255, -1, cv2.LINE_AA)
        cv2.circle(colour, (x, neck - head // 2), head + 2, hair, -1, cv2.LINE_AA)
        cv2.fillConvexPoly(cover, straw.astype(np.int32), 255, cv2.LINE_AA)
        cv2.fillConvexPoly(colour, straw.astype(np.int32), (150, 200, 220), cv2.LINE_AA)
        for share in np.linspace(0.2, 0.9, 5):
            ends = [(round(x + side * 2 * head * share), margin + round(1.5 * head * share)) for side in (-1, 1)]
            cv2.line(colour, ends[0], ends[1], (125, 175, 195), 1, cv2.LINE_AA)
    else:
        cv2.ellipse(cover, (x, margin + head), (head, round(head * 1.2)), 0, 0, 360, 255, -1, cv2.LINE_AA)
        cv2.ellipse(colour, (x, margin + head), (head + 2, round(head * 1.2) + 2), 0, 0, 360, hair, -1, cv2.LINE_AA)
    _round(colour, cover, random)
    return softened(piece(colour, cover), max(1.0, height / 170))


def bag(width: int, seed: int) -> Piece:
    """A full plastic bag that somebody put down."""
    random = np.random.default_rng(seed)
    height = round(width * 1.15)
    tone: Colour = ((70, 30, 25), (45, 40, 38), (60, 60, 150))[int(random.integers(3))]
    cover = np.zeros((height, width), np.uint8)
    colour = grained(filled(height, width, tone), random, 16, (width / 18, width / 9))
    cv2.ellipse(
        cover, (width // 2, round(height * 0.62)), (round(width * 0.46), round(height * 0.36)), 0, 0, 360, 255, -1
    )
    top = [(0.3, 0.35), (0.24, 0.03), (0.42, 0.22), (0.58, 0.22), (0.76, 0.03), (0.7, 0.35)]
    cv2.fillPoly(cover, [np.array([(round(x * width), round(y * height)) for x, y in top], np.int32)], 255)
    _round(colour, cover, random)
    return softened(piece(colour, cover), 0.8)


def _darker(colour: Colour, by: float) -> Colour:
    return (round(colour[0] * by), round(colour[1] * by), round(colour[2] * by))


def _folded(colour: Picture, random: np.random.Generator) -> Picture:
    return grained(colour, random, 9, (colour.shape[1] / 30, colour.shape[0] / 6))


def _round(colour: Picture, cover: Plane, random: np.random.Generator) -> None:
    """Darker towards the edges, as round things are, and a little uneven."""
    reach = max(2.0, min(cover.shape) / 14)
    inner = cv2.GaussianBlur(cover, (0, 0), reach).astype(np.float32) / 255
    shade = np.clip(0.42 + 0.62 * inner, 0, 1.04)
    colour[:] = grained(np.clip(colour * shade[..., None], 0, 255).astype(np.uint8), random, 3, (2, 2))
