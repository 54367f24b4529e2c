"""Reads the outbox's rows out of an SQLite file that SQLite itself does not read any more, page by page.

Follows https://www.sqlite.org/fileformat.html: every page that looks like a leaf or an index page is taken by itself,
so damage elsewhere does not matter, and what its cells hold is believed when it has the shape of a row of ours. Rows
that were deleted may come up again: the centre takes a record that it has once more for what it is, a repeat.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from mmap import mmap
from typing import Final, Literal
from uuid import UUID

from pydantic import ValidationError

from contracts.event import Event, EventRecord
from contracts.telemetry import SampleRecord

PAGE: Final = 4096
WAL_HEADER: Final = 32
FRAME_HEADER: Final = 24
_MAGIC: Final = (0x377F0682, 0x377F0683)
_INDEX: Final = (0x02, 0x0A)
_TABLE_LEAF: Final = 0x0D
_MOST_PAYLOAD: Final = 1024 * 1024
_SIZES: Final = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8, 7: 8}
_DIGEST: Final = re.compile(r"^[0-9a-f]{64}$")

Value = int | str | float | bytes | None
Row = tuple[Value, ...]


@dataclass(slots=True)
class Small:
    """The rows of the small tables."""

    epochs: dict[int, str] = field(default_factory=dict)
    open_events: dict[str, Event] = field(default_factory=dict)
    uploads: dict[str, tuple[int, str]] = field(default_factory=dict)
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """A record with its old place."""

    number: int
    seq: int
    kind: str
    rank: int
    body: str


class Log:
    """The frames of a write-ahead log, whole ones only, whatever their checksums say."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        size = int.from_bytes(data[8:12]) if len(data) >= WAL_HEADER else 0
        self.page = size if size in _page_sizes() else PAGE
        self.headed = _is_header(data[:WAL_HEADER])
        step = self.page + FRAME_HEADER
        self.count = max(0, len(data) - WAL_HEADER) // step

    def frame(self, index: int) -> tuple[int, bytes]:
        """A frame's page number and page."""
        at = WAL_HEADER + index * (self.page + FRAME_HEADER)
        return int.from_bytes(self._data[at : at + 4]), self._data[at + FRAME_HEADER : at + FRAME_HEADER + self.page]

    def written(self) -> int:
        """How many frames belong to the log as it was last begun, damaged ones among them; older ones may follow."""
        salts = self._data[16:24] if self.headed else self._salts(0)
        return next((index + 1 for index in reversed(range(self.count)) if self._salts(index) == salts), 0)

    def _salts(self, index: int) -> bytes:
        at = WAL_HEADER + index * (self.page + FRAME_HEADER)
        return self._data[at + 8 : at + 16]


