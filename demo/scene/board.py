"""A payment board as it comes from the printer, and where it stands in a picture. Flat first, then in perspective."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import cv2
import numpy as np
import segno

from contracts import payment_code
from demo.scene.paint import Colour, Picture, Quad, filled, mapped, text

MODULE: Final = 12
"""Printed pixels a module: far finer than any camera sees them."""

QUIET: Final = 4
"""Modules of white around a code, as the standard asks for."""


@dataclass(frozen=True, slots=True)
class Shop:
    """To whom a board pays, and what is written on it."""

    name: str
    bank: str
    bin: str
    account: str
    colour: Colour = (150, 70, 20)

    @property
    def code(self) -> str:
        return payment_code.vietqr(self.bin, self.account, name=_plain(self.name), city="HAI PHONG")


HANH: Final = Shop("CÔ HẠNH RAU CỦ", "Ngân hàng Vietcombank", "970436", "0881000458086", (60, 130, 20))
HANH_SECOND: Final = Shop("CÔ HẠNH RAU CỦ", "Ngân hàng MB", "970422", "66810458086", (170, 60, 30))
LAN: Final = Shop("CHỊ LAN TRÁI CÂY", "Ngân hàng BIDV", "970418", "21510002233445", (120, 110, 10))
LAN_SECOND: Final = Shop("CHỊ LAN TRÁI CÂY", "Ngân hàng Agribank", "970405", "2300205112233", (40, 30, 150))
THIEF: Final = Shop("CÔ HẠNH RAU CỦ", "Ngân hàng ACB", "970416", "99887766551", (60, 130, 20))
CUSTOMER: Final = Shop("NGUYEN VAN KHACH", "Ngân hàng Techcombank", "970407", "19031234567018", (30, 30, 200))
PAGE: Final = "https://nhan-qua-tri-an.example/vi-dien-tu?m=7f3a91&khuyen-mai=thang-11&ma=AN-LUU-12"

_PLAIN: Final = str.maketrans(
    "ÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬĐÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦŨỤƯỪỨỬỮỰỲÝỶỸỴ",
    "AAAAAAAAAAAAAAAAADEEEEEEEEEEEIIIIIOOOOOOOOOOOOOOOOOUUUUUUUUUUUYYYYY",
)


def _plain(name: str) -> str:
    """Without accents: codes hold plain letters."""
    return name.upper().translate(_PLAIN)


@dataclass(frozen=True, slots=True)
class Printed:
    """A printed board or sticker: its picture, and the corners and modules of the code on it."""

    picture: Picture
    corners: Quad
    modules: int


@lru_cache(maxsize=64)
def sheet(content: str) -> tuple[Picture, int]:
    """A code with its quiet zone in black on white, and its modules on a side."""
    matrix = np.array(list(map(list, segno.make(content, error="m", micro=False).matrix)), np.uint8)
    bordered = np.pad(matrix, QUIET)
    plane = np.repeat(np.repeat(248 - 226 * bordered, MODULE, axis=0), MODULE, axis=1)
    return np.asarray(cv2.merge([plane] * 3), np.uint8), len(matrix)


@lru_cache(maxsize=64)
def board(shop: Shop) -> Printed:
    """What a bank hands its merchants: a coloured head, the code, the shop's name and the account's last digits."""
    code, modules = sheet(shop.code)
    side = len(code)
    width, head, foot = round(side * 1.16), round(side * 0.25), round(side * 0.36)
    picture = filled(head + side + foot, width, (250, 250, 250))
    picture[:head] = shop.colour
    cv2.rectangle(picture, (0, head), (width, head + side // 90), (40, 40, 215), -1)
    middle = width / 2
    text(picture, "QUÉT MÃ ĐỂ THANH TOÁN", (middle, head * 0.36), round(side * 0.071), (255, 255, 255), side // 220)
    text(picture, "VietQR · chuyển nhanh 24/7", (middle, head * 0.75), round(side * 0.052), (235, 245, 250))
    left = (width - side) // 2
    picture[head + side // 60 : head + side // 60 + side, left : left + side] = code
    below = head + side
    text(picture, shop.name, (middle, below + foot * 0.22), round(side * 0.085), (30, 30, 30), side // 180)
    text(picture, shop.bank, (middle, below + foot * 0.52), round(side * 0.062), shop.colour, side // 300)
    text(picture, f"STK: ••••{shop.account[-4:]}", (middle, below + foot * 0.78), round(side * 0.055), (70, 70, 70))
    cv2.rectangle(picture, (0, 0), (width - 1, len(picture) - 1), (120, 120, 120), max(2, side // 120))
    return Printed(picture, _corners(left, head + side // 60, modules), modules)


@lru_cache(maxsize=64)
def sticker(content: str, name: str) -> Printed:
    """What a thief prints at home: a code on white paper, under it the shop's own name."""
    code, modules = sheet(content)
    side = len(code)
    foot = round(side * 0.13)
    picture = filled(side + foot, side, (240, 244, 246))
    picture[:side] = np.clip(code.astype(np.int16) - (6, 2, 0), 0, 255).astype(np.uint8)
    text(picture, name, (side / 2, side + foot * 0.35), round(side * 0.08), (35, 35, 35), side // 200)
    return Printed(picture, _corners(0, 0, modules), modules)


def _corners(left: int, top: int, modules: int) -> Quad:
    """The code's own corners, quiet zone not counted."""
    x1, y1, size = left + QUIET * MODULE, top + QUIET * MODULE, modules * MODULE
    return np.array([(x1, y1), (x1 + size, y1), (x1 + size, y1 + size), (x1, y1 + size)], np.float64)


@dataclass(frozen=True, slots=True)
class Stance:
    """How something flat stands before the camera: turned by `yaw`, leaning by `pitch`, crooked by `roll`; degrees."""

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0


def standing(printed: Printed, stance: Stance, pixels_per_module: float, foot: tuple[float, float]) -> Quad:
    """The quad of a board on whose lower edge's middle is `foot`. The shortest side of its code is of that size."""
    height, width = printed.picture.shape[:2]
    quad = _turned(height, width, stance)
    corners = mapped(printed.corners, (height, width), quad)
    shortest = np.linalg.norm(corners - np.roll(corners, -1, axis=0), axis=1).min()
    quad = quad * (pixels_per_module * printed.modules / float(shortest))
    return np.asarray(quad + np.array(foot) - (quad[2] + quad[3]) / 2, np.float64)


def _turned(height: int, width: int, stance: Stance) -> Quad:
    """The outline of an upright sheet, turned and seen from five heights away."""
    yaw, pitch, roll = np.radians([stance.yaw, stance.pitch, stance.roll])
    x = np.array([-0.5, 0.5, 0.5, -0.5]) * width / height
    y = np.array([-0.5, -0.5, 0.5, 0.5])
    x, y = x * np.cos(roll) - y * np.sin(roll), x * np.sin(roll) + y * np.cos(roll)
    y, z = y * np.cos(pitch), y * np.sin(pitch)
    x, z = x * np.cos(yaw) + z * np.sin(yaw), z * np.cos(yaw) - x * np.sin(yaw)
    far = 5.0 / (5.0 + z)
    return np.stack([x * far, y * far], axis=1)


def pixels_per_module(printed: Printed, quad: Quad) -> float:
    """Of the shortest side of the code of a sheet that fills a quad."""
    height, width = printed.picture.shape[:2]
    corners = mapped(printed.corners, (height, width), quad)
    sides = np.linalg.norm(corners - np.roll(corners, -1, axis=0), axis=1)
    return float(sides.min()) / printed.modules


def over(ours: Printed, quad: Quad, theirs: Printed, size: float, shift: tuple[float, float], turn: float) -> Quad:
    """The quad of a sticker stuck over the code of a board in `quad`: `size` of that code's area with its quiet zone,
    `shift` in shares of the code's side, turned by degrees.
    """
    side = float(ours.corners[1, 0] - ours.corners[0, 0])
    height, width = theirs.picture.shape[:2]
    across = size * (side + 2 * QUIET * MODULE)
    x, y = np.array([-0.5, 0.5, 0.5, -0.5]) * across, np.array([-0.5, -0.5, 0.5, 0.5]) * across * height / width
    angle = np.radians(turn)
    centre = ours.corners.mean(axis=0) + np.array(shift) * side
    flat = np.stack([x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)], axis=1) + centre
    return mapped(flat, ours.picture.shape[:2], quad)
