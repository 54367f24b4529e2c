from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from api.announcements.sound import SoundError
from api.announcements.studio import SWEEP_S, Studio
from api.config import ApiSettings
from api.problems import ProblemError
from contracts.announcement import Said, fill
from tests.support.speakers import tone

SITE = "cho-an-luu"
SAID = Said("Mời bà con", "Mời bà con")


def studio(folder: Path, **announcements: Any) -> Studio:
    settings = {"database": "postgresql://nobody@localhost/none", "media_dir": folder, "media_days": 2}
    return Studio(ApiSettings.model_validate({**settings, "announcements": announcements}))


def sound_files(folder: Path) -> list[Path]:
    return [path for path in (folder / "sounds").glob("??/*") if path.is_file()]


def test_the_same_words_are_the_same_sound_made_once(tmp_path: Path) -> None:
    one = studio(tmp_path)
    made = one.make(SAID, "vi", None, SITE)
    assert one.make(SAID, "vi", None, SITE) is made
    (kept,) = sound_files(tmp_path)
    assert kept.name == made.digest
    assert studio(tmp_path).make(SAID, "vi", None, SITE).digest == made.digest


def test_a_sound_that_is_gone_is_made_again(tmp_path: Path) -> None:
    one = studio(tmp_path)
    made = one.make(SAID, "vi", None, SITE)
    sound_files(tmp_path)[0].unlink()
    with pytest.raises(ProblemError):
        one.answer(made.digest)
    assert one.make(SAID, "vi", None, SITE) == made
    assert one.answer(made.digest).media_type == "audio/wav"


def test_sounds_that_nobody_used_for_long_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = studio(tmp_path)
    old, used = one.make(SAID, "vi", None, SITE), one.make(Said("Xin chào", "Xin chào"), "vi", None, SITE)
    before = time.time() - 3 * 86_400
    for path in sound_files(tmp_path):
        os.utime(path, (before, before))
    one.answer(used.digest)
    now = time.time()
    monkeypatch.setattr("api.announcements.studio.time.time", lambda: now + SWEEP_S + 1)
    one.make(Said("Chào", "Chào"), "vi", None, SITE)
    names = {path.name for path in sound_files(tmp_path)}
    assert used.digest in names
    assert old.digest not in names


def test_a_clip_is_heard_only_for_the_text_and_the_site_that_it_was_recorded_for(tmp_path: Path) -> None:
    clips = tmp_path / "clips"
    clips.mkdir()
    (clips / f"tre-lac.{SITE}.wav").write_bytes(tone(1.5))
    (clips / "tre-lac.wav").write_bytes(tone(1.5, 300))  # the text names its site, so this cannot be what it says
    one = studio(tmp_path, clips_dir=clips)
    said = fill(one.template("tre-lac"), "vi", {"site": "Chợ An Lưu"})
    assert one.make(said, "vi", "tre-lac", SITE).source == "recorded"
    assert one.make(said, "vi", "tre-lac", "quang-trung").source == "spoken"
    assert one.make(said, "en", "tre-lac", SITE).source == "spoken"
    assert one.make(SAID, "vi", None, SITE).source == "spoken"


def test_a_clip_that_cannot_be_read_is_told_and_nothing_else_is_said_in_its_place(tmp_path: Path) -> None:
    clips = tmp_path / "clips"
    clips.mkdir()
    (clips / f"tre-lac.{SITE}.mp3").write_bytes(b"no sound at all")
    one = studio(tmp_path, clips_dir=clips)
    said = fill(one.template("tre-lac"), "vi", {"site": "Chợ An Lưu"})
    with pytest.raises(SoundError) as error:
        one.make(said, "vi", "tre-lac", SITE)
    assert error.value.code == "clip_unreadable"


def test_a_text_of_ones_own_replaces_the_known_one_of_its_name(tmp_path: Path) -> None:
    own = {
        "id": "tre-lac",
        "name": {"vi": "a", "en": "b"},
        "text": {"vi": "Bé lạc tại {site}.", "en": "Lost at {site}."},
    }
    one = studio(tmp_path, templates=[own])
    assert one.template("tre-lac").text.vi == "Bé lạc tại {site}."
    with pytest.raises(ProblemError):
        one.template("khong-co")
