"""What each account may do at the broker: the fewest rights that it works with. Pure; names of rights are the plugin's.

Nothing is allowed that is not listed here, to receive neither: a message that slipped into a subscription would still
not be delivered. No role may subscribe to a pattern of several boxes but that of ingest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from contracts.accounts import AccountKind
from contracts.topics import ROOT, BoxTopic, Channel, every_box
from ingest.consumer import SHARE

SEND: Final = "publishClientSend"
RECEIVE: Final = "publishClientReceive"
SUBSCRIBE: Final = "subscribeLiteral"

FROM_BOX: Final = (Channel.EVENTS, Channel.TELEMETRY, Channel.STATUS, Channel.REPLY)
TO_BOX: Final = (Channel.CONFIG, Channel.CMD, Channel.ACK)
FROM_DEVICE: Final = ("state", "tele", "event")
TO_DEVICE: Final = ("cmd",)

INGEST: Final = "ingest"
"""The role of the ingest workers."""


@dataclass(frozen=True, slots=True, order=True)
class Right:
    """One thing that is allowed."""

    kind: str
    topic: str


Rights = frozenset[Right]


def rights_of(kind: AccountKind, ward: str, name: str) -> Rights:
    """What a box or a device of `ward` may do."""
    if kind is AccountKind.BOX:
        sends = [str(BoxTopic(ward, name, channel)) for channel in FROM_BOX]
        hears = [str(BoxTopic(ward, name, channel)) for channel in TO_BOX]
    else:
        sends = [f"{ROOT}/{ward}/dev/{name}/{word}" for word in FROM_DEVICE]
        hears = [f"{ROOT}/{ward}/dev/{name}/{word}" for word in TO_DEVICE]
    return _rights(sends, hears, hears)


def rights_of_ingest() -> Rights:
    """Hears what all boxes say, alone or shared with fellow workers, and tells each what is committed and wanted."""
    hears = [every_box(channel) for channel in FROM_BOX]
    shared = [every_box(channel, share=SHARE) for channel in FROM_BOX]
    return _rights([every_box(channel) for channel in TO_BOX], hears, [*hears, *shared])


def _rights(sends: list[str], receives: list[str], subscribes: list[str]) -> Rights:
    listed = ((SEND, sends), (RECEIVE, receives), (SUBSCRIBE, subscribes))
    return frozenset(Right(kind, topic) for kind, topics in listed for topic in topics)
