"""MQTT topics, built and parsed in this one place. `phoan/1/{ward}/box/{box}/{channel}`.

Knows the tree and who listens to what; payloads are in the modules named after them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from contracts.ids import SLUG_PATTERN

ROOT = "phoan/1"
_SLUG = re.compile(SLUG_PATTERN)


class Channel(StrEnum):
    """The last word of a box's topic."""

    EVENTS = "events"  # box -> centre, QoS 1, batches of event records
    TELEMETRY = "telemetry"  # box -> centre, QoS 1, batches of samples
    STATUS = "status"  # box -> centre, retained, with a last will
    CONFIG = "config"  # centre -> box, retained
    CMD = "cmd"  # centre -> box
    REPLY = "reply"  # box -> centre
    ACK = "ack"  # centre -> box: what is committed


@dataclass(frozen=True, slots=True)
class BoxTopic:
    """One channel of one box in one ward."""

    ward: str
    box: str
    channel: Channel

    def __str__(self) -> str:
        return f"{ROOT}/{self.ward}/box/{self.box}/{self.channel}"


def parse_box_topic(topic: str) -> BoxTopic:
    """Read a box's topic. Raises ValueError when it is not one."""
    parts = topic.split("/")
    if len(parts) != 6 or "/".join(parts[:2]) != ROOT or parts[3] != "box":
        raise ValueError(f"not a box topic: {topic!r}")
    ward, box, channel = parts[2], parts[4], parts[5]
    if not (_SLUG.match(ward) and _SLUG.match(box)):
        raise ValueError(f"ward or box is not a valid name in topic {topic!r}")
    try:
        return BoxTopic(ward, box, Channel(channel))
    except ValueError:
        raise ValueError(f"unknown channel in topic {topic!r}") from None


def every_box(channel: Channel, *, share: str | None = None) -> str:
    """The subscription for `channel` of all boxes; with `share`, one of that group gets each message.

    Every channel has a group of its own, `share-channel`: rumqttd gives a group's messages of one filter only.
    """
    pattern = f"{ROOT}/+/box/+/{channel}"
    return f"$share/{share}-{channel}/{pattern}" if share else pattern
