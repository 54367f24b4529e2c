"""Where texts become sounds: from a recorded clip if there is one, else from speech. Sounds are kept by their SHA-256.

Sounds can be made again from their texts, which the database keeps: a sound that was not used for as long as pictures
are kept is removed.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from array import array
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from api.announcements import sound
from api.announcements.sound import SoundError
from api.announcements.speech import Speech
from api.config import ApiSettings
from api.footage.media import MediaFolder, Medium
from api.problems import ProblemError, not_found
from contracts.announcement import MAX_SOUND_BYTES, Language, Said, Template, TextError, fill, free
from contracts.ids import digest_of

log = logging.getLogger(__name__)

WAV: Final = "audio/wav"
CLIPS: Final = (".wav", ".mp3")
MOST_REMEMBERED: Final = 256
SWEEP_S: Final = 3600.0

TITLES: Final = {
    "unknown_template": "There is no such text",
    "place_missing": "The text names something that was not given",
    "place_not_sayable": "A number of a stall or vehicle has letters, digits, dots and dashes only",
    "text_not_sayable": "Nothing of this text can be said",
    "no_speech": "No program that speaks is installed and this text has no recorded clip: install espeak-ng",
    "speech_failed": "The program that speaks failed; the log of the API says why",
    "clip_unreadable": "The recorded clip cannot be read; keep it as a WAV of one channel, 16 bits and 22050 Hz",
    "too_long": "This is too long to be said",
    "silent": "Nothing would be heard of this",
}


@dataclass(frozen=True, slots=True)
class Made:
    """A sound that is kept. `source`: `recorded` by a person, or `spoken` by a program."""

    digest: str
    seconds: float
    source: str


class Studio:
    """Owns the folder of sounds. May be used by several threads."""

    def __init__(self, settings: ApiSettings) -> None:
        self.settings = settings.announcements
        self.templates = self.settings.every_template()
        self.speech = Speech(self.settings)
        self._place = settings.media_dir / "sounds"
        self._folder = MediaFolder(self._place)
        self._keep_s = settings.media_days * 86_400.0
        self._made: OrderedDict[tuple[object, ...], Made] = OrderedDict()
        self._lock = threading.Lock()
        self._swept = 0.0

    def template(self, name: str) -> Template:
        """Raises ProblemError 422 for a text that is not there."""
        found = self.templates.get(name)
        if found is None:
            raise problem("unknown_template")
        return found

    def words(self, template: Template | None, text: str, language: Language, values: Mapping[str, str]) -> Said:
        """What is said. Raises ProblemError 422."""
        try:
            return fill(template, language, values) if template else free(text, language)
        except TextError as error:
            raise problem(error.code) from None

    def make(self, said: Said, language: Language, template: str | None, site: str) -> Made:
        """The sound of it, kept on the disk. Raises SoundError."""
        clip = self._clip(template, site, said) if language == "vi" else None
        key = (said.spoken, language, clip, clip and clip.stat().st_mtime_ns)
        with self._lock:  # one program at a time: a request waits a moment, the machine is not flooded
            made = self._made.get(key)
            if made is None or not self._use(made.digest):
                made = self._made[key] = self._make(said, language, clip)
                if len(self._made) > MOST_REMEMBERED:
                    self._made.popitem(last=False)
            self._sweep(time.time())
        return made

    def answer(self, digest: str) -> Medium:
        """The sound as a response. Raises ProblemError 404."""
        if not self._use(digest):
            raise not_found("sound")
        return self._folder.answer(digest, WAV)

    def _make(self, said: Said, language: Language, clip: Path | None) -> Made:
        speech = self._recorded(clip) if clip else sound.read(self.speech.say(said.spoken, language))
        samples = sound.announcement(speech)
        data = sound.write(samples)
        if len(data) > MAX_SOUND_BYTES:
            raise SoundError("too_long")
        digest = digest_of(data)
        if not self._use(digest):
            self._folder.put(digest, data)
        return Made(digest, sound.seconds(samples), "recorded" if clip else "spoken")

    def _recorded(self, clip: Path) -> array[int]:
        try:
            return sound.read(clip.read_bytes())
        except SoundError as error:
            if error.code == "too_long":
                raise
        except OSError:
            raise SoundError("clip_unreadable") from None
        try:
            return sound.read(self.speech.convert(clip))
        except SoundError as error:
            raise SoundError("too_long" if error.code == "too_long" else "clip_unreadable") from None

    def _clip(self, template: str | None, site: str, said: Said) -> Path | None:
        """A clip says what the text says: one for the site, or one of a text that names none."""
        folder, found = self.settings.clips_dir, template and self.templates.get(template)
        if folder is None or not found or found.places:
            return None
        names = [f"{template}.{site}"] + ([str(template)] if found.text.vi == said.text else [])
        return next((path for name in names for end in CLIPS if (path := folder / f"{name}{end}").is_file()), None)

    def _use(self, digest: str) -> bool:
        """Whether the sound is there; if so it is not old from now on."""
        try:
            os.utime(self._folder.path(digest))
        except FileNotFoundError:
            return False
        return True

    def _sweep(self, now: float) -> None:
        if now - self._swept < SWEEP_S:
            return
        self._swept = now
        for path in self._place.glob("[0-9a-f][0-9a-f]/*"):
            if now - path.stat().st_mtime > self._keep_s:
                path.unlink(missing_ok=True)
                log.info("removed a sound that was not used for %.0f days", self._keep_s / 86_400)


def problem(code: str) -> ProblemError:
    return ProblemError(422, code, TITLES[code])
