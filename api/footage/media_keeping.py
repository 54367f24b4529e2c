"""Removes pictures and clips that were kept for long enough, and enters what was removed in the audit.

What an unfinished incident shows is kept until somebody has finished it. Exported evidence is with who took it.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Final

from api.footage.media import MediaFolder
from api.repeated import Repeated
from contracts.ids import digest_of
from storage import audit, media
from storage.audit import Note
from storage.pool import Pool

log = logging.getLogger(__name__)

PERIOD_S: Final = 3600.0
AT_ONCE: Final = 500
"""Removed in one transaction, so that the audit is not held for long."""


class MediaKeeping(Repeated):
    """Looks once an hour. Several API processes may do so at once: no two take the same."""

    def __init__(self, pool: Pool, folder: MediaFolder, keep: timedelta, period_s: float = PERIOD_S) -> None:
        super().__init__("media", period_s, self.remove_all, "old pictures and clips were not removed")
        self._pool = pool
        self._folder = folder
        self._keep = keep

    def remove_all(self) -> None:
        """Remove all that was kept for long enough by now."""
        while self._remove_some() == AT_ONCE:
            pass

    def _remove_some(self) -> int:
        """The files go first: a row without its file is found again, a file without its row never would be."""
        before = datetime.now(UTC) - self._keep
        with self._pool.connection() as db, db.transaction():
            digests = media.expired(db, before, AT_ONCE)
            for digest in digests:
                self._folder.remove(digest)
            if digests:
                media.remove(db, digests)
                # Whoever holds the list can prove that it is the one that was removed.
                details = {
                    "count": len(digests),
                    "before": before,
                    "digests": digest_of("\n".join(sorted(digests)).encode()),
                }
                audit.note(db, Note("phoan-api", "media.removed", "media", details=details))
                log.info("removed %d pictures and clips that were kept for %d days", len(digests), self._keep.days)
        return len(digests)
