"""What a box is told of announcements on its live line, and what it answers there."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from psycopg import Connection
from psycopg.rows import TupleRow

from api.announcements.sound import SoundError
from api.announcements.studio import Studio
from api.auditing import audit
from contracts.announcement import MOST_FIRE_SOUNDS, Announced, AnnouncedKept, AnnounceWord, FireSound, FireSounds, fill
from storage import announcements
from storage.announcements import SpeakerRow

log = logging.getLogger(__name__)

Db = Connection[TupleRow]


def fire_sounds(speakers: Sequence[SpeakerRow], studio: Studio) -> FireSounds | None:
    """What the box keeps on its disk: each text that it may say alone, for each site at which one of its
    `speakers` stands. None for a box without.
    """
    sites = {row.site_id: row.site_name for row in speakers}
    if not sites:
        return None
    sounds = []
    for template in studio.templates.values():
        for site, name in sites.items():
            if not template.plays_alone:
                continue
            said = fill(template, "vi", {"site": name})
            try:
                made = studio.make(said, "vi", template.id, site)
            except SoundError as error:
                log.error("there is no sound of %s for %s: %s", template.id, site, error.code)
                continue
            sounds.append(FireSound(template=template.id, site=site, text=said.text, digest=made.digest))
    return FireSounds(sounds=tuple(sounds[:MOST_FIRE_SOUNDS]))


def take(db: Db, box: str, word: AnnounceWord) -> AnnouncedKept | None:
    """Keep what a box answers or tells; what it is answered in turn."""
    with db.transaction():
        if isinstance(word, Announced):
            ward = announcements.put_own(db, box, word)
            if ward is not None:
                played = [play.speaker for play in word.plays if play.state.value == "played"]
                audit.note(
                    db, f"box:{box}", "announcement.by_rule", f"announcement:{word.id}", ward=ward, text=word.text,
                    cause=word.kind, played=played,
                )  # fmt: skip
            return AnnouncedKept(id=word.id)
        ward = announcements.answer(db, box, word)
        if ward is None:
            log.info("box %s answers for an announcement that is not asked of it, or not any more", box)
        elif word.state.for_good:
            audit.note(
                db, f"box:{box}", f"announcement.{word.state.value}", f"announcement:{word.id}", ward=ward,
                speaker=word.speaker, reason=word.reason or "",
            )  # fmt: skip
    return None
