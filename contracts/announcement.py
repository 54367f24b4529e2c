"""What is said over loudspeakers: the texts with their named places, and the words that centre and box exchange of it.

The centre decides what is said and makes the sound; the box plays it (docs/announcements.md). Only a text about a fire
may be approved beforehand: everything else is said when a person has approved it. Pure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Annotated, Final, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from contracts.ids import Code, Digest, Slug, Uuid7
from contracts.settings import Settings
from contracts.wire import Message, Timestamp

LONGEST_TEXT: Final = 500
MOST_SPEAKERS: Final = 64
MOST_FIRE_SOUNDS: Final = 200
MAX_SOUND_BYTES: Final = 16 * 1024 * 1024
"""Six minutes of 22,050 samples a second; nobody listens for longer."""

Language = Literal["vi", "en"]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_TEXT)]

SPELLED: Final = ("stall", "plate")
"""Places that are read sign by sign: nobody hears a number of a stall right that is read as a whole."""

PLACES: Final = ("site", *SPELLED)
VALUE: Final = re.compile(r"[0-9A-Za-zÀ-ỹ][0-9A-Za-zÀ-ỹ ./-]{0,19}")

_DIGITS: Final[Mapping[str, tuple[str, ...]]] = {
    "vi": ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"),
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
}
_EMERGENCY: Final = re.compile(r"\b11[1-5]\b")
_SAYABLE: Final = re.compile(r"[^0-9A-Za-zÀ-ỹ .,;:!?%/()'\"–-]+")


class Priority(StrEnum):
    """What is said first, from the last to the first."""

    NORMAL = "normal"
    URGENT = "urgent"
    FIRE = "fire"


RANK: Final = {priority: rank for rank, priority in enumerate(Priority)}


class TextError(ValueError):
    """A text cannot be made of a template; the code says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Words(Settings):
    vi: Text
    en: Text


class Template(Settings):
    """A text with named places such as {site}. `preapproved`: nobody has to approve it before it is said."""

    id: Slug
    name: Words
    text: Words
    priority: Priority = Priority.NORMAL
    preapproved: bool = False

    @model_validator(mode="after")
    def _may_be_said(self) -> Self:
        if self.preapproved and self.priority is not Priority.FIRE:
            raise ValueError(f"template {self.id} is approved beforehand, which only what is said of a fire may be")
        for language in ("vi", "en"):
            for place in _places(self.text_in(language)):
                if place not in PLACES:
                    raise ValueError(f"template {self.id} has the place {{{place}}}, which is not known")
        if _places(self.text.vi) != _places(self.text.en):
            raise ValueError(f"template {self.id} has other places in Vietnamese than in English")
        return self

    def text_in(self, language: str) -> str:
        return self.text.vi if language == "vi" else self.text.en

    @property
    def places(self) -> tuple[str, ...]:
        """What must be said to fill it, beside the site."""
        return tuple(place for place in SPELLED if place in _places(self.text.vi))

    @property
    def plays_alone(self) -> bool:
        """Whether a box may say it when nobody can be asked: it is approved, and the site fills it."""
        return self.preapproved and not self.places


@dataclass(frozen=True, slots=True)
class Said:
    """A text as it is read, and as it is heard."""

    text: str
    spoken: str


def fill(template: Template, language: Language, values: Mapping[str, str]) -> Said:
    """The text with its places filled. Raises TextError for a value that is missing or cannot be said."""
    text = template.text_in(language)
    given = {place: values.get(place, "").strip() for place in _places(text)}
    for place, value in given.items():
        if not value:
            raise TextError("place_missing")
        if place in SPELLED and not VALUE.fullmatch(value):
            raise TextError("place_not_sayable")
    heard = {place: spelled(value, language) if place in SPELLED else value for place, value in given.items()}
    return Said(text.format_map(given), sayable(text.format_map(heard), language))


def free(text: str, language: Language) -> Said:
    """A text that a person wrote. Raises TextError when nothing of it can be said."""
    spoken = sayable(text, language)
    if not any(sign.isalnum() for sign in spoken):
        raise TextError("text_not_sayable")
    return Said(" ".join(text.split()), spoken)


