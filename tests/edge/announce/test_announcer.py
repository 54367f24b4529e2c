from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr

from contracts.announcement import (
    Announce,
    AnnounceCancel,
    Announced,
    AnnouncedKept,
    AnnounceReply,
    FireSound,
    FireSounds,
    PlayFault,
    PlayState,
    Priority,
)
from contracts.ids import digest_of, new_id
from edge.announce.announcer import Announcer
from edge.announce.journal import Journal
from edge.announce.settings import AnnounceSettings
from edge.announce.sounds import LIST, Sounds
from edge.broken import part_of, untold
from edge.config import CentreSettings
from tests.support.samples import NOON, smoke
from tests.support.speakers import HttpStandIn, sounds_at_centre, tone
from tests.support.waiting import eventually

WAV, FIRE_WAV = tone(0.2), tone(0.3, 880)
SOUND, FIRE_SOUND = digest_of(WAV), digest_of(FIRE_WAV)
SITE = "cho-an-luu"
FIRE = FireSounds(sounds=(FireSound(template="bao-chay", site=SITE, text="Có báo động cháy", digest=FIRE_SOUND),))


class Clock:
    """A clock that runs, from a moment that the test says."""

    def __init__(self, begin: datetime = NOON) -> None:
        self._ahead = begin - datetime.now(UTC)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def move(self, by: timedelta) -> None:
        self._ahead += by


