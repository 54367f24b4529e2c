"""What is said over loudspeakers: who wished and approved it, and what each box answered for its speakers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow, class_row

from contracts.announcement import Announce, AnnounceCancel, Announced, AnnounceReply, Priority
from storage.scope import Scope
from storage.sql import queries

SQL = queries("announcements")
CHANNEL: Final = "phoan_announcements"
MOST_UNFINISHED: Final = 100

Db = Connection[TupleRow]


@dataclass(frozen=True, slots=True)
class SpeakerRow:
    id: str
    name: str
    box_id: str
    site_id: str
    site_name: str
    ward_id: str
    ward_name: str


@dataclass(frozen=True, slots=True)
class NewAnnouncement:
    id: UUID
    ward_id: str
    site_id: str
    incident_id: UUID | None
    template: str | None
    language: str
    said: str
    source: str
    digest: str
    seconds: float
    priority: str
    by: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class AnnouncementRow:
    """`proposed_by` a person, or `box_id` by its own rule because of `cause`, a kind of event."""

    id: UUID
    ward_id: str
    site_id: str
    site_name: str | None
    incident_id: UUID | None
    template: str | None
    language: str
    said: str
    source: str
    digest: str | None
    seconds: float
    priority: str
    proposed_by: str | None
    box_id: str | None
    cause: str | None
    proposed_at: datetime
    state: str
    decided_by: str | None
    decided_at: datetime | None
    remark: str | None
    cancelled_by: str | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PlayRow:
    announcement_id: UUID
    speaker_id: str
    box_id: str
    state: str
    reason: str | None
    at: datetime | None
    speaker_name: str | None


@dataclass(frozen=True, slots=True)
class UnfinishedRow:
    id: UUID
    state: str
    digest: str
    said: str
    priority: str
    expires_at: datetime
    speakers: list[str]

    def command(self) -> Announce | AnnounceCancel:
        speakers = tuple(self.speakers)
        if self.state == "cancelled":
            return AnnounceCancel(id=self.id, speakers=speakers)
        return Announce(
            id=self.id,
            speakers=speakers,
            digest=self.digest,
            text=self.said,
            priority=Priority(self.priority),
            expires_at=self.expires_at,
        )


def speakers(connection: Db, scope: Scope) -> list[SpeakerRow]:
    with connection.cursor(row_factory=class_row(SpeakerRow)) as cursor:
        return cursor.execute(SQL["speakers"], scope.parameters()).fetchall()


def speakers_of_box(connection: Db, box: str) -> list[SpeakerRow]:
    with connection.cursor(row_factory=class_row(SpeakerRow)) as cursor:
        return cursor.execute(SQL["speakers_of_box"], {"box": box}).fetchall()


def propose(connection: Db, new: NewAnnouncement, over: Sequence[SpeakerRow]) -> None:
    """Keep what somebody wishes to say over these speakers."""
    connection.execute(SQL["propose"], asdict(new))
    for speaker in over:
        connection.execute(SQL["put_play"], {"id": new.id, "speaker": speaker.id, "box": speaker.box_id})


def approve(
    connection: Db, announcement: UUID, *, by: str | None, expires_at: datetime, remark: str | None = None
) -> bool:
    """Have its boxes hear of it once the caller's transaction is committed; False when it was decided, or is too old.
    Nobody approves what is approved beforehand.
    """
    if not _decide(connection, announcement, "approved", by, remark, expires_at):
        return False
    connection.execute(SQL["notify"], {"id": announcement})
    return True


def refuse(connection: Db, announcement: UUID, *, by: str, remark: str) -> bool:
    """False when it was decided, or is too old."""
    return _decide(connection, announcement, "refused", by, remark, None)


def _decide(
    connection: Db, announcement: UUID, state: str, by: str | None, remark: str | None, expires_at: datetime | None
) -> bool:
    parameters = {"id": announcement, "state": state, "by": by, "remark": remark, "expires_at": expires_at}
    return connection.execute(SQL["decide"], parameters).fetchone() is not None


def cancel(connection: Db, announcement: UUID, *, by: str, undecided: bool) -> bool:
    """Take it back; False when there is nothing left to take back. `undecided`: no box was told of it."""
    parameters = {"id": announcement, "by": by, "undecided": undecided}
    if connection.execute(SQL["cancel"], parameters).fetchone() is None:
        return False
    connection.execute(SQL["cancel_plays"], parameters)
    if not undecided:
        connection.execute(SQL["notify"], {"id": announcement})
    return True


def page(
    connection: Db,
    scope: Scope,
    *,
    limit: int,
    one: UUID | None = None,
    incident: UUID | None = None,
    before: UUID | None = None,
) -> list[AnnouncementRow]:
    """Announcements of the places that `scope` covers, newest first."""
    asked = {"id": one, "incident": incident, "before": before, "limit": limit}
    with connection.cursor(row_factory=class_row(AnnouncementRow)) as cursor:
        return cursor.execute(SQL["page"], {**scope.parameters(), **asked}).fetchall()


def plays(connection: Db, of: Sequence[UUID]) -> dict[UUID, list[PlayRow]]:
    """What became of these announcements on each speaker."""
    found: dict[UUID, list[PlayRow]] = {announcement: [] for announcement in of}
    with connection.cursor(row_factory=class_row(PlayRow)) as cursor:
        for row in cursor.execute(SQL["plays"], {"ids": list(of)}):
            found[row.announcement_id].append(row)
    return found


def unfinished(connection: Db, box: str) -> list[Announce | AnnounceCancel]:
    """What a box is still to say, or to say no more."""
    with connection.cursor(row_factory=class_row(UnfinishedRow)) as cursor:
        rows = cursor.execute(SQL["unfinished"], {"box": box, "limit": MOST_UNFINISHED}).fetchall()
    return [row.command() for row in rows]


def answer(connection: Db, box: str, reply: AnnounceReply) -> str | None:
    """Note a box's answer; the ward, or None when it was not asked, or has answered for good before."""
    parameters = {
        "id": reply.id,
        "speaker": reply.speaker,
        "box": box,
        "state": reply.state.value,
        "reason": reply.reason,
        "at": reply.at,
    }
    row = connection.execute(SQL["answer"], parameters).fetchone()
    return None if row is None else str(row[0])


def put_own(connection: Db, box: str, announced: Announced) -> str | None:
    """Keep what a box said by its own rule; the ward, or None when it is known or is not of this box's ward."""
    parameters = {
        "id": announced.id,
        "box": box,
        "site": announced.site,
        "template": announced.template,
        "said": announced.text,
        "digest": announced.digest,
        "cause": announced.kind,
        "at": announced.at,
    }
    row = connection.execute(SQL["put_own"], parameters).fetchone()
    if row is None:
        return None
    for play in announced.plays:
        connection.execute(
            SQL["put_own_play"],
            {
                "id": announced.id,
                "speaker": play.speaker,
                "box": box,
                "state": play.state.value,
                "reason": play.reason,
                "at": play.at,
            },
        )
    return str(row[0])
