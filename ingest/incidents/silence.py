"""Decides what to think of boxes that fall silent and return: an incident each, with its cause, above its symptoms.

Pure. The cause is what can be told at the centre: the last word on mains power, and whether the other boxes of the
site are heard.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from contracts.incident import RECOVERED, Cause, IncidentState, Recover, Relapse
from contracts.status import BoxState
from ingest.incidents.commands import (
    BOX_SILENT,
    PAYMENT,
    Blame,
    Command,
    Hide,
    Move,
    Open,
    Show,
    box_key,
    is_over,
    is_symptom,
    is_unfinished,
)
from ingest.incidents.settings import CorrelationSettings
from storage.correlation import BoxWord, Known, Mains

SHARED: Final = frozenset({Cause.UPLINK, Cause.POWER, Cause.UPLINK_OR_POWER})
"""Causes that several boxes of a site have in common."""

_CERTAINTY: Final = {cause.value: rank for rank, cause in enumerate(Cause)}
"""Later looks know more: other boxes fall silent a little later. What was known is never taken back for less."""


@dataclass(frozen=True, slots=True)
class Ward:
    """What a look at a ward's boxes begins with. This worker has heard the broker since `listening_since`; any silence
    before may be ours.
    """

    boxes: Sequence[BoxWord]
    mains: Mapping[str, Mains]
    incidents: Sequence[Known]
    listening_since: datetime | None


def silent_since(
    box: BoxWord, now: datetime, settings: CorrelationSettings, listening_since: datetime | None
) -> datetime | None:
    """Since when nothing is heard of `box`; None unless that is long enough to be sure."""
    if box.state_at is None or box.heard_at is None:
        return None
    if box.state == BoxState.OFFLINE:
        return box.heard_at if now - box.state_at >= settings.box_grace else None
    heard_enough = listening_since is not None and now - listening_since >= settings.box_silent
    silent = box.state == BoxState.ONLINE and now - box.heard_at >= settings.box_silent
    return box.heard_at if silent and heard_enough else None


def is_back(box: BoxWord, now: datetime, settings: CorrelationSettings) -> bool:
    return box.state == BoxState.ONLINE and box.heard_at is not None and now - box.heard_at < settings.box_silent


def look(ward: Ward, now: datetime, settings: CorrelationSettings, make_id: Callable[[], UUID]) -> list[Command]:
    """What to do about the ward's boxes now."""
    silent = {}
    for box in ward.boxes:
        since = silent_since(box, now, settings, ward.listening_since)
        if since is not None:
            silent[box.id] = since
    incidents = {incident.id: incident for incident in ward.incidents}
    commands: list[Command] = []

    def order(command: Command, changed: Known) -> None:
        commands.append(command)
        incidents[changed.id] = changed

    for box in ward.boxes:
        if box.id in silent:
            _begin(box, silent[box.id], incidents, settings, make_id, order)
        elif is_back(box, now, settings):
            _end(box, incidents, order)
    silences = [one for one in incidents.values() if one.kind == BOX_SILENT and is_unfinished(one)]
    for incident in sorted(silences, key=lambda one: (one.opened_at, one.id)):
        cause = cause_of(incident, silent, ward, settings)
        if _CERTAINTY[cause] > _CERTAINTY[incident.cause or Cause.UNKNOWN]:
            order(Blame(incident.id, cause), replace(incident, cause=cause.value))
    _hide(incidents, settings, order)
    _release({box.id for box in ward.boxes if is_back(box, now, settings)}, incidents, order)
    return commands


Order = Callable[[Command, Known], None]


def cause_of(incident: Known, silent: Mapping[str, datetime], ward: Ward, settings: CorrelationSettings) -> Cause:
    """Why the box of `incident` is silent, as far as can be told."""
    if incident.box is None or incident.box not in silent:
        return Cause.UNKNOWN
    since = silent[incident.box]
    there = [box.id for box in ward.boxes if box.site == incident.site and box.id != incident.box]
    with_it = [box for box in there if box in silent and abs(silent[box] - since) <= settings.together]
    said = [
        word.present
        for box in (incident.box, *with_it)
        if (word := ward.mains.get(box)) and silent[box] - word.at <= settings.mains_age
    ]
    if False in said:
        return Cause.POWER
    if with_it and len(with_it) == len(there):
        return Cause.UPLINK if said else Cause.UPLINK_OR_POWER
    return Cause.BOX if there else Cause.UNKNOWN


