"""What a change may do to a ward's registry of payment points: the rules, step by step. Pure.

The same rules hold when something is proposed, when a table is tried, and again when a change is approved, since the
registry may be another by then.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from contracts.command import MOST_PAYEES
from storage.payment_points import PlaceRow, Step

MOST_STEPS: Final = 10_000
"""Of one change: a whole ward's table."""

_NOT_SLUG: Final = re.compile(r"[^a-z0-9]+")


class StepError(ValueError):
    """A step does not fit the registry; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Point:
    """A point as the rules see it."""

    site: str
    name: str
    ended: bool = False
    payees: frozenset[str] = frozenset()


class Registry:
    """Owns a ward's points as they would be after the steps that it took."""

    def __init__(self, sites: Mapping[str, str], points: Mapping[str, Point], elsewhere: Collection[str] = ()) -> None:
        self.sites = dict(sites)
        self.points = dict(points)
        self._elsewhere = elsewhere

    @classmethod
    def of(cls, places: Iterable[PlaceRow], elsewhere: Collection[str] = ()) -> Registry:
        """As the database holds it; `elsewhere` are names of points that other wards have taken."""
        rows = list(places)
        points = {
            row.point_id: Point(row.site_id, row.point_name or "", row.ended, frozenset(row.fingerprints))
            for row in rows
            if row.point_id is not None
        }
        return cls({row.site_id: row.site_name for row in rows}, points, elsewhere)

    def take(self, step: Step) -> None:
        """Let a step happen here. Raises StepError where it cannot."""
        if step.action == "add_point":
            self._add(step)
            return
        point = self.points.get(step.point_id)
        if point is None:
            raise StepError("no_such_point")
        if point.ended:
            raise StepError("point_ended")
        self.points[step.point_id] = _changed(point, step)

    def _add(self, step: Step) -> None:
        if step.site_id not in self.sites:
            raise StepError("unknown_site")
        if step.point_id in self.points or step.point_id in self._elsewhere:
            raise StepError("point_exists")
        self.points[step.point_id] = Point(step.site_id, step.name or "")

    def free_name(self, name: str) -> str:
        """An id for a new point, made from its name."""
        base = slug_of(name)
        n, found = 1, base
        while found in self.points or found in self._elsewhere:
            n += 1
            found = f"{base[:36]}-{n}"
        return found


def _changed(point: Point, step: Step) -> Point:
    if step.action == "end_point":
        return replace(point, ended=True)
    payee = frozenset({step.fingerprint or ""})
    if step.action == "remove_payee":
        if not payee <= point.payees:
            raise StepError("payee_not_there")
        return replace(point, payees=point.payees - payee)
    if payee <= point.payees:
        raise StepError("payee_there")
    if len(point.payees) >= MOST_PAYEES:
        raise StepError("too_many_payees")
    return replace(point, payees=point.payees | payee)


def slug_of(name: str) -> str:
    """A name as an id may be written: "Quầy 14" is `quay-14`."""
    apart = unicodedata.normalize("NFD", name.replace("đ", "d").replace("Đ", "d"))
    bare = "".join(sign for sign in apart if not unicodedata.category(sign).startswith("M"))
    return _NOT_SLUG.sub("-", bare.lower()).strip("-")[:36].strip("-") or "diem"
