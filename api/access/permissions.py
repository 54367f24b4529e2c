"""What somebody may see, decided from their role, their wards and sites, and the grants that hold now. Pure.

Every route asks the two scopes of a `Person`: what is in neither does not exist for them (404), what is in `sees` only
they may know of but not watch (403).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from storage.accounts import SignedInRow
from storage.grants import ReachRow
from storage.scope import Scope, SitePlace

ROLES = ("admin", "operator", "police", "technician", "viewer")

SEES_VIDEO = frozenset({"admin", "operator", "police", "viewer"})
"""A technician sees health, not video."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in, from where, and what they may see. `must_enrol`: only their second factor may be set up."""

    username: str
    display_name: str
    role: str
    sees: Scope
    watches: Scope
    session: UUID
    client: str
    must_enrol: bool

    @property
    def wards(self) -> list[str]:
        """The wards of which they see anything; for whom some sites only are meant, `sees` is the whole answer."""
        return self.sees.wards


def scopes(role: str, wards: Sequence[str], sites: Sequence[str], reach: Sequence[ReachRow], now: datetime) -> tuple[
    Scope, Scope
]:  # fmt: skip
    """What a user of this role, with these wards and limits, sees and watches at `now`.

    An admin sees everything. A site limits only within the user's wards. A grant adds a place to both scopes while it
    lasts, in other wards too; what is not known to `reach` gives nothing.
    """
    base = _base(role, wards, sites, reach)
    granted = Scope()
    for row in reach:
        if row.kind == "grant" and _holds(row, now):
            granted |= _place(row)
    watched = base if role in SEES_VIDEO else Scope()
    return base | granted, watched | granted


def person(row: SignedInRow, reach: Sequence[ReachRow], *, client: str, must_enrol: bool, now: datetime) -> Person:
    """The user of a session with what they may do at `now`."""
    sees, watches = scopes(row.role, row.wards, row.sites, reach, now)
    return Person(row.username, row.display_name, row.role, sees, watches, row.session, client, must_enrol)


def _base(role: str, wards: Sequence[str], sites: Sequence[str], reach: Sequence[ReachRow]) -> Scope:
    if role == "admin":
        return Scope.of_wards(row.ward_id for row in reach if row.kind == "ward")
    if not sites:
        return Scope.of_wards(wards)
    places = (SitePlace(row.ward_id, row.site_id) for row in reach if row.kind == "site" and row.site_id)
    return Scope(sites=frozenset(place for place in places if place.ward in wards))


def _holds(row: ReachRow, now: datetime) -> bool:
    return row.valid_from is not None and row.valid_until is not None and row.valid_from <= now < row.valid_until


def _place(row: ReachRow) -> Scope:
    if row.site_id is None:
        return Scope.of_wards([row.ward_id])
    return Scope(sites=frozenset({SitePlace(row.ward_id, row.site_id)}))
