from __future__ import annotations

from datetime import timedelta

import pytest

from api.access.permissions import ROLES, SEES_VIDEO, scopes
from storage.grants import ReachRow
from storage.scope import Scope, SitePlace
from tests.support.samples import NOON

HOUR = timedelta(hours=1)
MARKET = SitePlace("an-luu", "cho-an-luu")
YERSIN = SitePlace("phuong-4", "yersin")
AN_LUU = Scope.of_wards(["an-luu"])


def limit(place: SitePlace) -> ReachRow:
    return ReachRow("site", place.ward, place.site, None, None)


def granted(ward: str, site: str | None = None, begin: timedelta = -HOUR, end: timedelta = HOUR) -> ReachRow:
    return ReachRow("grant", ward, site, NOON + begin, NOON + end)


@pytest.mark.parametrize("role", ROLES)
def test_every_role_sees_its_wards_and_all_but_a_technician_watch_them(role: str) -> None:
    wards = [ReachRow("ward", ward, None, None, None) for ward in ("an-luu", "phuong-4")]
    sees, watches = scopes(role, ["an-luu"], [], wards if role == "admin" else [], NOON)
    assert sees == (Scope.of_wards(["an-luu", "phuong-4"]) if role == "admin" else AN_LUU)
    assert watches == (sees if role in SEES_VIDEO else Scope())


CASES = {
    "a site limits the ward": ("police", ["cho-an-luu"], [limit(MARKET)], {MARKET}, {MARKET}),
    "a site of another ward gives nothing": ("police", ["yersin"], [limit(YERSIN)], set(), set()),
    "a site that is not there gives nothing": ("police", ["nowhere"], [], set(), set()),
    "a limited technician": ("technician", ["cho-an-luu"], [limit(MARKET)], {MARKET}, set()),
    "a grant to a technician": ("technician", [], [granted("an-luu", "cho-an-luu")], {"an-luu", MARKET}, {MARKET}),
    "a grant in another ward": ("police", [], [granted("phuong-4", "yersin")], {"an-luu", YERSIN}, {"an-luu", YERSIN}),
    "a grant of a whole ward": ("viewer", [], [granted("phuong-4")], {"an-luu", "phuong-4"}, {"an-luu", "phuong-4"}),
    "a grant that begins now": ("technician", [], [granted("an-luu", None, 0 * HOUR)], {"an-luu"}, {"an-luu"}),
    "a grant that ends now": ("technician", [], [granted("an-luu", None, -HOUR, 0 * HOUR)], {"an-luu"}, set()),
    "a grant to come": ("technician", [], [granted("an-luu", None, HOUR, 2 * HOUR)], {"an-luu"}, set()),
    "a grant beyond a limit": (
        "police", ["cho-an-luu"], [limit(MARKET), granted("phuong-4")], {MARKET, "phuong-4"}, {MARKET, "phuong-4"},
    ),
}  # fmt: skip


def scope(places: set[str | SitePlace]) -> Scope:
    return Scope(
        frozenset(place for place in places if isinstance(place, str)),
        frozenset(place for place in places if isinstance(place, SitePlace)),
    )


@pytest.mark.parametrize(("role", "sites", "reach", "sees", "watches"), CASES.values(), ids=CASES)
def test_limits_and_grants_decide_what_is_seen_and_watched(
    role: str, sites: list[str], reach: list[ReachRow], sees: set[str | SitePlace], watches: set[str | SitePlace]
) -> None:
    assert scopes(role, ["an-luu"], sites, reach, NOON) == (scope(sees), scope(watches))


def test_a_scope_covers_whole_wards_and_single_sites() -> None:
    one = Scope(frozenset({"an-luu"}), frozenset({YERSIN}))
    assert one.covers("an-luu", "anything")
    assert one.covers("phuong-4", "yersin")
    assert one.covers("phuong-4", None), "a box of a ward of which they see a part"
    assert not one.covers("phuong-4", "other")
    assert not one.covers("elsewhere", "yersin"), "a site of the same name in another ward"
    assert not one.covers("elsewhere", None)
    assert one.wards == ["an-luu", "phuong-4"]
    assert not Scope()
    assert Scope(sites=frozenset({YERSIN}))
