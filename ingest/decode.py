"""Decides what a box's message is worth: sound records to commit, broken ones to quarantine. Pure.

Knows who may say what: a box speaks for its own ward, and for its own cameras and devices only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from pydantic import Field, ValidationError

from contracts.event import Event, EventRecord
from contracts.records import Batch, Record
from contracts.status import BoxStatus
from contracts.telemetry import SampleRecord
from contracts.topics import BoxTopic, Channel, parse_box_topic
from contracts.wire import VERSION, BrokenMessageError, explain, read
from ingest.samples import read_samples
from storage.records import Commit, KnownBox, Origin, Rejected

Directory = Mapping[str, KnownBox]


class _LooseBatch(Batch):
    """A batch whose records are looked at one by one, so that a broken one does not take the others with it."""

    records: tuple[dict[str, Any], ...] = Field(min_length=1, max_length=2000)


@dataclass(frozen=True, slots=True)
class Status:
    """A sound status message and the ward of its topic."""

    ward: str
    status: BoxStatus


class UnknownBoxError(Exception):
    """The directory has no such box; it may have been declared a moment ago."""


R = TypeVar("R", bound=Record)


def decode(topic: str, payload: bytes, directory: Directory, into: Commit) -> Status | None:
    """Add the records of one message to `into`, or its quarantine entry; a status is returned instead.

    Raises UnknownBoxError when the sender is not in `directory`, having added nothing.
    """
    try:
        address = parse_box_topic(topic)
    except ValueError as error:
        into.rejected.append(Rejected(topic, "wrong_topic", str(error), payload))
        return None
    box = directory.get(address.box)
    if box is None:
        raise UnknownBoxError(address.box)
    try:
        return _decode_from(address, box, payload, topic, into, directory)
    except BrokenMessageError as error:
        into.rejected.append(Rejected(topic, error.reason, error.detail, payload))
        return None


def reject_unknown_box(topic: str, payload: bytes, into: Commit) -> None:
    """Quarantine a message whose sender nobody declared."""
    into.rejected.append(Rejected(topic, "unknown_box", "no such box in the inventory", payload))


def _decode_from(
    address: BoxTopic, box: KnownBox, payload: bytes, topic: str, into: Commit, directory: Directory
) -> Status | None:
    if address.ward != box.ward_id:
        raise BrokenMessageError("wrong_ward", f"box {box.id} belongs to ward {box.ward_id}")
    if address.channel is Channel.STATUS:
        status = read(BoxStatus, payload)
        _require_same_box(address, status.box)
        return Status(address.ward, status)
    if address.channel is Channel.TELEMETRY and read_samples(payload, address.ward, address.box, into):
        return None
    batch = read(_LooseBatch, payload)
    _require_same_box(address, batch.box)
    origin = Origin(address.ward, address.box, batch.epoch)
    for raw in batch.records:
        _take(raw, address.channel, box, origin, topic, into, directory)
    return None


def _require_same_box(address: BoxTopic, box: str) -> None:
    if box != address.box:
        raise BrokenMessageError("wrong_box", f"message of box {box} on the topic of box {address.box}")


def _take(
    raw: dict[str, Any],
    channel: Channel,
    box: KnownBox,
    origin: Origin,
    topic: str,
    into: Commit,
    directory: Directory,
) -> None:
    """Sort one record. A broken one counts as committed once quarantined, or the box would send it for ever."""
    try:
        if channel is Channel.EVENTS:
            event = _record(EventRecord, raw)
            _require_own(event.event, box, directory)
            into.events.append((origin, event))
        elif channel is Channel.TELEMETRY:
            into.samples.add(origin.box, _record(SampleRecord, raw))
        else:
            raise BrokenMessageError("wrong_channel", f"no records are expected on {channel}")
    except BrokenMessageError as error:
        into.rejected.append(Rejected(topic, error.reason, error.detail, _alone(raw, origin)))
    seq = raw.get("seq")
    if type(seq) is int and 1 <= seq < 2**62:
        into.seqs.setdefault(origin, set()).add(seq)


def _require_own(event: Event, box: KnownBox, directory: Directory) -> None:
    """A box adopts devices, and an alarm does not wait until the inventory has them: a device that no other box has is
    its own, at a site where the box has anything. Raises BrokenMessageError.
    """
    if event.camera is not None:
        if event.camera not in box.cameras:
            raise BrokenMessageError("unknown_camera", f"box {box.id} has no camera {event.camera}")
        return
    if event.device in box.devices:
        return
    if any(event.device in other.devices for other in directory.values()):
        raise BrokenMessageError("unknown_device", f"device {event.device} is another box's")
    if event.site not in box.sites:
        raise BrokenMessageError("unknown_site", f"box {box.id} has nothing at site {event.site}")


def _alone(raw: dict[str, Any], origin: Origin) -> bytes:
    """A batch of this record alone, so that it can be tried again from the quarantine."""
    batch = {"v": VERSION, "box": origin.box, "epoch": str(origin.epoch), "records": [raw]}
    return json.dumps({**batch, "sent_at": datetime.now(UTC).isoformat()}, ensure_ascii=False).encode()


def _record(model: type[R], raw: dict[str, Any]) -> R:
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        raise BrokenMessageError("invalid", explain(error)) from None
