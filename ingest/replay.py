"""Tries quarantined messages again: a box may be declared by now, or a newer release read what an older could not.

A message that is sound by now is committed and leaves the quarantine in the same transaction.
"""

from __future__ import annotations

from dataclasses import dataclass

from psycopg import Connection
from psycopg.rows import TupleRow

from ingest.decode import UnknownBoxError, decode
from storage import quarantine, records
from storage.records import Commit


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many messages were tried, and how many of them are committed now."""

    tried: int
    committed: int


def replay(connection: Connection[TupleRow], reason: str | None = None) -> Replayed:
    """Try every message that is in quarantine now, or those of one reason."""
    directory = {box.id: box for box in records.known_boxes(connection)}
    newest, after, tried, committed = quarantine.newest(connection), 0, 0, 0
    while True:
        with quarantine.next_whole(connection, after=after, up_to=newest, reason=reason) as held:
            if held is None:
                return Replayed(tried, committed)
            after = held.id
            tried += 1
            commit = _sound(held, directory)
            if commit:
                records.write(connection, commit)
                quarantine.remove(connection, held.id)
                committed += 1


def _sound(held: quarantine.Held, directory: dict[str, records.KnownBox]) -> Commit | None:
    """The message's records if every one of them is sound by now. An old status is no news any more."""
    commit = Commit()
    try:
        decode(held.topic, bytes(held.payload), directory, commit)
    except UnknownBoxError:
        return None
    return None if commit.rejected or not commit.seqs else commit
