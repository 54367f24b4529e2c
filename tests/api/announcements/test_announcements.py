from __future__ import annotations

import io
import wave
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from contracts.announcement import Announced, AnnounceReply, PlayState, SpeakerPlay
from contracts.ids import digest_of, new_id
from storage import accounts
from storage.accounts import UserRow
from tests.api.conftest import StartApi
from tests.api.running import RunningApi, audited, heard, password_hash, problem
from tests.support.speakers import tone
from tests.support.waiting import eventually

SITE = "cho-an-luu"
FIRE = {"site": SITE, "template": "bao-chay"}
PICKPOCKETS = {"site": SITE, "template": "de-phong-moc-tui"}
OWN = {"site": SITE, "text": "Mời bà con dự họp lúc 19 giờ tại nhà văn hoá"}


def furnish(conninfo: str) -> None:
    """Two loudspeakers in the market of An Lưu, and people who use them."""
    with psycopg.connect(conninfo, autocommit=True) as db:
        for name in ("loa-cho-1", "loa-cho-2"):
            db.execute(
                "INSERT INTO devices (id, site_id, box_id, name, kind) VALUES (%s, %s, 'an-luu-1', %s, 'speaker')",
                (name, SITE, f"Loa {name[-1]}"),
            )
        for name, role in (("hoa", "police"), ("truc", "operator"), ("xem", "viewer")):
            accounts.put_user(db, UserRow(name, name, password_hash(), role, ["an-luu"], False))


@pytest.fixture(scope="module")
def market(shared_api: RunningApi) -> RunningApi:
    furnish(shared_api.conninfo)
    return shared_api


def propose(api: RunningApi, user: str, **wish: Any) -> dict[str, Any]:
    with api.client(user) as client:
        made = client.post("/api/v1/announcements", json=wish)
        assert made.status_code == 201, made.text
        found: dict[str, Any] = made.json()
        return found


def act(api: RunningApi, user: str, announcement: dict[str, Any], what: str, **body: Any) -> Any:
    with api.client(user) as client:
        return client.post(f"/api/v1/announcements/{announcement['id']}/{what}", json=body or None)


def now_of(api: RunningApi, announcement: dict[str, Any]) -> dict[str, Any]:
    with api.client("lan") as client:
        found: dict[str, Any] = client.get(f"/api/v1/announcements/{announcement['id']}").json()
        return found


def test_the_choices_are_texts_and_the_speakers_of_ones_places(market: RunningApi) -> None:
    with market.client("lan") as client:
        seen = client.get("/api/v1/announcements/choices").json()
    assert {speaker["id"] for speaker in seen["speakers"]} == {"loa-cho-1", "loa-cho-2"}
    assert (seen["proposes"], seen["approves"], seen["speaks"]) == (True, True, True)
    assert {one["id"] for one in seen["templates"] if one["preapproved"]} == {"bao-chay", "ro-khi-ga", "chay-tai-quay"}
    with market.client("minh") as client:  # of another ward
        assert client.get("/api/v1/announcements/choices").json()["speakers"] == []


def test_what_would_be_heard_can_be_heard_before(market: RunningApi) -> None:
    with market.client("truc") as client:
        answer = client.post("/api/v1/announcements/preview", json=PICKPOCKETS)
    assert answer.headers["content-type"] == "audio/wav"
    with wave.open(io.BytesIO(answer.content)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 22_050)
        assert file.getnframes() > 10 * 22_050  # the chime, and the text twice


def test_an_officer_approves_a_known_text_of_their_own_and_another_ones_words_only(market: RunningApi) -> None:
    known, own = propose(market, "lan", **PICKPOCKETS), propose(market, "lan", **OWN)
    assert (known["state"], known["may_approve"]) == ("proposed", True)
    assert (own["state"], own["may_approve"]) == ("proposed", False)
    assert act(market, "lan", known, "approve").json()["state"] == "approved"
    assert problem(act(market, "lan", own, "approve")) == (403, "own_words")
    approved = act(market, "hoa", own, "approve").json()
    assert (approved["state"], approved["proposed_by"], approved["decided_by"]) == ("approved", "lan", "hoa")
    assert problem(act(market, "hoa", own, "approve")) == (409, "already_decided")
    every = audited(market, "announcement.proposed", "announcement.approved")
    entries = [entry for entry in every if own["id"] in entry.object]
    assert [(entry.action, entry.actor) for entry in entries] == [
        ("announcement.proposed", "lan"), ("announcement.approved", "hoa"),
    ]  # fmt: skip


