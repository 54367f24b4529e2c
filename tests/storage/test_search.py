from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import TupleRow

from contracts.event import Event, EventRecord, Phase, Severity
from demo.postgres import Postgres
from storage import inventory, records, search
from storage.records import Commit, Origin
from storage.scope import Scope, SitePlace
from storage.search import MOST_KEYS, EventFilter, Key, Spot
from storage.wall import EventKey
from tests.support.databases import fresh_database
from tests.support.samples import EPOCH, EVENT_ID, INVENTORY, NOON, event

Connection = psycopg.Connection[TupleRow]

EVERYWHERE = Scope.of_wards(["an-luu", "phuong-4"])
MARKET = Scope(sites=frozenset({SitePlace("an-luu", "cho-an-luu")}))
PLACES = {
    "quang-trung-1": ("an-luu", "quang-trung", ("via-he", None)),
    "cho-an-luu-1": ("an-luu", "cho-an-luu", ("cong", None)),
    "yersin-1": ("phuong-4", "yersin", (None,)),
}
KINDS = ("intrusion", "occupancy", "left_object")


def made(number: int, rng: random.Random) -> tuple[str, Event]:
    """An event of some camera, half of them within the same minutes, and its ward."""
    camera = rng.choice(list(PLACES))
    ward, site, zones = PLACES[camera]
    opened = NOON + timedelta(minutes=rng.randint(0, 60))
    closed = rng.random() < 0.8
    measured = site == "cho-an-luu" and rng.random() < 0.3
    return ward, event(
        id=UUID(int=EVENT_ID.int + number),
        camera=None if measured else camera,
        device=rng.choice(("khoi-cho-1", "gw-cho")) if measured else None,
        site=site,
        zone=None if measured else rng.choice(zones),
        kind=rng.choice(KINDS),
        severity=rng.choice(list(Severity)),
        opened_at=opened,
        phase=Phase.CLOSE if closed else Phase.OPEN,
        closed_at=opened + timedelta(seconds=9) if closed else None,
        snapshot="a" * 64 if rng.random() < 0.5 else None,
        clip="b" * 64 if rng.random() < 0.5 else None,
    )


@pytest.fixture(scope="module")
def year(postgres: Postgres) -> Iterator[tuple[Connection, list[tuple[str, Event]]]]:
    """A database with some hundred events, and these."""
    rng = random.Random(3)
    events = [made(number, rng) for number in range(400)]
    with fresh_database(postgres) as conninfo, psycopg.connect(conninfo, autocommit=True) as connection:
        inventory.apply(connection, INVENTORY)
        commit = Commit()
        for seq, (ward, one) in enumerate(events, 1):
            origin = Origin(ward, "an-luu-1" if ward == "an-luu" else "phuong-4-1", EPOCH)
            commit.events.append((origin, EventRecord(seq=seq, event=one)))
        records.write(connection, commit)
        yield connection, events


def fits(ward: str, one: Event, wanted: EventFilter, scope: Scope) -> bool:
    """The same question in Python."""
    return all(
        (
            scope.covers(ward, one.site),
            wanted.spots is None
            or any(
                spot.device == one.device
                if spot.device
                else spot.camera == one.camera and spot.zone in (None, one.zone)
                for spot in wanted.spots
            ),
            wanted.ward in (None, ward),
            wanted.site in (None, one.site),
            wanted.camera in (None, one.camera),
            wanted.device in (None, one.device),
            wanted.kinds is None or one.kind in wanted.kinds,
            wanted.severities is None or one.severity in wanted.severities,
            wanted.start is None or one.opened_at >= wanted.start,
            wanted.end is None or one.opened_at < wanted.end,
            wanted.open in (None, one.closed_at is None),
            one.snapshot is not None or not wanted.snapshot,
            one.clip is not None or not wanted.clip,
        )
    )


