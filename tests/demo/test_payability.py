"""What a visitor of the demo breaks, from its devices over the box's own rules to the incidents that officers see."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg.rows import TupleRow

from contracts.devices.reading import Heard
from contracts.event import EventRecord
from contracts.ids import new_id
from contracts.inventory import Inventory
from contracts.records import SeqRange
from contracts.telemetry import SampleRecord
from demo import devices, ward
from demo.devices import Trouble, said_by
from edge.centre.outbox import Kind, Outbox
from edge.devices.monitor import Monitor
from edge.events import EventBook
from ingest.incidents.correlator import correlate_queued
from ingest.incidents.settings import CorrelationSettings
from ingest.payments.settings import PayabilitySettings
from ingest.payments.watch import look_at
from storage import inventory, payability, records
from storage.payment_looks import WardClock
from storage.records import Commit, Origin
from storage.scope import Scope
from tests.demo.test_devices import ALL_WELL, box_settings

Connection = psycopg.Connection[TupleRow]
CLOCK = WardClock(ward.WARD, "Asia/Ho_Chi_Minh")
ORIGIN = Origin(ward.WARD, ward.BOX, new_id())


class Street:
    """The demo's devices, box and centre, all at the same made-up time."""

    def __init__(self, connection: Connection, folder: Path) -> None:
        settings = box_settings(folder)
        assert settings.devices
        self.connection = connection
        self.now = datetime.now(UTC) - timedelta(minutes=40)
        self.outbox = Outbox(folder / "outbox.db", max_records=100_000)
        book = EventBook(self.outbox)
        adapters = settings.devices.adapters(settings.ward, settings.time_zone)
        self.monitor = Monitor(
            settings.devices, adapters, settings.time_zone, settings.calendar, book, lambda *_: None, self.now
        )

    def goes_on(self, minutes: float, broken: frozenset[Trouble]) -> None:
        for turn in range(int(minutes * 60 / devices.EVERY_S)):
            self.now += timedelta(seconds=devices.EVERY_S)
            for device in ward.DEVICES:
                if said := said_by(device, broken, self.now, turn):
                    self.monitor.hear(Heard(said[0], json.dumps(said[1]).encode(), self.now))
            self.monitor.tick(self.now)
            self.outbox.append_samples(self.monitor.take_samples())
            if turn % 3 == 0:
                self.commit()
                look_at(self.connection, CLOCK, self.now, PayabilitySettings())

    def commit(self) -> None:
        """What the box holds comes to the centre, as ingest writes it."""
        commit = Commit(seqs={ORIGIN: set()})
        for one in self.outbox.waiting(5_000):
            if one.kind is Kind.EVENT:
                commit.events.append((ORIGIN, EventRecord.model_validate_json(one.body)))
            else:
                commit.samples.add(ward.BOX, SampleRecord.model_validate_json(one.body))
            commit.seqs[ORIGIN].add(one.seq)
            self.outbox.acknowledge(one.epoch, [SeqRange(first=one.seq, last=one.seq)])
        records.write(self.connection, commit)
        correlate_queued(self.connection, ward.WARD, CorrelationSettings())

    def cards(self) -> list[tuple[str, str | None]]:
        """What stands in the lane."""
        return self.connection.execute(
            "SELECT kind, site_id FROM incidents WHERE ended_at IS NULL AND cause_id IS NULL ORDER BY kind"
        ).fetchall()

    def payable(self) -> dict[str, tuple[int, int]]:
        rows = payability.figures(self.connection, Scope.of_wards([ward.WARD]))
        return {row.site_id: (row.payable, row.points) for row in rows}


@pytest.mark.parametrize(
    ("trouble", "kind", "left"),
    [
        (Trouble.SOUNDBOX, "payment_outage_device", 5),
        (Trouble.POWER, "payment_outage_power", 0),
    ],
)
def test_what_a_visitor_breaks_is_one_card_and_goes_when_it_is_mended(
    connection: Connection, tmp_path: Path, trouble: Trouble, kind: str, left: int
) -> None:
    inventory.apply(connection, Inventory.model_validate(ward.inventory("t" * 40)))
    street = Street(connection, tmp_path)
    try:
        street.goes_on(2, ALL_WELL)
        assert street.cards() == []
        assert street.payable()["cho-an-luu"] == (6, 6)
        street.goes_on(4, frozenset([trouble]))
        assert street.cards() == [(kind, "cho-an-luu")]
        assert street.payable()["cho-an-luu"] == (left, 6)
        assert street.payable()["quang-trung"] == (5, 5)
        street.goes_on(2, ALL_WELL)
        assert street.cards() == []
        assert street.payable()["cho-an-luu"] == (6, 6)
    finally:
        street.outbox.close()
