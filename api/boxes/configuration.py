"""What a box watches, as people decide it: read, changed as a new revision, gone back to; and what the box was set up
with, as it tells by itself. A revision is pushed by ingest, and so is the box's answer taken.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.access.auth import Database, SendingBox, User, client_of
from api.access.permissions import Person
from api.auditing import audit
from api.auditing.audit import Somebody
from api.boxes.document import changes, devices_of, faults, schema, sites_of
from api.problems import FieldError, InvalidDocument, ProblemError, documented, not_found
from api.texts import LINE_PATTERN
from contracts.configuration import ConfigTooLargeError, pushed
from contracts.ids import Slug
from storage import box_configs, boxes, releases
from storage.box_configs import BriefRow, ConfigRow
from storage.boxes import BoxRow

router = APIRouter(prefix="/api/v1", tags=["boxes"])

PREFIXES: Final = ("/api/v1/boxes/", "/api/v1/box/configuration")
MOST_BYTES: Final = 2_000_000
MAY_CONFIGURE: Final = ("admin", "technician")
SHOWN: Final = 30

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=LINE_PATTERN)]
Match = Annotated[
    str, Header(alias="If-Match", pattern=r'^"?[0-9]{1,9}"?$', description="the revision that the user saw")
]
Number = Annotated[int, Field(ge=0, le=2_000_000_000)]


class CameraNames(BaseModel):
    """What people call a camera, and by id its zones and lines; or a device, which has none."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    zones: dict[Slug, Name] = Field(default={}, max_length=200)
    lines: dict[Slug, Name] = Field(default={}, max_length=200)


class NewConfiguration(BaseModel):
    model_config = ConfigDict(extra="forbid")

    document: dict[str, Any] = Field(description="as the schema has it")
    names: dict[Slug, CameraNames] = Field(default={}, max_length=1100, description="of cameras and devices")
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=f"{LINE_PATTERN}|^$")] = ""


class Revision(BaseModel):
    """`by`: who made it; absent for what the box was set up with."""

    revision: int
    by: str | None
    at: datetime
    note: str
    state: str
    reason: str
    answered_at: datetime | None


class WholeRevision(Revision):
    document: dict[str, Any]
    names: dict[str, Any]


class Place(BaseModel):
    id: str
    name: str


class Configuration(BaseModel):
    """The newest revision with its history. `in_use` is the last that the box said it applied."""

    box: str
    name: str
    online: bool
    newest: WholeRevision
    in_use: int | None
    sites: list[Place]
    history: list[Revision]


class OwnConfiguration(BaseModel):
    document: dict[str, Any]


class InvalidError(ProblemError):
    """A configuration that cannot be pushed, with every field that is wrong."""

    def __init__(self, wrong: list[FieldError]) -> None:
        super().__init__(422, "invalid_configuration", "The configuration is not valid", wrong[0].field)
        self.document = InvalidDocument(**self.document.model_dump(), errors=wrong)


@router.get("/boxes/configuration/schema")
def configuration_schema(_user: User) -> dict[str, Any]:
    """The JSON schema of a configuration."""
    return schema()


@router.get("/boxes/{box}/configuration", responses=documented(403, 404))
def read_configuration(box: Slug, user: User, db: Database, response: Response) -> Configuration:
    """What the box is to watch, and what became of that."""
    row = _box_of(db, user, box)
    newest = _newest(db, box)
    in_use = box_configs.in_use(db, box)
    response.headers["ETag"] = f'"{newest.revision}"'
    return Configuration(
        box=box,
        name=row.name,
        online=row.state == "online",
        newest=_whole(newest, box_configs.names(db, box)),
        in_use=in_use.revision if in_use else None,
        sites=[Place(id=site.id, name=site.name) for site in box_configs.sites(db, box)],
        history=[_brief(brief) for brief in box_configs.history(db, box, SHOWN)],
    )


@router.get("/boxes/{box}/configuration/revisions/{revision}", responses=documented(403, 404))
def read_revision(box: Slug, revision: Number, user: User, db: Database) -> WholeRevision:
    """One revision as it was."""
    _box_of(db, user, box)
    return _whole(_held(db, box, revision), {})


@router.put(
    "/boxes/{box}/configuration",
    responses={**documented(403, 404, 412, 413), 422: {"model": InvalidDocument, "description": "Not valid"}},
)
def change_configuration(box: Slug, new: NewConfiguration, match: Match, user: User, db: Database) -> Revision:
    """Make a new revision, which is pushed to the box. 412 when somebody made one meanwhile."""
    names = {camera: called.model_dump() for camera, called in new.names.items()}
    return _make(db, user, box, match, new.document, names, new.note)


