"""One device at work: what it measured last, what its rules make of that, and what of it goes to the centre.

Decides nothing by itself: alarms are decided in `edge.devices.alarm`, samples in `throttle`, life in `life`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from contracts.devices.reading import Quality, Reading
from contracts.event import Event
from contracts.telemetry import Sample
from edge.devices import throttle
from edge.devices.alarm import QUIET, UNTRUSTED, AlarmRule, AlarmState, Told, decide, pass_time
from edge.devices.life import Life, Vital
from edge.devices.rule_settings import DeviceRuleSettings
from edge.devices.settings import DeviceSettings
from edge.devices.throttle import Course, Measured

LATE: Final = timedelta(minutes=10)
"""What was measured longer ago is history: it becomes a sample, and neither raises nor clears."""

LIFE_EVERY: Final = timedelta(minutes=1)
LIFE_VALUES: Final = {Life.ONLINE: 2.0, Life.UNKNOWN: 1.0, Life.STALE: 0.0, Life.OFFLINE: 0.0}


@dataclass(slots=True)
class Ruled:
    """A rule of the device and where it stands."""

    settings: DeviceRuleSettings
    rule: AlarmRule
    state: AlarmState = QUIET


@dataclass(slots=True)
class Watched:
    """`missing`: an event tells that it is silent."""

    settings: DeviceSettings
    site: str
    rules: tuple[Ruled, ...]
    vital: Vital
    life: Life | None = None
    missing: bool = False
    _life_at: datetime | None = None
    _last: dict[str, Measured] = field(default_factory=dict)
    _courses: dict[str, Course] = field(default_factory=dict)

    def goes_on(self, event: Event) -> bool:
        """Take up an alarm that was open when the box stopped; whether a rule of today asks for it."""
        for ruled in self.rules:
            if (ruled.settings.id, ruled.settings.kind.value) == (event.rule, event.kind):
                worst = event.why.get("value", ruled.rule.limit.raises)
                ruled.state = AlarmState(ringing=True, worst=float(worst))
                return True
        return False

    def read(
        self, reading: Reading, heard_at: datetime, every: timedelta
    ) -> tuple[list[Sample], list[tuple[Ruled, Told]]]:
        """Take in a reading: the samples that go, and what its rules say."""
        if reading.quality in UNTRUSTED:
            return [], []
        news = Measured(reading.at, reading.value)
        course, goes = throttle.take(self._courses.get(reading.metric), reading.metric, news, heard_at, every)
        self._courses[reading.metric] = course
        samples = [self._sample(reading.metric, news)] if goes else []
        before = self._last.get(reading.metric)
        if heard_at - reading.at > LATE or (before is not None and reading.at < before.at):
            return samples, []
        self._last[reading.metric] = news
        return samples, list(self._decide(reading))

    def _decide(self, reading: Reading) -> Iterator[tuple[Ruled, Told]]:
        for ruled in self.rules:
            if ruled.rule.metric == reading.metric:
                quality = Quality.GOOD if reading.quality is Quality.CLOCK else reading.quality
                ruled.state, said = decide(ruled.rule, ruled.state, reading.value, reading.at, quality)
                yield from ((ruled, one) for one in said)

    def pass_time(self, now: datetime) -> Iterator[tuple[Ruled, Told]]:
        """What its rules say at a moment at which it says nothing. What it said last counts while it lives."""
        lives = self.life is Life.ONLINE
        for ruled in self.rules:
            last = self._last.get(ruled.rule.metric) if lives else None
            ruled.state, said = pass_time(ruled.rule, ruled.state, last.value if last else None, now)
            yield from ((ruled, one) for one in said)

    def due(self, now: datetime, every: timedelta) -> Iterator[Sample]:
        """Samples whose time has come."""
        for metric, course in self._courses.items():
            self._courses[metric], held = throttle.due(course, metric, now, every)
            if held is not None:
                yield self._sample(metric, held)

    def lives(self, life: Life, now: datetime) -> Iterator[Sample]:
        """Take in what is known of its life: a sample when that changed, and once a minute."""
        changed = life is not self.life
        self.life = life
        if changed or self._life_at is None or not timedelta(0) <= now - self._life_at < LIFE_EVERY:
            self._life_at = now
            yield Sample(at=now, device=self.settings.id, metric="device.life", value=LIFE_VALUES[life])

    def _sample(self, metric: str, measured: Measured) -> Sample:
        return Sample(at=measured.at, device=self.settings.id, metric=metric, value=measured.value)
