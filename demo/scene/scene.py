"""A stall before a camera, picture by picture, and its truth. The same settings give the same pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import cv2
import numpy as np

from demo.scene import passers, script
from demo.scene.board import (
    CUSTOMER,
    HANH,
    LAN,
    PAGE,
    THIEF,
    Printed,
    Shop,
    Stance,
    board,
    over,
    pixels_per_module,
    standing,
    sticker,
)
from demo.scene.lens import DAY, Lens, Light, glare
from demo.scene.paint import Picture, Piece, Quad, in_perspective, lay
from demo.scene.script import Act, Deed, Face
from demo.scene.stall import LAMP, OPEN, stall
from demo.scene.street import FPS, shown, street

Faces = tuple[Face, ...]


@dataclass(frozen=True, slots=True)
class View:
    """What a scene looks like. `blur` is the lens's, in pixels; `noise` the sensor's, in grey levels.

    `stances` are the boards', and `room` is how much wider and higher than a board its region is on each side, in
    boards; `street_at` is the film's frame with which the background begins, and `loop_s` how long that is.
    """

    width: int = 960
    height: int = 540
    fps: float = 10.0
    pixels_per_module: float = 4.0
    shops: tuple[Shop, ...] = (HANH,)
    stances: tuple[Stance, ...] = (Stance(12, -8, 1),)
    room: tuple[float, float] = (0.25, 0.12)
    blur: float = 0.7
    noise: float = 5.0
    glare: float = 70.0
    light: Light = DAY
    name: str = "SẠP 12 · RAU CỦ QUẢ SẠCH"
    street_at: int = 0
    loop_s: float = 16.0
    seed: int = 0


@dataclass
class Scene:
    """Draws a view in which deeds are done. Not for several threads."""

    view: View
    deeds: Sequence[Deed] = ()
    _stills: dict[tuple[Faces, bool], Piece] = field(default_factory=dict)
    _pieces: dict[Deed, tuple[Piece, tuple[int, int]]] = field(default_factory=dict)

    @cached_property
    def boards(self) -> tuple[Printed, ...]:
        return tuple(board(shop) for shop in self.view.shops)

    @cached_property
    def quads(self) -> tuple[Quad, ...]:
        """Where the boards are."""
        view = self.view
        middles = (0.5,) if len(self.boards) == 1 else (0.405, 0.595)
        quads = []
        for printed, stance, middle in zip(self.boards, view.stances, middles, strict=True):
            quad = standing(printed, stance, view.pixels_per_module, (0.0, 0.0))
            low = max(0.775 * view.height, 0.03 * view.height - float(quad[:, 1].min()))
            quads.append(quad + np.array([middle * view.width, low]))
        return tuple(quads)

    def measured(self, number: int = 0) -> float:
        """The truth: pixels per module of a board's code."""
        return pixels_per_module(self.boards[number], self.quads[number])

    def region(self, number: int = 0) -> list[list[float]]:
        """What a technician draws around a board, as shares of the picture; not into its neighbour's half."""
        low, high = self.quads[number].min(axis=0), self.quads[number].max(axis=0)
        grown = (high - low) * self.view.room
        for other in self.quads:
            gap = max(float(other[:, 0].min() - high[0]), float(low[0] - other[:, 0].max()))
            if gap > 0:
                grown[0] = min(grown[0], 0.48 * gap)
        size = (self.view.width, self.view.height)
        (x1, y1), (x2, y2) = (np.clip(edge / size, 0, 1).round(4).tolist() for edge in (low - grown, high + grown))
        return [[x1, y1], [x2, y1], [x2, y2], [x1, y2]]

    def pictures(self, seconds: float, begin: float = 0.0) -> Iterator[tuple[float, Picture]]:
        """Each picture with its moment."""
        for number in range(round(begin * self.view.fps), round((begin + seconds) * self.view.fps)):
            yield number / self.view.fps, self.picture(number / self.view.fps)

    def picture(self, at: float) -> Picture:
        """What the camera sees at a moment."""
        view = self.view
        faces = tuple(script.face(self.deeds, number, at) for number in range(len(self.boards)))
        still = self._still(faces, script.added(self.deeds, at))
        picture = still.colour.copy()
        deep = round(OPEN[1] * view.height) + 1
        behind = shown(self._street[int(at * FPS) % len(self._street)], deep, view.width)
        picture[:deep] = cv2.add(picture[:deep], cv2.multiply(behind, still.through[:deep], scale=1 / 255))
        for deed in self.deeds:
            if deed.going_on(at):
                self._pass(picture, deed, at)
        return self._lens.seen(picture, view.light.day(at), view.light.lamp(at), self._glare)

    @cached_property
    def _street(self) -> tuple[Picture, ...]:
        view = self.view
        return street(round(OPEN[1] * view.height) + 1, view.width, view.street_at, round(view.loop_s * FPS))

    @cached_property
    def _lens(self) -> Lens:
        return Lens(self.view.height, self.view.width, noise=self.view.noise, seed=self.view.seed)

    @cached_property
    def _glare(self) -> Picture:
        """Of the bulb itself, and of its reflection on the boards, which are of acrylic glass."""
        view = self.view
        random = np.random.default_rng(view.seed + 1)
        bulb = glare(view.height, view.width, (LAMP[0] * view.width, LAMP[1] * view.height), view.height / 18, 255)
        for quad in self.quads:
            size = np.ptp(quad, axis=0)
            spot = quad.mean(axis=0) + size * random.uniform(-0.45, 0.45, 2)
            shine = glare(view.height, view.width, (float(spot[0]), float(spot[1])), float(size[0]) * 0.16, view.glare)
            bulb = np.asarray(cv2.add(bulb, shine), np.uint8)
        return bulb

    def _still(self, faces: Faces, added: bool) -> Piece:
        """The stall with its boards as they are, softened by the lens."""
        key = (faces, added)
        if key not in self._stills:
            base = self._stall
            still = Piece(base.colour.copy(), base.through.copy())
            for number, shown_face in enumerate(faces):
                self._put_board(still, number, shown_face)
            if added:
                self._put_added(still)
            colour, through = (cv2.GaussianBlur(part, (0, 0), self.view.blur) for part in (still.colour, still.through))
            self._stills[key] = Piece(np.asarray(colour, np.uint8), np.asarray(through, np.uint8))
        return self._stills[key]

    @cached_property
    def _stall(self) -> Piece:
        return stall(self.view.height, self.view.width, self.view.name, self.view.seed)

    def _put_board(self, still: Piece, number: int, shown_face: Face) -> None:
        ours, quad = self.boards[number], self.quads[number]
        if shown_face is Face.NOTHING:
            return
        self._put_stand(still, quad)
        self._put(still, ours.picture, quad)
        if shown_face in (Face.THEIRS, Face.PAGE):
            random = np.random.default_rng(self.view.seed + 7)
            content = THIEF.code if shown_face is Face.THEIRS else PAGE
            theirs = sticker(content, self.view.shops[number].name)
            shift = (float(random.uniform(-0.03, 0.03)), float(random.uniform(0.0, 0.06)))
            place = over(ours, quad, theirs, float(random.uniform(0.98, 1.1)), shift, float(random.uniform(-5, 5)))
            self._put(still, theirs.picture, place)
        elif shown_face is Face.BAG:
            size = np.ptp(quad, axis=0)
            piece = passers.bag(round(float(size[0]) * 1.25), self.view.seed)
            x = round(float(quad[:, 0].mean()) - piece.colour.shape[1] / 2)
            y = round(float(quad[:, 1].max()) - piece.colour.shape[0] + 0.06 * size[1])
            lay(still.colour, piece, x, y)
            lay(still.through, Piece(np.zeros_like(piece.colour), piece.through), x, y)

    def _put_added(self, still: Piece) -> None:
        """A thief's own board, smaller, beside the first."""
        theirs = board(THIEF)
        quad = self.quads[0]
        size = np.ptp(quad, axis=0)
        foot = (float(quad[:, 0].max() + 0.42 * size[0]), float(quad[:, 1].max()))
        self._put(still, theirs.picture, standing(theirs, Stance(-14, -6, -2), 0.8 * self.view.pixels_per_module, foot))

    def _put_stand(self, still: Piece, quad: Quad) -> None:
        """The foot of a board and its shadow on the counter."""
        left, right = quad[3], quad[2]
        middle, half = (left + right) / 2, float(np.linalg.norm(right - left)) / 2
        shade = np.zeros(still.colour.shape[:2], np.uint8)
        centre = (round(float(middle[0]) + 0.08 * half), round(float(middle[1]) + 0.04 * half))
        cv2.ellipse(shade, centre, (round(half * 1.15), max(2, round(half * 0.2))), 0, 0, 360, 150, -1, cv2.LINE_AA)
        soft = cv2.GaussianBlur(shade, (0, 0), max(1.0, half * 0.08))
        dark = np.asarray(cv2.merge([soft] * 3), np.uint8)
        lay(still.colour, Piece(np.zeros_like(dark), np.asarray(255 - dark, np.uint8)), 0, 0)
        corners = (middle - half * np.array([0.7, 0.06]), middle + half * np.array([0.7, 0.09]))
        (x1, y1), (x2, y2) = (corner.round().astype(int).tolist() for corner in corners)
        cv2.rectangle(still.colour, (x1, y1), (x2, y2), (38, 58, 80), -1, cv2.LINE_AA)

    @staticmethod
    def _put(still: Piece, flat: Picture, quad: Quad) -> None:
        """Lay a flat picture into a quad; drawn in the quad's own corner of the picture only."""
        low = np.floor(quad.min(axis=0)).astype(int) - 2
        high = np.ceil(quad.max(axis=0)).astype(int) + 2
        piece = in_perspective(flat, quad - low, (int(high[1] - low[1]), int(high[0] - low[0])))
        lay(still.colour, piece, int(low[0]), int(low[1]))
        lay(still.through, Piece(np.zeros_like(piece.colour), piece.through), int(low[0]), int(low[1]))

    def _pass(self, picture: Picture, deed: Deed, at: float) -> None:
        if deed not in self._pieces:
            self._pieces[deed] = self._drawn(deed)
        piece, grip = self._pieces[deed]
        x, y = self._path(deed, at)
        lay(picture, piece, round(x - grip[0]), round(y - grip[1]))

    def _drawn(self, deed: Deed) -> tuple[Piece, tuple[int, int]]:
        """What moves, and the point of it that follows the path."""
        size = np.ptp(self.quads[deed.board], axis=0)
        random = np.random.default_rng(deed.seed)
        if deed.act is Act.PERSON:
            piece = passers.person(round(self.view.height * random.uniform(0.75, 1.1)), deed.seed)
            return piece, (piece.colour.shape[1] // 2, 0)
        if deed.act is Act.PHONE:
            content = (CUSTOMER.code, PAGE, LAN.code, None)[int(random.integers(4))]
            piece, grip = passers.phone(round(float(size[0]) * random.uniform(0.9, 1.5)), content, deed.seed)
        else:
            piece, grip = passers.hand(round(max(float(size[0]) * 2.2, 0.55 * self.view.height)), deed.seed)
        shift = random.uniform(0.85, 1.15)
        return piece, (grip[0], round(grip[1] * shift))

    def _path(self, deed: Deed, at: float) -> tuple[float, float]:
        """Where it is: people walk across, hands and telephones come from below and stay for a while."""
        quad = self.quads[deed.board]
        centre, size = quad.mean(axis=0), np.ptp(quad, axis=0)
        random = np.random.default_rng(deed.seed + 3)
        part = deed.part(at)
        if deed.act is Act.PERSON:
            side = 1 if random.random() < 0.5 else -1
            across = 0.5 + side * (part - 0.5) * 1.7
            bob = 0.008 * np.sin(at * 11)
            return across * self.view.width, (random.uniform(0.12, 0.62) + bob) * self.view.height
        reach = min(1.0, min(part, 1 - part) / 0.18)
        reach = reach * reach * (3 - 2 * reach)
        if deed.act in script.PASSING:
            target = centre + size * (random.uniform(-0.9, 0.9), random.uniform(-0.25, 0.45))
        else:
            target = centre + size * (random.uniform(-0.08, 0.08), random.uniform(-0.06, 0.06))
        tremble = np.array([np.sin(at * 7.1 + deed.seed), np.sin(at * 5.3)]) * size[0] * 0.02
        if deed.act is not Act.HAND:  # nobody holds a telephone still, and a sticker is rubbed on
            tremble = tremble * (2 if deed.act is Act.PHONE else 4)
        below = np.array([target[0] + random.uniform(-0.5, 0.5) * size[0], self.view.height * 1.45])
        x, y = below + (target - below) * reach + tremble * reach
        return float(x), float(y)
