"""What Grafana makes of a statement before the database sees it.

Two stages, as in Grafana 12: the page puts in the values of variables, then the server's PostgreSQL plugin puts in the
interval and expands its macros. Written after the plugin's documentation (grafana.com/docs/grafana/v12.4/datasources/
postgres/query-editor) and after what its source does where the documentation is silent: a macro's arguments end at the
first closing bracket, `$__timeGroup` before a comma names its column, a fill is done by Grafana after the query.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

Value = str | Sequence[str]

VARIABLE: Final = re.compile(r"\$(\w+)|\[\[(\w+?)(?::(\w+))?\]\]|\$\{(\w+)(?:\.([^:^}]+))?(?::([^}]+))?\}")
MACRO: Final = re.compile(r"\$([_a-zA-Z0-9]+)\(([^)]*)\)")
INTERVAL: Final = re.compile(r"(\d+)(ms|[smhdwMy])")
UNITS: Final = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
UNITS_LONG: Final = UNITS | {"M": 2_592_000_000, "y": 31_536_000_000}

STEPS: Final = (
    (1_500, 1_000), (3_500, 2_000), (7_500, 5_000), (12_500, 10_000), (17_500, 15_000), (25_000, 20_000),
    (45_000, 30_000), (90_000, 60_000), (210_000, 120_000), (450_000, 300_000), (750_000, 600_000),
    (1_050_000, 900_000), (1_500_000, 1_200_000), (2_700_000, 1_800_000), (5_400_000, 3_600_000),
    (9_000_000, 7_200_000), (16_200_000, 10_800_000), (32_400_000, 21_600_000), (86_400_000, 43_200_000),
    (604_800_000, 86_400_000), (1_814_400_000, 604_800_000), (3_628_800_000, 2_592_000_000),
)  # fmt: skip
"""Grafana's round intervals: below the first number, in milliseconds, the second is taken."""


class MacroError(Exception):
    """Grafana would refuse the query."""


@dataclass(frozen=True, slots=True)
class All:
    """All are chosen for a variable with an `allValue`, which Grafana puts in as it is, in whatever format."""

    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """The time and the choices of a dashboard, and the panel's step."""

    start: datetime
    end: datetime
    interval_ms: int = 300_000
    timescaledb: bool = False
    variables: Mapping[str, Value | All] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Filled:
    """The statement for the database, and what Grafana fills gaps with: a word or number, and the step in ms."""

    sql: str
    fill: tuple[str, int] | None = None


def interval(span: timedelta, points: int, least: str) -> int:
    """A panel's step in milliseconds: the span by its points, made round, and not below the panel's least."""
    rough = span / timedelta(milliseconds=1) / points
    return max(next((step for below, step in STEPS if rough < below), 31_536_000_000), parsed(least))


def parsed(text: str) -> int:
    """`5m` in milliseconds."""
    found = INTERVAL.fullmatch(text.strip())
    if found is None:
        raise MacroError(f"error parsing interval {text}")
    return int(found[1]) * UNITS_LONG[found[2]]


def written(milliseconds: int) -> str:
    """Milliseconds as `$__interval` has them: whole units of the largest kind."""
    for unit in ("y", "d", "h", "m", "s"):
        if milliseconds >= UNITS_LONG[unit]:
            return f"{milliseconds // UNITS_LONG[unit]}{unit}"
    return f"{max(1, milliseconds)}ms"


def filled(raw: str, asked: Asked) -> Filled:
    """The statement that reaches the database. Raises MacroError where Grafana would."""
    text = VARIABLE.sub(lambda found: _variable(found, asked), raw)
    text = text.replace("$__interval_ms", str(asked.interval_ms)).replace("$__interval", written(asked.interval_ms))
    text = text.replace("$__unixEpochFrom()", str(int(asked.start.timestamp())))
    text = text.replace("$__unixEpochTo()", str(int(asked.end.timestamp())))
    fills: list[tuple[str, int]] = []

    def macro(found: re.Match[str]) -> str:
        name = found[1]
        # The old way: the plugin looks at the first place where the same call stands.
        after = text.find(found[0]) + len(found[0])
        if name == "__timeGroup" and text[after : after + 1] == ",":
            name = "__timeGroupAlias"
        return _macro(name, [one.strip(" ") for one in found[2].split(",")], asked, fills)

    done = MACRO.sub(macro, text)
    return Filled(done, fills[-1] if fills else None)


