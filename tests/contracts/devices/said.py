"""What the tests of the dialects share: a message at a known moment, and readings in short."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime

from contracts.devices.reading import Heard, Reading, Said

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def heard(topic: str, payload: object, *, retained: bool = False) -> Heard:
    """A message received at NOW; what is no bytes is sent as text or as JSON."""
    if isinstance(payload, str):
        payload = payload.encode()
    elif not isinstance(payload, bytes):
        payload = json.dumps(payload).encode()
    return Heard(topic, payload, NOW, retained)


def values(said: Iterable[Said]) -> dict[str, float]:
    """The readings by metric, rounded."""
    return {one.metric: round(one.value, 6) for one in said if isinstance(one, Reading)}
