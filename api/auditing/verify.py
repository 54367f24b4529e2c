"""Whether the audit log is still the one that was written. Pure: entries, anchors and the head in, one sentence out.

What is found: an entry that was edited, removed, put in or moved; entries cut off the end, as far as an anchor or the
chain's own head saw them; a chain made anew, as far as an anchor saw the old one. What cannot be found: entries newer
than the newest anchor that are cut off or made anew together with the head, by somebody who may write to the database;
and anything by somebody who may write to the database and to the anchors.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from api.auditing.anchors import Anchor
from storage.audit import FIRST_PREVIOUS, Entry, Head, digest_of_entry


@dataclass(frozen=True, slots=True)
class Verdict:
    """The first fault as a sentence, or None; the last number looked at; how many entries are newer than any anchor."""

    fault: str | None
    last: int
    unanchored: int


def verify(entries: Iterable[Entry], anchors: Sequence[Anchor], head: Head, *, start: int = 1) -> Verdict:
    """Walk the chain from number `start` on. What lies before `start` is taken as it is, but for an anchor there."""
    walk = _Walk(anchors, start)
    for entry in entries:
        fault = walk.step(entry)
        if fault:
            return Verdict(fault, walk.last, 0)
    newest = max((anchor.seq for anchor in anchors), default=0)
    return Verdict(walk.end(head), walk.last, max(0, walk.last - newest))


class _Walk:
    """Owns the place in the chain: the last number and its digest, None where nothing is known of it."""

    def __init__(self, anchors: Sequence[Anchor], start: int) -> None:
        self._anchors: defaultdict[int, list[Anchor]] = defaultdict(list)
        for anchor in anchors:
            self._anchors[anchor.seq].append(anchor)
        self.last = start - 1
        self._digest = (
            FIRST_PREVIOUS if start == 1 else next((known.digest for known in self._anchors[start - 1]), None)
        )

    def step(self, entry: Entry) -> str | None:
        """What is wrong with the next entry."""
        expected = self.last + 1
        if entry.seq != expected:
            return f"{_entries(expected, entry.seq - 1)} missing: entry {entry.seq} comes next."
        if digest_of_entry(entry) != entry.digest:
            return f"Entry {entry.seq} was changed after it was written."
        if self._digest is not None and entry.previous != self._digest:
            return f"Entry {entry.seq} does not follow entry {self.last}: one of the two was replaced."
        self.last, self._digest = entry.seq, entry.digest
        for anchor in self._anchors[entry.seq]:
            if anchor.digest != entry.digest:
                return f"Entry {entry.seq} is not the one that the anchor of {anchor.at:%Y-%m-%d %H:%M} UTC saw."
        return None

    def end(self, head: Head) -> str | None:
        """What is wrong with where the chain ends."""
        for anchor in self._beyond():
            missing = _entries(self.last + 1, anchor.seq)
            return f"{missing} missing: the anchor of {anchor.at:%Y-%m-%d %H:%M} UTC saw entry {anchor.seq}."
        if head.seq > self.last:
            return f"{_entries(self.last + 1, head.seq)} missing from the end."
        if head.seq < self.last or (self._digest is not None and head.digest != self._digest):
            return f"Entry {self.last} is not the one that was written last."
        return None

    def _beyond(self) -> Iterator[Anchor]:
        beyond = [anchor for anchors in self._anchors.values() for anchor in anchors if anchor.seq > self.last]
        yield from sorted(beyond, key=lambda anchor: anchor.seq, reverse=True)


def _entries(first: int, last: int) -> str:
    return f"Entry {first} is" if first == last else f"Entries {first} to {last} are"
