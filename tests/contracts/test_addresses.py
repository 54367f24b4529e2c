from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.addresses import CAMERA_NETWORKS, choose, is_public, literal, plain_host, true_address, within

EVERYTHING = (ip_network("0.0.0.0/0"), ip_network("::/0"))
INSIDE = [
    "127.0.0.1", "127.255.255.254", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "0.0.0.0", "0.1.2.3", "255.255.255.255", "240.0.0.1", "224.0.0.1", "198.18.0.1", "192.0.0.1",
    "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1",
    "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "64:ff9b:1::7f00:1",
    "2002:7f00:1::", "2002:a9fe:a9fe::1", "2001::1",
]  # fmt: skip


@pytest.mark.parametrize("text", INSIDE)
def test_what_is_ours_or_nobodys_is_not_on_the_internet(text: str) -> None:
    assert not is_public(true_address(text))
    assert choose([text], (), public=True) is None


@pytest.mark.parametrize("text", ["1.1.1.1", "203.113.131.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"])
def test_what_is_on_the_internet_is(text: str) -> None:
    assert is_public(true_address(text))
    assert choose([text], (), public=True) == text
    assert choose([text], CAMERA_NETWORKS, public=False) is None


@pytest.mark.parametrize("text", ["0.0.0.0", "0.1.2.3", "224.0.0.1", "::", "ff02::1", "::ffff:0.0.0.0"])
def test_what_means_all_hosts_or_none_is_in_no_network(text: str) -> None:
    assert not within(true_address(text), EVERYTHING)


@given(st.ip_addresses(v=4))
def test_an_address_is_the_same_one_however_it_is_wrapped(inner: IPv4Address) -> None:
    for text in (f"::ffff:{inner}", f"64:ff9b::{inner}", f"2002:{int(inner) >> 16:x}:{int(inner) & 0xFFFF:x}::7"):
        assert true_address(text) == inner
        assert is_public(true_address(text)) is is_public(inner)
        assert literal(f"[{text}]") == inner


@given(st.ip_addresses(v=4), st.integers(0, 3), st.sampled_from(["{}", "0{:o}", "{:#x}"]))
def test_an_address_is_the_same_one_however_its_numbers_are_written(address: IPv4Address, dots: int, form: str) -> None:
    octets = list(address.packed)
    rest = int.from_bytes(bytes(octets[dots:]))
    text = ".".join(form.format(number) for number in [*octets[:dots], rest])
    assert literal(text) == address
    assert socket.getaddrinfo(text, 1, type=socket.SOCK_STREAM)[0][4][0] == str(address), "as the resolver reads it"


@given(st.ip_addresses(v=6))
def test_a_zone_changes_nothing(address: IPv6Address) -> None:
    assert true_address(f"{address}%eth0") == true_address(str(address))


@given(st.lists(st.ip_addresses().map(str), max_size=5))
def test_only_an_address_of_those_found_is_chosen_and_only_if_all_may_be(found: list[str]) -> None:
    chosen = choose(found, CAMERA_NETWORKS, public=False)
    allowed = [within(true_address(text), CAMERA_NETWORKS) for text in found]
    assert (chosen is not None) == (bool(found) and all(allowed))
    assert chosen is None or chosen in found


@given(st.ip_addresses())
def test_what_is_listed_is_chosen_and_its_neighbour_is_not(address: IPv4Address | IPv6Address) -> None:
    own = true_address(str(address))
    chosen = choose([str(address)], (ip_network(own),), public=False)
    assert chosen in (str(address), None)
    assert (chosen is None) == (own.is_multicast or own.is_unspecified or (own.version == 4 and own.packed[0] == 0))
    other = ip_address(int(own) ^ 1) if own.version == 4 else IPv6Address(int(own) ^ 1)
    assert choose([str(address)], (ip_network(other),), public=False) is None


def test_a_name_that_leads_inside_and_outside_leads_nowhere() -> None:
    assert choose(["1.1.1.1", "127.0.0.1"], (), public=True) is None
    assert choose(["1.1.1.1", "10.0.0.7"], CAMERA_NETWORKS, public=False) is None
    assert choose(["fc00::7", "10.0.0.7"], CAMERA_NETWORKS, public=False) == "10.0.0.7"
    assert choose([], CAMERA_NETWORKS, public=True) is None


@pytest.mark.parametrize("host", ["cam-1.lan", "localhost", "1.2.3.4.5", "08", "1.2.3.256", "", "1e3", "127.0.0.1 x"])
def test_a_name_is_no_address(host: str) -> None:
    assert literal(host) is None


@pytest.mark.parametrize(
    ("host", "plain"),
    [
        ("Example.VN.", "example.vn"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "localhost"),
        ("１２７.0.0.1", "127.0.0.1"),
    ],
)
def test_a_host_is_compared_as_it_is_asked_for(host: str, plain: str) -> None:
    assert plain_host(host) == plain


@pytest.mark.parametrize("host", ["a" * 64 + ".vn", "a..b", "\ud800.vn"])
def test_what_no_name_server_knows_is_no_host(host: str) -> None:
    with pytest.raises(ValueError, match="no host name"):
        plain_host(host)
