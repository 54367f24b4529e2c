"""A real centre and a box's real line: what is approved is heard from a pole, and what a box says alone is told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pydantic import SecretStr

from api.config import ApiSettings
from contracts.ids import digest_of
from edge.announce.announcer import Announcer
from edge.announce.settings import AnnounceSettings
from edge.centre.live import TRANSIENT, Live
from edge.config import CentreSettings
from edge.supervise import Supervisor
from tests.api.conftest import BASE
from tests.api.running import TOKENS, RunningApi, put_users
from tests.support.samples import smoke
from tests.support.speakers import HttpStandIn
from tests.support.waiting import eventually

SHORT = {
    "id": "bao-chay", "name": {"vi": "Cháy", "en": "Fire"}, "priority": "fire", "preapproved": True,
    "text": {"vi": "Cháy tại {site}. Gọi 114.", "en": "Fire at {site}. Call 114."},
}  # fmt: skip
"""In place of the text that the program brings, which lasts for half a minute."""

SITE, SPEAKER = "cho-an-luu", "loa-cho-1"


@pytest.fixture
def pole() -> Iterator[HttpStandIn]:
    stand_in = HttpStandIn()
    yield stand_in
    stand_in.stop()


@pytest.fixture
def centre(database: str, tmp_path: Path) -> Iterator[RunningApi]:
    put_users(database)
    with psycopg.connect(database, autocommit=True) as db:
        db.execute(
            "INSERT INTO devices (id, site_id, box_id, name, kind) VALUES (%s, %s, 'an-luu-1', 'Loa chợ', 'speaker')",
            (SPEAKER, SITE),
        )
    api = RunningApi(
        ApiSettings.model_validate(
            {**BASE, "database": database, "media_dir": tmp_path / "media", "announcements": {"templates": [SHORT]}}
        ),
        database,
    )
    yield api
    api.stop()


@pytest.fixture
def box(centre: RunningApi, pole: HttpStandIn, tmp_path: Path) -> Iterator[Announcer]:
    settings = AnnounceSettings.model_validate(
        {
            "quiet": None,
            "fire": [{"site": SITE}],
            "speakers": [{"id": SPEAKER, "site": SITE, "kind": "http", "url": f"{pole.url}/play"}],
        }
    )
    address = CentreSettings(url=centre.url, token=SecretStr(TOKENS["an-luu-1"]))
    announcer = Announcer(settings, address, tmp_path, ward="an-luu", time_zone="Asia/Ho_Chi_Minh")
    live = Live(address, (), announcer=announcer)
    supervisor = Supervisor()
    supervisor.keep_running("live", lambda: live.run(supervisor.stop), transient=TRANSIENT)
    supervisor.start("speaker", lambda: announcer.run_speaker(settings.speakers[0], supervisor.stop))
    supervisor.start("sounds", lambda: announcer.run_fetching(supervisor.stop))
    yield announcer
    supervisor.stop.set()
    supervisor.join(10)
    announcer.close()
    assert not [thread for thread in threading.enumerate() if thread.name in ("speaker", "sounds")]


def newest(centre: RunningApi) -> dict[str, Any] | None:
    with centre.client("lan") as client:
        items = client.get("/api/v1/announcements").raise_for_status().json()["items"]
        return items[0] if items else None


def played(centre: RunningApi) -> dict[str, Any] | None:
    told = newest(centre)
    return told if told and told["state"] == "played" else None


def test_what_an_officer_approves_is_heard_from_the_pole_and_told_back(
    centre: RunningApi, box: Announcer, pole: HttpStandIn
) -> None:
    with centre.client("lan") as client:
        made = (
            client.post("/api/v1/announcements", json={"site": SITE, "template": "tre-lac"}).raise_for_status().json()
        )
        assert pole.calls == []
        client.post(f"/api/v1/announcements/{made['id']}/approve").raise_for_status()
        sound = client.get(f"/api/v1/announcements/{made['id']}/sound").content
    eventually(lambda: pole.calls, timeout_s=60)
    assert digest_of(pole.calls[0].body) == digest_of(sound)
    eventually(lambda: (newest(centre) or {})["state"] in ("sent", "played"), timeout_s=60)


def test_smoke_is_told_over_the_pole_without_the_centre_and_the_centre_keeps_it(
    centre: RunningApi, box: Announcer, pole: HttpStandIn, tmp_path: Path
) -> None:
    eventually(lambda: len(list((tmp_path / "sounds").glob("?" * 64))) == 2, timeout_s=60)
    at = datetime.now(UTC)
    event = smoke(opened_at=at, at=at, captured_at=at)
    box.event_opened(event)
    eventually(lambda: pole.calls, timeout_s=30)
    assert len(pole.calls[0].body) > 22_050 * 2 * 4  # a chime and the text twice
    told = eventually(lambda: played(centre), timeout_s=60)
    assert (told["id"], told["cause"], told["box"], told["state"]) == (str(event.id), "smoke", "an-luu-1", "played")
    assert "114" in told["text"]
