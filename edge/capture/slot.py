"""A place for the latest of something: the writer never waits, the reader never gets an old one."""

from __future__ import annotations

import threading
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")
T_contra = TypeVar("T_contra", contravariant=True)


class Taker(Protocol[T_contra]):
    """What something may be put into."""

    def put(self, item: T_contra, /) -> None: ...


class LatestSlot(Generic[T]):
    """Holds at most one item. Putting over an unread one drops that and counts it."""

    def __init__(self, ready: threading.Event | None = None) -> None:
        self.dropped = 0
        self._ready = ready
        self._lock = threading.Lock()
        self._item: T | None = None

    def put(self, item: T) -> None:
        with self._lock:
            if self._item is not None:
                self.dropped += 1
            self._item = item
        if self._ready:
            self._ready.set()

    def take(self) -> T | None:
        """The latest item, once; None when there is no new one."""
        with self._lock:
            item, self._item = self._item, None
        return item


class Slots(Generic[T]):
    """Several places that are given the same."""

    def __init__(self, *slots: LatestSlot[T]) -> None:
        self._slots = slots

    def put(self, item: T) -> None:
        for slot in self._slots:
            slot.put(item)
