from __future__ import annotations

from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest

from contracts.incident import (
    ACTIONS,
    TRANSITIONS,
    UNDO_WITHIN,
    UNFINISHED,
    Assign,
    Dismiss,
    Escalate,
    FalseAlarmReason,
    Happening,
    IncidentState,
    LastStep,
    Recover,
    Relapse,
    Reopen,
    Resolve,
    ResolveReason,
    See,
    advance,
    may_undo,
    sources,
)
from tests.support.samples import NOON

SAMPLES: tuple[Happening, ...] = (
    See(),
    Assign("lan"),
    Resolve(ResolveReason.HANDLED),
    Dismiss(FalseAlarmReason.ANIMAL),
    Escalate(),
    Reopen(),
    Recover(),
    Relapse(),
)


@pytest.mark.parametrize(("state", "what"), list(product(IncidentState, SAMPLES)))
def test_every_pair_leads_where_the_table_says_or_nowhere(state: IncidentState, what: Happening) -> None:
    following = advance(state, what)
    assert following == TRANSITIONS.get((state, type(what)))
    assert (state in sources(what)) is (following is not None)


def test_every_happening_has_a_row_and_a_name() -> None:
    assert {kind for _, kind in TRANSITIONS} == {type(what) for what in SAMPLES} == ACTIONS.keys()
    assert len(set(ACTIONS.values())) == len(ACTIONS)


def test_every_unfinished_incident_can_be_finished_and_every_finished_one_taken_up_again() -> None:
    for state in IncidentState:
        finishing = advance(state, Resolve(ResolveReason.HANDLED))
        assert (finishing is IncidentState.RESOLVED) is (state in UNFINISHED)
        assert (advance(state, Reopen()) is IncidentState.SEEN) is (state not in UNFINISHED)


def test_the_centre_never_touches_what_an_officer_called_a_false_alarm() -> None:
    assert advance(IncidentState.FALSE_ALARM, Relapse()) is None
    assert advance(IncidentState.FALSE_ALARM, Recover()) is None


@pytest.mark.parametrize(
    ("action", "actor", "age", "allowed"),
    [
        ("resolve", "lan", timedelta(seconds=59), True),
        ("see", "lan", UNDO_WITHIN, True),
        ("resolve", "lan", UNDO_WITHIN + timedelta(microseconds=1), False),
        ("resolve", "minh", timedelta(0), False),
        ("recover", None, timedelta(0), False),
        ("escalate", "lan", timedelta(0), False),
    ],
)
def test_only_who_took_a_step_may_take_it_back_and_only_for_a_minute(
    action: str, actor: str | None, age: timedelta, allowed: bool
) -> None:
    assert may_undo(LastStep(action, actor, NOON), "lan", NOON + age) is allowed
    assert not may_undo(None, "lan", NOON)


def test_the_diagram_in_the_docs_is_the_table() -> None:
    page = (Path(__file__).parents[2] / "docs" / "incidents.md").read_text(encoding="utf-8")
    drawn = [line.strip() for line in page.splitlines() if " --> " in line and "[*]" not in line]
    assert drawn == [f"{state} --> {after}: {ACTIONS[what]}" for (state, what), after in TRANSITIONS.items()]
