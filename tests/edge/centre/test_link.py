from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from contracts.event import EventBatch, EventRecord
from contracts.ids import new_id
from contracts.records import Ack, SeqRange, ranges_of
from contracts.status import BoxState, BoxStatus, CameraFault, CameraState, CameraStatus
from contracts.telemetry import Sample, TelemetryBatch
from contracts.topics import BoxTopic, Channel, every_box
from contracts.wire import MAX_MESSAGE_BYTES, Versioned, read
from edge.centre.link import Link, batch_json
from edge.centre.outbox import Outbox
from edge.config import EdgeSettings
from edge.supervise import Supervisor
from tests.support.brokers import TestBroker
from tests.support.samples import NOON, event
from tests.support.waiting import eventually

SAMPLE = Sample(at=NOON, device="quang-trung-1", metric="zone.people", value=3, zone="via-he")
BOX_PROCESS = """
import sys, threading
from pathlib import Path
from edge.centre.link import Link
from edge.centre.outbox import Outbox
from tests.edge.centre.test_link import settings

outbox = Outbox(Path(sys.argv[1]), max_records=1000)
Link(settings(int(sys.argv[2])), outbox, "1.0", lambda: (), threading.Event()).run(threading.Event())
"""


def settings(port: int) -> EdgeSettings:
    camera = {"id": "quang-trung-1", "site": "quang-trung", "url": "rtsp://127.0.0.1:1/x"}
    mqtt_settings = {"host": "127.0.0.1", "port": port}
    return EdgeSettings.model_validate(
        {"ward": "an-luu", "box": "an-luu-1", "data_dir": ".", "mqtt": mqtt_settings, "cameras": [camera]}
    )


def seqs_of(batch: EventBatch | TelemetryBatch) -> list[int]:
    return [record.seq for record in batch.records]


