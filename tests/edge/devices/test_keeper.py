"""Devices that take the place of others while the box runs: a real broker, and what the outbox holds afterwards."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.event import Phase
from edge.centre.outbox import Kind, Outbox
from edge.config import EdgeSettings
from edge.devices.keeper import Keeper
from edge.events import EventBook
from edge.footage.media import MediaStore
from tests.edge.devices.test_reader import Mouth, events_in, file_of, until
from tests.support.mosquitto import Mosquitto

SMOKE = {"id": "khoi-cho-1", "kind": "smoke"}
WATER = {"id": "nuoc-cong", "kind": "water"}
GAS = {"id": "gas-bep", "kind": "gas"}


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    started = Mosquitto(tmp_path)
    started.start()
    yield started
    started.stop()


class KeptBox:
    """The device part of a box, whose settings change."""

    def __init__(self, folder: Path, port: int, *listed: dict[str, str]) -> None:
        self._folder, self._port = folder, port
        settings = self.settings(*listed)
        settings.data_dir.mkdir(parents=True)
        self.outbox = Outbox(settings.data_dir / "outbox.db", max_records=10_000)
        media = MediaStore(settings.data_dir / "media", max_bytes=1_000_000)
        self.keeper = Keeper(settings, self.outbox, EventBook(self.outbox), media, {})
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self.keeper.run, args=(self._stop,), daemon=True)
        self._thread.start()

    def settings(self, *listed: dict[str, str]) -> EdgeSettings:
        return EdgeSettings.model_validate(file_of(self._folder, self._port, list=listed))

    def stands(self) -> dict[str, tuple[str, str | None]]:
        """The newest revision of each device's event, and why it was closed."""
        return {str(one.device): (one.phase.value, one.close_reason) for one in events_in(self.outbox)}

    def measured(self, device: str) -> bool:
        waiting = [one.body for one in self.outbox.waiting(1000) if one.kind is Kind.SAMPLE]
        return any("battery_pct" in body and device in body for body in waiting)

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(10)
        assert not self._thread.is_alive()
        self.outbox.close()


@pytest.fixture
def box(tmp_path: Path, broker: Mosquitto) -> Iterator[KeptBox]:
    box = KeptBox(tmp_path, broker.port, SMOKE, WATER)
    yield box
    box.stop()


@pytest.fixture
def mouth(broker: Mosquitto) -> Iterator[Mouth]:
    made = Mouth(broker.port)
    yield made
    made.leave()


def say(mouth: Mouth, device: str, **measured: float) -> None:
    mouth.say(f"phoan/1/an-luu/dev/{device}/tele", {"m": measured})


def raised(box: KeptBox, mouth: Mouth, device: str, **measured: float) -> None:
    """Say it until it has raised an event: at first nobody may hear it."""

    def said() -> bool:
        say(mouth, device, **measured)
        return box.stands().get(device, ("", None))[0] == Phase.OPEN.value

    until(said, 20)


def test_others_are_read_and_what_did_not_change_goes_on(box: KeptBox, mouth: Mouth) -> None:
    raised(box, mouth, "khoi-cho-1", smoke=1)
    raised(box, mouth, "nuoc-cong", water_leak=1)

    box.keeper.change(box.settings(SMOKE, GAS))
    until(lambda: box.stands()["nuoc-cong"] == (Phase.CLOSE.value, "reconfigured"), 20)
    say(mouth, "gas-bep", gas=1)  # the line may not be there again: the broker keeps it
    until(lambda: "gas-bep" in box.stands(), 20)
    say(mouth, "khoi-cho-1", battery_pct=64)
    until(lambda: box.measured("khoi-cho-1"), 20)
    assert [one.phase for one in events_in(box.outbox) if one.device == "khoi-cho-1"] == [Phase.OPEN]

    # None at all, and then some again.
    box.keeper.change(box.settings().model_copy(update={"devices": None}))
    until(lambda: {phase for phase, _ in box.stands().values()} == {"close"}, 20)
    assert time.monotonic() - box.keeper.beat_at < 1
    box.keeper.change(box.settings(WATER))
    raised(box, mouth, "nuoc-cong", water_leak=1)
