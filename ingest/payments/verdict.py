"""What the evidence of one moment says of each payment point, and which points share one cause. Pure.

The widest cause that fits stands: street power, then the uplink, then the stall, then the device; a bank or a wrong
code only where nothing of these is wrong. What is not heard is unknown, never failed. docs/cashless.md has the table.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from contracts.event import EventKind
from ingest.payments.evidence import ALIVE, TELLERS, UNKNOWN, Blind, Box, Cause, Point, Site, State, Ward, Word, is_open
from ingest.payments.settings import PayabilitySettings
from ingest.payments.told import Told, Verdict

WRONG_CODE: Final = frozenset(
    kind.value
    for kind in (
        EventKind.PAYMENT_CODE_MISMATCH,
        EventKind.PAYMENT_CODE_FOREIGN,
        EventKind.PAYMENT_CODE_COVERED,
        EventKind.PAYMENT_CODE_MISSING,
    )
)
"""Alarms with which nobody can pay the merchant. One that is hard to read, or stands beside another, can be paid."""

_HALF: Final = 0.5
_SHARED: Final = (Cause.POWER, Cause.UPLINK, Cause.STALL, Cause.DEVICE)


@dataclass(frozen=True, slots=True)
class Own:
    """What a point's own devices say. `dark`: every one that says anything is silent."""

    verdict: Verdict
    dark: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """A moment, by the ward's clock too."""

    now: datetime
    clock: time
    settings: PayabilitySettings

    def fresh(self, word: Word | None) -> bool:
        return word is not None and self.now - word.at <= self.settings.fresh


def verdicts(ward: Ward, told: Mapping[str, Told], look: Look) -> dict[str, Verdict]:
    """What is to be thought of each point now; `told` is what was thought so far."""
    found: dict[str, Verdict] = {}
    at_site: dict[str, list[Point]] = defaultdict(list)
    for point in sorted(ward.points, key=lambda point: point.id):
        at_site[point.site].append(point)
    banks = _banks_down(ward, look)
    for name, points in at_site.items():
        site = ward.sites[name]
        if not is_open(site, look.clock):
            found |= {point.id: Verdict(State.CLOSED, look.now) for point in points}
            continue
        of_site = _at_site(points, site, ward, told, look)
        for point in points:
            found[point.id] = _bank_or_code(point, of_site[point.id], banks, look)
    return found


def verified(point: Point, look: Look) -> str | None:
    """Who saw the point's own code on display: a camera now, or somebody on patrol within days."""
    if point.alarms & WRONG_CODE:
        return None
    if point.code is not None:
        return "camera" if point.code.value > _HALF else None
    days = timedelta(days=look.settings.verified_days)
    scanned = point.patrolled_at is not None and look.now - point.patrolled_at <= days
    return "patrol" if scanned else None


def own(point: Point, look: Look) -> Own | None:
    """What the point's devices say by themselves; None where none of them says anything."""
    heard = [(device.kind, device.life) for device in point.devices if device.life and look.fresh(device.life)]
    if not heard:
        return None
    tellers = [life for kind, life in heard if kind in TELLERS]
    supply = [life for kind, life in heard if kind not in TELLERS]
    for lives in (tellers, supply):
        alive = [life.at for life in lives if life.value >= ALIVE]
        if alive and (lives is tellers or not tellers):
            return Own(Verdict(State.PAYABLE, max(alive)))
    asked = tellers or supply
    if any(_is_unknown(life) for life in asked):
        return Own(Verdict(State.UNKNOWN, _newest(asked), Blind.GATEWAY))
    dark = all(life.value < UNKNOWN for _, life in heard)
    cause = Cause.STALL if dark and (len(heard) > 1 or not tellers) else Cause.DEVICE
    return Own(Verdict(State.NOT_PAYABLE, _newest(asked), cause, point.id), dark)


def _is_unknown(life: Word) -> bool:
    return UNKNOWN <= life.value < ALIVE


def _newest(words: Iterable[Word]) -> datetime:
    return max(word.at for word in words)


def _at_site(
    points: Sequence[Point], site: Site, ward: Ward, told: Mapping[str, Told], look: Look
) -> dict[str, Verdict]:
    """Verdicts of a site's points as devices, mains and uplink give them."""
    owns = {point.id: own(point, look) for point in points}
    mains = [word for word in site.mains if look.fresh(word)]
    boxes = [ward.boxes[box] for box in site.boxes if box in ward.boxes]
    lost = [word for word in mains if word.value < _HALF]
    found = {point.id: _alone(point, owns[point.id], boxes, look) for point in points}
    if lost:
        power = Verdict(State.NOT_PAYABLE, _newest(lost), Cause.POWER, site.id, sure=True)
        return {point: one if one.state is State.PAYABLE and owns[point] else power for point, one in found.items()}
    found |= _crowded(site, owns, told, bool(mains), look)
    cut = _uplink_lost(site, boxes, look)
    if cut is not None:
        found = {point: one if one.cause is Cause.POWER else cut for point, one in found.items()}
    return found


def _alone(point: Point, said: Own | None, boxes: Sequence[Box], look: Look) -> Verdict:
    """What is known of one point. Without devices of its own, a line that works means that it can be paid at: its code
    is on paper, and the customer's telephone does the rest.
    """
    if said is not None:
        return said.verdict
    heard = [word for box in boxes for word in (box.internet, box.dns) if word and look.fresh(word)]
    if not heard:
        last = [device.life for device in point.devices if device.life]
        blind = Blind.BOX if boxes or point.devices else Blind.UNWATCHED
        return Verdict(State.UNKNOWN, _newest(last) if last else look.now, blind)
    if point.devices:
        return Verdict(State.UNKNOWN, look.now, Blind.UNWATCHED)
    return Verdict(State.PAYABLE, _newest(heard))


