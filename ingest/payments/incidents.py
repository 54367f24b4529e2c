"""What becomes of incidents as outages begin, last and end: one for a cause and its place, above its symptoms. Pure.

An incident that nothing of its place is heard of any more waits, under the silent box where there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from contracts.event import EventKind, Severity
from contracts.incident import RECOVERED, IncidentState, Recover, Relapse
from ingest.incidents.commands import (
    BOX_SILENT,
    PAYMENT,
    SILENCES,
    Command,
    Hide,
    Move,
    Open,
    Show,
    is_over,
    is_unfinished,
)
from ingest.payments.evidence import Cause, State
from ingest.payments.settings import PayabilitySettings
from ingest.payments.told import WIDTH, Told, outages
from storage.correlation import Known

KINDS: Final = {
    cause: f"payment_outage_{cause.value}"
    for cause in (Cause.DEVICE, Cause.STALL, Cause.UPLINK, Cause.POWER, Cause.BANK)
}
"""A wrong code is no outage of these: its own event is the incident."""

WIDE: Final = 3
"""Points from which an outage needs somebody soon."""

SYMPTOMS: Final = SILENCES | {EventKind.MAINS_LOST.value}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a point is: its site, the boxes that read it, its devices and its banks."""

    site: str
    boxes: frozenset[str] = frozenset()
    devices: frozenset[str] = frozenset()
    banks: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Scene:
    """What is told of the points, where they are, and the incidents that can matter."""

    told: Mapping[str, Told]
    places: Mapping[str, Place]
    incidents: Sequence[Known]


Order = Callable[[Command, Known], None]


def key_of(cause: str, place: str) -> str:
    return f"{PAYMENT}{cause}/{place}"


def orders(scene: Scene, now: datetime, settings: PayabilitySettings, make_id: Callable[[], UUID]) -> list[Command]:
    """What to do about the incidents of a ward's outages."""
    lasting = {key_of(*what): points for what, points in outages(scene.told).items() if what[0] in KINDS}
    incidents = {one.id: one for one in scene.incidents}
    commands: list[Command] = []

    def order(command: Command, changed: Known) -> None:
        commands.append(command)
        incidents[changed.id] = changed

    for key, points in sorted(lasting.items()):
        _begin(key, points, scene, incidents.values(), now, settings, make_id, order)
    for one in sorted(_unfinished(incidents.values()), key=lambda one: one.id):
        if (
            one.key not in lasting
            and not _waits(one, scene)
            and _above(one, lasting, scene, incidents.values()) is None
        ):
            ended = replace(one, state=IncidentState.RESOLVED.value, reason=RECOVERED, ended_at=now, under=None)
            order(Move(one.id, Recover()), ended)
    for one in sorted(incidents.values(), key=lambda one: one.id):
        _place(one, lasting, scene, incidents, settings, order)
    return commands


def _begin(
    key: str,
    points: Sequence[str],
    scene: Scene,
    incidents: Iterable[Known],
    now: datetime,
    settings: PayabilitySettings,
    make_id: Callable[[], UUID],
    order: Order,
) -> None:
    """Open the incident of an outage, unless there is one, or an officer has finished with this very outage."""
    own = [one for one in incidents if one.key == key]
    began = min(scene.told[point].since for point in points)
    if any(is_unfinished(one) or _finished_with(one, began) for one in own):
        return
    ended = max((one for one in own if one.reason == RECOVERED), key=lambda one: (one.last_at, one.id), default=None)
    if ended and ended.ended_at and began - ended.ended_at <= settings.joins_within:
        order(Move(ended.id, Relapse()), replace(ended, state=IncidentState.NEW.value, ended_at=None, reason=None))
        return
    sites = {scene.places[point].site for point in points}
    cause = Cause(key.split("/")[1])
    incident = Known(
        id=make_id(), key=key, kind=KINDS[cause], kinds=(KINDS[cause],), severity=_severity(points).value,
        state=IncidentState.NEW.value, reason=None, site=sites.pop() if len(sites) == 1 else None, box=None,
        camera=None, opened_at=min(began, now), last_at=now, ended_at=None, cause=None, under=None,
        open_events=frozenset(),
    )  # fmt: skip
    order(Open(incident), incident)


def _severity(points: Sequence[str]) -> Severity:
    return Severity.HIGH if len(points) >= WIDE else Severity.MEDIUM


