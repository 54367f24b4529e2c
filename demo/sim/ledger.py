"""The ledger of one simulated box: what it was to hand to its outbox, and what the outbox has taken. Append-only.

Each hand-over has a line before it (what is handed over) and a line after it (the numbers that the outbox gave). A line
is one write, so it survives the death of the process. A last hand-over without its second line may or may not have
reached the outbox; the next run hands the same over again, which changes nothing where it had.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from contracts.event import Event
from contracts.telemetry import Sample

NAME: Final = "ledger.jsonl"


@dataclass(slots=True)
class HandOver:
    """Events or samples that went to the outbox in one call. `last` is None until the outbox is known to hold them."""

    events: list[dict[str, Any]] = field(default_factory=list)
    samples: list[dict[str, Any]] = field(default_factory=list)
    tries: int = 1
    epoch: UUID | None = None
    last: int | None = None

    def __len__(self) -> int:
        return len(self.events) + len(self.samples)


class Ledger:
    """Writes one file. Opening it cuts off a line that a killed process has left unfinished."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            os.truncate(path, path.read_bytes().rfind(b"\n") + 1)
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    def give(self, *, events: Sequence[Event] = (), samples: Sequence[Sample] = ()) -> None:
        """These are about to be handed over."""
        self._write({"give": {
            "events": [event.model_dump(mode="json", exclude_none=True) for event in events],
            "samples": [sample.model_dump(mode="json", exclude_none=True) for sample in samples],
        }})  # fmt: skip

    def again(self) -> None:
        """What was given last is about to be handed over once more."""
        self._write({"again": True})

    def taken(self, epoch: UUID, last: int) -> None:
        """The outbox holds what was given last; its newest record has the number `last`."""
        self._write({"taken": [str(epoch), last]})

    def close(self) -> None:
        os.close(self._file)

    def _write(self, line: dict[str, Any]) -> None:
        data = json.dumps(line, separators=(",", ":")).encode() + b"\n"
        if os.write(self._file, data) != len(data):
            raise OSError("the ledger could not be written whole")


def read(path: Path) -> Iterator[HandOver]:
    """All hand-overs of a ledger, in order; an unfinished last line is left out."""
    current: HandOver | None = None
    with path.open("rb") as file:
        for raw in file:
            if not raw.endswith(b"\n"):
                break
            line = json.loads(raw)
            if "give" in line:
                if current:
                    yield current
                current = HandOver(**line["give"])
            elif current is None:
                raise ValueError(f"{path}: the first line hands nothing over")
            elif "again" in line:
                current.tries += 1
            else:
                current.epoch, current.last = UUID(line["taken"][0]), int(line["taken"][1])
    if current:
        yield current
