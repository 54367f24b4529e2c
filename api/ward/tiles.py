"""The server of the map's background, if a ward has one: its settings, and what the page's policy must let through."""

from __future__ import annotations

import re
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from contracts.settings import Settings

_ADDRESS: Final = re.compile(r"(https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?)?/[A-Za-z0-9._~/{}?=&%-]*")
_PLACES: Final = ("{z}", "{x}", "{y}")


def _template(value: str) -> str:
    if not _ADDRESS.fullmatch(value) or value.startswith("//"):
        raise ValueError(
            "must be an address such as https://tiles.example.vn/{z}/{x}/{y}.png, or its path on this server"
        )
    if any(value.count(place) != 1 for place in _PLACES) or set(re.findall(r"\{.*?\}", value)) != set(_PLACES):
        raise ValueError("must hold {z}, {x} and {y} once each, and no other mark in braces")
    return value


class MapTiles(Settings):
    """Pictures of the map by zoom, column and row. Pages load them from there, and so tell it where they look."""

    url: Annotated[str, AfterValidator(_template)] = Field(max_length=300)
    attribution: str = Field(max_length=200, description="who made the map, as its licence asks")
    max_zoom: int = Field(default=19, ge=1, le=24)

    @property
    def origin(self) -> str | None:
        """Scheme, host and port; None where this very server gives the pictures."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}" if parts.netloc else None
