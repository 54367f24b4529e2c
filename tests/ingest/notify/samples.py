"""Messages that are due, and settings of a notifier, for tests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from ingest.notify.parcels import Parcel
from ingest.notify.settings import NotifySettings
from storage.notifications import Due
from tests.support.samples import NOON

SECRET = "a secret that both sides know"


def due(number: int = 1, **changes: object) -> Due:
    """An intrusion of which the first step is to be told, with `changes`."""
    values: dict[str, Any] = {
        "id": UUID(int=number),
        "incident_id": UUID(int=100 + number),
        "ward_id": "an-luu",
        "step": 0,
        "urgency": 2,
        "forced": False,
        "attempts": 0,
        "bundle": None,
        "due_at": NOON + timedelta(seconds=number),
        "given_up_at": NOON + timedelta(hours=6),
        "kind": "intrusion",
        "severity": "high",
        "cause": None,
        "opened_at": NOON,
        "events": 1,
        "ward_name": "Phường An Lưu",
        "site_name": "Chợ An Lưu",
        "site_id": "cho-an-luu",
        "incident_state": "new",
        **changes,
    }
    return Due(**values)


def parcel(*items: Due) -> Parcel:
    return Parcel(UUID(int=77), "an-luu", items or (due(),))


def settings(channels: dict[str, dict[str, object]], **changes: object) -> NotifySettings:
    """Every channel is told of everything at once, on this machine."""
    raw = {
        "channels": channels,
        "wards": {"an-luu": {"steps": [{"channels": list(channels)}]}},
        "private_hosts": ["localhost"],
        "wall_url": "https://tuong.an-luu.example",
        **changes,
    }
    return NotifySettings.model_validate(raw)
