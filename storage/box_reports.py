"""Keeps what the boxes' doctors found: the newest few of each box."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import TupleRow, class_row
from psycopg.types.json import Jsonb

from contracts.report import BoxReport
from storage.scope import Scope
from storage.sql import queries

SQL = queries("box_reports")
KEPT: Final = 50


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A report; `findings` as they came."""

    box: str
    at: datetime
    received_at: datetime
    level: str
    version: str
    seconds: float
    findings: list[dict[str, Any]]


def put(connection: Connection[TupleRow], box: str, report: BoxReport, *, kept: int = KEPT) -> bool:
    """Keep a report and forget the oldest; False when it was here already."""
    row = {
        "box": box,
        "at": report.at,
        "level": report.level.value,
        "version": report.version,
        "seconds": report.seconds,
        "findings": Jsonb([finding.model_dump(mode="json") for finding in report.findings]),
    }
    with connection.transaction():
        fresh = connection.execute(SQL["put"], row).fetchone() is not None
        connection.execute(SQL["forget"], {"box": box, "kept": kept})
    return fresh


def newest(connection: Connection[TupleRow], box: str, limit: int) -> list[ReportRow]:
    """Of one box, the newest first."""
    with connection.cursor(row_factory=class_row(ReportRow)) as cursor:
        return cursor.execute(SQL["newest"], {"box": box, "limit": limit}).fetchall()


def last(connection: Connection[TupleRow], scope: Scope) -> list[ReportRow]:
    """The last of every box of which anything within `scope` hangs."""
    with connection.cursor(row_factory=class_row(ReportRow)) as cursor:
        return cursor.execute(SQL["last"], scope.parameters()).fetchall()