MANY = [
    Spot("cho-an-luu-1", "cong"),
    Spot(device="gw-cho"),
    *(Spot(f"camera-{number}") for number in range(MOST_KEYS)),
    Spot("yersin-1"),
]
LATER = NOON + timedelta(minutes=20)
FILTERS = {
    "all": EventFilter(),
    "a camera": EventFilter(camera="cho-an-luu-1"),
    "a device": EventFilter(device="khoi-cho-1"),
    "spots and devices": EventFilter(spots=[Spot("yersin-1"), Spot(device="khoi-cho-1"), Spot("cho-an-luu-1", "cong")]),
    "devices alone": EventFilter(spots=[Spot(device="gw-cho")], kinds=["intrusion"]),
    "a site": EventFilter(site="quang-trung"),
    "a ward": EventFilter(ward="an-luu"),
    "a ward that is not there": EventFilter(ward="nowhere"),
    "a site of another ward": EventFilter(ward="phuong-4", site="quang-trung"),
    "kinds": EventFilter(kinds=["left_object", "intrusion", "left_object"]),
    "severities": EventFilter(severities=["high", "critical"]),
    "kinds and severities": EventFilter(kinds=["occupancy"], severities=["critical"]),
    "a time": EventFilter(start=NOON + timedelta(minutes=5), end=LATER),
    "open ones": EventFilter(open=True),
    "open ones of a camera": EventFilter(open=True, camera="yersin-1", kinds=["intrusion"]),
    "closed ones": EventFilter(open=False, site="yersin"),
    "clips": EventFilter(clip=True),
    "both pictures": EventFilter(clip=True, snapshot=True, kinds=["intrusion"]),
    "nowhere": EventFilter(spots=[]),
    "spots": EventFilter(spots=[Spot("yersin-1"), Spot("quang-trung-1", "via-he"), Spot("yersin-1")]),
    "spots of a kind since a time": EventFilter(spots=[Spot("cho-an-luu-1")], kinds=["occupancy"], start=LATER),
    "more spots than keys": EventFilter(spots=MANY, severities=["high"]),
    "more spots than keys, of a camera": EventFilter(spots=MANY, camera="cho-an-luu-1"),
}


@pytest.mark.parametrize(
    "scope",
    [EVERYWHERE, Scope.of_wards(["phuong-4"]), MARKET, Scope()],
    ids=["everywhere", "a ward", "a site", "nowhere"],
)
@pytest.mark.parametrize("wanted", FILTERS.values(), ids=FILTERS)
def test_pages_hold_exactly_what_is_wanted_newest_first(
    year: tuple[Connection, list[tuple[str, Event]]], wanted: EventFilter, scope: Scope
) -> None:
    connection, events = year
    expected = [one for ward, one in events if fits(ward, one, wanted, scope)]
    expected.sort(key=lambda one: (one.opened_at, one.id), reverse=True)
    found: list[Event] = []
    before: EventKey | None = None
    while rows := search.events(connection, scope, wanted, limit=30, before=before):
        found += [Event.model_validate(row.body) for row in rows]
        before = EventKey(found[-1].opened_at, found[-1].id)
    assert [one.id for one in found] == [one.id for one in expected]


def test_the_filters_tell_different_events(year: tuple[Connection, list[tuple[str, Event]]]) -> None:
    counts = {
        name: sum(fits(ward, one, wanted, EVERYWHERE) for ward, one in year[1]) for name, wanted in FILTERS.items()
    }
    empty = {"a ward that is not there", "a site of another ward", "nowhere"}
    assert {name for name, count in counts.items() if not count} == empty
    assert all(count < 400 for name, count in counts.items() if name != "all")


