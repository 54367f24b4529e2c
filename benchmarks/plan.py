"""From what a fleet cost on one machine to what a ward, a province and the country need. Pure but for its two files.

`python -m benchmarks.plan` reads docs/scale.json, the last line of `make bench-fleet`, and writes the tables of
docs/scale.md anew; whatever is a number there follows from that line and from the assumptions named below.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from storage.retention import RetentionSettings

DOCS: Final = Path(__file__).parents[1] / "docs"
MEASURED: Final = DOCS / "scale.json"
TEXT: Final = DOCS / "scale.md"

HEADROOM: Final = 3.0
"""Cores that are ordered for each that the busy hour uses: catching up, queries, a machine that is gone."""

COPIES: Final = 3
"""Of the database: a primary and two replicas."""

COMPRESSION: Final = 10.5
"""How much smaller `make bench-query` found compressed chunks."""

LIVE_MBIT_S: Final = 4.0
PICTURE_BYTES: Final = 100e3
CLIP_BYTES: Final = 15e6
CLIP_SHARE: Final = 0.2
"""Of the events: those of medium severity and above in a street where half of all is a note."""

MEDIA_DAYS: Final = 30
BACKUP_DAYS: Final = 30
DAY_S: Final = 86_400
PAGE_BYTES: Final = 8192
WARDS_OF_COUNTRY: Final = 3300
PROVINCES: Final = 34

Line = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """So many boxes in one centre. `centres` is how many such there are."""

    name: str
    boxes: int
    api_pods: int
    centres: int = 1


PLACES: Final = (
    Place("a ward of 80 cameras", 10, 1),
    Place("a ward of 200 cameras", 25, 1),
    Place("a province, 130 wards of 80 cameras", 1300, 4),
    Place("a province, 130 wards of 200 cameras", 3250, 8),
)
COUNTRY: Final = Place("the country as one centre", WARDS_OF_COUNTRY * 10, 8)


@dataclass(frozen=True, slots=True)
class Need:
    """What a place needs in its busy hour, and on its disks with all retention full."""

    place: Place
    records_per_s: float
    cores: dict[str, float]
    workers: int
    wal_mb_s: float
    programs_gb: float
    database_gb: float
    disk_tb: dict[str, float]
    uplink_mbit_s: float

    @property
    def busy(self) -> float:
        """Cores that are at work."""
        return sum(self.cores.values())

    @property
    def ordered(self) -> int:
        """Cores to be ordered: with headroom, and the replicas of the database, which apply all that is written."""
        return math.ceil(HEADROOM * (self.busy + (COPIES - 1) * self.cores["database"]))

    @property
    def database_tb(self) -> float:
        return sum(self.disk_tb[part] for part in ("newest week", "compressed", "aggregates"))


def per_box(line: Line, figure: str) -> float:
    """A figure of the largest fleet, by box."""
    return float(line[figure][-1]) / int(line["boxes"][-1])


def need(line: Line, place: Place) -> Need:
    """What `place` needs, in proportion to the largest fleet that was measured."""
    records = per_box(line, "records_per_s") * place.boxes
    cores = {part: per_box(line, f"{part}_cpu") * place.boxes for part in ("broker", "ingest", "database")}
    # Every API process hears of every box of its centre, whichever wards it serves.
    cores["api"] = per_box(line, "api_cpu") * place.boxes * place.api_pods
    return Need(
        place=place,
        records_per_s=records,
        cores=cores,
        workers=max(2, math.ceil(HEADROOM * cores["ingest"])),  # a worker is one core and no more
        wal_mb_s=float(line["wal_bytes_per_box_day"]) * place.boxes / DAY_S / 1e6,
        programs_gb=sum(_memory_mb(line, part, place) for part in ("broker", "ingest", "api")) / 1e3,
        database_gb=place.boxes * _touched(line) / 1e9,
        disk_tb={part: size * place.boxes / 1e12 for part, size in disk(line).items()},
        uplink_mbit_s=float(line["bytes_up_per_box_day"]) * 8 * place.boxes / DAY_S / 1e6,
    )


def disk(line: Line) -> dict[str, float]:
    """Bytes that a box fills when everything is kept for as long as it is by default."""
    keep = RetentionSettings()
    rows, size = line["rows_per_box_day"], line["bytes_per_row"]
    raw = {table: rows[table] * size[table] for table in rows}
    week = keep.compress_after
    events = rows["events"]
    return {
        "newest week": sum(raw.values()) * week,
        "compressed": sum(raw[table] * (getattr(keep, table) - week) for table in raw) / COMPRESSION,
        "aggregates": sum(series * _buckets(keep) * size[table] for table, series in series_of(line).items()),
        "pictures": events * PICTURE_BYTES * MEDIA_DAYS,
        "clips": events * CLIP_SHARE * CLIP_BYTES * MEDIA_DAYS,
        "log archive": float(line["wal_bytes_per_box_day"]) * BACKUP_DAYS,
    }


def _memory_mb(line: Line, part: str, place: Place) -> float:
    """As much as the smallest fleet's, and what each box more has added; of each API pod."""
    sizes, boxes = line[f"{part}_memory_mb"], line["boxes"]
    each = (sizes[-1] - sizes[0]) / (boxes[-1] - boxes[0]) if len(boxes) > 1 else sizes[0] / boxes[0]
    return float(sizes[0] + max(0.0, each) * place.boxes) * (place.api_pods if part == "api" else 1)


