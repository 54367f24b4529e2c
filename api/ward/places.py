"""What a text means that people type to find a place: in Vietnamese with or without diacritics, or an old name. Pure.

The page folds the same way (`fold` in its JavaScript), so that what it marks is what was found here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from storage.places import NamedRow
from storage.search import Spot

_WORD = re.compile(r"[^\W_]+")
_STREET = re.compile(r"(?<!khu )\b(?:phố|đường|street)\b|\bđ\.")
_STREETS = frozenset({"pho", "duong", "street"})
"""One street is Phố Yersin to some and Đường Yersin, or đ. Yersin, to others."""


@dataclass(frozen=True, slots=True)
class Found:
    """Wards and sites whose own names say it, and the cameras, zones and devices at which it can have happened."""

    wards: Sequence[str]
    sites: Sequence[str]
    spots: Sequence[Spot]


def fold(text: str) -> str:
    """Lower case, without diacritics, and đ as d: how people type who are in a hurry."""
    apart = unicodedata.normalize("NFD", text)
    bare = "".join(sign for sign in apart if not unicodedata.category(sign).startswith("M"))
    return bare.replace("đ", "d").replace("Đ", "d").lower()


@lru_cache(maxsize=20_000)  # names are asked for again and again
def words(text: str) -> frozenset[str]:
    """The folded words of a text."""
    return frozenset(_WORD.findall(fold(text)))


@lru_cache(maxsize=20_000)
def site_words(name: str) -> frozenset[str]:
    """The words by which a site is found: a street by any word for one."""
    said = unicodedata.normalize("NFC", name).lower()  # without its diacritics Hải Dương would be a street too
    return words(name) | _STREETS if _STREET.search(said) else words(name)


def find(text: str, names: Iterable[NamedRow]) -> Found:
    """The places of which every word of `text` begins a word of their names, or of what they lie in.

    A text without any word is found nowhere.
    """
    asked = words(text)
    if not asked:
        return Found((), (), ())
    wards: dict[str, None] = {}
    sites: dict[str, None] = {}
    spots: list[Spot] = []
    for row in names:
        ward = words(row.ward_names)
        site = ward | site_words(row.site_name)
        if _said(asked, ward):
            wards[row.ward_id] = None
        if _said(asked, site):
            sites[row.site_id] = None
        if row.device_id is not None and _said(asked, site | words(row.device_name or "")):
            spots.append(Spot(device=row.device_id))
        if row.camera_id is None:
            continue
        camera = site | words(row.camera_name or "")
        if _said(asked, camera):
            spots.append(Spot(row.camera_id))
        else:
            spots += [
                Spot(row.camera_id, zone) for zone, name in row.zones.items() if _said(asked, camera | words(name))
            ]
    return Found(tuple(wards), tuple(sites), tuple(spots))


def _said(asked: Iterable[str], names: Iterable[str]) -> bool:
    return all(any(name.startswith(word) for name in names) for word in asked)