def _begin(
    box: BoxWord,
    since: datetime,
    incidents: Mapping[UUID, Known],
    settings: CorrelationSettings,
    make_id: Callable[[], UUID],
    order: Order,
) -> None:
    """Open the incident of a silent box, unless there is one, or an officer has finished with this very silence."""
    own = [one for one in incidents.values() if one.key == box_key(box.id)]
    if any(is_unfinished(one) or _finished_with(one, since) for one in own):
        return
    ended = max(own, key=lambda one: one.last_at, default=None)
    if ended and ended.ended_at and ended.reason == RECOVERED and since - ended.ended_at <= settings.joins_within:
        order(Move(ended.id, Relapse()), replace(ended, state=IncidentState.NEW.value, ended_at=None, reason=None))
        return
    incident = Known(
        id=make_id(), key=box_key(box.id), kind=BOX_SILENT, kinds=(BOX_SILENT,), severity=settings.box_severity.value,
        state=IncidentState.NEW.value, reason=None, site=box.site, box=box.id, camera=None, opened_at=since,
        last_at=since, ended_at=None, cause=Cause.UNKNOWN.value, under=None, open_events=frozenset(),
    )  # fmt: skip
    order(Open(incident), incident)


def _finished_with(incident: Known, since: datetime) -> bool:
    return incident.ended_at is not None and incident.ended_at >= since and incident.reason != RECOVERED


def _end(box: BoxWord, incidents: Mapping[UUID, Known], order: Order) -> None:
    for one in list(incidents.values()):
        if one.key == box_key(box.id) and is_unfinished(one):
            ended = replace(one, state=IncidentState.RESOLVED.value, reason=RECOVERED, under=None)
            order(Move(one.id, Recover()), ended)


def _hide(incidents: Mapping[UUID, Known], settings: CorrelationSettings, order: Order) -> None:
    """Put symptoms under their box, and boxes with a common cause under the first of their site."""
    silences = sorted(_unfinished_silences(incidents.values()), key=lambda one: (one.opened_at, one.id))
    for number, silence in enumerate(silences):
        first = next((one for one in silences[:number] if _share(one, silence, settings)), None)
        if first and silence.under is None:
            order(Hide(silence.id, first.id), replace(silence, under=first.id))
        for one in list(incidents.values()):
            hidden = one.under is not None or one.kind == BOX_SILENT or not is_unfinished(one)
            early = one.opened_at < silence.opened_at - settings.symptom_lead
            if one.box == silence.box and is_symptom(one) and not hidden and not early:
                order(Hide(one.id, silence.id), replace(one, under=silence.id))


def _share(first: Known, second: Known, settings: CorrelationSettings) -> bool:
    """Whether one card is enough for two silent boxes."""
    together = second.opened_at - first.opened_at <= settings.together
    causes = {first.cause, second.cause}
    return together and first.site == second.site and first.under is None and causes <= SHARED


def _release(back: set[str], incidents: Mapping[UUID, Known], order: Order) -> None:
    """Show what nothing explains any more: symptoms whose box is back, boxes whose companion is. What is over, ends."""
    silences = {one.id for one in _unfinished_silences(incidents.values())}
    for one in list(incidents.values()):
        if one.under is None or not is_unfinished(one) or one.key.startswith(PAYMENT) or _explained(one, incidents):
            continue
        if one.kind == BOX_SILENT:
            if one.under not in silences:
                order(Show(one.id), replace(one, under=None))
        elif one.box in back and one.under not in silences:
            over = is_over(one)
            order(Move(one.id, Recover()) if over else Show(one.id), replace(one, under=None))


def _explained(incident: Known, incidents: Mapping[UUID, Known]) -> bool:
    """Whether an outage of payments stands above it, which ingest.payments sees to."""
    above = incidents.get(incident.under) if incident.under else None
    return above is not None and above.key.startswith(PAYMENT)


def _unfinished_silences(incidents: Iterable[Known]) -> list[Known]:
    return [one for one in incidents if one.kind == BOX_SILENT and is_unfinished(one)]
