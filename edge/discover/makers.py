"""What makers.yaml knows of the makers of cameras: how each is recognised, its streams, its first passwords."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import Final

import yaml
from pydantic import Field

from contracts.ids import Slug
from contracts.settings import Settings

GENERIC: Final = "generic"
MOST_DEFAULTS: Final = 3
"""Cameras lock an account after a few wrong passwords: never more tries than this."""


class Maker(Settings):
    """One maker. `main` and `sub` are the paths of its streams."""

    id: Slug
    name: str
    known: tuple[str, ...]
    main: str = Field(pattern=r"^/")
    sub: str = Field(pattern=r"^/")
    defaults: tuple[tuple[str, str], ...] = Field(max_length=MOST_DEFAULTS)


class _File(Settings):
    makers: tuple[Maker, ...] = Field(min_length=1)


@cache
def makers() -> tuple[Maker, ...]:
    """All of them, in the order in which their streams are tried."""
    text = files("edge.discover").joinpath("makers.yaml").read_text(encoding="utf-8")
    return _File.model_validate(yaml.safe_load(text)).makers


def maker_of(*said: str) -> Maker | None:
    """Whose camera it is, by what it says of itself; None when it says nothing that is known."""
    for text in filter(None, (text.lower() for text in said)):
        for maker in makers():
            if any(word in text for word in maker.known):
                return maker
    return None


def paths(known: Maker | None, channel: int = 1) -> Iterator[tuple[str, str]]:
    """Main and sub-stream's paths to try, each pair once: those of the maker if it is known, else everybody's."""
    tried: set[str] = set()
    for maker in _in_order(known):
        if maker.main not in tried:
            tried.add(maker.main)
            yield maker.main.format(channel=channel), maker.sub.format(channel=channel)


def first_passwords(known: Maker | None) -> tuple[tuple[str, str], ...]:
    """What cameras of this maker are sold with: pairs of user and password."""
    maker = known or next(maker for maker in makers() if maker.id == GENERIC)
    return maker.defaults[:MOST_DEFAULTS]


def _in_order(known: Maker | None) -> Iterable[Maker]:
    return makers() if known is None else (known, *(maker for maker in makers() if maker is not known))
