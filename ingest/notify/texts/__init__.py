"""What messages say, in Vietnamese and English: what, where, when, how severe, and a link. Pure.

No names of people and no pictures: messages leave the country, and looking needs a sign-in.
"""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo

from contracts import event
from contracts.event import EventKind
from ingest.notify.parcels import Parcel
from storage.notifications import Due

MOST_ITEMS: Final = 6
"""Incidents that a message about many names; the others are counted."""

MOST_CHARACTERS: Final = 1900
"""Zalo takes 2,000."""

FIRE_PLACES: Final = event.FIRE | {EventKind.BLOCKED_FIRE_LANE}


@cache
def words(language: str) -> dict[str, str]:
    """The texts of `language` by their keys."""
    loaded: dict[str, str] = json.loads(files(__name__).joinpath(f"{language}.json").read_text(encoding="utf-8"))
    return loaded


def text_of(parcel: Parcel, language: str, time_zone: str, wall_url: str | None) -> str:
    """The whole message."""
    said = words(language)
    zone = ZoneInfo(time_zone)
    if len({item.incident_id for item in parcel.items}) == 1:
        last = max(parcel.items, key=lambda item: (item.forced, item.step))
        text = _one(last, said, zone)
        link = link_to(wall_url, last)
    else:
        text = _many(parcel, said, zone)
        link = wall_url
    tail = said["link"].format(link=link) if link else ""
    return text[: MOST_CHARACTERS - len(tail)] + tail


def subject_of(text: str, language: str) -> str:
    """A line for the head of a letter."""
    first = next((line for line in text.splitlines() if line.startswith("[")), text.splitlines()[0])
    return words(language)["subject"].format(text=first)[:180]


def link_to(wall_url: str | None, item: Due) -> str | None:
    """Where the incident is on the wall."""
    return f"{wall_url.rstrip('/')}/#/incidents/{item.incident_id}" if wall_url else None


def _one(item: Due, said: dict[str, str], zone: ZoneInfo) -> str:
    text = said["forced"] if item.forced else said["late"] if item.step else ""
    text += said["one"].format(**_facts(item, said, zone))
    if item.events > 1:
        text += said["count"].format(n=item.events)
    if item.cause:
        text += said["cause"].format(cause=said.get(f"cause.{item.cause}", item.cause))
    if item.kind in FIRE_PLACES:
        text += said["fire" if item.kind in event.FIRE else "fire.lane"]
    return text


def _many(parcel: Parcel, said: dict[str, str], zone: ZoneInfo) -> str:
    items = {item.incident_id: item for item in parcel.items}
    listed = sorted(items.values(), key=lambda item: (-item.urgency, item.opened_at, item.id))
    text = said["many"].format(n=len(listed), ward=parcel.items[0].ward_name)
    for item in listed[:MOST_ITEMS]:
        text += said["many.item"].format(**_facts(item, said, zone))
    if len(listed) > MOST_ITEMS:
        text += said["many.rest"].format(n=len(listed) - MOST_ITEMS)
    if any(item.kind in event.FIRE for item in listed):
        text += said["fire"]
    elif any(item.kind in FIRE_PLACES for item in listed):
        text += said["fire.lane"]
    return text


def _facts(item: Due, said: dict[str, str], zone: ZoneInfo) -> dict[str, str]:
    place = f"{item.site_name}, {item.ward_name}" if item.site_name else item.ward_name
    return {
        "severity": said[f"severity.{item.severity}"],
        "kind": said.get(f"kind.{item.kind}", said["kind.other"]),
        "place": place,
        "time": _local(item.opened_at, zone),
    }


def _local(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%H:%M %d/%m")
