from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from api.moments import Moment
from tests.api.running import RunningApi, problem

MOMENT: TypeAdapter[datetime] = TypeAdapter(Moment)
ODD = ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1969-12-31T23:59:59Z", "2200-01-01T00:00:00Z"]


def test_a_moment_is_in_utc() -> None:
    assert MOMENT.validate_python("2026-02-10T12:00:00+07:00") == datetime(2026, 2, 10, 5, tzinfo=UTC)


@pytest.mark.parametrize("text", [*ODD, "2026-02-10T12:00:00", "tomorrow"])
def test_what_the_database_or_we_could_not_hold_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        MOMENT.validate_python(text)


@pytest.mark.parametrize("odd", ODD)
def test_no_route_stumbles_over_an_odd_moment(shared_api: RunningApi, odd: str) -> None:
    span = {"start": odd, "end": odd}
    with shared_api.client("lan") as client, shared_api.client("admin") as admin:
        answers = [
            client.get("/api/v1/history/events", params=span),
            client.get("/api/v1/incidents", params=span),
            client.get("/api/v1/wards/an-luu/shift", params=span),
            client.post("/api/v1/wards/an-luu/handovers", json={**span, "note": "ca đêm"}),
            client.post(
                "/api/v1/cameras/quang-trung-1/recordings",
                json={"begin": odd, "end": odd, "reason": "tìm trẻ lạc"},
            ),
            admin.post(
                "/api/v1/grants",
                json={"username": "minh", "ward": "an-luu", "valid_until": odd, "reason": "tìm trẻ lạc"},
            ),
        ]
        assert {problem(answer)[0] for answer in answers} == {422}
        assert client.get("/api/v1/handovers").status_code == 200
