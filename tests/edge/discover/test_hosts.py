from __future__ import annotations

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.addresses import CAMERA_NETWORKS
from edge.discover.hosts import MOST, HostsError, read_hosts


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("192.168.1.20", ["192.168.1.20"]),
        ("192.168.1.20-22, 10.0.0.5", ["192.168.1.20", "192.168.1.21", "192.168.1.22", "10.0.0.5"]),
        ("192.168.1.254-192.168.2.1", ["192.168.1.254", "192.168.1.255", "192.168.2.0", "192.168.2.1"]),
        ("10.0.0.4/30", ["10.0.0.5", "10.0.0.6"]),
        ("10.0.0.9/30,10.0.0.10", ["10.0.0.9", "10.0.0.10"]),
        ("fc00::1", ["fc00::1"]),
    ],
)
def test_a_list_names_its_addresses_once_each(text: str, found: list[str]) -> None:
    assert list(read_hosts(text, CAMERA_NETWORKS)) == found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        (" , ", "is empty"),
        ("cho-1", "is no address"),
        ("192.168.1.20-300", "is no range"),
        ("192.168.1.20-10", "ends before it begins"),
        ("10.0.0.0/8", "more than 1024"),
        ("10.0.0.1-10.9.0.1", "more than 1024"),
        ("192.168.0.0/22,192.168.8.0/22", "more than 1024"),
        ("8.8.8.8", "in none of camera_networks"),
        ("224.0.0.1", "in none of camera_networks"),
        ("192.168.1.1/99", "is no address"),
    ],
)
def test_a_list_that_cannot_be_used_is_told_in_one_sentence(text: str, said: str) -> None:
    with pytest.raises(HostsError, match=said) as raised:
        read_hosts(text, CAMERA_NETWORKS)
    assert str(raised.value).endswith(".")
    assert "\n" not in str(raised.value)


def test_other_networks_are_searched_when_they_are_allowed() -> None:
    assert read_hosts("203.0.113.7", (ip_network("203.0.113.0/24"),)) == ("203.0.113.7",)


@given(st.text(alphabet="0123456789./-,: abcf", max_size=40))
def test_no_text_makes_more_than_the_bound_or_another_error(text: str) -> None:
    try:
        found = read_hosts(text, CAMERA_NETWORKS)
    except HostsError:
        return
    assert 0 < len(found) <= MOST
