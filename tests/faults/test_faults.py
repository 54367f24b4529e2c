"""What is killed, cut or taken back costs time, and no record is lost or there twice."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from demo.sim.compare import Verdict
from tests.faults.world import FLEET, World, copy_disks, soak_s
from tests.support.bridges import ShufflingBridge
from tests.support.brokers import TestBroker
from tests.support.fleets import SimFleet
from tests.support.waiting import eventually

FAULTS: dict[str, Callable[[World], None]] = {
    "a worker is killed inside its transaction": World.kill_worker_mid_batch,
    "all workers are killed": World.kill_all_workers,
    "the broker is killed and forgets everything": World.kill_broker,
    "the database crashes": World.crash_database,
    "the boxes are killed while they write": World.kill_boxes,
    "the line is cut": World.cut_line,
}


def assert_all_there_once(verdict: Verdict) -> None:
    assert verdict.right, verdict
    assert verdict.unsettled == 0


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_costs_no_record(world: World, fault: Callable[[World], None]) -> None:
    fault(world)
    world.goes_on()
    assert_all_there_once(world.settle())


def test_a_line_that_swallows_everything_is_given_up_and_found_again(world: World) -> None:
    """Nothing refuses and nothing answers: only the keepalive tells the box that it speaks to nobody."""
    world.relay.swallow()
    eventually(lambda: "sending again" in world.sim.said(), 90)
    eventually(lambda: world.sim.said().count("connection to the broker lost") >= FLEET.boxes, 90)
    world.relay.restore()
    world.goes_on()
    assert_all_there_once(world.settle())


def test_messages_that_come_twice_and_out_of_order_are_committed_once(world: World, tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    boxes_broker = TestBroker(tmp_path / "far")
    boxes_broker.start()
    bridge = ShufflingBridge(boxes_broker.port, world.broker.port)
    world.sim.finish()
    world.sim = SimFleet(tmp_path / "far", boxes_broker.port, FLEET, data=world.sim.data)
    try:
        world.sim.start()
        eventually(lambda: bridge.swapped > 10 and world.repeats() > 100, 60)
        verdict = world.settle()
    finally:
        world.sim.stop()
        bridge.stop()
        boxes_broker.stop()
    assert_all_there_once(verdict)


def test_a_box_restored_from_an_old_copy_of_its_outbox_gives_no_number_twice(world: World, tmp_path: Path) -> None:
    world.relay.cut()  # so that the copy holds records
    time.sleep(1)
    world.sim.kill()
    copy_disks(world.sim.data, tmp_path / "backup")
    world.relay.restore()
    world.sim.start()
    world.goes_on()
    assert_all_there_once(world.settle())

    copy_disks(tmp_path / "backup", world.sim.data)
    before = world.repeats()
    world.sim.start()
    world.goes_on()
    assert_all_there_once(world.settle())
    assert world.repeats() > before


@pytest.mark.timeout((soak_s() or 0) + 300)
def test_faults_at_random_moments_cost_no_record(world: World) -> None:
    """One round in the normal run; with SOAK_S, rounds for as many seconds."""
    deadline = time.monotonic() + (soak_s() or 0)
    seed = time.time_ns() if soak_s() else 1
    print(f"seed {seed}")
    dice = random.Random(seed)
    faults = list(FAULTS.items())
    while True:
        dice.shuffle(faults)
        for name, fault in faults[:2]:
            print(name)
            time.sleep(dice.uniform(0, 1))
            fault(world)
        world.goes_on()
        assert_all_there_once(world.settle())
        if time.monotonic() > deadline:
            return
        world.sim.start()


def test_while_the_database_is_read_only_everything_waits(world: World) -> None:
    with world.read_only():
        eventually(lambda: all("does not take records" in worker.said() for worker in world.workers), 60)
        before = world.committed()
        time.sleep(3)
        assert world.committed() == before
    world.goes_on()
    assert_all_there_once(world.settle())