def _touched(line: Line) -> float:
    """What of a box a database wants in memory: a page of the index for each thing that is measured, which commits
    touch, and the newest six hours, which dashboards show.
    """
    return sum(series_of(line).values()) * PAGE_BYTES + float(line["database_bytes_per_box_day"]) / 4


def series_of(line: Line) -> dict[str, float]:
    """How many different things a box measures, by table."""
    rows = line["rows_per_box_day"]
    return {"health": rows["health"] / 8640, "counts": rows["counts"] / 8640, "telemetry": rows["telemetry"] / 288}


def _buckets(keep: RetentionSettings) -> float:
    """Rows of all aggregates that are kept of one thing that is measured all the time."""
    return keep.aggregates_5m * 288 + keep.aggregates_1h * 24 + keep.aggregates_1d


def breaks(line: Line) -> list[tuple[str, int]]:
    """At how many boxes one of a thing is full, the first first."""
    full = {
        "one worker: its core": 1 / per_box(line, "ingest_cpu"),
        "one worker that gets full batches (the limit)": line["limit_records_per_s"] / per_box(line, "records_per_s"),
        "one API process: its core, whatever part of the boxes it serves": 1 / per_box(line, "api_cpu"),
        "mosquitto: its core": 1 / per_box(line, "broker_cpu"),
        "the database's primary: 16 cores, a third of them at work": 16 / HEADROOM / per_box(line, "database_cpu"),
    }
    return sorted(((what, math.floor(boxes)) for what, boxes in full.items()), key=lambda pair: pair[1])


def number(value: float) -> str:
    """Three digits that mean something; whole numbers as they are."""
    if value == int(value) and value < 1e5:
        return f"{int(value):,}"
    digits = 2 - math.floor(math.log10(value))
    return f"{round(value, digits):,.{max(0, min(digits, 3))}f}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def measured(line: Line) -> str:
    """What was measured, size by size."""
    head = ["", *(f"{boxes} boxes" for boxes in line["boxes"])]
    figures = {
        "records a second": "records_per_s",
        "lag, median, ms": "lag_ms_p50",
        "lag, 95th percentile, ms": "lag_ms_p95",
        "cores: all of the centre": "centre_cpu",
        "cores: broker": "broker_cpu",
        "cores: worker": "ingest_cpu",
        "cores: database": "database_cpu",
        "cores: API": "api_cpu",
        "memory, MB": "centre_memory_mb",
        "share of one worker's limit": "ratio_to_limit",
        "cores: the simulated boxes": "boxes_cpu",
        "cores: the whole machine, others' work with it": "machine_cpu",
    }
    return table(head, [[name, *(number(value) for value in line[key])] for name, key in figures.items()])


def of_a_box(line: Line) -> str:
    """What one box is to a centre."""
    rows = [
        ["records a second", number(per_box(line, "records_per_s"))],
        ["to the centre, kbit/s", number(line["bytes_up_per_box_day"] * 8 / DAY_S / 1e3)],
        ["from the centre, kbit/s", number(line["bytes_down_per_box_day"] * 8 / DAY_S / 1e3)],
        ["to the centre, MB a day", number(line["bytes_up_per_box_day"] / 1e6)],
        ["rows a day", number(sum(line["rows_per_box_day"].values()))],
        ["database before compression, MB a day", number(line["database_bytes_per_box_day"] / 1e6)],
        ["database's log, MB a day", number(line["wal_bytes_per_box_day"] / 1e6)],
        *([f"kept, {part}, GB", number(size / 1e9)] for part, size in disk(line).items()),
    ]
    return table(["of one box", ""], rows)


