"""Evidence leaves here: signed exports of events, incidents and recordings, who made them, and the keys that signed.

An export is entered in the audit before it is signed (`evidence.asked`, with one digest over its files; the manifest
names this entry), when it is finished (`evidence.exported`, with the archive's own digest), and when it is fetched.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from psycopg import Connection
from psycopg.rows import TupleRow
from pydantic import BaseModel, Field

from api.access.auth import Database, User, Watcher, pool_of
from api.access.permissions import Person
from api.auditing import audit
from api.config import ApiSettings
from api.evidence import subject as evidence_subject
from api.evidence.key import SigningKey, read_signing
from api.evidence.package import KEEP_S, Finished, Package, Sealed, size_of
from api.evidence.subject import Gathered
from api.footage.media import Medium, folder_of, served
from api.past import cursor as cursors
from api.problems import ProblemError, documented, not_found
from api.texts import Reason
from contracts.archive import ZIP
from contracts.evidence import Absent, Export, File, Link, Manifest, Subject, SubjectKind, contents_digest
from contracts.ids import new_id
from contracts.wire import Timestamp
from storage import audit as chain
from storage import exports
from storage.exports import ExportRow
from storage.wall import EventKey

MAY_EXPORT: Final = frozenset({"admin", "operator", "police"})
MAY_REVIEW: Final = frozenset({"admin"})
"""Roles that see what others exported, of their own wards."""

AT_ONCE: Final = 2

router = APIRouter(prefix="/api/v1/evidence", tags=["evidence"])

_GATHER: Final[Mapping[SubjectKind, Callable[[Connection[TupleRow], Person, UUID], Gathered]]] = {
    SubjectKind.EVENT: evidence_subject.of_event,
    SubjectKind.INCIDENT: evidence_subject.of_incident,
    SubjectKind.RECORDING: evidence_subject.of_recording,
}


class Asked(BaseModel):
    """Exactly one of `event`, `incident` and `recording`."""

    event: UUID | None = None
    incident: UUID | None = None
    recording: UUID | None = None
    reason: Reason = Field(description="why; it stands in the export and in the audit log")


class MadeExport(BaseModel):
    """A finished export. `until`: as long it can be fetched from `package`, by who made it."""

    id: UUID
    subject: Subject
    ward: str
    reason: str
    exported_by: str
    exported_at: Timestamp
    key_id: str
    chain_seq: int
    manifest_sha256: str
    sha256: str
    bytes: int
    files: int
    absent: int


class FreshExport(MadeExport):
    """What was just exported, with its files, and those that are not there and why."""

    file_name: str
    package: str
    until: Timestamp
    file_list: list[File]
    absent_list: list[Absent]


class ExportPage(BaseModel):
    items: list[MadeExport]
    next_cursor: str | None


class Key(BaseModel):
    """A public key that signs or has signed. `current`: it signs now."""

    id: str
    algorithm: str = "Ed25519"
    pem: str
    first_used_at: Timestamp | None = None
    current: bool


class Keys(BaseModel):
    items: list[Key]


class Desk:
    """What exporting needs beside the database: the key, the folder of finished exports, and a limit of how many are
    made at once. Raises KeyFileError.
    """

    def __init__(self, settings: ApiSettings) -> None:
        self.key = read_signing(settings.evidence_key) if settings.evidence_key else None
        self.finished = Finished(settings.media_dir / "exports")
        self._places = threading.BoundedSemaphore(AT_ONCE)

    def required_key(self) -> SigningKey:
        """Raises ProblemError 503."""
        if self.key is None:
            raise ProblemError(503, "export_not_set_up", "The centre has no key that signs evidence")
        return self.key

    @contextmanager
    def place(self) -> Iterator[None]:
        """Raises ProblemError 503 while AT_ONCE others export."""
        if not self._places.acquire(blocking=False):
            raise ProblemError(503, "busy", "Others are exporting; try again in a moment", headers={"Retry-After": "5"})
        try:
            yield
        finally:
            self._places.release()


def desk_of(request: Request) -> Desk:
    desk: Desk = request.app.state.evidence
    return desk


def may_export(user: Watcher) -> Person:
    if user.role not in MAY_EXPORT:
        raise ProblemError(403, "may_not_export", "This role does not export evidence")
    return user


Exporter = Annotated[Person, Depends(may_export)]


def may_review(user: User) -> Person:
    if user.role not in MAY_REVIEW:
        raise ProblemError(403, "admins_only", "Only an administrator may do this")
    return user


Reviewer = Annotated[Person, Depends(may_review)]


@router.post("/exports", status_code=201, responses=documented(404, 409, 503, 507))
def export(asked: Asked, request: Request, user: Exporter) -> FreshExport:
    """Export an event, an incident or a recording; the package can then be fetched for an hour.

    503 `export_not_set_up` where the centre has no key, 503 `busy` while others export, 409 `not_ready` for a recording
    that the box has not sent, 422 `export_too_large`, 507 `no_room`.
    """
    desk = desk_of(request)
    key = desk.required_key()
    subject = _subject(asked)
    with desk.place():
        return _Exporting(request, user, asked.reason, key).run(subject, desk.finished)


@router.get("/exports")
def list_exports(
    user: Reviewer,
    db: Database,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> ExportPage:
    """What was exported of the user's wards, newest first."""
    before = cursors.decode(cursor) if cursor else None
    rows = exports.page(db, user.sees.wards, limit=limit + 1, before=before)
    last = EventKey(rows[limit - 1].exported_at, rows[limit - 1].id) if len(rows) > limit else None
    return ExportPage(items=[_made(row) for row in rows[:limit]], next_cursor=last and cursors.encode(last))