def _finished_with(incident: Known, began: datetime) -> bool:
    return incident.ended_at is not None and incident.ended_at >= began and incident.reason != RECOVERED


def _unfinished(incidents: Iterable[Known]) -> list[Known]:
    return [one for one in incidents if one.key.startswith(PAYMENT) and is_unfinished(one)]


def _concerned(incident: Known, scene: Scene) -> list[str]:
    """The points at the place of a payment incident."""
    cause, place = incident.key.removeprefix(PAYMENT).split("/", 1)
    if cause == Cause.BANK:
        return [point for point, where in scene.places.items() if place in where.banks]
    if place in scene.places:
        return [place]
    return [point for point, where in scene.places.items() if place == where.site or place in where.boxes]


def _place_of(incident: Known) -> str:
    return incident.key.split("/", 2)[2]


def _width(incident: Known) -> int:
    """Of a bank's outage, which neither explains nor is explained, less than of any."""
    return WIDTH.get(incident.key.split("/", 2)[1], -1)


def _waits(incident: Known, scene: Scene) -> bool:
    """Whether nothing at all is heard of the incident's place."""
    states = [scene.told[point].state for point in _concerned(incident, scene) if point in scene.told]
    return bool(states) and all(state is State.UNKNOWN for state in states)


def _above(
    incident: Known, lasting: Mapping[str, Sequence[str]], scene: Scene, incidents: Iterable[Known]
) -> UUID | None:
    """The incident that explains one of a single point, one that grew wider, or one of which nothing is heard."""
    points = _concerned(incident, scene)
    for one in _unfinished(incidents):
        if one.key in lasting and _place_of(one) == _place_of(incident) and _width(one) > _width(incident):
            return one.id
    if len(points) == 1 and (told := scene.told.get(points[0])) and told.cause and told.place:
        key = key_of(told.cause, told.place)
        for one in _unfinished(incidents):
            if one.key == key and one.id != incident.id and told.state is State.NOT_PAYABLE:
                return one.id
    if _waits(incident, scene):
        boxes = frozenset[str]().union(*(scene.places[point].boxes for point in points))
        silent = [one for one in incidents if one.kind == BOX_SILENT and is_unfinished(one) and one.box in boxes]
        return min((one.id for one in silent), default=None)
    return None


def _place(
    one: Known,
    lasting: Mapping[str, Sequence[str]],
    scene: Scene,
    incidents: Mapping[UUID, Known],
    settings: PayabilitySettings,
    order: Order,
) -> None:
    """Put what is explained under what explains it, and show what nothing explains any more."""
    if not is_unfinished(one) or one.kind == BOX_SILENT:
        return
    if one.key.startswith(PAYMENT):
        above = None if one.key in lasting else _above(one, lasting, scene, incidents.values())
    elif SYMPTOMS.issuperset(one.kinds):
        above = _explains(one, lasting, scene, incidents.values(), settings)
        if above is None and not _is_ours(one.under, incidents):
            return
    else:
        return
    if above == one.under:
        return
    if above is not None:
        order(Hide(one.id, above), replace(one, under=above))
    else:
        over = SYMPTOMS.issuperset(one.kinds) and is_over(one)
        order(Move(one.id, Recover()) if over else Show(one.id), replace(one, under=None))


def _is_ours(above: UUID | None, incidents: Mapping[UUID, Known]) -> bool:
    """Whether a symptom was put there by these rules; a silent box's symptoms are that box's affair."""
    return above is not None and above in incidents and incidents[above].key.startswith(PAYMENT)


def _explains(
    symptom: Known,
    lasting: Mapping[str, Sequence[str]],
    scene: Scene,
    incidents: Iterable[Known],
    settings: PayabilitySettings,
) -> UUID | None:
    """The outage that a silent device of one of its points is a part of, or a sensor's word on the same mains."""
    for one in sorted(_unfinished(incidents), key=lambda one: one.id):
        points = lasting.get(one.key, ())
        near = symptom.opened_at >= one.opened_at - settings.together
        if symptom.device and any(symptom.device in scene.places[point].devices for point in points):
            return one.id
        if near and one.key == key_of(Cause.POWER, symptom.site or "") and EventKind.MAINS_LOST in symptom.kinds:
            return one.id
    return None
