"""Things that one thread replaces as a whole while others go through them: each sees the old ones or the new ones."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


class Changing(Collection[T]):
    """Whoever goes through it goes through what it held when they began."""

    def __init__(self, items: Iterable[T] = ()) -> None:
        self._items = tuple(items)

    def replace(self, items: Iterable[T]) -> None:
        self._items = tuple(items)

    def __iter__(self) -> Iterator[T]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, item: object) -> bool:
        return item in self._items
