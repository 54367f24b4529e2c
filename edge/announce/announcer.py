"""What the box says over its loudspeakers, by the centre's word and by its own rule when it may be a fire.

One thread a speaker, so that one that hangs keeps none of the others, and one that fetches sounds. Whatever is heard is
in the journal before the speaker gets it. Answers wait in `replies` for whoever speaks to the centre; what is lost with
the line is asked again, and what the box said by its own rule is told until the centre has kept it.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import SimpleQueue
from typing import Final
from zoneinfo import ZoneInfo

import httpx

from contracts.announcement import (
    Announce,
    AnnounceCancel,
    Announced,
    AnnouncedKept,
    AnnounceReply,
    FireSounds,
    PlayFault,
    PlayState,
)
from contracts.event import Event
from edge.announce.http_speaker import AxisPlayer, HttpPlayer
from edge.announce.journal import Journal
from edge.announce.local_speaker import LocalPlayer
from edge.announce.mqtt_speaker import MqttPlayer
from edge.announce.settings import AnnounceSettings, AnySpeaker, AxisSpeaker, HttpSpeaker, MqttSpeaker
from edge.announce.sounds import FetchError, Sounds
from edge.announce.speaker import Clip, Speaker, SpeakerError
from edge.announce.turn import Drop, Waiting, choose, gives_way, is_quiet
from edge.config import CentreSettings
from edge.tls import centre_context

log = logging.getLogger(__name__)

TICK_S: Final = 0.5
FETCH_AGAIN_S: Final = 5.0
TIMEOUT: Final = httpx.Timeout(15, read=60)

Command = Announce | AnnounceCancel | FireSounds | AnnouncedKept


class Announcer:
    """Owns the journal, the sounds and the speakers. Any thread may have it hear something."""

    def __init__(
        self,
        settings: AnnounceSettings,
        centre: CentreSettings | None,
        folder: Path,
        *,
        ward: str,
        time_zone: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.replies: SimpleQueue[AnnounceReply | Announced] = SimpleQueue()
        self._settings = settings
        self._centre = centre
        self._ward = ward
        self._zone = ZoneInfo(time_zone)
        self._now = now
        self._journal = Journal(folder / "announcements.db", now())
        self._sounds = Sounds(folder / "sounds")
        self._rung = {speaker.id: threading.Event() for speaker in settings.speakers}
        self._fetching = threading.Event()

    @property
    def speakers(self) -> tuple[AnySpeaker, ...]:
        return self._settings.speakers

    def hear(self, command: Command) -> None:
        """The centre says something, perhaps again. What cannot be written down is not answered, and asked again."""
        try:
            match command:
                case Announce():
                    self._answer(self._journal.hear(command, self._rung, self._now()))
                case AnnounceCancel():
                    self._answer(self._journal.cancel(command, self._now()))
                case FireSounds():
                    self._sounds.keep(command)
                case AnnouncedKept():
                    self._journal.told(command.id)
        except (sqlite3.Error, OSError) as error:
            log.error("what the centre wants announced cannot be written down: %s", error)
        self._ring()

    def line_is_up(self) -> None:
        """Tell what the centre may not have heard."""
        for announced in self._journal.untold():
            self.replies.put(announced)

    def event_opened(self, event: Event) -> None:
        """Say what is approved for such an event, once."""
        rule = self._settings.rule_for(str(event.kind), event.site)
        now = self._now()
        until = event.opened_at + timedelta(seconds=self._settings.fire_valid_s)
        if rule is None or now >= until:
            return
        sound = self._sounds.fire(rule.template, rule.site)
        if sound is None:
            log.error("nothing is said of %s at %s: the centre has not sent a sound for it", event.kind, event.site)
            return
        announced = Announced(
            id=event.id, kind=str(event.kind), template=rule.template, site=rule.site, text=sound.text,
            digest=sound.digest, at=now, plays=(),
        )  # fmt: skip
        over = [speaker.id for speaker in self._settings.speakers if speaker.site == rule.site]
        try:
            if self._journal.say_own(announced, over, until, now):
                log.warning("saying %s over %d speakers at %s", rule.template, len(over), rule.site)
        except sqlite3.Error as error:
            log.error("what is to be said of %s cannot be written down: %s", event.kind, error)
        self._ring()

    def catch_up(self, events: Iterable[Event]) -> None:
        """Events that were open when the box started: what was not said of them yet may still be in time."""
        for event in events:
            self.event_opened(event)

    def run_fetching(self, stop: threading.Event) -> None:
        """Fetch what is missing, until `stop` is set."""
        if self._centre is None:
            return
        headers = {"Authorization": f"Bearer {self._centre.token.get_secret_value()}"}
        with httpx.Client(
            base_url=self._centre.url,
            headers=headers,
            timeout=TIMEOUT,
            trust_env=False,
            verify=centre_context(self._centre),
        ) as client:
            said = ""
            while not stop.is_set():
                trouble = self._fetch_all(client, stop)
                if trouble and trouble != said:
                    log.warning("a sound cannot be fetched, trying on: %s", trouble)
                said = trouble
                self._fetching.wait(FETCH_AGAIN_S)
                self._fetching.clear()

    def run_speaker(self, settings: AnySpeaker, stop: threading.Event) -> None:
        """Serve one speaker until `stop` is set."""
        player = self._player(settings)
        rung = self._rung[settings.id]
        try:
            while not stop.is_set():
                if not self._serve(settings, player, stop):
                    rung.wait(TICK_S)
                    rung.clear()
        finally:
            player.close()

    def close(self) -> None:
        self._journal.close()

    def _serve(self, settings: AnySpeaker, player: Speaker, stop: threading.Event) -> bool:
        """Do what is next on a speaker; whether there was anything."""
        now = self._now()
        chosen = choose(self._journal.waiting(settings.id), self._sounds.there, now, quiet=self._is_quiet(now))
        if chosen is None:
            return False
        what = chosen.what
        if isinstance(chosen, Drop):
            self._end(what, chosen.state, chosen.reason)
            return True
        data = self._sounds.data(what.digest)
        if data is not None and self._journal.begin(what, now):
            clip = Clip(what.id, data, what.priority, what.expires_at).at_volume(settings.volume)
            self._end(what, *self._play(settings, player, clip, stop))
        return True

    def _play(
        self, settings: AnySpeaker, player: Speaker, clip: Clip, stop: threading.Event
    ) -> tuple[PlayState, PlayFault | None]:
        rung = self._rung[settings.id]

        def wait(seconds: float) -> bool:
            deadline = time.monotonic() + seconds
            while (left := deadline - time.monotonic()) > 0:
                if stop.is_set() or gives_way(clip.priority, self._journal.waiting(settings.id), self._sounds.there):
                    return False
                rung.wait(min(left, TICK_S))
                rung.clear()
            return not stop.is_set()

        try:
            player.play(clip, wait)
        except SpeakerError as error:
            log.error("speaker %s: %s", settings.id, error)
            return PlayState.FAILED, error.fault
        log.info("speaker %s said announcement %s", settings.id, clip.id)
        return PlayState.PLAYED, None

    def _end(self, what: Waiting, state: PlayState, reason: PlayFault | None) -> None:
        self._journal.end(what, state, reason, self._now())
        if not what.own:
            self._answer(self._journal.replies(what.id, [what.speaker]))
            return
        for announced in self._journal.untold():
            if announced.id == what.id:
                self.replies.put(announced)

    def _fetch_all(self, client: httpx.Client, stop: threading.Event) -> str:
        """What went wrong with the last one, if something did."""
        trouble = ""
        needed = [what.digest for what in self._journal.waiting()]
        for digest in self._sounds.missing(needed):
            if stop.is_set():
                break
            try:
                self._sounds.fetch(client, digest)
                self._ring_speakers()
            except (FetchError, OSError) as error:
                trouble = str(error)
        self._sounds.forget(needed)
        return trouble

    def _is_quiet(self, now: datetime) -> bool:
        quiet = self._settings.quiet
        return quiet is not None and is_quiet(now.astimezone(self._zone).time(), quiet.start, quiet.end)

    def _answer(self, replies: Iterable[AnnounceReply]) -> None:
        for reply in replies:
            self.replies.put(reply)

    def _ring(self) -> None:
        self._fetching.set()
        self._ring_speakers()

    def _ring_speakers(self) -> None:
        for rung in self._rung.values():
            rung.set()

    def _player(self, settings: AnySpeaker) -> Speaker:
        if isinstance(settings, HttpSpeaker):
            return HttpPlayer(settings, self._settings.networks)
        if isinstance(settings, AxisSpeaker):
            return AxisPlayer(settings, self._settings.networks)
        if isinstance(settings, MqttSpeaker):
            topic = device_topic(self._ward, settings.id)
            return MqttPlayer(settings, self._settings.broker, topic, self._now)
        return LocalPlayer(settings)


def device_topic(ward: str, speaker: str) -> str:
    """Where a device of our own shape hears what it is to do."""
    return f"phoan/1/{ward}/dev/{speaker}/cmd"