class Carver:
    """Goes through a file and its log. `first` leaves out the pages of the file and the frames before that one."""

    def __init__(self, file: bytes | mmap, log: Log, first: int | None = None) -> None:
        self._file = file
        self._log = log
        self._first = first
        size = int.from_bytes(self._file[16:18]) if len(self._file) > 18 else 0
        self._page = {1: 65536}.get(size, size) if {1: 65536}.get(size, size) in _page_sizes() else log.page
        self._newest = {number: index for index in range(log.count) for number in [log.frame(index)[0]]}

    def small(self) -> Small:
        """What the small tables held."""
        found = Small()
        for rowid, row in self._rows():
            _take_small(found, rowid, row)
        return found

    def records(self) -> Iterator[Found]:
        """Every record that is whole; one may come more than once, the newest last."""
        for _, row in self._rows():
            match row:
                case (int(number), int(seq), "event" | "sample" as kind, int(rank), str(body)):
                    if is_whole(kind, seq, body):
                        yield Found(number, seq, kind, rank, body)

    def _rows(self) -> Iterator[tuple[int, Row]]:
        if self._first is None:
            for number in range(1, len(self._file) // self._page + 1):
                start = (number - 1) * self._page
                yield from self._rows_of(self._file[start : start + self._page], 100 if number == 1 else 0)
        for index in range(self._first or 0, self._log.count):
            number, page = self._log.frame(index)
            yield from self._rows_of(page, 100 if number == 1 else 0)

    def _rows_of(self, page: bytes, at: int) -> Iterator[tuple[int, Row]]:
        kind = page[at] if len(page) > at + 12 else 0
        if kind not in (*_INDEX, _TABLE_LEAF):
            return
        pointers = at + (12 if kind == 0x02 else 8)
        count = int.from_bytes(page[at + 3 : at + 5])
        for place in range(pointers, min(pointers + 2 * count, len(page) - 1), 2):
            cell = int.from_bytes(page[place : place + 2])
            try:
                yield from self._cell(page, kind, cell)
            except (IndexError, ValueError):  # whatever these bytes were, they are no row
                continue

    def _cell(self, page: bytes, kind: int, at: int) -> Iterator[tuple[int, Row]]:
        if kind == 0x02:
            at += 4
        size, at = _varint(page, at)
        rowid = 0
        if kind == _TABLE_LEAF:
            rowid, at = _varint(page, at)
        if not 2 <= size <= _MOST_PAYLOAD:
            return
        local = self._local(size, table=kind == _TABLE_LEAF)
        payload = page[at : at + local]
        if local == size:
            yield rowid, _row(payload)
            return
        follow = int.from_bytes(page[at + local : at + local + 4])
        for with_log in (True, False):
            whole = self._followed(payload, follow, size, with_log)
            if whole is not None:
                yield rowid, _row(whole)

    def _local(self, size: int, *, table: bool) -> int:
        """How much of a payload lies in the cell itself."""
        usable = self._page
        most = usable - 35 if table else (usable - 12) * 64 // 255 - 23
        if size <= most:
            return size
        least = (usable - 12) * 32 // 255 - 23
        some = least + (size - least) % (usable - 4)
        return some if some <= most else least

    def _followed(self, payload: bytes, number: int, size: int, with_log: bool) -> bytes | None:
        """A payload with what of it lies on other pages; None when the chain breaks."""
        while len(payload) < size:
            page = self._page_of(number, with_log)
            if page is None:
                return None
            number = int.from_bytes(page[:4])
            payload += page[4 : 4 + size - len(payload)]
        return payload

    def _page_of(self, number: int, with_log: bool) -> bytes | None:
        if with_log and number in self._newest:
            return self._log.frame(self._newest[number])[1]
        page = self._file[(number - 1) * self._page : number * self._page] if number > 0 else b""
        return page if len(page) == self._page else None


def is_whole(kind: str, seq: int, body: str) -> bool:
    """Whether a body is a record as it was written."""
    model = EventRecord if kind == "event" else SampleRecord
    try:
        return model.model_validate_json(body).seq == seq
    except (ValidationError, UnicodeError):
        return False


def settled(found: Mapping[int, str], number: int) -> bool:
    """Whether an epoch without a name was forgotten since all of it is committed: one with a later name is known."""
    return number not in found and any(known > number for known in found)


def _take_small(found: Small, rowid: int, row: Row) -> None:
    match row:
        case (None, str(name)) if _is_uuid(name):
            found.epochs[rowid] = name
        case (str(digest), int(rank), str(kind)) if _DIGEST.match(digest) and 0 <= rank <= 4:
            found.uploads[digest] = (rank, kind)
        case (str(name), str(body)) if _is_uuid(name):
            event = _event(body)
            before = found.open_events.get(name)
            if event and str(event.id) == name and (before is None or before.revision < event.revision):
                found.open_events[name] = event
        case ("dropped", int(value)) if rowid:  # an index has such a row too, with another meaning
            found.dropped = max(found.dropped, value)


def _event(body: str) -> Event | None:
    try:
        return Event.model_validate_json(body)
    except (ValidationError, UnicodeError):
        return None


def _is_uuid(text: str) -> bool:
    try:
        return len(text) == 36 and UUID(text).version == 7
    except ValueError:
        return False


def _row(payload: bytes) -> Row:
    """The values of a row. Raises ValueError or IndexError for what is none."""
    end, at = _varint(payload, 0)
    types = []
    while at < end:
        kind, at = _varint(payload, at)
        types.append(kind)
    values: list[Value] = []
    for kind in types:
        value, at = _value(payload, kind, at)
        values.append(value)
    if at != len(payload):
        raise ValueError("not a row")
    return tuple(values)


def _value(payload: bytes, kind: int, at: int) -> tuple[Value, int]:
    if kind == 0:
        return None, at
    if kind in (8, 9):
        return kind - 8, at
    size = _SIZES.get(kind, (kind - 12) // 2)
    data = payload[at : at + size]
    if len(data) != size or kind in (10, 11):
        raise ValueError("not a row")
    if kind < 7:
        return int.from_bytes(data, signed=True), at + size
    if kind >= 13 and kind % 2:
        return data.decode(), at + size
    return data, at + size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for count in range(9):
        byte = data[at + count]
        if count == 8:
            return value << 8 | byte, at + 9
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + count + 1
    raise ValueError("not a number")


def _is_header(data: bytes) -> bool:
    """Whether these are a log's first bytes, by their checksum."""
    if len(data) < WAL_HEADER or int.from_bytes(data[:4]) not in _MAGIC:
        return False
    order: Literal["big", "little"] = "big" if data[3] & 1 else "little"
    one = two = 0
    for at in range(0, 24, 8):
        one = one + int.from_bytes(data[at : at + 4], order) + two & 0xFFFFFFFF
        two = two + int.from_bytes(data[at + 4 : at + 8], order) + one & 0xFFFFFFFF
    return data[24:32] == one.to_bytes(4) + two.to_bytes(4)


def _page_sizes() -> frozenset[int]:
    return frozenset(1 << power for power in range(9, 17))