class Box:
    """An announcer at work, with two speakers over HTTP and a centre that has sounds."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.sounds = {SOUND: WAV, FIRE_SOUND: FIRE_WAV}
        self.centre = HttpStandIn(sounds_at_centre(self.sounds))
        self.speakers = {"loa-1": HttpStandIn(), "loa-2": HttpStandIn()}
        self.folder, self.clock = folder, clock
        self.said: list[AnnounceReply | Announced] = []
        self.start()

    def start(self, **changes: Any) -> None:
        self.stop_now = threading.Event()
        listed = [
            {"id": name, "site": SITE, "kind": "http", "url": f"{stand_in.url}/play"}
            for name, stand_in in self.speakers.items()
        ]
        settings = AnnounceSettings.model_validate({"speakers": listed, "fire": [{"site": SITE}], **changes})
        centre = CentreSettings(url=self.centre.url, token=SecretStr("x" * 32))
        self.announcer = Announcer(
            settings, centre, self.folder, ward="an-luu", time_zone="Asia/Ho_Chi_Minh", now=self.clock
        )
        runs = [(self.announcer.run_speaker, (one, self.stop_now)) for one in settings.speakers]
        self._threads = [threading.Thread(target=run, args=args) for run, args in runs]
        self._threads.append(threading.Thread(target=self.announcer.run_fetching, args=(self.stop_now,)))
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self.stop_now.set()
        self.announcer._ring()
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive()
        self.announcer.close()

    def close(self) -> None:
        self.stop()
        for stand_in in (self.centre, *self.speakers.values()):
            stand_in.stop()

    def replies(self) -> list[AnnounceReply | Announced]:
        while not self.announcer.replies.empty():
            self.said.append(self.announcer.replies.get())
        return self.said

    def states(self, id_: UUID) -> dict[str, PlayState]:
        """The newest word on each speaker."""
        return {one.speaker: one.state for one in self.replies() if isinstance(one, AnnounceReply) and one.id == id_}

    def heard(self, speaker: str) -> list[bytes]:
        return [call.body for call in self.speakers[speaker].calls]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def box(tmp_path: Path, clock: Clock) -> Iterator[Box]:
    running = Box(tmp_path, clock)
    yield running
    running.close()


def announce(*speakers: str, clock: Clock, **changes: Any) -> Announce:
    given = {
        "id": new_id(), "speakers": speakers, "digest": SOUND, "text": "Mời bà con họp", "priority": Priority.NORMAL,
        "expires_at": clock() + timedelta(minutes=5), **changes,
    }  # fmt: skip
    return Announce.model_validate(given)


def test_what_the_centre_wants_is_fetched_checked_played_and_answered(box: Box, clock: Clock) -> None:
    wanted = announce("loa-1", "loa-2", clock=clock)
    box.announcer.hear(wanted)
    assert box.states(wanted.id) == dict.fromkeys(("loa-1", "loa-2"), PlayState.ACCEPTED)
    eventually(lambda: box.states(wanted.id) == dict.fromkeys(("loa-1", "loa-2"), PlayState.PLAYED))
    assert box.heard("loa-1") == box.heard("loa-2") == [WAV]
    assert [call.path for call in box.centre.calls] == [f"/api/v1/box/sounds/{SOUND}"]


def test_what_is_asked_again_is_answered_again_and_not_heard_again(box: Box, clock: Clock) -> None:
    wanted = announce("loa-1", clock=clock)
    box.announcer.hear(wanted)
    eventually(lambda: box.states(wanted.id) == {"loa-1": PlayState.PLAYED})
    box.stop()
    box.start()
    box.said.clear()
    box.announcer.hear(wanted)
    assert box.states(wanted.id) == {"loa-1": PlayState.PLAYED}
    assert box.heard("loa-1") == [WAV]


def test_a_speaker_that_the_box_does_not_have_is_told(box: Box, clock: Clock) -> None:
    wanted = announce("loa-9", clock=clock)
    box.announcer.hear(wanted)
    (reply,) = box.replies()
    assert isinstance(reply, AnnounceReply)
    assert (reply.state, reply.reason) == (PlayState.FAILED, PlayFault.NO_SPEAKER)


def test_a_sound_that_is_not_what_it_should_be_is_never_heard(box: Box, clock: Clock) -> None:
    box.sounds[SOUND] = FIRE_WAV
    wanted = announce("loa-1", clock=clock)
    box.announcer.hear(wanted)
    eventually(lambda: box.centre.calls)
    clock.move(timedelta(minutes=6))
    eventually(lambda: box.states(wanted.id) == {"loa-1": PlayState.EXPIRED})
    assert box.heard("loa-1") == []
    last = box.said[-1]
    assert isinstance(last, AnnounceReply)
    assert last.reason == PlayFault.NOT_FETCHED


def test_in_quiet_hours_only_a_fire_is_told(box: Box, clock: Clock) -> None:
    clock.move(timedelta(hours=11))  # 23:00 there
    wanted = announce("loa-1", clock=clock)
    fire = announce("loa-1", clock=clock, priority=Priority.FIRE, digest=FIRE_SOUND)
    box.announcer.hear(wanted)
    box.announcer.hear(fire)
    eventually(lambda: box.states(fire.id) == {"loa-1": PlayState.PLAYED})
    assert box.states(wanted.id) == {"loa-1": PlayState.FAILED}
    assert box.heard("loa-1") == [FIRE_WAV]


def test_what_waits_is_cancelled_and_what_was_heard_is_not(box: Box, clock: Clock) -> None:
    heard = announce("loa-1", clock=clock)
    box.announcer.hear(heard)
    eventually(lambda: box.states(heard.id) == {"loa-1": PlayState.PLAYED})
    absent = announce("loa-1", clock=clock, digest="0" * 64)
    box.announcer.hear(absent)
    for one in (heard, absent):
        box.announcer.hear(AnnounceCancel(id=one.id, speakers=("loa-1",)))
    assert box.states(heard.id) == {"loa-1": PlayState.PLAYED}
    assert box.states(absent.id) == {"loa-1": PlayState.CANCELLED}
    unheard = announce("loa-1", clock=clock)  # the cancelling comes first
    box.announcer.hear(AnnounceCancel(id=unheard.id, speakers=("loa-1",)))
    box.announcer.hear(unheard)
    assert box.states(unheard.id) == {"loa-1": PlayState.CANCELLED}
    assert box.heard("loa-1") == [WAV]


def test_a_speaker_that_fails_keeps_no_other_from_speaking(box: Box, clock: Clock) -> None:
    box.speakers["loa-1"].stop()
    wanted = announce("loa-1", "loa-2", clock=clock)
    box.announcer.hear(wanted)
    eventually(lambda: box.states(wanted.id) == {"loa-1": PlayState.FAILED, "loa-2": PlayState.PLAYED})
    box.speakers["loa-1"] = HttpStandIn()


def test_smoke_is_told_at_once_with_the_centre_away_and_once_only(box: Box, clock: Clock) -> None:
    box.announcer.hear(FIRE)
    eventually(lambda: (box.folder / "sounds" / FIRE_SOUND).exists())
    box.centre.stop()
    box.stop()
    box.start()  # after a power cut all of it is on the disk
    event = smoke(opened_at=clock(), at=clock(), captured_at=clock())
    box.announcer.event_opened(event)
    box.announcer.event_opened(event)
    box.announcer.catch_up([event])
    eventually(lambda: len(box.heard("loa-1")) == len(box.heard("loa-2")) == 1)
    eventually(lambda: any(isinstance(one, Announced) for one in box.replies()))
    told = [one for one in box.said if isinstance(one, Announced)][-1]
    assert (told.id, told.kind, told.template, told.site, told.text) == (
        event.id, "smoke", "bao-chay", SITE, "Có báo động cháy",
    )  # fmt: skip
    assert {play.speaker: play.state for play in told.plays} == dict.fromkeys(("loa-1", "loa-2"), PlayState.PLAYED)
    assert box.heard("loa-1") == [FIRE_WAV]
    box.centre = HttpStandIn(sounds_at_centre(box.sounds))


def test_what_was_said_by_rule_is_told_at_every_dial_in_until_the_centre_has_it(box: Box, clock: Clock) -> None:
    box.announcer.hear(FIRE)
    eventually(lambda: (box.folder / "sounds" / FIRE_SOUND).exists())
    event = smoke(opened_at=clock())
    box.announcer.event_opened(event)
    eventually(lambda: any(isinstance(one, Announced) for one in box.replies()))
    box.said.clear()
    box.announcer.line_is_up()
    assert [one.id for one in box.replies()] == [event.id]
    box.announcer.hear(AnnouncedKept(id=event.id))
    box.said.clear()
    box.announcer.line_is_up()
    assert box.replies() == []


@pytest.mark.parametrize(
    "changes",
    [{"kind": "gas"}, {"site": "quang-trung"}, {"kind": "intrusion"}, {"opened_at": NOON - timedelta(hours=1)}],
)
def test_nothing_is_said_by_rule_of_anything_else(box: Box, clock: Clock, changes: dict[str, Any]) -> None:
    box.announcer.hear(FIRE)
    eventually(lambda: (box.folder / "sounds" / FIRE_SOUND).exists())
    box.announcer.event_opened(smoke(**{"opened_at": clock(), **changes}))
    marker = announce("loa-1", clock=clock)
    box.announcer.hear(marker)
    eventually(lambda: box.states(marker.id) == {"loa-1": PlayState.PLAYED})
    assert box.heard("loa-1") == [WAV]


KILLED = """
import sys, threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from contracts.announcement import Announce
from edge.announce.announcer import Announcer
from edge.announce.settings import AnnounceSettings
folder, announce = Path(sys.argv[1]), Announce.model_validate_json(sys.argv[2])
settings = AnnounceSettings.model_validate(
    {"speakers": [{"id": "loa-1", "site": "cho", "kind": "local"}], "quiet": None})