def _variable(found: re.Match[str], asked: Asked) -> str:
    name = found[1] or found[2] or found[4]
    form = found[3] or found[6] or ""
    builtin = {
        "__interval": written(asked.interval_ms),
        "__interval_ms": str(asked.interval_ms),
        "__from": str(int(asked.start.timestamp() * 1000)),
        "__to": str(int(asked.end.timestamp() * 1000)),
    }
    if name in builtin:
        return builtin[name]
    if name not in asked.variables:
        return found[0]  # a macro, or a mistake that the database will name
    value = asked.variables[name]
    if isinstance(value, All):
        return value.text
    if form == "sqlstring":
        return ",".join(_quoted(one) for one in ([value] if isinstance(value, str) else value))
    if form == "csv":
        return value if isinstance(value, str) else ",".join(value)
    if form == "raw":
        return value if isinstance(value, str) else ",".join(value)
    if form:
        raise MacroError(f"this expander does not know the format {form}")
    # Without a format the plugin's own way: one value with its quotes doubled, several quoted and in a row.
    return value.replace("'", "''") if isinstance(value, str) else ",".join(_quoted(one) for one in value)


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _macro(name: str, arguments: list[str], asked: Asked, fills: list[tuple[str, int]]) -> str:
    start, end = _time(asked.start), _time(asked.end)
    seconds = int(asked.start.timestamp()), int(asked.end.timestamp())
    nanoseconds = tuple(round(at.timestamp() * 1e6) * 1000 for at in (asked.start, asked.end))
    column = arguments[0]
    match name:
        case "__time":
            return f'{column} AS "time"'
        case "__timeEpoch":
            return f'extract(epoch from {column}) as "time"'
        case "__timeFilter":
            return f"{column} BETWEEN '{start}' AND '{end}'"
        case "__timeFrom":
            return f"'{start}'"
        case "__timeTo":
            return f"'{end}'"
        case "__timeGroup" | "__unixEpochGroup":
            return _group(name, arguments, asked, fills)
        case "__timeGroupAlias" | "__unixEpochGroupAlias":
            return _macro(name.removesuffix("Alias"), arguments, asked, fills) + ' AS "time"'
        case "__unixEpochFilter":
            return f"{column} >= {seconds[0]} AND {column} <= {seconds[1]}"
        case "__unixEpochNanoFilter":
            return f"{column} >= {nanoseconds[0]} AND {column} <= {nanoseconds[1]}"
        case "__unixEpochNanoFrom":
            return str(nanoseconds[0])
        case "__unixEpochNanoTo":
            return str(nanoseconds[1])
        case _:
            raise MacroError(f'unknown macro "{name}"')


def _group(name: str, arguments: list[str], asked: Asked, fills: list[tuple[str, int]]) -> str:
    if len(arguments) < 2:
        raise MacroError(f"macro {name} needs time column and interval and optional fill value")
    column, step = arguments[0], parsed(arguments[1].strip("'"))
    if len(arguments) == 3:
        if arguments[2] not in ("NULL", "previous"):
            float(arguments[2])
        fills.append((arguments[2], step))
    seconds = f"{step / 1000:g}" if step % 1000 else str(step // 1000)
    if name == "__unixEpochGroup":
        return f"floor(({column})/{seconds})*{seconds}"
    if asked.timescaledb:
        return f"time_bucket('{step / 1000:.3f}s',{column})"
    return f"floor(extract(epoch from {column})/{seconds})*{seconds}"


def _time(at: datetime) -> str:
    """As Go writes RFC3339Nano: a fraction without zeros at its end."""
    whole = at.astimezone(UTC)
    fraction = f".{whole.microsecond:06d}".rstrip("0").rstrip(".")
    return f"{whole:%Y-%m-%dT%H:%M:%S}{fraction}Z"
