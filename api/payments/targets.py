"""What a ward aims at: which share of its points can be paid at, and shows a verified code. The nearest target counts:
of the site, of its kind, of the ward, else what is usual.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Final, Literal, Self

from fastapi import APIRouter
from psycopg import Connection
from psycopg.rows import TupleRow
from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.access.auth import Database, User
from api.access.permissions import Person
from api.auditing import audit
from api.payments.notices import require_ward
from api.problems import ProblemError, documented, not_found
from contracts.ids import Slug
from storage import payability
from storage.payability import TargetRow

router = APIRouter(prefix="/api/v1/payments/targets", tags=["payments"])

MAY_SET: Final = frozenset({"admin", "operator"})
USUAL: Final = 0.9
"""Of a ward's business households, as plans for cashless streets put it."""

SiteKind = Literal["street", "market", "khu_pho", "office"]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Place(BaseModel):
    """A site, a kind of sites, or with neither the whole ward."""

    model_config = ConfigDict(extra="forbid")

    ward: Slug
    site_kind: SiteKind | None = None
    site: Slug | None = None

    @model_validator(mode="after")
    def _is_one_place(self) -> Self:
        if self.site and self.site_kind:
            raise ValueError("a target is of a site or of a kind of sites")
        return self


class Target(Place):
    payable: Share
    verified: Share


class Targets(BaseModel):
    """Those that were set; `usual` counts where none was."""

    items: list[Target]
    usual: float


@dataclass(frozen=True, slots=True)
class Aim:
    """What counts for a site, and from which target it comes."""

    payable: float
    verified: float
    of: Literal["site", "site_kind", "ward", "usual"]


def aim_of(targets: Iterable[TargetRow], ward: str, kind: str, site: str) -> Aim:
    """The nearest target of a site; a kind and site of '' ask for the ward's own."""
    found = {(row.site_kind, row.site_id): row for row in targets if row.ward_id == ward}
    names: tuple[tuple[Literal["site", "site_kind", "ward"], tuple[str, str]], ...] = (
        ("site", ("", site)),
        ("site_kind", (kind, "")),
        ("ward", ("", "")),
    )
    for of, place in names:
        row = found.get(place)
        if row is not None and (of == "ward" or any(place)):
            return Aim(row.payable, row.verified, of)
    return Aim(USUAL, USUAL, "usual")


@router.get("")
def list_targets(user: User, db: Database) -> Targets:
    """The targets of the wards of which the user sees anything."""
    return Targets(items=[_target(row) for row in payability.targets(db, user.wards)], usual=USUAL)


@router.put("", responses=documented(403, 404))
def set_target(target: Target, user: User, db: Database) -> Targets:
    """Set what a site, a kind of sites or the ward aims at."""
    _require(db, user, target)
    row = TargetRow(target.ward, target.site_kind or "", target.site or "", target.payable, target.verified)
    with db.transaction():
        payability.put_target(db, row)
        # The audit holds whole numbers.
        shares = {"payable_percent": round(100 * target.payable), "verified_percent": round(100 * target.verified)}
        audit.note(db, user, "payment_target.set", _thing(target), ward=target.ward, **shares)
    return list_targets(user, db)


@router.post("/remove", responses=documented(403, 404))
def remove_target(place: Place, user: User, db: Database) -> Targets:
    """Take a target away, so that the next wider one counts."""
    _require(db, user, place)
    with db.transaction():
        if not payability.remove_target(db, place.ward, site_kind=place.site_kind or "", site=place.site or ""):
            raise not_found("target")
        audit.note(db, user, "payment_target.removed", _thing(place), ward=place.ward)
    return list_targets(user, db)


def _require(db: Connection[TupleRow], user: Person, place: Place) -> None:
    """Raises ProblemError 403 for a role that sets none, 404 for a place that the user does not see."""
    if user.role not in MAY_SET:
        raise ProblemError(403, "may_not_set_targets", "Administrators and operators set targets")
    require_ward(user, place.ward)
    if place.site is not None and payability.ward_of(db, place.site) != place.ward:
        raise not_found("site")


def _thing(place: Place) -> str:
    if place.site is not None:
        return f"site:{place.site}"
    return f"site_kind:{place.ward}/{place.site_kind}" if place.site_kind else f"ward:{place.ward}"


def _target(row: TargetRow) -> Target:
    return Target.model_validate(
        {
            "ward": row.ward_id,
            "site_kind": row.site_kind or None,
            "site": row.site_id or None,
            "payable": row.payable,
            "verified": row.verified,
        }
    )
