from __future__ import annotations

import pytest

from edge.discover.makers import MOST_DEFAULTS, first_passwords, maker_of, makers, paths


@pytest.mark.parametrize(
    ("said", "maker"),
    [
        (("HIKVISION", "DS-2CD1023G0"), "hikvision"),
        (("", "IP Camera(D1234)"), "hikvision"),
        (("Dahua", "IPC-HFW"), "dahua"),
        (("", "Login to 6C0F1B"), "dahua"),
        (("KBVISION", "KX-Y2001"), "kbvision"),
        (("TP-Link", "VIGI C340"), "vigi"),
        (("Imou", "Cruiser"), "imou"),
        (("EZVIZ", "C6N"), "ezviz"),
    ],
)
def test_a_maker_is_known_by_what_its_cameras_say(said: tuple[str, str], maker: str) -> None:
    found = maker_of(*said)
    assert found
    assert found.id == maker


def test_what_says_nothing_known_has_no_maker() -> None:
    assert maker_of("", "ACME 3000") is None


def test_the_makers_own_streams_are_tried_first_and_no_pair_twice() -> None:
    dahua = maker_of("dahua")
    tried = list(paths(dahua))
    assert tried[0] == ("/cam/realmonitor?channel=1&subtype=0", "/cam/realmonitor?channel=1&subtype=1")
    assert len({main for main, _ in tried}) == len(tried)
    assert ("/Streaming/Channels/101", "/Streaming/Channels/102") in list(paths(None))


def test_no_camera_is_tried_with_more_passwords_than_lock_it() -> None:
    assert all(len(maker.defaults) <= MOST_DEFAULTS for maker in makers())
    assert 0 < len(first_passwords(None)) <= MOST_DEFAULTS