class Centre:
    """Hears all that a box says, and acknowledges when it is told to."""

    def __init__(self, port: int) -> None:
        self.events: list[EventBatch] = []
        self.telemetry: list[TelemetryBatch] = []
        self.status: list[BoxStatus] = []
        self.sizes: list[int] = []
        self._subscribed = threading.Event()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=f"centre-{new_id()}", protocol=mqtt.MQTTv5)
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = self._on_connect
        self._client.on_message = self._on_message
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        assert self._subscribed.wait(5)

    def _on_connect(self, client: mqtt.Client, *_: Any) -> None:
        client.subscribe([(every_box(channel), 1) for channel in (Channel.EVENTS, Channel.TELEMETRY, Channel.STATUS)])

    def _on_message(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        payload = bytes(message.payload)
        self.sizes.append(len(payload))
        match message.topic.rpartition("/")[2]:
            case Channel.EVENTS:
                self.events.append(read(EventBatch, payload))
            case Channel.TELEMETRY:
                self.telemetry.append(read(TelemetryBatch, payload))
            case Channel.STATUS:
                self.status.append(read(BoxStatus, payload))

    def batches(self) -> list[EventBatch | TelemetryBatch]:
        return [*self.events, *self.telemetry]

    def seqs(self) -> list[int]:
        return [seq for batch in self.batches() for seq in seqs_of(batch)]

    def acknowledge(self, ack: Versioned | bytes) -> None:
        payload = ack if isinstance(ack, bytes) else ack.to_bytes()
        self._client.publish(str(BoxTopic("an-luu", "an-luu-1", Channel.ACK)), payload, qos=1)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


class Box:
    """A link at work."""

    def __init__(self, port: int, outbox: Outbox) -> None:
        self.cameras: tuple[CameraStatus, ...] = ()
        self.changed = threading.Event()
        self.supervisor = Supervisor()
        link = Link(settings(port), outbox, "1.0", lambda: self.cameras, self.changed)
        self.supervisor.start("link", lambda: link.run(self.supervisor.stop))

    def stop(self) -> None:
        self.supervisor.stop.set()
        self.supervisor.join(5)
        assert not self.supervisor.failed


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    outbox = Outbox(tmp_path / "outbox.db", max_records=10_000)
    yield outbox
    outbox.close()


@pytest.fixture
def centre(broker: TestBroker) -> Iterator[Centre]:
    centre = Centre(broker.port)
    yield centre
    centre.close()


@pytest.fixture
def box(broker: TestBroker, outbox: Outbox) -> Iterator[Box]:
    box = Box(broker.port, outbox)
    yield box
    box.stop()


def test_records_arrive_and_leave_the_outbox_only_when_acknowledged(outbox: Outbox, centre: Centre, box: Box) -> None:
    outbox.append_event(event())
    outbox.append_samples([SAMPLE, SAMPLE])
    eventually(lambda: sorted(set(centre.seqs())) == [1, 2, 3])
    assert centre.events[0].records == (EventRecord(seq=1, event=event()),)
    assert {batch.epoch for batch in centre.events} == {outbox.epoch}
    assert outbox.pending == 3

    centre.acknowledge(Ack(epoch=outbox.epoch, ranges=ranges_of([1, 3])))
    eventually(lambda: outbox.pending == 1)
    assert [record.seq for record in outbox.waiting(10)] == [2]


@pytest.mark.parametrize(
    "payload",
    [b"", b"\xff\x00", b"[]", b'{"v":1}', b'{"v":2,"epoch":"019c4573-9a80-7abc-8def-0000000000e1","ranges":[]}'],
)
def test_a_broken_acknowledgement_changes_nothing_and_ends_nothing(
    outbox: Outbox, centre: Centre, box: Box, payload: bytes
) -> None:
    outbox.append_event(event())
    eventually(lambda: centre.seqs())
    centre.acknowledge(payload)
    centre.acknowledge(Ack(epoch=new_id(), ranges=(SeqRange(first=1, last=9),)))
    centre.acknowledge(Ack(epoch=outbox.epoch, ranges=(SeqRange(first=1, last=1),)))
    eventually(lambda: outbox.pending == 0)


def test_after_a_broker_that_lost_everything_what_is_not_acknowledged_is_sent_again(
    broker: TestBroker, outbox: Outbox, centre: Centre, box: Box
) -> None:
    outbox.append_samples([SAMPLE] * 3)
    eventually(lambda: sorted(set(centre.seqs())) == [1, 2, 3])
    centre.acknowledge(Ack(epoch=outbox.epoch, ranges=(SeqRange(first=2, last=2),)))
    eventually(lambda: outbox.pending == 2)

    broker.kill()
    outbox.append_samples([SAMPLE])
    centre.telemetry.clear()
    broker.start()
    eventually(lambda: sorted(set(centre.seqs())) == [1, 3, 4], 20)
    assert outbox.pending == 3
    centre.acknowledge(Ack(epoch=outbox.epoch, ranges=(SeqRange(first=1, last=4),)))
    eventually(lambda: outbox.pending == 0)


def test_records_of_an_earlier_run_are_sent_under_their_own_epoch(
    tmp_path: Path, broker: TestBroker, centre: Centre
) -> None:
    earlier = Outbox(tmp_path / "outbox.db", max_records=1000)
    earlier.append_samples([SAMPLE] * 2)
    earlier.close()
    outbox = Outbox(tmp_path / "outbox.db", max_records=1000)
    outbox.append_samples([SAMPLE])
    box = Box(broker.port, outbox)
    eventually(lambda: len(centre.telemetry) == 2)
    assert [(batch.epoch, len(batch.records)) for batch in centre.telemetry] == [(earlier.epoch, 2), (outbox.epoch, 1)]
    box.stop()
    outbox.close()


def test_a_long_backlog_goes_out_whole_and_in_messages_that_can_be_read(
    outbox: Outbox, centre: Centre, box: Box
) -> None:
    tracks = event().tracks * 20
    for _ in range(300):
        outbox.append_event(event(tracks=tracks))
    outbox.append_samples([SAMPLE] * 900)

    def acknowledged() -> bool:
        for batch in centre.batches():
            centre.acknowledge(Ack(epoch=batch.epoch, ranges=ranges_of(seqs_of(batch))))
        return outbox.pending == 0

    eventually(acknowledged, 30)
    assert set(centre.seqs()) == set(range(1, 1201))
    assert max(centre.sizes) <= MAX_MESSAGE_BYTES


def test_a_batch_is_what_the_contracts_write(outbox: Outbox) -> None:
    outbox.append_event(event(why={"schedule": "ngoài giờ"}))
    outbox.append_event(event(tracks=(), snapshot="a" * 64))
    outbox.append_samples([SAMPLE, Sample(at=NOON, device="an-luu-1", metric="box.cpu_percent", value=0.1)])
    records = outbox.waiting(10)
    events = batch_json("an-luu-1", str(outbox.epoch), records[:2])
    telemetry = batch_json("an-luu-1", str(outbox.epoch), records[2:])
    assert read(EventBatch, events).to_bytes() == events
    assert read(TelemetryBatch, telemetry).to_bytes() == telemetry


def test_the_status_is_retained_and_a_change_is_told_at_once(
    broker: TestBroker, outbox: Outbox, centre: Centre, box: Box
) -> None:
    eventually(lambda: centre.status)
    outbox.append_samples([SAMPLE])
    box.cameras = (
        CameraStatus(
            id="quang-trung-1", site="quang-trung", state=CameraState.FAILED, since=NOON, fault=CameraFault.REFUSED
        ),
    )
    box.changed.set()
    told = eventually(lambda: next((status for status in centre.status if status.cameras), None), 1.5)
    assert told.cameras == box.cameras
    assert told.outbox is not None
    assert (told.outbox.epoch, told.outbox.head) == (outbox.epoch, 1)
    assert [status.n for status in centre.status] == list(range(1, len(centre.status) + 1))

    latecomer = Centre(broker.port)
    (retained, *_) = eventually(lambda: latecomer.status)
    latecomer.close()
    assert (retained.state, retained.session, retained.version) == (BoxState.ONLINE, told.session, "1.0")


def test_a_box_that_is_stopped_says_so(broker: TestBroker, outbox: Outbox, centre: Centre) -> None:
    box = Box(broker.port, outbox)
    eventually(lambda: centre.status)
    box.stop()
    last = eventually(lambda: centre.status[-1] if centre.status[-1].state is BoxState.OFFLINE else None)
    assert (last.session, last.n) == (centre.status[0].session, centre.status[-2].n + 1)


def test_a_box_that_is_killed_is_told_offline_by_its_last_will(
    tmp_path: Path, broker: TestBroker, centre: Centre
) -> None:
    command = [sys.executable, "-c", BOX_PROCESS, str(tmp_path / "outbox.db"), str(broker.port)]
    with subprocess.Popen(command) as process:
        eventually(lambda: centre.status, 20)
        process.kill()
    last = eventually(lambda: centre.status[-1] if centre.status[-1].state is BoxState.OFFLINE else None, 30)
    assert (last.session, last.n) == (centre.status[0].session, 0)


def test_after_a_reconnection_the_status_is_of_a_new_session(broker: TestBroker, centre: Centre, box: Box) -> None:
    (first, *_) = eventually(lambda: centre.status)
    broker.kill()
    broker.start()
    later = eventually(lambda: next((status for status in centre.status if status.session != first.session), None), 20)
    assert later.state is BoxState.ONLINE
