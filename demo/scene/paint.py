"""What all drawing shares: pictures, pieces that are laid over them, text, perspective. Knows nothing of stalls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""Blue, green and red, (h, w, 3)."""

Plane = NDArray[np.uint8]
"""One value a pixel, (h, w)."""

Quad = NDArray[np.float64]
"""Four corners, (4, 2) pixels, clockwise from the top left."""

Colour = tuple[int, int, int]

_FONT: Final = cv2.FontFace("sans")
_WEIGHT: Final = 400
"""The built-in font has all Vietnamese letters in this weight only; bolder is made of it."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Something to be laid over a picture: its colours, already weakened where one sees through it, and how much one
    does, 0 to 255. Both are (h, w, 3).
    """

    colour: Picture
    through: Picture


def piece(colour: Picture, cover: Plane) -> Piece:
    """A piece of plain colours and how much of what is below each pixel covers."""
    three = np.asarray(cv2.merge([cover] * 3), np.uint8)
    weakened = cv2.multiply(colour, three, scale=1 / 255)
    return Piece(np.asarray(weakened, np.uint8), np.asarray(255 - three, np.uint8))


def lay(picture: Picture, over: Piece, x: int, y: int) -> None:
    """Lay a piece over a picture, its top left corner at (x, y); what hangs over the edge is cut off."""
    height, width = over.colour.shape[:2]
    left, top = max(x, 0), max(y, 0)
    right, bottom = min(x + width, picture.shape[1]), min(y + height, picture.shape[0])
    if right <= left or bottom <= top:
        return
    part = np.s_[top - y : bottom - y, left - x : right - x]
    below = picture[top:bottom, left:right]
    shown = cv2.multiply(below, over.through[part], scale=1 / 255)
    picture[top:bottom, left:right] = cv2.add(shown, over.colour[part])


def softened(over: Piece, sigma: float) -> Piece:
    """The piece out of focus. It must have an empty margin of about three sigma."""
    if sigma <= 0:
        return over
    colour, through = (cv2.GaussianBlur(part, (0, 0), sigma) for part in (over.colour, over.through))
    return Piece(np.asarray(colour, np.uint8), np.asarray(through, np.uint8))


def filled(height: int, width: int, colour: Colour) -> Picture:
    return np.full((height, width, 3), colour, np.uint8)


def text(picture: Picture, words: str, centre: tuple[float, float], size: int, colour: Colour, bold: int = 0) -> None:
    """Write words around a point; `bold` is by how many pixels strokes are thickened."""
    (left, top, width, height) = cv2.getTextSize((0, 0), words, (0, 0), _FONT, size, _WEIGHT)
    ink = np.zeros((*picture.shape[:2], 3), np.uint8)
    start = (round(centre[0] - width / 2 - left), round(centre[1] - height / 2 - top))
    cv2.putText(ink, words, start, (255, 255, 255), _FONT, size, _WEIGHT)
    cover = ink[..., 0]
    if bold:
        cover = np.asarray(cv2.dilate(cover, np.ones((bold + 1, bold + 1), np.uint8)), np.uint8)
    lay(picture, piece(filled(picture.shape[0], picture.shape[1], colour), cover), 0, 0)


def in_perspective(flat: Picture, quad: Quad, shape: tuple[int, int], finer: int = 4) -> Piece:
    """A flat picture stretched into a quad of a picture of `shape`, smooth: it is drawn finer and then averaged."""
    height, width = flat.shape[:2]
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, (quad * finer).astype(np.float32))
    large = (shape[1] * finer, shape[0] * finer)
    colour = cv2.warpPerspective(flat, matrix, large, flags=cv2.INTER_LINEAR)
    cover = cv2.warpPerspective(np.full((height, width), 255, np.uint8), matrix, large, flags=cv2.INTER_LINEAR)
    small_colour = cv2.resize(colour, shape[::-1], interpolation=cv2.INTER_AREA)
    small_cover = cv2.resize(cover, shape[::-1], interpolation=cv2.INTER_AREA)
    three = np.asarray(cv2.merge([small_cover] * 3), np.uint8)
    return Piece(np.asarray(small_colour, np.uint8), np.asarray(255 - three, np.uint8))


def mapped(points: NDArray[np.float64], flat: tuple[int, int], quad: Quad) -> NDArray[np.float64]:
    """Where points of a flat picture of (height, width) lie when it is stretched into a quad."""
    corners = np.array([(0, 0), (flat[1], 0), (flat[1], flat[0]), (0, flat[0])], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, quad.astype(np.float32))
    moved = cv2.perspectiveTransform(points.reshape(1, -1, 2).astype(np.float64), matrix)
    return np.asarray(moved, np.float64).reshape(-1, 2)


def shaded_ball(radius: int, colour: Colour) -> Piece:
    """A fruit: lit from the upper left."""
    side = 2 * radius + 1
    rows, columns = np.indices((side, side), np.float32) - radius
    lit = 1.15 - 0.75 * np.hypot(columns + radius * 0.35, rows + radius * 0.4) / (1.5 * radius)
    ball = np.clip(np.array(colour, np.float32) * lit[..., None], 0, 255).astype(np.uint8)
    edge = np.clip((radius - np.hypot(columns, rows)) * 255, 0, 255).astype(np.uint8)
    return piece(ball, edge)


def grained(
    picture: Picture, random: np.random.Generator, strength: float, stretch: tuple[float, float] = (1, 1)
) -> Picture:
    """With an uneven surface: cloudy, in stripes where `stretch` differs across and down."""
    grain = random.normal(0, 1, picture.shape[:2]).astype(np.float32)
    grain = np.asarray(cv2.GaussianBlur(grain, (0, 0), sigmaX=stretch[0], sigmaY=stretch[1]), np.float32)
    grain *= strength / max(float(grain.std()), 1e-6)
    return np.asarray(np.clip(picture.astype(np.float32) + grain[..., None], 0, 255), np.uint8)
