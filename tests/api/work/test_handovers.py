"""A shift's end: what happened in it, in figures and words, and the note that another officer accepts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from contracts.event import Severity
from tests.api.running import RunningApi, problem
from tests.api.work.test_incidents import colleagues, happens, numbered, taken

__all__ = ["colleagues"]

SHIFT = "/api/v1/wards/an-luu/shift"
WRITE = "/api/v1/wards/an-luu/handovers"
HANDOVERS = "/api/v1/handovers"


def span(**changes: datetime) -> dict[str, str]:
    """The hour around now."""
    now = datetime.now(UTC)
    whole = {"start": now - timedelta(minutes=30), "end": now + timedelta(minutes=30), **changes}
    return {name: at.isoformat() for name, at in whole.items()}


def test_a_shift_at_a_glance(api: RunningApi, colleagues: None) -> None:
    ids = happens(
        api, numbered(1), numbered(2, kind="crowding", severity=Severity.MEDIUM), numbered(3, kind="loitering")
    )
    with api.client("lan") as lan, api.client("hoa") as hoa:
        taken(lan, ids[2], "see", version=0)
        taken(lan, ids[2], "resolve", version=1, reason="handled")
        taken(hoa, ids[1], "false-alarm", version=0, reason="allowed")
        taken(hoa, ids[0], "comments", text="Chủ sạp hẹn quay lại lúc 21 giờ.")
        with psycopg.connect(api.conninfo, autocommit=True) as db:
            db.execute("UPDATE boxes SET state = 'online'")
            db.execute("UPDATE cameras SET state = 'streaming'")
            db.execute("UPDATE cameras SET state = 'failed', fault = 'refused' WHERE id = 'cho-an-luu-1'")
        summary: dict[str, Any] = lan.get(SHIFT, params=span()).raise_for_status().json()
        early = lan.get(SHIFT, params=span(end=datetime.now(UTC) - timedelta(minutes=29))).json()
    assert [(one["kind"], one["state"], one["n"]) for one in summary["counts"]] == [
        ("crowding", "false_alarm", 1),
        ("intrusion", "resolved", 1),
        ("loitering", "new", 1),
    ]
    assert [(one["actor"], one["action"], one["n"]) for one in summary["work"]] == [
        ("hoa", "comment", 1),
        ("hoa", "false_alarm", 1),
        ("lan", "resolve", 1),
        ("lan", "see", 1),
    ]
    assert [one["text"] for one in summary["comments"]] == ["Chủ sạp hẹn quay lại lúc 21 giờ."]
    assert [(one["id"], one["fault"]) for one in summary["cameras"]] == [("cho-an-luu-1", "refused")]
    assert [one["id"] for one in summary["unfinished"]] == [ids[0]]
    assert summary["times"]["acknowledged"] == 2
    assert 0 <= summary["times"]["median_to_acknowledge"] <= summary["times"]["slowest_to_acknowledge"] < 120
    assert (early["counts"], early["work"], early["comments"]) == ([], [], [])
    assert [one["id"] for one in early["unfinished"]] == [ids[0]], "what is unfinished is unfinished now"


def test_a_note_goes_from_one_officer_to_another(api: RunningApi, colleagues: None) -> None:
    (id_,) = happens(api, numbered(1))
    with api.client("lan") as lan, api.client("hoa") as hoa, api.client("minh") as minh:
        written = lan.post(WRITE, json={**span(), "note": "Camera cổng chợ mờ, đã báo kỹ thuật."})
        assert written.status_code == 201
        note = written.json()
        assert (note["author"], note["accepted_by"], note["ward"]) == ("lan", None, "an-luu")
        assert [one["id"] for one in note["summary"]["unfinished"]] == [id_]
        accept = f"{HANDOVERS}/{note['id']}/accept"
        assert problem(lan.post(accept)) == (409, "own_handover")
        assert problem(minh.post(accept)) == (404, "not_found")
        accepted = hoa.post(accept).raise_for_status().json()
        assert (accepted["accepted_by"], accepted["accepted_by_name"]) == ("hoa", "Hoa")
        assert lan.get(HANDOVERS).json()["items"] == [accepted]
        assert minh.get(HANDOVERS).json()["items"] == []


def test_of_two_who_accept_at_once_one_is_told(api: RunningApi, colleagues: None) -> None:
    with api.client("lan") as lan:
        note = lan.post(WRITE, json={**span(), "note": "Không có gì mới."}).raise_for_status().json()

    def accept(user: str) -> int:
        with api.client(user) as client:
            return client.post(f"{HANDOVERS}/{note['id']}/accept").status_code

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(accept, ["hoa", "admin"])) == [200, 409]


@pytest.mark.parametrize("body", [{"note": " "}, {"note": "x", "end": datetime.min.replace(tzinfo=UTC)}])
def test_a_note_without_sense_is_refused(api: RunningApi, body: dict[str, Any]) -> None:
    body = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in body.items()}
    with api.client("lan") as lan:
        assert problem(lan.post(WRITE, json={**span(), **body})) == (422, "invalid")


def test_the_figures_of_the_work_can_be_drawn(api: RunningApi) -> None:
    ids = happens(api, numbered(1), numbered(2, kind="crowding"))
    with api.client("lan") as lan:
        taken(lan, ids[0], "resolve", version=0, reason="reminded")
    with psycopg.connect(api.conninfo) as db:
        rows = db.execute("SELECT kind, seconds_to_acknowledge, seconds_to_resolve FROM incident_times ORDER BY kind")
        (crowding, intrusion) = rows.fetchall()
    assert 0 <= crowding[1] == crowding[2] < 60
    assert intrusion[1:] == (None, None)