@pytest.mark.parametrize(
    ("name", "scope", "key", "keys"),
    [
        ("all", EVERYWHERE, Key.WARD, 2),
        ("all", MARKET, Key.SITE, 1),
        ("a ward", EVERYWHERE, Key.WARD, 1),
        ("a ward that is not there", EVERYWHERE, Key.WARD, 0),
        ("a camera", MARKET, Key.CAMERA, 1),
        ("kinds", EVERYWHERE, Key.KIND, 4),
        ("kinds and severities", EVERYWHERE, Key.KIND, 2),
        ("severities", EVERYWHERE, Key.SEVERITY, 4),
        ("open ones of a camera", EVERYWHERE, Key.WARD, 2),
        ("spots", EVERYWHERE, Key.SPOT, 2),
        ("a device", EVERYWHERE, Key.DEVICE, 1),
        ("spots and devices", EVERYWHERE, Key.SPOT, 2),
        ("more spots than keys", EVERYWHERE, Key.SEVERITY, 2),
        ("more spots than keys, of a camera", EVERYWHERE, Key.CAMERA, 1),
    ],
)
def test_a_search_goes_by_the_narrowest_key(name: str, scope: Scope, key: Key, keys: int) -> None:
    plan = search.plan(FILTERS[name], scope, older=False)
    assert f"WHERE {key.value} AND" in plan.sql
    assert len(plan.keys) == keys


@pytest.fixture(scope="module")
def crowded(postgres: Postgres) -> Iterator[Connection]:
    """A database with some events, whose planner takes an index in order as it does among millions."""
    with fresh_database(postgres) as conninfo, psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO events (id, opened_at, revision, phase, kind, severity, ward_id, site_id, box_id, camera_id,"
            " device_id, at, captured_at, closed_at, count, peak_count, confidence, body, received_at)"
            " SELECT gen_random_uuid(), %(noon)s::timestamptz - n * INTERVAL '1 minute', 0, 'open', 'kind_' || n %% 9,"
            " (ARRAY['low', 'medium', 'high', 'critical'])[n %% 4 + 1],"
            " CASE WHEN n %% 7 < 2 THEN 'an-luu' ELSE 'phuong-4' END, 'site-' || n %% 20, 'box',"
            " CASE WHEN n %% 50 > 0 THEN 'camera-' || n %% 40 END, CASE WHEN n %% 50 = 0 THEN 'device-' || n %% 40 END,"
            " now(), now(), CASE WHEN n %% 1000 > 0 THEN now() END, 1, 1, 0.5, '{}', now()"
            " FROM generate_series(1, 20000) AS n",
            {"noon": NOON},
        )
        connection.execute("DROP INDEX events_newest")  # serves among few what the others serve among many
        connection.execute("SET enable_bitmapscan = off; SET enable_seqscan = off")
        connection.execute("ANALYZE events")
        yield connection


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (EventFilter(), "events_ward_newest"),
        (EventFilter(start=NOON - timedelta(days=9), end=NOON - timedelta(days=8)), "events_ward_newest"),
        (EventFilter(camera="camera-3"), "events_camera_newest"),
        (EventFilter(device="device-10"), "events_device_newest"),
        (EventFilter(spots=[Spot("camera-1"), Spot(device="device-10")]), "events_device_newest"),
        (EventFilter(site="site-3"), "events_site_newest"),
        (EventFilter(kinds=["kind_1", "kind_none"]), "events_kind_newest"),
        (EventFilter(severities=["critical"], clip=True), "events_severity_newest"),
        (EventFilter(open=True, camera="camera-3"), "events_open"),
        (EventFilter(spots=[Spot("camera-1"), Spot("camera-2", "via-he")]), "events_camera_newest"),
        (EventFilter(spots=[Spot(f"camera-{number}") for number in range(30)]), "events_ward_newest"),
    ],
)
@pytest.mark.parametrize("before", [None, NOON - timedelta(days=10)], ids=["newest", "older"])
def test_every_search_is_answered_by_an_index_in_order(
    crowded: Connection, wanted: EventFilter, index: str, before: datetime | None
) -> None:
    scope = Scope.of_wards(["an-luu"])
    decided = search.plan(wanted, scope, older=before is not None)
    values = search.parameters(decided, wanted, scope, EventKey(before, EVENT_ID) if before else None)
    lines = crowded.execute(f"EXPLAIN {decided.sql}".encode(), {**values, "limit": 51}).fetchall()
    plan = "\n".join(line for (line,) in lines)
    assert f"using {index} on events" in plan, plan
    inner = plan.partition("Nested Loop")[2]
    assert "Sort" not in inner, plan
