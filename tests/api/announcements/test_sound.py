from __future__ import annotations

import math
import shutil
import subprocess
from array import array
from pathlib import Path

import pytest

from api.announcements import sound
from api.announcements.settings import AnnouncementSettings
from api.announcements.sound import PEAK, RATE, SoundError, announcement, chime, levelled, read, write
from api.announcements.speech import Speech, convert_command, say_command
from tests.support.speakers import tone


def wave_of(loud: float, seconds: float = 1.0) -> array[int]:
    return array("h", (int(loud * math.sin(n / 10)) for n in range(int(seconds * RATE))))


@pytest.mark.parametrize("loud", [500, 3000, 12_000, 32_000])
def test_all_speech_is_as_loud_and_nothing_beyond_the_peak(loud: float) -> None:
    quiet = array("h", bytes(2 * RATE))
    levels = levelled(wave_of(loud) + quiet)
    heard = levels[:RATE]
    assert max(map(abs, levels)) <= PEAK
    assert math.sqrt(sum(one * one for one in heard) / len(heard)) == pytest.approx(sound.USUAL, rel=0.05)


def test_one_loud_click_does_not_distort() -> None:
    speech = wave_of(500)
    speech[100] = 32_767
    assert max(map(abs, levelled(speech))) <= PEAK


def test_a_chime_comes_first_and_the_text_twice() -> None:
    speech = wave_of(3000, 2.0)
    whole = announcement(speech)
    begin = len(chime())
    pause = int(0.6 * RATE)
    assert whole[:begin] == chime()
    first = begin + pause
    second = first + len(speech) + pause
    assert whole[first : first + len(speech)] == whole[second : second + len(speech)] == levelled(speech)
    assert len(whole) == second + len(speech)
    assert read(write(whole)) == whole


@pytest.mark.parametrize(
    ("data", "code"), [(b"", "no_wav"), (b"RIFF\x00\x00", "no_wav"), (b"ID3" + bytes(100), "no_wav")]
)
def test_what_is_no_sound_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(SoundError) as error:
        read(data)
    assert error.value.code == code


def test_silence_is_no_announcement() -> None:
    with pytest.raises(SoundError):
        levelled(array("h", bytes(1000)))


def test_the_commands_hold_no_text() -> None:
    out = Path("/tmp/x.wav")
    assert say_command("/usr/bin/espeak-ng", "vi", 140, out) == [
        "/usr/bin/espeak-ng", "-v", "vi", "-s", "140", "-b", "1", "--stdin", "-w", "/tmp/x.wav",
    ]  # fmt: skip
    assert convert_command("ffmpeg", Path("-x.mp3"), out)[-8:] == [
        "file:-x.mp3", "-ac", "1", "-ar", "22050", "-c:a", "pcm_s16le", "/tmp/x.wav",
    ]  # fmt: skip


@pytest.mark.parametrize("voice", ["vi", "vi-vn-x-central", "vi-vn-x-south"])
def test_the_installed_program_speaks_vietnamese(voice: str) -> None:
    assert shutil.which("espeak-ng"), "install espeak-ng: make test does it"
    speech = Speech(AnnouncementSettings(voice=voice))
    short = read(speech.say("Chào bà con", "vi"))
    long = read(speech.say("Chào bà con. Đề nghị quầy A một bốn kiểm tra ngay mã thanh toán.", "vi"))
    assert 0.5 < sound.seconds(short) < 3
    assert sound.seconds(long) > 2 * sound.seconds(short)
    assert speech.say("Chào bà con", "vi") == speech.say("Chào bà con", "vi")


def test_without_a_program_it_says_so_and_a_program_that_hangs_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = Speech(AnnouncementSettings(program="no-such-program"))
    assert not silent.speaks
    with pytest.raises(SoundError) as error:
        silent.say("Chào", "vi")
    assert error.value.code == "no_speech"
    program = tmp_path / "hangs"
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o755)
    monkeypatch.setattr("api.announcements.speech.TIMEOUT_S", 0.3)
    with pytest.raises(SoundError) as error:
        Speech(AnnouncementSettings(program=str(program))).say("Chào", "vi")
    assert error.value.code == "speech_failed"


def test_a_clip_in_another_format_is_converted(tmp_path: Path) -> None:
    wav, clip = tmp_path / "clip.wav", tmp_path / "clip.mp3"
    wav.write_bytes(tone(1.0))
    ffmpeg = shutil.which("ffmpeg")
    if ffmpeg is None:  # clips are then kept as they are needed, and the code says so
        with pytest.raises(SoundError):
            Speech(AnnouncementSettings()).convert(wav)
        return
    subprocess.run([ffmpeg, "-loglevel", "error", "-i", wav, "-ar", "44100", "-ac", "2", clip], check=True)
    assert sound.seconds(read(Speech(AnnouncementSettings()).convert(clip))) == pytest.approx(1.0, abs=0.15)
