from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from contracts.telemetry import SampleRecord
from storage import records
from storage.records import Commit
from tests.api.running import COOKIE, RunningApi, commit_event
from tests.support.samples import NOON, event

DAY = {"start": NOON.isoformat(), "end": (NOON + timedelta(days=1)).isoformat()}


def asked(api: RunningApi, path: str, user: str = "lan", **parameters: str) -> tuple[int, dict[str, Any]]:
    with api.client(Cookie=f"{COOKIE}={api.session(user)}") as client:
        answer = client.get(f"/api/v1/history/{path}", params=parameters)
        return answer.status_code, answer.json()


def test_events_are_counted_within_the_users_wards(api: RunningApi) -> None:
    commit_event(api.conninfo, event())
    status, answer = asked(api, "events", **DAY)
    assert status == 200
    assert answer["length"] == "1h"
    assert [(item["kind"], item["severity"], item["n"]) for item in answer["items"]] == [("intrusion", "high", 1)]
    assert asked(api, "events", "minh", **DAY)[1]["items"] == []


def test_a_cameras_series_comes_in_buckets_that_fit(api: RunningApi) -> None:
    sample = SampleRecord(seq=1, at=NOON, device="quang-trung-1", metric="zone.people", value=4, zone="via-he")
    with psycopg.connect(api.conninfo, autocommit=True) as connection:
        commit = Commit()
        commit.samples.add("an-luu-1", sample)
        records.write(connection, commit)
    status, answer = asked(api, "cameras/quang-trung-1/zone.people", zone="via-he", **DAY)
    assert status == 200
    assert answer["length"] == "5m"
    assert [(item["n"], item["mean"], item["latest"]) for item in answer["items"]] == [(1, 4.0, 4.0)]
    assert asked(api, "cameras/quang-trung-1/zone.people", "minh", **DAY)[0] == 404


@pytest.mark.parametrize(
    "parameters",
    [
        {"start": "2026-02-10T00:00:00Z", "end": "2026-02-09T00:00:00Z"},
        {"start": "2024-01-01T00:00:00Z", "end": "2026-02-09T00:00:00Z"},
        {"end": "9999-12-31T00:00:00Z"},
        {"end": "0001-01-01T00:00:00Z"},
        {"end": "2026-02-09T00:00:00"},
        {"end": "yesterday"},
    ],
)
def test_a_span_that_makes_no_sense_is_refused(api: RunningApi, parameters: dict[str, str]) -> None:
    status, answer = asked(api, "events", **parameters)
    assert (status, answer["code"]) == (422, "invalid")


def test_without_a_span_the_last_day_is_told(api: RunningApi) -> None:
    commit_event(api.conninfo, event(opened_at=datetime.now(UTC) - timedelta(hours=2)))
    assert len(asked(api, "events")[1]["items"]) == 1
