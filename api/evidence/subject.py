"""What an export is of: one event, incident or recording with its records and media, as far as the user may watch it.

Reads the database only. Which of the media are really on the disk is found when they are packed (api.evidence_package).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow
from pydantic import BaseModel

from api.access.auth import require_sight
from api.access.permissions import Person
from api.past.events import stored
from api.problems import ProblemError, not_found
from api.work.incident_models import StepTaken, incident_of, model_of
from contracts.event import Event
from contracts.evidence import Clock, ClockNote, FileKind, Place, Scene, Subject, SubjectKind
from contracts.incident import Incident
from contracts.model import ModelCard
from storage import exports, incidents, media, recordings, wall
from storage.exports import LagRow
from storage.recordings import RecordingRow
from storage.wall import EventRow

Db = Connection[TupleRow]

MOST_EVENTS: Final = 200
"""Of an incident, the newest."""

CLOCK_WITHIN: Final = timedelta(minutes=5)
LATE_S: Final = 10.0
"""A box whose records arrive later than this is cut off or slow, and they say nothing of its clock."""

_MEDIA: Final = (
    (FileKind.CLIP, "clip.mp4"),
    (FileKind.SNAPSHOT, "snapshot.jpg"),
    (FileKind.THUMBNAIL, "thumbnail.jpg"),
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A file to be: the bytes themselves, or the digest of a medium, which may have been removed by now."""

    path: str
    kind: FileKind
    data: bytes = b""
    digest: str | None = None
    removed: bool = False


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that an export tells of its subject."""

    subject: Subject
    ward: Place
    scenes: tuple[Scene, ...]
    pieces: tuple[Piece, ...]
    detectors: tuple[ModelCard, ...] = ()
    left_out: int = 0


class IncidentRecord(BaseModel):
    """`incident.json`: the incident and what was done about it."""

    incident: Incident
    steps: list[StepTaken]


class RecordingRecord(BaseModel):
    """`recording.json`: what was asked for, by whom and why, and what the film shows."""

    id: UUID
    camera: str
    begin: datetime
    end: datetime
    requested_by: str
    requested_at: datetime
    reason: str
    began_at: datetime | None
    ended_at: datetime | None


def of_event(db: Db, user: Person, event: UUID) -> Gathered:
    """Raises ProblemError 404, or 403 for what the user sees but may not watch."""
    row = wall.event(db, event, user.sees)
    if row is None:
        raise not_found("event")
    require_sight(user, row.ward_id, str(row.body["site"]), "event")
    return _Gathering(db).of(Subject(kind=SubjectKind.EVENT, id=event), row.ward_id, [row])


def of_incident(db: Db, user: Person, incident: UUID) -> Gathered:
    """With all of its events that the user may watch. Raises ProblemError 404 or 403."""
    row = next(iter(incidents.by_id(db, [incident])), None)
    if row is None:
        raise not_found("incident")
    require_sight(user, row.ward_id, row.site_id, "incident")
    newest = incidents.events(db, incident, MOST_EVENTS)
    watched = [event for event in newest if user.watches.covers(event.ward_id, str(event.body["site"]))]
    steps = [model_of(StepTaken, step) for step in incidents.steps(db, incident)]
    record = _record("incident.json", IncidentRecord(incident=incident_of(row), steps=steps))
    return _Gathering(db).of(
        Subject(kind=SubjectKind.INCIDENT, id=incident),
        row.ward_id,
        sorted(watched, key=lambda event: (str(event.body["opened_at"]), str(event.body["id"]))),
        [record],
        left_out=max(row.events, len(newest)) - len(watched),
    )


def of_recording(db: Db, user: Person, recording: UUID) -> Gathered:
    """Raises ProblemError 404, 403, or 409 while the box has not sent it."""
    row = recordings.one(db, recording)
    if row is None:
        raise not_found("recording")
    require_sight(user, row.ward_id, row.site_id, "recording")
    if row.digest is None:
        raise ProblemError(409, "not_ready", "The box has not sent this recording yet")
    return _Gathering(db).of_recording(row, row.digest)


def clock_of(lag: LagRow) -> Clock:
    """What the least time that a record took to arrive says of the box's clock."""
    if lag.least_s is None:
        return Clock(offset_ms=None, clock_note=ClockNote.NO_RECORDS, records=0)
    if lag.least_s > LATE_S:
        return Clock(offset_ms=None, clock_note=ClockNote.LATE_RECORDS, records=lag.records)
    return Clock(offset_ms=round(-1000 * lag.least_s), clock_note=ClockNote.FROM_RECORDS, records=lag.records)


