"""Speech by separate programs: `espeak-ng` where it is installed, and `ffmpeg` for recorded clips of other formats.

The commands are made by plain functions. Texts go in through standard input, never through a shell or an argument, and
no program gets more than TIMEOUT_S.
"""

from __future__ import annotations

import logging
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from api.announcements.settings import AnnouncementSettings
from api.announcements.sound import RATE, SoundError

log = logging.getLogger(__name__)

TIMEOUT_S: Final = 20.0
CONVERTER: Final = "ffmpeg"


def say_command(program: str, voice: str, words_per_minute: int, out: Path) -> list[str]:
    """Reads a text from standard input and writes a WAV."""
    return [program, "-v", voice, "-s", str(words_per_minute), "-b", "1", "--stdin", "-w", str(out)]


def convert_command(program: str, clip: Path, out: Path) -> list[str]:
    """Writes any sound as the WAV that we use."""
    quiet = ["-nostdin", "-hide_banner", "-loglevel", "error", "-y"]
    return [program, *quiet, "-i", f"file:{clip}", "-ac", "1", "-ar", str(RATE), "-c:a", "pcm_s16le", str(out)]


class Speech:
    """Knows which programs there were at the start."""

    def __init__(self, settings: AnnouncementSettings) -> None:
        self._settings = settings
        self._speaker = shutil.which(settings.program)
        self._converter = shutil.which(CONVERTER)
        if self._speaker is None:
            log.warning("no %s is installed: only texts with recorded clips can be announced", settings.program)

    @property
    def speaks(self) -> bool:
        return self._speaker is not None

    def say(self, spoken: str, language: str) -> bytes:
        """A WAV of the text. Raises SoundError."""
        if self._speaker is None:
            raise SoundError("no_speech")
        voice = self._settings.voice if language == "vi" else "en"
        with tempfile.TemporaryDirectory(prefix="phoan-speech-") as folder:
            out = Path(folder) / "speech.wav"
            return _run(say_command(self._speaker, voice, self._settings.words_per_minute, out), out, spoken.encode())

    def convert(self, clip: Path) -> bytes:
        """A recorded clip as the WAV that we use. Raises SoundError."""
        if self._converter is None:
            raise SoundError("clip_unreadable")
        with tempfile.TemporaryDirectory(prefix="phoan-speech-") as folder:
            out = Path(folder) / "clip.wav"
            return _run(convert_command(self._converter, clip, out), out, b"")


def _run(command: Sequence[str], out: Path, text: bytes) -> bytes:
    try:
        done = subprocess.run(command, input=text, capture_output=True, timeout=TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        log.error("%s did not end in %.0f s", Path(command[0]).name, TIMEOUT_S)
        raise SoundError("speech_failed") from None
    except OSError as error:
        log.error("%s cannot be run: %s", Path(command[0]).name, error.strerror)
        raise SoundError("speech_failed") from None
    if done.returncode != 0 or not out.is_file():
        log.error(
            "%s ended with %d: %s", Path(command[0]).name, done.returncode, done.stderr.decode(errors="replace")[:200]
        )
        raise SoundError("speech_failed")
    return out.read_bytes()
