"""What everybody may know: whether a ward's streets can be paid on now. Off unless the settings name the ward.

No person, no point and no stall is named. Of a place with few points not even numbers are told, only a word: one stall
must not be known from them, nor from what the ward as a whole tells.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel

from api.access.auth import client_of, pool_of
from api.access.limits import Buckets, bucket_name
from api.config import ApiSettings
from api.payments.desk import desk_of
from api.payments.payability import is_stale
from api.payments.targets import aim_of
from api.problems import ProblemError, documented, not_found
from contracts.banks import Banks, name_of
from contracts.ids import Slug
from storage import payability
from storage.payability import FigureRow, OutageRow
from storage.pool import Pool
from storage.scope import Scope

router = APIRouter(prefix="/api/v1/public", tags=["public"])

FEW: Final = 5
"""Points below which no number is told."""

KEPT_S: Final = 60.0
ASKED_PER_SECOND: Final = 2.0
ASKED_AT_ONCE: Final = 60
TOLD: Final = frozenset({"power", "uplink", "bank"})
"""Causes that are everybody's business; a single stall's trouble is not."""

Band = Literal["all", "most", "some", "none", "unknown"]


class PublicSite(BaseModel):
    """A street or market. Without numbers where it has few points; `band` says the same in a word. `closed`: outside of
    the hours in which people pay there.
    """

    name: str
    kind: str
    points: int | None
    verified: int | None
    payable: int | None
    closed: bool
    band: Band


class PublicOutage(BaseModel):
    cause: str
    site_name: str | None
    bank_name: str | None
    points: int | None
    since: datetime


class PublicNotice(BaseModel):
    bank_name: str
    since: datetime
    until: datetime


class PublicPayability(BaseModel):
    """A ward at a moment. `points`, `verified` and `payable` count the sites that show numbers."""

    ward_name: str
    at: datetime
    looked_at: datetime | None
    stale: bool
    points: int
    verified: int
    payable: int
    band: Band
    target: float
    sites: list[PublicSite]
    outages: list[PublicOutage]
    notices: list[PublicNotice]


class Public:
    """Owns what was told a moment ago, so that many readers cost one question a minute, and how often one may ask."""

    def __init__(self, settings: ApiSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self.wards = settings.public_wards
        self.buckets = Buckets(ASKED_PER_SECOND, ASKED_AT_ONCE)
        self._clock = clock
        self._kept: dict[str, tuple[float, PublicPayability]] = {}
        self._asking = threading.Lock()

    def of(self, ward: str, ask: Callable[[], PublicPayability]) -> PublicPayability:
        """What is told of `ward`, asked anew after a minute."""
        with self._asking:
            kept = self._kept.get(ward)
            if kept is None or self._clock() - kept[0] >= KEPT_S:
                kept = self._clock(), ask()
                self._kept[ward] = kept
            return kept[1]


@router.get("/payability/{ward}.json", responses=documented(404))
def public_json(ward: Slug, request: Request) -> PublicPayability:
    """The ward's figures, for its portal. Any site's page may read them."""
    return told_of(ward, request)


def told_of(ward: str, request: Request) -> PublicPayability:
    """Raises ProblemError 429 for who asks too often, 404 for a ward that is not public."""
    public: Public = request.app.state.public
    wait = public.buckets.take(bucket_name(client_of(request)))
    if wait:
        headers = {"Retry-After": str(math.ceil(wait))}
        raise ProblemError(429, "too_many_requests", "Too many requests from this address", headers=headers)
    if ward not in public.wards:
        raise not_found("ward")
    pool, banks = pool_of(request), desk_of(request).banks
    return public.of(ward, lambda: _ask(pool, ward, banks))


def _ask(pool: Pool, ward: str, banks: Banks) -> PublicPayability:
    scope = Scope.of_wards([ward])
    with pool.connection() as db:
        rows = payability.figures(db, scope)
        outages = payability.lasting(db, scope)
        said = payability.notices(db, [ward])
        aim = aim_of(payability.targets(db, [ward]), ward, "", "")
    if not rows:
        raise not_found("ward")
    now = datetime.now(UTC)
    active = [row for row in said if row.ended_at is None and row.starts <= now < row.until]
    return PublicPayability(
        **_whole(rows),
        ward_name=rows[0].ward_name,
        at=now,
        looked_at=rows[0].looked_at,
        stale=is_stale(rows[0].looked_at, now),
        target=aim.payable,
        sites=[_site(row) for row in rows],
        outages=_outages(outages, rows, banks),
        notices=[
            PublicNotice(bank_name=name_of(row.bank, banks) or row.bank, since=row.starts, until=row.until)
            for row in active
        ],
    )


def _whole(rows: Sequence[FigureRow]) -> dict[str, Any]:
    """The ward's sums. Sites without numbers are not in them: else the difference would tell theirs."""
    large = [row for row in rows if row.points >= FEW]
    sums = {name: sum(getattr(row, name) for row in large) for name in ("points", "verified", "payable")}
    known = sum(row.payable + row.not_payable for row in large)
    return {**sums, "band": band_of(sums["payable"], known)}


def _site(row: FigureRow) -> PublicSite:
    many = row.points >= FEW
    return PublicSite(
        name=row.site_name,
        kind=row.kind,
        points=row.points if many else None,
        verified=row.verified if many else None,
        payable=row.payable if many else None,
        closed=row.closed == row.points,
        band=band_of(row.payable, row.payable + row.not_payable),
    )


def band_of(payable: int, known: int) -> Band:
    """How much of what is known can be paid at, in a word."""
    if known == 0:
        return "unknown"
    if payable == known:
        return "all"
    if payable == 0:
        return "none"
    return "most" if 2 * payable >= known else "some"


def _outages(outages: Sequence[OutageRow], rows: Sequence[FigureRow], banks: Banks) -> list[PublicOutage]:
    names = {row.site_id: row.site_name for row in rows}
    return [
        PublicOutage(
            cause=row.cause,
            site_name=names.get(row.site_id) if row.sites == 1 and row.cause != "bank" else None,
            bank_name=(name_of(row.place, banks) or row.place) if row.cause == "bank" else None,
            points=row.points if row.points >= FEW else None,
            since=row.began,
        )
        for row in outages
        if row.cause in TOLD
    ]