def plan(line: Line) -> str:
    """Cores and disks of the places."""
    needs = [need(line, place) for place in PLACES]
    rows = [
        ["boxes", *(number(one.place.boxes) for one in needs)],
        ["records a second", *(number(one.records_per_s) for one in needs)],
        *([f"cores at work: {part}", *(number(one.cores[part]) for one in needs)] for part in needs[0].cores),
        ["cores to order", *(number(one.ordered) for one in needs)],
        ["workers", *(str(one.workers) for one in needs)],
        ["API pods", *(str(one.place.api_pods) for one in needs)],
        ["memory of the programs, GB", *(number(one.programs_gb) for one in needs)],
        ["memory of the database, GB, each copy", *(number(one.database_gb) for one in needs)],
        ["boxes' uplinks together, Mbit/s", *(number(one.uplink_mbit_s) for one in needs)],
        ["database's log, MB/s", *(number(one.wal_mb_s) for one in needs)],
        ["database, TB, each copy", *(number(one.database_tb) for one in needs)],
        ["pictures and clips, TB", *(number(one.disk_tb["pictures"] + one.disk_tb["clips"]) for one in needs)],
        ["log archive, TB", *(number(one.disk_tb["log archive"]) for one in needs)],
    ]
    return table(["", *(one.place.name for one in needs)], rows)


def country(line: Line) -> str:
    """The country as one centre, and as its provinces."""
    one, each = need(line, COUNTRY), need(line, Place("", math.ceil(COUNTRY.boxes / PROVINCES), 4))

    def disks(of: Need) -> float:
        return COPIES * of.database_tb + of.disk_tb["pictures"] + of.disk_tb["clips"] + of.disk_tb["log archive"]

    rows = [
        ["boxes in a centre", number(COUNTRY.boxes), number(each.place.boxes)],
        ["records a second in a centre", number(one.records_per_s), number(each.records_per_s)],
        ["cores that the primary uses", number(one.cores["database"]), number(each.cores["database"])],
        ["its log, MB/s", number(one.wal_mb_s), number(each.wal_mb_s)],
        [
            "cores that one API process needs, of one",
            *(number(of.cores["api"] / of.place.api_pods) for of in (one, each)),
        ],
        ["cores to order in all", number(one.ordered), number(each.ordered * PROVINCES)],
        ["disk in all, TB", number(disks(one)), number(disks(each) * PROVINCES)],
        ["who loses sight when a database stops", "3,300 wards", f"{number(WARDS_OF_COUNTRY / PROVINCES)} wards"],
    ]
    return table(["", "one centre", f"{PROVINCES} provinces"], rows)


def first(line: Line) -> str:
    """What is full first."""
    rows = [[what, number(boxes), number(boxes / 10), number(boxes / 25)] for what, boxes in breaks(line)]
    return table(["what is full", "at boxes", "wards of 10 boxes", "wards of 25"], rows)


def outages(line: Line) -> str:
    """How the largest fleet came back."""
    boxes = line["boxes"][-1]
    rows = [
        ["first record committed after the worker is back, s", number(line["catch_up_first_s"])],
        ["committed a second while it catches up", number(line["catch_up_records_per_s"])],
        ["to catch up an hour, minutes", number(line["hour_away_catch_up_s"] / 60)],
        ["all boxes connected after the broker began anew, s", number(line["broker_restart_connected_s"])],
        ["nothing waits any more after that restart, s", number(line["broker_restart_settled_s"])],
    ]
    return table([f"{boxes} boxes, one worker", ""], rows)


TABLES: Final = {
    "measured": measured, "box": of_a_box, "outages": outages, "plan": plan, "first": first, "country": country,
}  # fmt: skip


def written(text: str, line: Line) -> str:
    """`text` with every table between its marks made anew. Raises ValueError where a mark is not there."""
    for name, make in TABLES.items():
        begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        before, found, rest = text.partition(begin)
        _, also, after = rest.partition(end)
        if not (found and also):
            raise ValueError(f"docs/scale.md has no marks for the table {name}")
        text = f"{before}{begin}\n{make(line)}\n{end}{after}"
    return text


def main() -> None:
    """Write the tables anew."""
    try:
        line = json.loads(MEASURED.read_text(encoding="utf-8"))
        TEXT.write_text(written(TEXT.read_text(encoding="utf-8"), line), encoding="utf-8")
    except (OSError, ValueError) as error:
        sys.exit(f"{error}")


if __name__ == "__main__":
    main()
