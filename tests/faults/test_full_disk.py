"""A box whose disk somebody else fills goes on: it gives up what matters least, counts it, and keeps the rest."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.sim import ledger
from demo.sim.box import DISK
from tests.faults.world import FLEET, World
from tests.support.disks import small_disk
from tests.support.fleets import SimFleet
from tests.support.waiting import eventually

SIZE, ROOM = "24m", "512m"


@pytest.fixture
def disks(tmp_path: Path) -> Iterator[list[Path]]:
    """A small disk of its own for each box of the world's fleet, there before the fleet starts."""
    with contextlib.ExitStack() as stack:
        places = [tmp_path / "sim" / box.id / DISK for box in FLEET.all()]
        yield [stack.enter_context(small_disk(place, SIZE)) for place in places]


def fill(disk: Path) -> None:
    """Take all that is left of a disk."""
    with (disk / "filler").open("ab", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))


def cut_off_and_full(world: World, disks: list[Path]) -> None:
    """Boxes that owe nothing are cut off, write for a while, and then find their disks full."""
    world.sim.finish()
    world.relay.cut()
    world.sim = SimFleet(world.folder, world.relay.port, FLEET, events_per_s=30, samples_per_s=900)
    world.sim.start()
    time.sleep(4)
    for disk in disks:
        fill(disk)
    eventually(lambda: world.sim.said().count("gave up") >= 2 * FLEET.boxes, 60)


def reach_the_centre_again(world: World, disks: list[Path]) -> None:
    """There is room first, and enough for good: what is given up while it is on its way is counted, and yet there."""
    for disk in disks:
        (disk / "filler").unlink()
        subprocess.run(["mount", "-o", f"remount,size={ROOM}", disk], check=True)
    world.relay.restore()
    world.goes_on()


def assert_lost_is_what_was_counted(world: World) -> None:
    figures = world.sim.finish()
    verdict = world.verdict()
    assert figures["pending"] == 0
    assert figures["dropped"] > 0
    assert (verdict.lost, verdict.duplicates, verdict.wrong) == (figures["dropped"], 0, 0)
    assert urgent_events_said(world) <= events_held(world)


def test_on_a_full_disk_the_least_severe_are_given_up_and_counted(disks: list[Path], world: World) -> None:
    cut_off_and_full(world, disks)
    reach_the_centre_again(world, disks)
    assert_lost_is_what_was_counted(world)


def test_a_box_that_dies_on_a_full_disk_starts_again(disks: list[Path], world: World) -> None:
    cut_off_and_full(world, disks)
    world.sim.kill()
    for disk in disks:
        fill(disk)
    world.sim.start()
    reach_the_centre_again(world, disks)
    assert_lost_is_what_was_counted(world)


def urgent_events_said(world: World) -> set[str]:
    paths = world.sim.data.glob(f"*/{ledger.NAME}")
    given = (event for path in paths for hand_over in ledger.read(path) for event in hand_over.events)
    return {event["id"] for event in given if event["severity"] in ("high", "critical")}


def events_held(world: World) -> set[str]:
    with world.connect() as connection:
        return {str(id_) for (id_,) in connection.execute("SELECT id FROM events")}
