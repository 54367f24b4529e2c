from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg.rows import TupleRow

from contracts.event import EventRecord
from contracts.ids import new_id
from contracts.telemetry import SampleRecord
from storage import history, records
from storage.history import Bucket, Length, Span
from storage.records import Commit, Origin
from storage.scope import Scope
from tests.support.samples import EPOCH, event

Connection = psycopg.Connection[TupleRow]
ORIGIN = Origin("an-luu", "an-luu-1", EPOCH)
AN_LUU = Scope.of_wards(["an-luu"])
MIDNIGHT = datetime(2026, 2, 9, 17, 0, tzinfo=UTC)  # in Vietnam


@pytest.mark.parametrize(
    ("days", "length"),
    [(0.1, Length.MINUTES_5), (2, Length.MINUTES_5), (2.1, Length.HOUR), (28, Length.HOUR), (29, Length.DAY)],
)
def test_a_span_is_answered_with_at_most_some_600_buckets(days: float, length: Length) -> None:
    span = Span(MIDNIGHT, MIDNIGHT + timedelta(days=days))
    assert span.length is length


def test_a_series_tells_mean_bounds_and_latest_of_each_bucket(connection: Connection) -> None:
    commit = Commit(seqs={ORIGIN: {1}})
    for minute, value in ((0, 2), (1, 4), (4, 9), (5, 1)):
        at = MIDNIGHT + timedelta(minutes=minute)
        sample = SampleRecord(seq=1, at=at, device="cho-an-luu-1", metric="zone.people", value=value, zone="cong")
        commit.samples.add(ORIGIN.box, sample)
    records.write(connection, commit)
    span = Span(MIDNIGHT, MIDNIGHT + timedelta(hours=1))
    five = timedelta(minutes=5)
    assert history.series(connection, "cho-an-luu-1", "zone.people", span, zone="cong") == [
        Bucket(MIDNIGHT, 3, 5.0, 2.0, 9.0, 9.0, 15.0),
        Bucket(MIDNIGHT + five, 1, 1.0, 1.0, 1.0, 1.0, 1.0),
    ]
    assert history.series(connection, "cho-an-luu-1", "zone.people", span) == []


def test_events_are_counted_by_kind_within_the_wards_that_are_asked_for(connection: Connection) -> None:
    commit = Commit(seqs={ORIGIN: {1}})
    for hour in (0, 1, 30):
        changed = event(id=new_id(), opened_at=MIDNIGHT + timedelta(hours=hour))
        commit.events.append((ORIGIN, EventRecord(seq=1, event=changed)))
    records.write(connection, commit)
    two_days, year = timedelta(days=2), timedelta(days=300)
    hours = history.event_counts(connection, AN_LUU, Span(MIDNIGHT, MIDNIGHT + two_days))
    assert [(count.bucket, count.n) for count in hours] == [
        (MIDNIGHT + timedelta(hours=hour), 1) for hour in (0, 1, 30)
    ]
    days = history.event_counts(connection, AN_LUU, Span(MIDNIGHT, MIDNIGHT + year))
    assert [(count.bucket, count.n) for count in days] == [(MIDNIGHT, 2), (MIDNIGHT + timedelta(days=1), 1)]
    assert history.event_counts(connection, Scope.of_wards(["phuong-4"]), Span(MIDNIGHT, MIDNIGHT + year)) == []
    busiest = history.busiest_cameras(connection, AN_LUU, Span(MIDNIGHT, MIDNIGHT + year))
    assert [(camera.camera_id, camera.n) for camera in busiest] == [("quang-trung-1", 3)]


def counted(connection: Connection, *found: tuple[float, str, str, float]) -> None:
    """Store samples: hours after MIDNIGHT, camera, metric, value."""
    commit = Commit(seqs={ORIGIN: {1}})
    for hours, camera, metric, value in found:
        at = MIDNIGHT + timedelta(hours=hours)
        commit.samples.add(ORIGIN.box, SampleRecord(seq=1, at=at, device=camera, metric=metric, value=value))
    records.write(connection, commit)


def test_people_of_all_zones_come_by_the_hour_for_a_week_and_by_the_day_beyond(connection: Connection) -> None:
    people = [
        (0.1, "quang-trung-1", 2), (0.6, "quang-trung-1", 4), (0.2, "cho-an-luu-1", 10),
        (3, "cho-an-luu-1", 6), (25, "cho-an-luu-1", 1), (0.1, "yersin-1", 99),
    ]  # fmt: skip
    counted(connection, *((hours, camera, "zone.people", value) for hours, camera, value in people))
    hours = history.people(connection, AN_LUU, Span(MIDNIGHT, MIDNIGHT + timedelta(days=7)))
    assert [(found.bucket, found.mean, found.highest) for found in hours] == [
        (MIDNIGHT, 13.0, 10.0),
        (MIDNIGHT + timedelta(hours=3), 6.0, 6.0),
        (MIDNIGHT + timedelta(hours=25), 1.0, 1.0),
    ]
    days = history.people(connection, AN_LUU, Span(MIDNIGHT, MIDNIGHT + timedelta(days=8)))
    assert [(found.bucket, found.mean, found.highest) for found in days] == [
        (MIDNIGHT, 11.0, 10.0),
        (MIDNIGHT + timedelta(days=1), 1.0, 1.0),
    ]


def test_uptime_is_the_share_of_measurements_in_which_cameras_streamed(connection: Connection) -> None:
    streaming = [(1, "quang-trung-1", 1), (2, "quang-trung-1", 0), (2, "cho-an-luu-1", 1), (3, "cho-an-luu-1", 1)]
    counted(connection, *((hours, camera, "camera.streaming", value) for hours, camera, value in streaming))
    (day,) = history.uptime(connection, AN_LUU, Span(MIDNIGHT, MIDNIGHT + timedelta(days=1)))
    assert (day.bucket, day.share) == (MIDNIGHT, 0.75)