announcer = Announcer(settings, None, folder, ward="an-luu", time_zone="Asia/Ho_Chi_Minh")
announcer.hear(announce)
announcer.run_speaker(settings.speakers[0], threading.Event())
"""


def test_a_box_that_is_killed_while_it_plays_says_so_and_never_plays_again(tmp_path: Path) -> None:
    clock = Clock(datetime.now(UTC))
    programs, folder = tmp_path / "programs", tmp_path / "box"
    programs.mkdir()
    (programs / "aplay").write_text(f"#!/bin/sh\necho once >> {programs}/played\nexec sleep 20\n")
    (programs / "aplay").chmod(0o755)
    (folder / "sounds").mkdir(parents=True)
    (folder / "sounds" / SOUND).write_bytes(WAV)
    wanted = announce("loa-1", clock=clock)
    command = [sys.executable, "-c", KILLED, str(folder), wanted.to_bytes().decode()]
    played = programs / "played"
    with subprocess.Popen(command, env={**os.environ, "PATH": f"{programs}:/bin:/usr/bin"}, process_group=0) as killed:
        eventually(lambda: played.exists() and played.read_text(), timeout_s=30)
        os.killpg(killed.pid, 9)
    journal = Journal(folder / "announcements.db", clock())
    (reply,) = journal.hear(wanted, ["loa-1"], clock())
    assert (reply.state, reply.reason) == (PlayState.FAILED, PlayFault.INTERRUPTED)
    assert journal.waiting() == []
    assert played.read_text().splitlines() == ["once"]
    journal.close()


def test_what_was_heard_of_and_not_begun_is_said_after_a_crash(tmp_path: Path) -> None:
    clock = Clock()
    wanted = announce("loa-1", clock=clock)
    Journal(tmp_path / "announcements.db", clock()).hear(wanted, ["loa-1"], clock())  # and never closed
    again = Journal(tmp_path / "announcements.db", clock())
    assert [what.id for what in again.waiting("loa-1")] == [wanted.id]
    again.close()


def test_a_damaged_journal_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "announcements.db"
    path.write_bytes(b"no database" * 500)
    journal = Journal(path, NOON)
    assert journal.waiting() == []
    journal.close()
    assert [part_of(folder) for folder in untold(tmp_path)] == ["announcements"]


def test_a_disk_that_takes_nothing_keeps_no_box_from_starting(tmp_path: Path) -> None:
    folder = tmp_path / "file"
    folder.write_text("no folder can be made here")
    clock = Clock()
    announcer = Announcer(
        AnnounceSettings(), None, folder / "box", ward="an-luu", time_zone="Asia/Ho_Chi_Minh", now=clock
    )
    announcer.hear(FIRE)  # said once in the log, and asked again by the centre
    announcer.hear(announce("loa-1", clock=clock))
    reply = announcer.replies.get_nowait()
    assert isinstance(reply, AnnounceReply)
    assert reply.reason == PlayFault.NO_SPEAKER
    announcer.close()


def test_a_damaged_sound_is_not_played_but_fetched_anew(
    monkeypatch: pytest.MonkeyPatch, box: Box, clock: Clock
) -> None:
    monkeypatch.setattr("edge.announce.announcer.FETCH_AGAIN_S", 0.5)
    box.announcer.hear(FIRE)
    eventually(lambda: (box.folder / "sounds" / FIRE_SOUND).exists())
    (box.folder / "sounds" / FIRE_SOUND).write_bytes(FIRE_WAV[:100])
    wanted = announce("loa-1", clock=clock, digest=FIRE_SOUND)
    box.announcer.hear(wanted)
    eventually(lambda: box.states(wanted.id) == {"loa-1": PlayState.PLAYED}, timeout_s=15)
    assert box.heard("loa-1") == [FIRE_WAV]


def test_old_sounds_go_and_those_of_a_fire_stay(tmp_path: Path) -> None:
    sounds = Sounds(tmp_path)
    sounds.keep(FIRE)
    names = [FIRE_SOUND, *(f"{number:064x}" for number in range(40))]
    for age, name in enumerate(names):
        (tmp_path / name).write_bytes(b"x")
        os.utime(tmp_path / name, (age, age))
    sounds.forget([names[1]])
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {LIST, FIRE_SOUND, names[1], *names[11:]}
    assert Sounds(tmp_path).fire("bao-chay", SITE) == FIRE.sounds[0]
