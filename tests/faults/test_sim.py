"""The simulator: what it says follows from its seed, its ledger survives its death, and its comparison can fail."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from contracts.event import Event, Phase
from contracts.ids import new_id
from contracts.inventory import Inventory
from contracts.telemetry import Sample
from demo.sim import ledger
from demo.sim.compare import EventRow, Held, Verdict, judge
from demo.sim.fleet import Fleet, inventory
from demo.sim.ledger import HandOver, Ledger
from demo.sim.traffic import Traffic, streams

BOX = Fleet(boxes=1, cameras=2, devices=1).all()[0]
NOW = datetime(2026, 2, 10, 5, 0, 0, 123_456, tzinfo=UTC)
EPOCH = new_id()


def said(traffic: Traffic) -> tuple[list[Event], list[Sample]]:
    """A hundred events, a second apart, and a few rounds of samples."""
    events = [traffic.next_event(NOW + timedelta(seconds=second)) for second in range(100)]
    return events, traffic.next_samples(50, NOW)


def test_what_is_said_follows_from_the_seed() -> None:
    assert said(Traffic(BOX, 1)) == said(Traffic(BOX, 1))
    assert said(Traffic(BOX, 1)) != said(Traffic(BOX, 2))


def test_every_event_opens_and_has_its_revisions_in_order() -> None:
    events, _ = said(Traffic(BOX, 1))
    lives: dict[object, list[Event]] = {}
    for event in events:
        lives.setdefault(event.id, []).append(event)
    assert len(lives) > 10
    for life in lives.values():
        assert [event.revision for event in life] == list(range(len(life)))
        assert [event.phase is Phase.CLOSE for event in life[:-1]] == [False] * (len(life) - 1)
        assert len(life) <= 6
    assert sum(life[-1].phase is Phase.CLOSE for life in lives.values()) >= len(lives) - len(BOX.cameras)


def test_no_two_samples_have_one_key_even_when_the_clock_stands_still() -> None:
    samples = Traffic(BOX, 1).next_samples(10 * len(streams(BOX)), NOW)
    assert len({(sample.device, sample.metric, sample.zone, sample.at) for sample in samples}) == len(samples)


def test_a_script_that_is_told_what_was_said_goes_on_where_it_was() -> None:
    whole, resumed = Traffic(BOX, 1), Traffic(BOX, 1)
    events, samples = said(whole)
    resumed.remember_events(events)
    resumed.remember_samples(samples)
    later = NOW + timedelta(hours=1)
    assert resumed.next_event(later) == whole.next_event(later)
    assert resumed.next_samples(20, later) == whole.next_samples(20, later)


@pytest.mark.parametrize("boxes", [1, 11, 100])
def test_the_inventory_is_one_that_the_centre_takes(boxes: int) -> None:
    made = inventory(Fleet(boxes, cameras=3, devices=2))
    text = yaml.safe_dump(made.model_dump(mode="json", exclude_none=True))
    assert Inventory.model_validate(yaml.safe_load(text)) == made
    assert len(made.boxes) == boxes


@pytest.mark.parametrize("cut", [1, 20, 150])
def test_a_ledger_torn_in_its_last_line_is_read_up_to_it_and_written_on(tmp_path: Path, cut: int) -> None:
    path = tmp_path / ledger.NAME
    events, samples = said(Traffic(BOX, 1))
    book = Ledger(path)
    book.give(events=events[:1])
    book.taken(EPOCH, 1)
    book.give(samples=samples)
    book.close()
    path.write_bytes(path.read_bytes()[:-cut])
    assert [hand_over.last for hand_over in ledger.read(path)] == [1]

    book = Ledger(path)
    book.give(events=events[1:2])
    book.again()
    book.taken(EPOCH, 2)
    book.close()
    first, second = ledger.read(path)
    assert (first.last, second.last, second.tries) == (1, 2, 2)
    assert Event.model_validate(second.events[0]) == events[1]


def hand_overs() -> list[HandOver]:
    """Two revisions of one event, and two samples, all taken; then one that may have been."""
    traffic = Traffic(replace(BOX, cameras=BOX.cameras[:1]), 1)
    events = [traffic.next_event(NOW).model_dump(mode="json", exclude_none=True) for _ in range(2)]
    samples = [sample.model_dump(mode="json", exclude_none=True) for sample in traffic.next_samples(3, NOW)]
    return [
        HandOver(events=events[:1], epoch=EPOCH, last=1),
        HandOver(events=events[1:], epoch=EPOCH, last=2),
        HandOver(samples=samples[:2], epoch=EPOCH, last=4),
        HandOver(samples=samples[2:]),
    ]


def held() -> Held:
    """A database that holds exactly that, without what is uncertain."""
    body = hand_overs()[1].events[0]
    columns = (body["phase"], body["severity"], body["camera"], datetime.fromisoformat(body["at"]))
    closed = datetime.fromisoformat(body["closed_at"]) if "closed_at" in body else None
    row = EventRow(Event.model_validate(body).id, 1, body, (*columns, closed, body["count"]))
    return Held([row], [key_and_value(sample) for sample in hand_overs()[2].samples], {EPOCH: {1, 2, 3, 4}})


def key_and_value(raw: dict[str, Any]) -> tuple[tuple[str, str, str, str, datetime], float]:
    at = datetime.fromisoformat(raw["at"])
    return ("telemetry", raw["device"], raw["metric"], raw.get("zone", ""), at), raw["value"]


def no_event(held: Held) -> None:
    held.events.clear()


def old_revision(held: Held) -> None:
    body = hand_overs()[0].events[0]
    at = datetime.fromisoformat(body["at"])
    columns = (body["phase"], body["severity"], body["camera"], at, None, body["count"])
    held.events[0] = replace(held.events[0], revision=0, body=body, columns=columns)


def other_body(held: Held) -> None:
    held.events[0] = replace(held.events[0], body={**held.events[0].body, "count": 77})


def other_column(held: Held) -> None:
    held.events[0] = replace(held.events[0], columns=("open", *held.events[0].columns[1:]))


def strange_event(held: Held) -> None:
    held.events.append(replace(held.events[0], id=new_id()))


def no_sample(held: Held) -> None:
    held.samples.pop()


def other_value(held: Held) -> None:
    key, value = held.samples.pop()
    held.samples.append((key, value + 1))


def other_table(held: Held) -> None:
    key, value = held.samples.pop()
    held.samples.append((("health", *key[1:]), value))


def no_number(held: Held) -> None:
    held.numbers[EPOCH].discard(3)


def a_number_too_many(held: Held) -> None:
    held.numbers[new_id()] = {1, 2}


def the_uncertain_one(held: Held) -> None:
    held.samples.append(key_and_value(hand_overs()[3].samples[0]))
    held.numbers[EPOCH].add(5)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda held: None, Verdict()),
        (the_uncertain_one, Verdict()),
        (no_event, Verdict(lost=2)),
        (old_revision, Verdict(lost=1)),
        (other_body, Verdict(wrong=1)),
        (other_column, Verdict(wrong=1)),
        (strange_event, Verdict(duplicates=1)),
        (no_sample, Verdict(lost=1)),
        (other_value, Verdict(wrong=1)),
        (other_table, Verdict(lost=1, duplicates=1)),
        (no_number, Verdict(lost=1)),
        (a_number_too_many, Verdict(duplicates=1)),  # one of them may be the uncertain record
    ],
)
def test_the_comparison_sees_what_is_not_right(change: Callable[[Held], None], expected: Verdict) -> None:
    database = held()
    change(database)
    assert judge(hand_overs(), database) == replace(expected, records=4, unsettled=1)


@pytest.fixture
def sim_folder(tmp_path: Path) -> Path:
    book = Ledger(tmp_path / BOX.id / ledger.NAME)
    book.give(samples=Traffic(BOX, 1).next_samples(3, NOW))
    book.taken(EPOCH, 3)
    book.close()
    return tmp_path


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "demo.sim", *arguments], capture_output=True, text=True, check=False)


def test_the_program_says_what_is_lost_in_one_line_and_by_its_exit_code(sim_folder: Path, database: str) -> None:
    done = command("compare", "--data", str(sim_folder), "--database", database)
    assert done.returncode == 1
    assert '"records": 3, "unsettled": 0, "lost": 3, "duplicates": 0, "wrong": 0' in done.stdout


def test_a_database_that_is_not_there_is_one_sentence(sim_folder: Path) -> None:
    done = command("compare", "--data", str(sim_folder), "--database", "host=127.0.0.1 port=1")
    assert done.returncode == 2
    assert done.stderr.startswith("database: ")
    assert done.stderr.count("\n") == 1


def test_the_program_prints_an_inventory(tmp_path: Path) -> None:
    done = command("inventory", "--boxes", "2", "--cameras", "1")
    assert Inventory.model_validate(yaml.safe_load(done.stdout)) == inventory(Fleet(2, 1, 10))


def test_the_comparison_sees_a_number_that_is_given_twice() -> None:
    first, second, *_ = hand_overs()
    again = [first, replace(second, last=1)]
    assert judge(again, Held(events=held().events, numbers={EPOCH: {1}})).wrong == 1
