from __future__ import annotations

import pytest

from contracts.topics import BoxTopic, Channel, every_box, parse_box_topic


@pytest.mark.parametrize("channel", list(Channel))
def test_a_topic_is_parsed_as_it_was_built(channel: Channel) -> None:
    topic = BoxTopic("an-luu", "an-luu-1", channel)
    assert str(topic) == f"phoan/1/an-luu/box/an-luu-1/{channel.value}"
    assert parse_box_topic(str(topic)) == topic


@pytest.mark.parametrize(
    "topic",
    [
        "",
        "phoan/1/an-luu/box/an-luu-1",
        "phoan/1/an-luu/box/an-luu-1/events/x",
        "phoan/2/an-luu/box/an-luu-1/events",
        "phoan/1/an-luu/dev/an-luu-1/events",
        "phoan/1/+/box/an-luu-1/events",
        "phoan/1/an-luu/box/an-luu-1/gossip",
    ],
)
def test_other_topics_are_refused(topic: str) -> None:
    with pytest.raises(ValueError, match="topic"):
        parse_box_topic(topic)


def test_channels_are_shared_in_groups_of_their_own() -> None:
    assert every_box(Channel.EVENTS, share="ingest") == "$share/ingest-events/phoan/1/+/box/+/events"
    assert every_box(Channel.STATUS) == "phoan/1/+/box/+/status"