def test_an_operator_proposes_and_does_not_approve_and_a_viewer_only_reads(market: RunningApi) -> None:
    one = propose(market, "truc", **PICKPOCKETS)
    assert problem(act(market, "truc", one, "approve")) == (403, "may_not_approve")
    with market.client("xem") as client:
        assert problem(client.post("/api/v1/announcements", json=PICKPOCKETS)) == (403, "may_not_announce")
        assert client.get(f"/api/v1/announcements/{one['id']}").json()["may_cancel"] is False
    assert act(market, "truc", one, "cancel").json()["state"] == "cancelled"


def test_a_refusal_says_why(market: RunningApi) -> None:
    one = propose(market, "truc", **OWN)
    refused = act(market, "lan", one, "refuse", remark="không đúng giờ").json()
    assert (refused["state"], refused["remark"], refused["decided_by"]) == ("refused", "không đúng giờ", "lan")
    assert problem(act(market, "hoa", one, "approve")) == (409, "already_decided")


@pytest.mark.parametrize(
    ("wish", "answer"),
    [
        ({"site": SITE, "template": "kiem-tra-ma-qr"}, (422, "place_missing")),
        ({"site": SITE, "template": "kiem-tra-ma-qr", "stall": "[[a]]"}, (422, "place_not_sayable")),
        ({"site": SITE, "template": "khong-co"}, (422, "unknown_template")),
        ({"site": SITE, "text": "<[[ ]]>"}, (422, "text_not_sayable")),
        ({"site": "quang-trung", "template": "bao-chay"}, (404, "not_found")),
        ({"site": "yersin", "template": "bao-chay"}, (404, "not_found")),
        ({**PICKPOCKETS, "speakers": ["loa-cho-1", "loa-khac"]}, (404, "not_found")),
        ({**PICKPOCKETS, "incident": str(new_id())}, (404, "not_found")),
        ({**PICKPOCKETS, "text": "Chào"}, (422, "invalid")),
    ],
)
def test_what_cannot_be_said_is_refused(market: RunningApi, wish: dict[str, Any], answer: tuple[int, str]) -> None:
    with market.client("lan") as client:
        assert problem(client.post("/api/v1/announcements", json=wish)) == answer


def test_what_is_approved_reaches_the_box_with_its_sound_and_the_answers_are_kept(market: RunningApi) -> None:
    with closing(market.live_box()) as line:
        kept = heard(line, "fire_sounds", 20)["sounds"]
        assert {(one["template"], one["site"]) for one in kept} == {("bao-chay", SITE), ("ro-khi-ga", SITE)}
        made = propose(market, "lan", **PICKPOCKETS, speakers=["loa-cho-1"])
        act(market, "lan", made, "approve")
        while (word := heard(line, "announce"))["id"] != made["id"]:
            pass
        assert (word["speakers"], word["text"], word["priority"]) == (["loa-cho-1"], made["text"], "normal")
        with market.box() as box:
            sound = box.get(f"/api/v1/box/sounds/{word['digest']}")
        assert digest_of(sound.content) == word["digest"]
        with market.client() as stranger:
            assert stranger.get(f"/api/v1/box/sounds/{word['digest']}").status_code == 401
        at = datetime.now(UTC)
        for state in (PlayState.ACCEPTED, PlayState.PLAYED):
            reply = AnnounceReply(id=UUID(made["id"]), speaker="loa-cho-1", state=state, at=at)
            line.send(reply.to_bytes().decode())
        eventually(lambda: now_of(market, made)["state"] == "played")
    (entry,) = [entry for entry in audited(market, "announcement.played") if made["id"] in entry.object]
    assert entry.actor == "box:an-luu-1"
    assert now_of(market, made)["plays"][0]["name"] == "Loa 1"


