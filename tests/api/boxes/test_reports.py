from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from contracts.report import BoxReport, Finding, Level
from tests.api.running import RunningApi, audited, problem

REPORT = "/api/v1/box/report"
ALL = "/api/v1/boxes/reports"
OF_BOX = "/api/v1/boxes/an-luu-1/reports"
BEGAN = datetime(2026, 2, 10, 5, 0, tzinfo=UTC)


def made(minute: int, *levels: Level) -> BoxReport:
    findings = tuple(
        Finding(code="camera_unauthorized", level=level, values={"camera": "cho-1", "stream": "main", "fps": 1.5})
        for level in levels
    )
    return BoxReport(at=BEGAN + timedelta(minutes=minute), version="0.1.0", seconds=21.5, findings=findings)


def send(api: RunningApi, report: BoxReport) -> httpx.Response:
    with api.box() as box:
        return box.post(REPORT, content=report.to_bytes(), headers={"Content-Type": "application/json"})


def test_a_report_is_read_as_the_box_sent_it(api: RunningApi) -> None:
    assert send(api, made(0, Level.OK, Level.BAD, Level.WARN)).status_code == 204
    with api.client("tech") as technician:
        (last,) = technician.get(ALL).raise_for_status().json()["items"]
    assert (last["box"], last["level"], last["version"], last["seconds"]) == ("an-luu-1", "bad", "0.1.0", 21.5)
    assert [finding["level"] for finding in last["findings"]] == ["ok", "bad", "warn"]
    assert last["findings"][0]["values"] == {"camera": "cho-1", "stream": "main", "fps": 1.5}


def test_the_last_fifty_are_kept_and_the_newest_comes_first(api: RunningApi) -> None:
    for minute in range(53):
        assert send(api, made(minute, Level.WARN)).status_code == 204
    with api.client("tech") as technician:
        kept = technician.get(OF_BOX).raise_for_status().json()["items"]
        assert len(technician.get(OF_BOX, params={"limit": 3}).json()["items"]) == 3
        (last,) = technician.get(ALL).json()["items"]
    moments = [datetime.fromisoformat(one["at"]) for one in kept]
    assert moments == [BEGAN + timedelta(minutes=minute) for minute in range(52, 2, -1)]
    assert last == kept[0]


def test_the_same_report_again_changes_nothing_and_a_late_one_stands_in_its_place(api: RunningApi) -> None:
    for report in (made(5, Level.BAD), made(5, Level.BAD), made(1, Level.OK)):
        assert send(api, report).status_code == 204
    with api.client("tech") as technician:
        kept = technician.get(OF_BOX).json()["items"]
    assert [one["level"] for one in kept] == ["bad", "ok"]


def test_a_box_whose_clock_is_ahead_does_not_hide_its_later_reports(api: RunningApi) -> None:
    now = datetime.now(UTC)
    assert send(api, made(0).model_copy(update={"at": now + timedelta(days=400)})).status_code == 204
    with api.client("tech") as technician:
        (last,) = technician.get(ALL).json()["items"]
    assert abs((datetime.fromisoformat(last["at"]) - now).total_seconds()) < 60


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"at":"2026-02-10T05:00:00Z","version":"1","seconds":1,"findings":[{"code":"X Y","level":"ok"}]}',
        b'{"at":"2026-02-10T05:00:00Z","version":"1","seconds":1,"findings":[{"code":"x_y","level":"grave"}]}',
        b'{"at":"2026-02-10T05:00:00Z","version":"1","seconds":1,"findings":[{"code":"x_y","level":"ok",'
        b'"values":{"a":{"b":1}}}]}',
    ],
)
def test_a_report_that_is_none_is_refused(api: RunningApi, body: bytes) -> None:
    with api.box() as box:
        answer = box.post(REPORT, content=body, headers={"Content-Type": "application/json"})
    assert problem(answer) == (422, "invalid")


@pytest.mark.parametrize(("seconds", "value"), [("Infinity", "1"), ("1e999", "1"), ("1", "NaN"), ("1", "1e999")])
def test_a_figure_that_is_none_is_refused(api: RunningApi, seconds: str, value: str) -> None:
    finding = f'{{"code":"x_y","level":"ok","values":{{"a":{value}}}}}'
    body = f'{{"at":"2026-02-10T05:00:00Z","version":"1","seconds":{seconds},"findings":[{finding}]}}'
    with api.box() as box:
        answer = box.post(REPORT, content=body, headers={"Content-Type": "application/json"})
    assert problem(answer) == (422, "invalid")


def test_a_text_with_nul_is_kept_without_it(api: RunningApi) -> None:
    finding = {"code": "x_y", "level": "ok", "values": {"model": "Camera\x00 2"}}
    body = {"at": "2026-02-10T05:00:00Z", "version": "0.1.0\x00", "seconds": 1, "findings": [finding]}
    with api.box() as box:
        assert box.post(REPORT, json=body).status_code == 204
    with api.client("tech") as technician:
        (last,) = technician.get(ALL).json()["items"]
    assert (last["version"], last["findings"][0]["values"]) == ("0.1.0", {"model": "Camera 2"})


def test_a_code_of_a_newer_box_is_kept(api: RunningApi) -> None:
    body = made(0).model_copy(update={"findings": (Finding(code="not_yet_known", level=Level.WARN),)})
    assert send(api, body).status_code == 204
    with api.client("admin") as admin:
        assert admin.get(ALL).json()["items"][0]["findings"][0]["code"] == "not_yet_known"


def test_only_those_who_look_after_boxes_read_and_each_look_is_in_the_audit(api: RunningApi) -> None:
    send(api, made(0, Level.OK))
    with api.client("lan") as police, api.client("tech") as technician:
        for route in (ALL, OF_BOX):
            assert problem(police.get(route)) == (403, "may_not_read_reports")
        assert problem(technician.get("/api/v1/boxes/phuong-4-1/reports")) == (404, "not_found")
        technician.get(OF_BOX).raise_for_status()
    (entry,) = audited(api, "box.report_seen")
    assert (entry.actor, entry.object, entry.ward) == ("tech", "box:an-luu-1", "an-luu")
    assert entry.details["reports"] == 1
