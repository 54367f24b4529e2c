"""Officers at work: what they see of incidents, the steps they take, and who wins when two take one at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest

from contracts.event import Event, EventRecord, Severity
from contracts.incident import Recover
from ingest.incidents.correlator import correlate_queued
from ingest.incidents.settings import CorrelationSettings
from storage import accounts, incident_steps, records
from storage.accounts import UserRow
from storage.records import Commit, Origin
from tests.api.running import RunningApi, heard, password_hash, problem
from tests.support.samples import EPOCH, EVENT_ID, event

INCIDENTS = "/api/v1/incidents"
NOW = datetime.now(UTC)
ORIGINS = {"an-luu": Origin("an-luu", "an-luu-1", EPOCH), "phuong-4": Origin("phuong-4", "phuong-4-1", EPOCH)}


def numbered(number: int, **changes: object) -> Event:
    at = NOW + timedelta(milliseconds=number)
    return event(**{"id": UUID(int=EVENT_ID.int + number), "opened_at": at, "at": at, "captured_at": at, **changes})


def happens(api: RunningApi, *events: Event, ward: str = "an-luu") -> list[str]:
    """Commit and correlate `events` as ingest does; the ids of all incidents, newest first."""
    origin = ORIGINS[ward]
    listed = [(origin, EventRecord(seq=seq, event=one)) for seq, one in enumerate(events, 1)]
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        records.write(db, Commit(events=listed, seqs={origin: set(range(1, len(events) + 1))}))
        correlate_queued(db, ward, CorrelationSettings())
        return [str(row[0]) for row in db.execute("SELECT id FROM incidents ORDER BY opened_at DESC, id DESC")]


@pytest.fixture
def incident(api: RunningApi) -> str:
    """The id of an intrusion that nobody has looked at."""
    (id_,) = happens(api, numbered(1))
    return id_


@pytest.fixture
def colleagues(api: RunningApi) -> None:
    """More officers: hoa works in the same ward, xem only reads there."""
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        for name, role in (("hoa", "operator"), ("xem", "viewer")):
            accounts.put_user(db, UserRow(name, name.title(), password_hash(), role, ["an-luu"], False))


def act(client: httpx.Client, id_: str, step: str, **body: object) -> httpx.Response:
    return client.post(f"{INCIDENTS}/{id_}/{step}", json=body)


def taken(client: httpx.Client, id_: str, step: str, **body: object) -> dict[str, Any]:
    answer: dict[str, Any] = act(client, id_, step, **body).raise_for_status().json()
    return answer


def detail(client: httpx.Client, id_: str) -> dict[str, Any]:
    answer: dict[str, Any] = client.get(f"{INCIDENTS}/{id_}").raise_for_status().json()
    return answer


def listed(client: httpx.Client, **params: Any) -> list[str]:
    return [item["id"] for item in client.get(INCIDENTS, params=params).raise_for_status().json()["items"]]


def test_an_incident_says_what_happened_where_and_how_it_stands(api: RunningApi, incident: str) -> None:
    with api.client("lan") as client:
        (item,) = client.get(INCIDENTS).json()["items"]
        assert {key: item[key] for key in ("id", "ward", "site", "box", "camera", "kind", "severity", "state")} == {
            "id": incident,
            "ward": "an-luu",
            "site": "quang-trung",
            "box": "an-luu-1",
            "camera": "quang-trung-1",
            "kind": "intrusion",
            "severity": "high",
            "state": "new",
        }
        assert (item["version"], item["events"], item["open_events"]) == (0, 1, 1)
        whole = detail(client, incident)
    assert whole["incident"] == item
    assert [one["event"]["id"] for one in whole["events"]] == [str(numbered(1).id)]
    assert [step["action"] for step in whole["steps"]] == ["open"]
    assert (whole["symptoms"], whole["told"]) == ([], [])


def test_the_work_from_the_first_look_to_the_end_is_written_down(
    api: RunningApi, colleagues: None, incident: str
) -> None:
    with api.client("lan") as lan, api.client("hoa") as hoa:
        assert taken(lan, incident, "see", version=0)["state"] == "seen"
        taken(lan, incident, "comments", text="Có hai người trong chợ, đang gọi bảo vệ.")
        assert taken(lan, incident, "assign", version=1, to="hoa")["assignee"] == "hoa"
        assert taken(hoa, incident, "escalate", version=2)["escalations"] == 1
        done = taken(hoa, incident, "resolve", version=3, reason="handled")
        assert (done["state"], done["reason"], done["version"]) == ("resolved", "handled", 4)
        assert 0 <= done["seconds_to_acknowledge"] <= done["seconds_to_resolve"] < 60
        again = taken(lan, incident, "reopen", version=4)
        assert (again["state"], again.get("reason"), again.get("ended_at")) == ("seen", None, None)
        assert taken(lan, incident, "false-alarm", version=5, reason="animal")["state"] == "false_alarm"
        steps = detail(lan, incident)["steps"]
    assert [(step["action"], step.get("actor"), step["state"]) for step in steps] == [
        ("open", None, "new"),
        ("see", "lan", "seen"),
        ("comment", "lan", "seen"),
        ("assign", "lan", "assigned"),
        ("escalate", "hoa", "assigned"),
        ("resolve", "hoa", "resolved"),
        ("reopen", "lan", "seen"),
        ("false_alarm", "lan", "false_alarm"),
    ]
    assert steps[2]["comment"] == "Có hai người trong chợ, đang gọi bảo vệ."
    with psycopg.connect(api.conninfo) as db:
        entered = db.execute(
            "SELECT actor, action, ward FROM audit WHERE object = %s ORDER BY seq", (f"incident:{incident}",)
        )
        assert entered.fetchall() == [
            ("lan", "incident.see", "an-luu"),
            ("lan", "incident.comment", "an-luu"),
            ("lan", "incident.assign", "an-luu"),
            ("hoa", "incident.escalate", "an-luu"),
            ("hoa", "incident.resolve", "an-luu"),
            ("lan", "incident.reopen", "an-luu"),
            ("lan", "incident.false_alarm", "an-luu"),
        ]


def test_who_comes_second_is_told_who_was_first_and_how_it_stands(
    api: RunningApi, colleagues: None, incident: str
) -> None:
    with api.client("lan") as lan, api.client("hoa") as hoa:
        taken(lan, incident, "assign", version=0)
        answer = act(hoa, incident, "assign", version=0)
        assert answer.status_code == 409
        document = answer.json()
        at = datetime.fromisoformat(document.pop("at"))
        assert abs(at - datetime.now(UTC)) < timedelta(seconds=30)
        assert document == {
            "type": "about:blank",
            "title": "Somebody was first",
            "status": 409,
            "code": "changed_meanwhile",
            "detail": "",
            "by": "lan",
            "by_name": "Lan",
            "action": "assign",
            "state": "assigned",
            "version": 1,
        }
        assert detail(hoa, incident)["incident"]["assignee"] == "lan"


def test_of_many_at_once_one_wins_and_all_others_are_told(api: RunningApi, colleagues: None, incident: str) -> None:
    start = threading.Barrier(8)

    def grab(number: int) -> tuple[int, str]:
        user = ("lan", "hoa")[number % 2]
        with api.client(user) as client:
            start.wait()
            return act(client, incident, "assign", version=0).status_code, user

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(grab, range(8)))
    winners = [user for status, user in answers if status == 200]
    assert len(winners) == 1
    assert sorted(status for status, _ in answers) == [200] + [409] * 7
    with api.client("lan") as client:
        whole = detail(client, incident)
    assert whole["incident"]["assignee"] == winners[0]
    assert [step["action"] for step in whole["steps"]] == ["open", "assign"]


@pytest.mark.parametrize(
    ("before", "step", "body"),
    [
        ([("see", {})], "see", {}),
        ([("see", {})], "reopen", {}),
        ([("resolve", {"reason": "handled"})], "see", {}),
        ([("resolve", {"reason": "handled"})], "false-alarm", {"reason": "animal"}),
        ([("false-alarm", {"reason": "light"})], "resolve", {"reason": "handled"}),
    ],
)
def test_a_step_that_the_state_does_not_allow_is_refused(
    api: RunningApi, incident: str, before: list[tuple[str, dict[str, object]]], step: str, body: dict[str, object]
) -> None:
    with api.client("lan") as client:
        for version, (name, content) in enumerate(before):
            taken(client, incident, name, version=version, **content)
        assert act(client, incident, step, version=len(before), **body).status_code == 409


def test_ones_own_last_step_can_be_taken_back(api: RunningApi, colleagues: None, incident: str) -> None:
    with api.client("lan") as lan, api.client("hoa") as hoa:
        taken(lan, incident, "see", version=0)
        taken(lan, incident, "resolve", version=1, reason="handled")
        taken(lan, incident, "comments", text="Nhầm.")
        assert act(hoa, incident, "undo", version=2).status_code == 409
        back = taken(lan, incident, "undo", version=2)
        assert (back["state"], back.get("reason"), back.get("ended_at")) == ("seen", None, None)
        assert back["acknowledged_at"]
        back = taken(lan, incident, "undo", version=3)
        assert (back["state"], back.get("acknowledged_at")) == ("new", None)
        assert act(lan, incident, "undo", version=4).status_code == 409
        steps = detail(lan, incident)["steps"]
    assert [step["action"] for step in steps if step["undone"]] == ["see", "resolve"]


def test_after_a_minute_a_step_stays(api: RunningApi, incident: str) -> None:
    with api.client("lan") as client, psycopg.connect(api.conninfo, autocommit=True) as db:
        taken(client, incident, "see", version=0)
        db.execute("UPDATE incident_steps SET at = at - interval '61 seconds'")
        assert act(client, incident, "undo", version=1).status_code == 409


def test_undoing_does_not_undo_what_the_centre_did_meanwhile(api: RunningApi, incident: str) -> None:
    with api.client("lan") as client, psycopg.connect(api.conninfo, autocommit=True) as db:
        taken(client, incident, "see", version=0)
        with db.transaction():
            held = incident_steps.hold(db, UUID(incident))
            assert held is not None
            assert incident_steps.move(db, held, Recover()) == 2
        assert act(client, incident, "undo", version=2).status_code == 409


@pytest.mark.parametrize("to", ["minh", "xem", "tech", "nghi", "nobody"])
def test_an_incident_is_given_only_to_who_works_there(
    api: RunningApi, colleagues: None, incident: str, to: str
) -> None:
    with api.client("lan") as client:
        assert problem(act(client, incident, "assign", version=0, to=to)) == (422, "cannot_be_assigned")
        names = client.get(f"{INCIDENTS}/{incident}/colleagues").json()["items"]
    assert [one["username"] for one in names] == ["admin", "hoa", "lan"]


@pytest.mark.parametrize("user", ["tech", "xem"])
def test_who_only_reads_takes_no_step(api: RunningApi, colleagues: None, incident: str, user: str) -> None:
    with api.client(user) as client:
        assert listed(client) == [incident]
        assert problem(act(client, incident, "see", version=0)) == (403, "reads_only")
        assert problem(act(client, incident, "comments", text="x")) == (403, "reads_only")


@pytest.mark.parametrize(
    ("step", "body"),
    [
        ("resolve", {"version": 0, "reason": "bored"}),
        ("resolve", {"version": 0, "reason": "recovered"}),
        ("false-alarm", {"version": 0}),
        ("see", {}),
        ("see", {"version": -1}),
        ("comments", {"text": "   "}),
        ("comments", {"text": "x" * 2001}),
    ],
)
def test_a_step_without_sense_is_refused(api: RunningApi, incident: str, step: str, body: dict[str, object]) -> None:
    with api.client("lan") as client:
        assert problem(act(client, incident, step, **body)) == (422, "invalid")


def test_lists_are_filtered_and_paged(api: RunningApi) -> None:
    happens(api, *(numbered(number, kind=f"kind_{number}") for number in range(7)))
    happens(api, numbered(50, site="cho-an-luu", camera="cho-an-luu-1"))
    ids = happens(api, numbered(60, site="yersin", camera="yersin-1"), ward="phuong-4")
    with api.client("lan") as client:
        own = listed(client)
        assert own == [id_ for id_ in ids if id_ in own]
        assert len(own) == 8
        taken(client, own[3], "assign", version=0)
        assert listed(client, assignee="lan") == listed(client, state=["assigned"]) == [own[3]]
        assert set(listed(client, state=["new", "assigned"])) == set(own)
        assert listed(client, kind="kind_2") == [own[5]]
        assert listed(client, kind=["kind_2", "kind_4"]) == [own[3], own[5]]
        assert listed(client, assignee="me") == [own[3]]
        assert listed(client, site="cho-an-luu") == listed(client, camera="cho-an-luu-1") == [own[0]]
        assert listed(client, q="CHO an luu") == [own[0]]
        assert listed(client, q="Quang Trung") == own[1:]
        assert listed(client, q="phường an lưu") == own
        assert listed(client, q="yersin") == []
        assert listed(client, start=(NOW + timedelta(milliseconds=6)).isoformat()) == own[:2]
        assert listed(client, end=(NOW + timedelta(milliseconds=1)).isoformat()) == [own[7]]
        assert listed(client, ward="phuong-4") == []
        seen: list[str] = []
        params: dict[str, Any] = {"limit": 3}
        while True:
            page = client.get(INCIDENTS, params=params).json()
            seen += [item["id"] for item in page["items"]]
            if "next_cursor" not in page:
                break
            params["cursor"] = page["next_cursor"]
        assert seen == own


def test_what_a_box_explains_is_not_in_the_lane_but_under_its_card(api: RunningApi) -> None:
    first, second = happens(api, numbered(1, kind="camera_stalled"), numbered(2, kind="crowding"))
    cause, symptom = second, first
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        db.execute("UPDATE incidents SET cause_id = %s WHERE id = %s", (cause, symptom))
    with api.client("lan") as client:
        assert listed(client) == [cause]
        assert set(listed(client, hidden=True)) == {cause, symptom}
        assert listed(client, under=cause) == [symptom]
        assert [one["id"] for one in detail(client, cause)["symptoms"]] == [symptom]


def test_walls_hear_of_every_change_and_only_those_of_the_ward(api: RunningApi) -> None:
    with closing(api.wall("lan")) as wall, closing(api.wall("minh")) as other:
        for socket in (wall, other):
            heard(socket, "hello")
        (id_,) = happens(api, numbered(1))
        message = heard(wall, "incident")
        told = message["incident"]
        assert (told["id"], told["state"], told["version"]) == (id_, "new", 0)
        assert message["events"] == [str(numbered(1).id)]
        with api.client("lan") as client:
            taken(client, id_, "assign", version=0)
        told = heard(wall, "incident")["incident"]
        assert (told["state"], told["assignee"], told["version"]) == ("assigned", "lan", 1)
        assert told["assignee_name"] == "Lan"
        with pytest.raises(TimeoutError):
            heard(other, "incident", 0.5)


def test_alerts_say_which_incident_they_are_part_of(api: RunningApi) -> None:
    (id_,) = happens(api, numbered(1), numbered(2), numbered(3, severity=Severity.LOW, site="cho-an-luu"))
    with api.client("lan") as client:
        listed_events = client.get("/api/v1/events").raise_for_status().json()["items"]
        one = client.get(f"/api/v1/events/{numbered(2).id}").raise_for_status().json()
        whole = detail(client, id_)
    assert {item["event"]["id"]: item.get("incident") for item in listed_events} == {
        str(numbered(1).id): id_,
        str(numbered(2).id): id_,
        str(numbered(3).id): None,
    }
    assert one["incident"] == id_
    assert {item["incident"] for item in whole["events"]} == {id_}


def test_incidents_are_found_by_their_ids_and_least_severity_within_ones_own_ward(api: RunningApi) -> None:
    (low,) = happens(api, numbered(1, severity=Severity.MEDIUM))
    high = next(id_ for id_ in happens(api, numbered(2, site="cho-an-luu", camera="cho-an-luu-1")) if id_ != low)
    elsewhere = next(
        id_
        for id_ in happens(api, numbered(3, site="yersin", camera="yersin-1"), ward="phuong-4")
        if id_ not in {low, high}
    )
    with api.client("lan") as client:
        assert listed(client, id=[low, elsewhere]) == [low]
        assert listed(client, severity="high") == [high]
        assert set(listed(client, severity="medium")) == {low, high}
        assert problem(client.get(INCIDENTS, params={"id": [low] * 101})) == (422, "invalid")


def test_the_steps_name_who_was_given_an_incident(api: RunningApi, colleagues: None, incident: str) -> None:
    with api.client("lan") as client:
        taken(client, incident, "assign", version=0, to="hoa")
        assert detail(client, incident)["steps"][-1]["assignee_name"] == "Hoa"