def _crowded(
    site: Site, owns: Mapping[str, Own | None], told: Mapping[str, Told], has_mains: bool, look: Look
) -> dict[str, Verdict]:
    """The points of a site that fell silent together, each with their common cause."""
    out = {point: said for point, said in owns.items() if said and said.verdict.state is State.NOT_PAYABLE}
    watched = sum(said is not None and said.verdict.state is not State.UNKNOWN for said in owns.values())
    since = {point: _silent_since(told.get(point), said.verdict.at) for point, said in out.items()}
    dark = {point: at for point, at in since.items() if out[point].dark}
    dim = {point: at for point, at in since.items() if not out[point].dark}

    def common(group: Sequence[str]) -> Cause:
        if len(group) < look.settings.crowd_share * watched:
            return Cause.STALL
        return Cause.UPLINK if has_mains else Cause.POWER

    return {
        **_groups(site, dark, told, common, look),
        **_groups(site, dim, told, lambda _: Cause.DEVICE, look),
    }


def _groups(
    site: Site,
    since: Mapping[str, datetime],
    told: Mapping[str, Told],
    common: Callable[[Sequence[str]], Cause],
    look: Look,
) -> dict[str, Verdict]:
    """A group that was told keeps its cause while two of it are out, or grows into that of half the site; else it is
    whoever fell silent together.
    """
    left = dict(since)
    found: dict[str, Verdict] = {}

    def put(group: Iterable[str], cause: Cause) -> None:
        for point in group:
            found[point] = Verdict(State.NOT_PAYABLE, left.pop(point), cause, site.id)

    for cause in _SHARED:
        kept = [point for point in left if point in told and told[point].is_out(cause, site.id)]
        near = _joining(kept, left, look.settings.together) if len(kept) > 1 else []
        put(near, common(near) if cause in (Cause.STALL, Cause.DEVICE) else cause)
    while len(group := _closest(left, look.settings.together)) >= look.settings.crowd:
        put(group, common(group))
    return found


def _joining(kept: Sequence[str], since: Mapping[str, datetime], together: timedelta) -> list[str]:
    """`kept`, and whoever fell silent when they did."""
    first, last = min(since[point] for point in kept), max(since[point] for point in kept)
    return [point for point, at in since.items() if point in kept or first - together <= at <= last + together]


def _closest(since: Mapping[str, datetime], together: timedelta) -> list[str]:
    """The most points that fell silent within one span of `together`; the earliest such."""
    ordered = sorted(since, key=lambda point: (since[point], point))
    best: list[str] = []
    first = 0
    for last, point in enumerate(ordered):
        while since[point] - since[ordered[first]] > together:
            first += 1
        if last - first + 1 > len(best):
            best = ordered[first : last + 1]
    return best


def _silent_since(told: Told | None, at: datetime) -> datetime:
    if told is not None and told.state is State.NOT_PAYABLE and told.cause in _SHARED:
        return told.since
    if told is not None and told.hint is not None and told.hint.state is State.NOT_PAYABLE:
        return told.hint.since
    return at


def _uplink_lost(site: Site, boxes: Sequence[Box], look: Look) -> Verdict | None:
    """A line is gone when every box of the site that says anything says so."""
    spoken = [(box, [word for word in (box.internet, box.dns) if word and look.fresh(word)]) for box in boxes]
    heard = [(box, words) for box, words in spoken if words]
    if not heard or not all(any(word.value < _HALF for word in words) for _, words in heard):
        return None
    place = heard[0][0].id if len(heard) == 1 else site.id
    at = max(word.at for _, words in heard for word in words if word.value < _HALF)
    return Verdict(State.NOT_PAYABLE, at, Cause.UPLINK, place)


def _banks_down(ward: Ward, look: Look) -> dict[str, Verdict]:
    """The banks that officers say are down, and those that no box reaches although its line works."""
    said: dict[str, list[Word]] = defaultdict(list)
    for box in ward.boxes.values():
        if box.internet and look.fresh(box.internet) and box.internet.value > _HALF:
            for bank, word in box.banks.items():
                if look.fresh(word):
                    said[bank].append(word)
    down = {
        bank: Verdict(State.NOT_PAYABLE, _newest(words), Cause.BANK, bank)
        for bank, words in said.items()
        if all(word.value < _HALF for word in words)
    }
    noticed = {bank: Verdict(State.NOT_PAYABLE, at, Cause.BANK, bank, sure=True) for bank, at in ward.notices.items()}
    return {**down, **noticed}


def _bank_or_code(point: Point, found: Verdict, banks: Mapping[str, Verdict], look: Look) -> Verdict:
    """A point whose every bank is down cannot be paid at, nor one whose code is not its own."""
    if found.state is State.NOT_PAYABLE:
        return found
    if point.banks and point.banks <= banks.keys():
        last = max(banks[bank].at for bank in point.banks)
        sure = all(banks[bank].sure for bank in point.banks)
        return Verdict(State.NOT_PAYABLE, last, Cause.BANK, min(point.banks), sure)
    if point.alarms & WRONG_CODE:
        return Verdict(State.NOT_PAYABLE, point.alarmed_at or look.now, Cause.CODE, point.id, sure=True)
    return found
