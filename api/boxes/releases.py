"""Which version of its program a box is to run: people name it, the box asks for it, fetches it and says what became
of it. How a bundle is made and proven is in `contracts.release` and `api.boxes.release_files`.
"""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from api.access.auth import Database, SendingBox, User
from api.access.permissions import Person
from api.auditing import audit
from api.auditing.audit import Somebody
from api.footage.media import Medium, folder_of, served
from api.problems import ProblemError, documented, not_found
from contracts.ids import Slug, new_id
from contracts.release import (
    Arch,
    BoxRelease,
    BoxWish,
    Fault,
    ReleaseInfo,
    ReleaseReport,
    ReportState,
    Version,
    Wanted,
)
from storage import boxes, releases
from storage.releases import ReleaseRow, WishRow

router = APIRouter(prefix="/api/v1", tags=["boxes"])

BUNDLE: Final = "application/x-tar"
MAY_NAME: Final = ("admin", "technician")
TOLD: Final = (ReportState.INSTALLED, ReportState.FAILED, ReportState.ROLLED_BACK)
"""What a box says of a wish once it is over is in the audit."""

Machine = Annotated[str, Query(pattern=r"^[a-z0-9_]{1,20}$", description="what the box's kernel calls its processor")]


class Releases(BaseModel):
    items: list[ReleaseInfo]


class Wishes(BaseModel):
    items: list[BoxWish]


class Named(BaseModel):
    version: Version


@router.get("/releases")
def list_releases(_user: User, db: Database) -> Releases:
    """The versions that boxes may be brought to, the newest first."""
    return Releases(items=[_info(row) for row in releases.releases(db)])


@router.get("/boxes/releases")
def list_wishes(user: User, db: Database) -> Wishes:
    """What is wanted of the boxes that the user may know of, and what they say of that."""
    return Wishes(items=[_wish(row) for row in releases.wishes(db, user.sees)])


@router.put("/boxes/{box}/release", responses=documented(403, 404, 409))
def name_release(box: Slug, named: Named, user: User, db: Database) -> BoxWish:
    """Have the box run this version. Naming one that failed has the box try it again."""
    ward = _ward_of(db, user, box)
    if not any(row.version == named.version for row in releases.releases(db)):
        raise ProblemError(409, "no_such_release", "There is no release of this version")
    with db.transaction():
        releases.want(db, box, named.version, wish=new_id(), by=user.username)
        audit.note(db, user, "release.wanted", f"box:{box}", ward=ward, version=named.version)
        row = releases.wish_of(db, box)
    assert row
    return _wish(row)


@router.delete("/boxes/{box}/release", status_code=204, responses=documented(403, 404))
def forget_release(box: Slug, user: User, db: Database) -> None:
    """Have the box stay with what it runs. A version that it has begun to try, it tries to the end."""
    ward = _ward_of(db, user, box)
    with db.transaction():
        version = releases.forget(db, box)
        if version is None:
            raise not_found("wish for a version")
        audit.note(db, user, "release.unwanted", f"box:{box}", ward=ward, version=version)


@router.get("/box/release", tags=["box"])
def wanted_release(box: SendingBox, db: Database, machine: Machine = "none") -> BoxRelease:
    """The version that the box is to run, if one is named that fits it."""
    wish = releases.wish_of(db, box)
    row = releases.find(db, wish.version, machine) if wish else None
    if wish is None or row is None:
        return BoxRelease()
    wanted = Wanted(wish=wish.wish, version=row.version, sha256=row.sha256, size=row.size, arch=Arch(row.arch))
    return BoxRelease(wanted=wanted)


@router.get(
    "/box/release/{version}/{arch}/bundle",
    response_class=Medium,
    responses={**served(BUNDLE), **documented(400, 404, 416)},
    tags=["box"],
)
def bundle(version: Version, arch: Arch, _box: SendingBox, request: Request, db: Database) -> Medium:
    """A release's file, whole or the range that was asked for."""
    row = releases.find(db, version, arch.value)
    if row is None or row.arch != arch:
        raise not_found("release")
    return folder_of(request).answer(row.sha256, BUNDLE)


@router.post("/box/release/report", status_code=204, tags=["box"])
def report(said: ReleaseReport, box: SendingBox, db: Database) -> None:
    """What became of a wish. What is said of an earlier wish changes nothing."""
    with db.transaction():
        if releases.report(db, box, said) and said.state in TOLD:
            ward = releases.ward_of_box(db, box)
            details = {"version": said.version, "running": said.running, "reason": said.reason or ""}
            audit.note(db, Somebody(f"box:{box}"), f"release.{said.state}", f"box:{box}", ward=ward, **details)


def _ward_of(db: Database, user: Person, box: str) -> str:
    """The ward of a box whose version the user may name. Raises ProblemError 403 or 404."""
    if user.role not in MAY_NAME:
        raise ProblemError(403, "may_not_name_release", "Only administrators and technicians name a box's version")
    found = next((row for row in boxes.boxes(db, user.sees) if row.id == box), None)
    if found is None:
        raise not_found("box")
    everywhere = found.ward_id in user.sees.whole  # a box of no site serves the ward as a whole
    if not everywhere and not (found.site_id and user.sees.covers(found.ward_id, found.site_id)):
        raise ProblemError(403, "elsewhere", "This box stands where this user sees nothing")
    return found.ward_id


def _info(row: ReleaseRow) -> ReleaseInfo:
    return ReleaseInfo(
        version=row.version,
        arch=Arch(row.arch),
        sha256=row.sha256,
        size=row.size,
        notes=row.notes,
        made_by=row.made_by,
        at=row.at,
    )


def _wish(row: WishRow) -> BoxWish:
    return BoxWish(
        box=row.box,
        version=row.version,
        by=row.wished_by,
        at=row.wished_at,
        state=ReportState(row.state) if row.state else None,
        reason=Fault(row.reason) if row.reason else None,
        detail=row.detail,
        reported_at=row.reported_at,
    )
