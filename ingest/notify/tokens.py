"""Keeps the rotating tokens of a channel in the database: who uses a refresh token up stores the next one."""

from __future__ import annotations

from ingest.notify.zalo_oa import Exchange
from storage import notifications
from storage.notifications import TokenRow
from storage.pool import Pool


class KeptTokens:
    """The tokens of one channel. `seed` is the digest of the configured refresh token: a new one ends what is kept."""

    def __init__(self, pool: Pool, channel: str, burst: int) -> None:
        self._pool = pool
        self._channel = channel
        self._burst = burst

    def access(self, seed: bytes) -> str | None:
        with self._pool.connection() as connection, connection.transaction():
            row = notifications.hold_tokens(connection, self._channel, self._burst)
            return row.access_token if _descends(row, seed) else None

    def renew(self, seed: bytes, stale: str | None, exchange: Exchange) -> str:
        """Held while the exchange goes on: a second notifier waits, and finds the new token then."""
        with self._pool.connection() as connection, connection.transaction():
            row = notifications.hold_tokens(connection, self._channel, self._burst)
            if _descends(row, seed) and row.access_token and row.access_token != stale:
                return row.access_token
            access, refresh = exchange(row.refresh_token if _descends(row, seed) else None)
            notifications.keep_tokens(connection, self._channel, access=access, refresh=refresh, seed=seed)
            return access


def _descends(row: TokenRow, seed: bytes) -> bool:
    return row.seed is not None and bytes(row.seed) == seed
