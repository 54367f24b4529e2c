"""The watch on one payment point of one camera: reads what hangs there, and has `edge.payment.point` decide.

Keeps what is remembered between two looks. What follows from an alarm is for whoever calls (edge.payment.alarms), and
when to look too (edge.payment.rounds).
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from edge.capture.capture import CapturedFrame
from edge.capture.mask import Mask
from edge.geometry import Box, bounds, inside, iou, overlap
from edge.payment.allowed import Allowed, AllowSets
from edge.payment.appearance import Reference, compare, remember
from edge.payment.candidate import Code, Nature
from edge.payment.nature import judged
from edge.payment.point import Clear, Look, Point, Raise, decide, rejudged
from edge.payment.reader import Reader, Seen
from edge.payment.settings import PaymentPointSettings
from edge.payment.state import PointState
from edge.payment.view import Grey, Part, grey_of, part_of
from edge.rules.command import Why
from edge.rules.schedule import Schedule

HIDES: Final = 0.25
"""Who covers this share of a code's place hides it: a code cannot be read without a quarter of it."""

UNSEEN_AFTER: Final = timedelta(seconds=20)
"""A point of which there was no picture for so long is not known any more, whatever it was."""

_SALT: Final = secrets.token_bytes(16)


class PointWatch:
    """One point. Not for several threads, but for what it tells of itself.

    `looks` counts looks, `close_looks` those that might cost more, and `reads` codes, by the way they were read.
    """

    def __init__(self, settings: PaymentPointSettings, hours: Schedule, allow: AllowSets, mask: Mask) -> None:
        self.settings = settings
        self.looks = self.close_looks = 0
        self.reads: Counter[str] = Counter()
        self.point = Point()
        self.pixels_per_module: float | None = None
        self._rule = settings.rule
        self._region = bounds(settings.region)
        self._hours = hours
        self._allow = allow
        self._mask = mask
        self._reader = Reader()
        self._reference: Reference | None = None
        self._allowed: Allowed | None = None
        self._facts: dict[str, Why] = {}

    def state_at(self, now: datetime) -> PointState:
        """What is known of the point: nothing once its camera has brought no picture for a while."""
        seen_at = self.point.seen_at
        unseen_after = max(UNSEEN_AFTER, 3 * timedelta(seconds=self.settings.every_s))
        return self.point.state if seen_at and now - seen_at <= unseen_after else PointState.UNKNOWN

    def look(self, frame: CapturedFrame, tracks: Sequence[Box], *, closely: bool = True) -> tuple[Raise | Clear, ...]:
        """Look at a frame in which tracks were seen: the alarms that begin and end with it."""
        part = part_of(frame, self._region)
        grey = grey_of(frame, part, self._mask)
        commands = self._take_up(self._allow.of(self.settings.id))
        seen = [one for one in self._reader.read(grey, closely=closely) if self._inside(part, one)]
        self.looks += 1
        self.close_looks += closely
        self.reads.update(one.way for one in seen)
        if seen:
            self.pixels_per_module = min(one.pixels_per_module for one in seen)
        look = self._look(frame.captured_at, grey, part, seen, tracks)
        self.point, decided = decide(self._rule, self.point, look)
        self._remember(look, grey, part)
        return (*commands, *(self._explained(one) for one in decided))

    def _take_up(self, allowed: Allowed | None) -> tuple[Clear, ...]:
        """From now on these may be paid; what was decided when others might be is decided anew."""
        if allowed == self._allowed:
            return ()
        self._allowed = allowed
        self.point, voided = rejudged(self.point, known=allowed is not None)
        return voided

    def _inside(self, part: Part, seen: Seen) -> bool:
        """Whether the middle of a code is in the region, of which the part is the rectangle around."""
        x1, y1, x2, y2 = part.in_picture(seen.corners)
        return inside(((x1 + x2) / 2, (y1 + y2) / 2), self.settings.region)

    def _look(self, at: datetime, grey: Grey, part: Part, seen: Iterable[Seen], tracks: Sequence[Box]) -> Look:
        home = self.point.home
        codes = [code for one in seen if (code := self._code(part, one)) is not None]
        codes.sort(key=lambda code: iou(code.place, home) if home else 0.0, reverse=True)
        place = home or self._region
        return Look(
            at,
            tuple(codes),
            compare(grey, self._reference),
            hidden=any(overlap(place, track) >= HIDES for track in tracks),
            open=self._hours.active(at),
            known=self._allowed is not None,
        )

    def _code(self, part: Part, seen: Seen) -> Code | None:
        told = judged(seen.text, self._allowed, _SALT)
        if told is None:
            return None
        self._facts[told.key] = told.facts
        return Code(told.nature, told.key, part.in_picture(seen.corners))

    def _remember(self, look: Look, grey: Grey, part: Part) -> None:
        """How ours looks, for when it cannot be read; and of other codes no more than is still weighed."""
        ours = next((code for code in look.codes if code.nature is Nature.OURS), None)
        if ours is not None:
            self._reference = remember(grey, part.within(ours.place))
        weighed = {one.code.key for one in self.point.candidates}
        self._facts = {key: facts for key, facts in self._facts.items() if key in weighed}

    def _explained(self, command: Raise | Clear) -> Raise | Clear:
        """With what may be told of the code that it names."""
        if isinstance(command, Clear):
            return command
        return replace(command, why={**command.why, **self._facts.get(str(command.why.get("code")), {})})