def test_a_text_about_fire_goes_out_at_once_and_again_until_the_box_has_answered(market: RunningApi) -> None:
    made = propose(market, "truc", **FIRE)
    assert (made["state"], made["decided_by"], made["priority"]) == ("approved", None, "fire")
    for _ in range(2):  # the box dials in twice
        with closing(market.live_box()) as line:
            while heard(line, "announce", 20)["id"] != made["id"]:
                pass
    cancelled = act(market, "lan", made, "cancel")
    assert cancelled.json()["state"] == "cancelled"
    with closing(market.live_box()) as line:
        while (word := heard(line, "announce_cancel", 20))["id"] != made["id"]:
            pass
        assert word["speakers"] == ["loa-cho-1", "loa-cho-2"]


def test_another_box_answers_for_nobody(market: RunningApi) -> None:
    made = propose(market, "lan", **FIRE)
    with closing(market.live_box("phuong-4-1")) as line:
        for box_says in (
            AnnounceReply(id=UUID(made["id"]), speaker="loa-cho-1", state=PlayState.PLAYED, at=datetime.now(UTC)),
            Announced(
                id=new_id(), kind="smoke", template="bao-chay", site=SITE, text="Cháy", at=datetime.now(UTC), plays=()
            ),
        ):
            line.send(box_says.to_bytes().decode())
        heard(line, "announced_kept")  # so that it does not tell it for ever
    assert now_of(market, made)["state"] == "approved"
    with market.client("lan") as client:
        assert not [one for one in client.get("/api/v1/announcements").json()["items"] if one["text"] == "Cháy"]


def test_what_a_box_said_by_its_own_rule_is_kept_once_and_told(market: RunningApi) -> None:
    at = datetime.now(UTC)
    told = Announced(
        id=new_id(), kind="smoke", template="bao-chay", site=SITE, text="Có báo động cháy tại Chợ An Lưu", at=at,
        plays=(
            SpeakerPlay(speaker="loa-cho-1", state=PlayState.PLAYED, at=at),
            SpeakerPlay(speaker="loa-cho-2", state=PlayState.FAILED, reason="unreachable", at=at),
        ),
    )  # fmt: skip
    with closing(market.live_box()) as line:
        for _ in range(2):
            line.send(told.to_bytes().decode())
            assert heard(line, "announced_kept", 20)["id"] == str(told.id)
    row = now_of(market, {"id": str(told.id)})
    assert (row["state"], row["box"], row["cause"]) == ("played", "an-luu-1", "smoke")
    assert "proposed_by" not in row or row["proposed_by"] is None
    assert [play["state"] for play in row["plays"]] == ["played", "failed"]
    assert len([entry for entry in audited(market, "announcement.by_rule") if str(told.id) in entry.object]) == 1


def test_pages_follow_each_other_without_a_gap(market: RunningApi) -> None:
    for _ in range(3):
        propose(market, "lan", **PICKPOCKETS)
    with market.client("lan") as client:
        first = client.get("/api/v1/announcements", params={"limit": 2}).json()
        second = client.get("/api/v1/announcements", params={"limit": 2, "before": first["next"]}).json()
        whole = client.get("/api/v1/announcements", params={"limit": 4}).json()
    assert [one["id"] for one in (*first["items"], *second["items"])] == [one["id"] for one in whole["items"]]
    with market.client("minh") as client:
        assert client.get("/api/v1/announcements").json()["items"] == []


def test_a_recorded_clip_comes_before_the_program_and_without_either_nothing_is_proposed(
    start_api: StartApi, tmp_path: Path
) -> None:
    clips = tmp_path / "clips"
    clips.mkdir()
    (clips / f"de-phong-moc-tui.{SITE}.wav").write_bytes(tone(2.0))
    api = start_api(announcements={"clips_dir": clips, "program": "no-such-program"})
    furnish(api.conninfo)
    assert propose(api, "lan", **PICKPOCKETS)["source"] == "recorded"
    with api.client("lan") as client:
        assert client.get("/api/v1/announcements/choices").json()["speaks"] is False
        refused = client.post("/api/v1/announcements", json=OWN)
    assert problem(refused) == (422, "no_speech")
    assert "espeak-ng" in refused.json()["title"]