@router.post(
    "/boxes/{box}/configuration/revisions/{revision}/restore",
    responses={**documented(403, 404, 412, 413), 422: {"model": InvalidDocument, "description": "Not valid"}},
)
def restore_revision(box: Slug, revision: Number, match: Match, user: User, db: Database) -> Revision:
    """Make an earlier revision the newest again."""
    _box_of(db, user, box)
    held = _held(db, box, revision)
    return _make(db, user, box, match, held.document, held.names, f"↺ {revision}")


@router.put("/box/configuration", status_code=204, tags=["box"])
def tell_configuration(own: OwnConfiguration, box: SendingBox, request: Request, db: Database) -> None:
    """What the box was set up with, told by itself."""
    _require_sound(own.document, {site.id for site in box_configs.sites(db, box)})
    with db.transaction():
        if entered := box_configs.tell(db, box, own.document):
            who = Somebody(f"box:{box}", client_of(request))
            audit.note(
                db, who, "box.cameras_entered", f"box:{box}", ward=releases.ward_of_box(db, box), cameras=entered
            )


def _make(
    db: Database, user: Person, box: str, match: str, document: dict[str, Any], names: dict[str, Any], note: str
) -> Revision:
    row = _box_of(db, user, box)
    with db.transaction():
        box_configs.hold(db, box)
        newest = _newest(db, box)
        if newest.revision != int(match.strip('"')):
            raise ProblemError(412, "changed_meanwhile", "Somebody changed this configuration meanwhile")
        _require_own(db, user, row, newest.document, document)
        revision = box_configs.make(db, box, document, names, made_by=user.username, note=note)
        made = _held(db, box, revision)
        _require_room(made)
        what = changes(newest.document, document)
        audit.note(db, user, "box.configured", f"box:{box}", ward=row.ward_id, revision=revision, note=note, **what)
    return _brief(made)


def _box_of(db: Database, user: Person, box: str) -> BoxRow:
    """A box that the user may configure. Raises ProblemError 403 or 404."""
    if user.role not in MAY_CONFIGURE:
        raise ProblemError(403, "may_not_configure", "Only administrators and technicians configure boxes")
    found = next((row for row in boxes.boxes(db, user.sees) if row.id == box), None)
    if found is None:
        raise not_found("box")
    return found


def _require_own(db: Database, user: Person, row: BoxRow, before: dict[str, Any], document: dict[str, Any]) -> None:
    """All, before and after, stands where the user sees, and is no other box's. Raises ProblemError."""
    _require_sound(document, {site.id for site in box_configs.sites(db, row.id)})
    if not all(user.sees.covers(row.ward_id, site) for site in sites_of(before) | sites_of(document)):
        raise ProblemError(403, "elsewhere", "A part of this box stands where this user sees nothing")
    owners = box_configs.owners(db, [camera["id"] for camera in document["cameras"]])
    taken = [
        FieldError(field=f"document.cameras.{number}.id", code="other_box")
        for number, camera in enumerate(document["cameras"])
        if owners.get(camera["id"], row.id) != row.id
    ]
    devices = devices_of(document)
    readers = box_configs.readers(db, [device["id"] for device in devices])
    taken += [
        FieldError(field=f"document.devices.list.{number}.id", code="other_box")
        for number, device in enumerate(devices)
        if readers.get(device["id"], row.id) != row.id
    ]
    if taken:
        raise InvalidError(taken)


def _require_sound(document: dict[str, Any], sites: set[str]) -> None:
    """Raises InvalidError."""
    wrong = faults(document, sites)
    if wrong:
        raise InvalidError([FieldError(field=f"document.{one.where}".rstrip("."), code=one.code) for one in wrong])


def _require_room(row: ConfigRow) -> None:
    """Raises ProblemError 413 for what no message can hold."""
    try:
        pushed(max(1, row.revision), row.made_at, row.document)
    except ConfigTooLargeError as error:
        raise ProblemError(413, "configuration_too_large", "The configuration is too large", str(error)) from None


def _newest(db: Database, box: str) -> ConfigRow:
    """The newest revision; an empty one of a box of which nothing is known."""
    found = box_configs.newest(db, box)
    if found:
        return found
    empty: dict[str, Any] = {"cameras": []}
    return ConfigRow(box, 0, empty, {}, None, datetime.fromtimestamp(0).astimezone(), "", "applied", "", None)


def _held(db: Database, box: str, revision: int) -> ConfigRow:
    """Raises ProblemError 404."""
    found = box_configs.one(db, box, revision)
    if found is None:
        raise not_found("revision")
    return found


def _brief(row: BriefRow | ConfigRow) -> Revision:
    return Revision(
        revision=row.revision,
        by=row.made_by,
        at=row.made_at,
        note=row.note,
        state=row.state,
        reason=row.reason,
        answered_at=row.answered_at,
    )


def _whole(row: ConfigRow, known: dict[str, Any]) -> WholeRevision:
    """With the names of the inventory for what has none of its own."""
    return WholeRevision(**_brief(row).model_dump(), document=row.document, names={**known, **row.names})