@router.get(
    "/exports/{export_id}/package",
    response_class=Medium,
    responses={**served(ZIP), **documented(404, 410)},
)
def package(export_id: UUID, request: Request, user: Exporter, db: Database) -> Medium:
    """The package itself, also in parts (Range), for who made it. 410 `export_gone` when its hour is over."""
    row = exports.one(db, export_id)
    if row is None or row.exported_by != user.username or row.ward_id not in user.watches.wards:
        raise not_found("export")
    path = desk_of(request).finished.find(export_id)
    if path is None:
        raise ProblemError(410, "export_gone", "The package is kept for an hour; export it again")
    thing = f"{row.subject}:{row.subject_id}"
    audit.look(request, db, user, "evidence.fetched", thing, ward=row.ward_id, export=row.id)
    return Medium(path, media_type=ZIP, filename=_file_name(row))


@router.get("/keys")
def list_keys(request: Request, db: Database) -> Keys:
    """The public keys that sign and signed evidence, for anybody: compare them with what you know by another way."""
    current = desk_of(request).key
    known = [
        Key(id=row.id, pem=row.pem, first_used_at=row.first_used_at, current=_is(current, row.id))
        for row in exports.keys(db)
    ]
    if current is not None and not any(key.current for key in known):
        known.insert(0, Key(id=current.public.id, pem=current.public.pem.decode(), current=True))
    return Keys(items=known)


def _is(key: SigningKey | None, key_id: str) -> bool:
    return key is not None and key.public.id == key_id


def _subject(asked: Asked) -> Subject:
    """Raises ProblemError 422 unless exactly one is named."""
    named = [Subject(kind=kind, id=found) for kind in SubjectKind if (found := getattr(asked, kind.value)) is not None]
    if len(named) != 1:
        raise ProblemError(422, "invalid", "Name one event, one incident or one recording")
    return named[0]


@dataclass(frozen=True, slots=True)
class _Exporting:
    """One export on its way. No connection to the database is held while media are read."""

    request: Request
    user: Person
    reason: str
    key: SigningKey

    def run(self, subject: Subject, finished: Finished) -> FreshExport:
        with pool_of(self.request).connection() as db:
            gathered = _GATHER[subject.kind](db, self.user, subject.id)
        media, made = folder_of(self.request), new_id()
        with finished.draft(made, size_of(gathered.pieces, media)) as file:
            written = Package(file, media)
            for piece in gathered.pieces:
                written.add(piece)
            written.add_help()
            manifest = self._announced(made, gathered, written)
            row = self._entered(manifest, written.seal(manifest, self.key))
        return FreshExport(
            **_made(row).model_dump(),
            file_name=_file_name(row),
            package=f"{router.prefix}/exports/{made}/package",
            until=datetime.now(UTC) + timedelta(seconds=KEEP_S),
            file_list=list(manifest.files),
            absent_list=list(manifest.absent),
        )

    def _announced(self, made: UUID, gathered: Gathered, written: Package) -> Manifest:
        """The manifest, once the audit knows what is about to be signed."""
        at = datetime.now(UTC)
        with pool_of(self.request).connection() as db, db.transaction():
            exports.put_key(db, self.key.public.id, self.key.public.pem.decode())
            audit.note(
                db, self.user, "evidence.asked", _thing(gathered.subject), ward=gathered.ward.id, export=made,
                reason=self.reason, contents=contents_digest(written.files), files=len(written.files),
                absent=len(written.absent), key=self.key.public.id,
            )  # fmt: skip
            head = chain.head(db)
        user = self.user
        return Manifest(
            version=version("phoan"),
            export=Export(
                id=made, at=at, by=user.username, by_name=user.display_name, role=user.role, reason=self.reason
            ),
            subject=gathered.subject,
            ward=gathered.ward,
            scenes=gathered.scenes,
            scenes_left_out=gathered.left_out,
            detectors=gathered.detectors,
            files=tuple(written.files),
            absent=tuple(written.absent),
            chain=Link(seq=head.seq, digest=head.digest.hex()),
            key_id=self.key.public.id,
        )

    def _entered(self, manifest: Manifest, sealed: Sealed) -> ExportRow:
        """The finished export as the database knows it from now on."""
        row = ExportRow(
            id=manifest.export.id,
            ward_id=manifest.ward.id,
            subject=manifest.subject.kind.value,
            subject_id=manifest.subject.id,
            reason=self.reason,
            exported_by=self.user.username,
            exported_at=manifest.export.at,
            key_id=manifest.key_id,
            chain_seq=manifest.chain.seq,
            manifest_sha256=sealed.manifest_sha256,
            sha256=sealed.sha256,
            bytes=sealed.bytes,
            files=len(manifest.files),
            absent=len(manifest.absent),
        )
        with pool_of(self.request).connection() as db, db.transaction():
            exports.add(db, row)
            audit.note(
                db, self.user, "evidence.exported", _thing(manifest.subject), ward=row.ward_id, export=row.id,
                reason=self.reason, sha256=row.sha256, manifest=row.manifest_sha256, bytes=row.bytes,
            )  # fmt: skip
        return row


def _thing(subject: Subject) -> str:
    return f"{subject.kind.value}:{subject.id}"


def _file_name(row: ExportRow) -> str:
    return f"phoan-{row.ward_id}-{row.subject}-{row.exported_at.astimezone(UTC):%Y%m%dT%H%M%SZ}.zip"


def _made(row: ExportRow) -> MadeExport:
    values = {name: getattr(row, name) for name in ExportRow.__slots__ if name in MadeExport.model_fields}
    subject = Subject(kind=SubjectKind(row.subject), id=row.subject_id)
    return MadeExport.model_validate({**values, "subject": subject, "ward": row.ward_id})
