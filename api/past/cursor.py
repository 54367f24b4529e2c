"""Page cursors: the key of the last event on a page, as one opaque word that is safe in an address."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from uuid import UUID

from api.problems import ProblemError
from storage.wall import EventKey


def encode(key: EventKey) -> str:
    """The word for `key`."""
    return base64.urlsafe_b64encode(f"{key.opened_at.isoformat()} {key.id}".encode()).decode().rstrip("=")


def decode(cursor: str) -> EventKey:
    """The key behind a word. Raises ProblemError 422 for a word that `encode` did not make."""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
        at, _, id_ = text.partition(" ")
        opened_at = datetime.fromisoformat(at)
        if opened_at.tzinfo is None:
            raise ValueError("no time zone")
        return EventKey(opened_at.astimezone(UTC), UUID(id_))
    except (ValueError, OverflowError):
        raise ProblemError(422, "invalid", "The cursor is not one of ours") from None