def spelled(value: str, language: str) -> str:
    """A number of a stall or a vehicle, sign by sign."""
    digits = _DIGITS[language]
    signs = (digits[int(sign)] if sign in "0123456789" else sign.upper() for sign in value if sign.isalnum())
    return " ".join(signs)


def sayable(text: str, language: str) -> str:
    """The text without what a speech program could take for an order of its own, emergency numbers sign by sign."""
    plain = " ".join(_SAYABLE.sub(" ", text).split())
    return _EMERGENCY.sub(lambda number: spelled(number[0], language), plain)


@cache
def known() -> tuple[Template, ...]:
    """The texts that come with the program."""
    raw = Path(__file__).with_name("announcements.json").read_text(encoding="utf-8")
    return tuple(Template.model_validate(entry) for entry in json.loads(raw))


def _places(text: str) -> frozenset[str]:
    try:
        return frozenset(name for _, name, _, _ in Formatter().parse(text) if name is not None)
    except ValueError:
        raise ValueError("a brace is not closed") from None


class PlayState(StrEnum):
    """How far a box is with one speaker."""

    ACCEPTED = "accepted"
    PLAYED = "played"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"

    @property
    def for_good(self) -> bool:
        return self is not PlayState.ACCEPTED


class PlayFault(StrEnum):
    """Why nothing was heard."""

    NO_SPEAKER = "no_speaker"  # the box has none of this name
    NOT_FETCHED = "not_fetched"  # the centre's sound did not come in time
    INTERRUPTED = "interrupted"  # the box stopped while it played: nobody knows how much was heard
    QUIET_HOURS = "quiet_hours"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"  # the speaker answered, and did not take it
    NOT_ALLOWED = "not_allowed"  # its address lies outside of the speakers' networks
    NO_PLAYER = "no_player"  # no program that plays sound is installed
    PLAYER_FAILED = "player_failed"
    DISK_FULL = "disk_full"


class Announce(Message):
    """Play a sound on these speakers of the box, once, unless it is too late. `digest` names a WAV: the chime and the
    text twice, as it is to be heard.
    """

    type: Literal["announce"] = "announce"
    id: Uuid7
    speakers: tuple[Slug, ...] = Field(min_length=1, max_length=MOST_SPEAKERS)
    digest: Digest
    text: str = Field(max_length=2 * LONGEST_TEXT)
    priority: Priority
    expires_at: Timestamp


class AnnounceCancel(Message):
    """Play it no more where it has not begun. `speakers` are those that have not answered for good."""

    type: Literal["announce_cancel"] = "announce_cancel"
    id: Uuid7
    speakers: tuple[Slug, ...] = Field(min_length=1, max_length=MOST_SPEAKERS)


class FireSound(Message):
    """A text that is approved beforehand, as it is said at a site."""

    template: Slug
    site: Slug
    text: str = Field(max_length=2 * LONGEST_TEXT)
    digest: Digest


class FireSounds(Message):
    """What the box is to keep so that it can say it while the centre is away, in place of what it was told before."""

    type: Literal["fire_sounds"] = "fire_sounds"
    sounds: tuple[FireSound, ...] = Field(max_length=MOST_FIRE_SOUNDS)


class AnnouncedKept(Message):
    """The centre has kept what the box said by its own rule."""

    type: Literal["announced_kept"] = "announced_kept"
    id: Uuid7


class AnnounceReply(Message):
    """What became of an announcement on one speaker, and when."""

    type: Literal["announce_reply"] = "announce_reply"
    id: Uuid7
    speaker: Slug
    state: PlayState
    reason: Code | None = None
    at: Timestamp


class SpeakerPlay(Message):
    speaker: Slug
    state: PlayState
    reason: Code | None = None
    at: Timestamp


class Announced(Message):
    """What the box said by its own rule, of the event that bears the same id. It is told until the centre has it."""

    type: Literal["announced"] = "announced"
    id: Uuid7
    kind: Code
    template: Slug
    site: Slug
    text: str = Field(max_length=2 * LONGEST_TEXT)
    digest: Digest | None = None
    at: Timestamp
    plays: tuple[SpeakerPlay, ...] = Field(max_length=MOST_SPEAKERS)


AnnounceWord = AnnounceReply | Announced
