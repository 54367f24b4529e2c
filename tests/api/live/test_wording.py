from __future__ import annotations

import json

from api.live.wording import MOST_KEPT, Wording
from contracts.feed import EventChanged, Hello
from tests.support.samples import NOON, event


def change(number: int) -> EventChanged:
    return EventChanged(ward="an-luu", box="an-luu-1", event=event(count=number), received_at=NOON)


def test_a_message_is_written_down_once() -> None:
    wording, message = Wording(), change(1)
    assert json.loads(wording.of(message)) == json.loads(message.model_dump_json(exclude_none=True))
    assert wording.of(message) is wording.of(message)


def test_messages_that_differ_are_never_mixed_up_however_many_have_been_forgotten() -> None:
    wording = Wording()
    first = change(0)
    wording.of(first)
    for number in range(1, 3 * MOST_KEPT):
        assert json.loads(wording.of(change(number)))["event"]["count"] == number
    assert json.loads(wording.of(first))["event"]["count"] == 0
    assert json.loads(wording.of(Hello(at=NOON)))["type"] == "hello"