@dataclass(slots=True)
class _Gathering:
    """Asks the database about places and clocks, about each once."""

    db: Db
    names: dict[tuple[str, str, str, str], exports.NamesRow] = field(default_factory=dict)
    clocks: dict[tuple[str, datetime], Clock] = field(default_factory=dict)

    def of(
        self, subject: Subject, ward: str, rows: Sequence[EventRow], pieces: Iterable[Piece] = (), *, left_out: int = 0
    ) -> Gathered:
        folders = [f"events/{n:03}/" if subject.kind is SubjectKind.INCIDENT else "" for n in range(1, len(rows) + 1)]
        scenes = tuple(self._scene(row, folder) for row, folder in zip(rows, folders, strict=True))
        for row, folder in zip(rows, folders, strict=True):
            pieces = [*pieces, *self._pieces(row, folder)]
        cards = {card.digest: card for row in rows if (card := stored(row).event.card)}
        place = Place(id=ward, name=self._names(ward, "", "", "").ward)
        return Gathered(subject, place, scenes, tuple(pieces), tuple(cards[key] for key in sorted(cards)), left_out)

    def of_recording(self, row: RecordingRow, digest: str) -> Gathered:
        names = self._names(row.ward_id, row.site_id, row.box_id, row.camera_id)
        began = row.began_at or row.wanted_from
        scene = Scene(
            id=row.id,
            kind="recording",
            began_at=began,
            ended_at=row.ended_at or row.wanted_to,
            site=Place(id=row.site_id, name=names.site),
            camera=Place(id=row.camera_id, name=names.camera),
            box=Place(id=row.box_id, name=names.box),
            clock=self._clock(row.box_id, began),
        )
        film = self._medium("recording.mp4", FileKind.RECORDING, digest)
        record = RecordingRecord(
            id=row.id,
            camera=row.camera_id,
            begin=row.wanted_from,
            end=row.wanted_to,
            requested_by=row.requested_by,
            requested_at=row.requested_at,
            reason=row.reason,
            began_at=row.began_at,
            ended_at=row.ended_at,
        )
        subject = Subject(kind=SubjectKind.RECORDING, id=row.id)
        pieces = (film, _record("recording.json", record))
        return Gathered(subject, Place(id=row.ward_id, name=names.ward), (scene,), pieces)

    def _scene(self, row: EventRow, folder: str) -> Scene:
        event = Event.model_validate(row.body)
        names = self._names(row.ward_id, event.site, row.box_id, event.source)
        return Scene(
            id=event.id,
            folder=folder,
            kind=event.kind,
            severity=event.severity.value,
            began_at=event.opened_at,
            ended_at=event.closed_at,
            site=Place(id=event.site, name=names.site),
            camera=Place(id=event.camera, name=names.camera) if event.camera else None,
            device=Place(id=event.device, name=names.device) if event.device else None,
            box=Place(id=row.box_id, name=names.box),
            clock=self._clock(row.box_id, event.opened_at),
            detector=event.model,
        )

    def _pieces(self, row: EventRow, folder: str) -> Iterator[Piece]:
        known = stored(row)
        digests = {
            FileKind.CLIP: known.event.clip,
            FileKind.SNAPSHOT: known.event.snapshot,
            FileKind.THUMBNAIL: known.event.thumbnail,
        }
        for kind, name in _MEDIA:
            digest = digests[kind]
            if digest:
                yield self._medium(folder + name, kind, digest)
        yield _record(f"{folder}event.json", known)

    def _medium(self, path: str, kind: FileKind, digest: str) -> Piece:
        known = media.find(self.db, digest)
        return Piece(path, kind, digest=digest, removed=known is not None and known.removed_at is not None)

    def _names(self, ward: str, site: str, box: str, source: str) -> exports.NamesRow:
        key = (ward, site, box, source)
        if key not in self.names:
            self.names[key] = exports.names(self.db, ward=ward, site=site, box=box, source=source)
        return self.names[key]

    def _clock(self, box: str, at: datetime) -> Clock:
        """To the minute, so that the events of one incident share a question."""
        key = (box, at.replace(second=0, microsecond=0))
        if key not in self.clocks:
            self.clocks[key] = clock_of(exports.lag(self.db, box, key[1], CLOCK_WITHIN))
        return self.clocks[key]


def _record(path: str, record: BaseModel) -> Piece:
    return Piece(path, FileKind.RECORD, record.model_dump_json(indent=2, exclude_none=True).encode())
