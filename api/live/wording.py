"""Feed messages as JSON: what two hundred viewers are told is written down once, not two hundred times."""

from __future__ import annotations

from collections import OrderedDict

from contracts.feed import FeedMessage

MOST_KEPT = 64
"""Viewers read at nearly the same time; one that lags behind has its messages written down anew."""


class Wording:
    """Remembers the texts of the latest messages. Messages never change, and the same one is the same object."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, tuple[FeedMessage, str]] = OrderedDict()

    def of(self, message: FeedMessage) -> str:
        """`message` as it is sent."""
        kept = self._kept.get(id(message))
        if kept is not None:  # it keeps its message alive, so no other has this id
            return kept[1]
        text = message.model_dump_json(exclude_none=True)
        self._kept[id(message)] = message, text
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return text
