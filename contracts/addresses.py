"""Which network addresses our programs may connect to. Pure: names are looked up by the caller, which then connects to
the very address that was judged here.

An address can hide another: IPv4 inside IPv6 (mapped, translated, tunnelled), or written as one number. What counts is
where the packets go.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

CAMERA_NETWORKS: Final[tuple[Network, ...]] = tuple(
    ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fc00::/7", "::1/128")
)
"""Where cameras stand unless the settings say otherwise: in networks of one's own, or on the box itself."""

_NUMBERS: Final = re.compile(r"(0[xX][0-9a-fA-F]*|[0-9]+)(\.(0[xX][0-9a-fA-F]*|[0-9]+)){0,3}")
_TRANSLATED: Final = IPv6Network("64:ff9b::/96")
_COMPATIBLE: Final = IPv6Network("::/96")
_ITSELF: Final = IPv6Network("::/127")
_THIS_NETWORK: Final = IPv4Network("0.0.0.0/8")


def true_address(text: str) -> Address:
    """Where packets to `text` go, without the zone of a link. Raises ValueError for what is no address."""
    found = ip_address(text.partition("%")[0])
    return (_inner(found) or found) if isinstance(found, IPv6Address) else found


def literal(host: str) -> Address | None:
    """The address that a host is written as, in any way that a resolver takes; None for a name."""
    if _NUMBERS.fullmatch(host):
        try:
            return IPv4Address(socket.inet_aton(host))
        except OSError:
            return None
    try:
        return true_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None


def is_public(address: Address) -> bool:
    """Whether it is one host on the internet, and nothing of ours."""
    return address.is_global and not address.is_multicast and not address.is_reserved


def within(address: Address, networks: Iterable[Network]) -> bool:
    """Whether it is one host of these networks. What means all hosts or none is in no network."""
    if address.is_multicast or address.is_unspecified or (address.version == 4 and address in _THIS_NETWORK):
        return False
    return any(address in network for network in networks if network.version == address.version)


def choose(found: Iterable[str], networks: Sequence[Network], *, public: bool) -> str | None:
    """The address to connect to: of those that a name has, the first that is in `networks`, or, where the internet is
    meant, on it. None where one is neither: a name that leads to both leads astray. IPv4 first, since many lines carry
    nothing else.
    """
    addresses = sorted(set(found), key=lambda one: (":" in one, one))
    for text in addresses:
        address = true_address(text)
        if not (within(address, networks) or (public and is_public(address))):
            return None
    return addresses[0] if addresses else None


def plain_host(host: str) -> str:
    """A host as it is compared and asked for: small letters, without the last dot, other scripts as IDNA writes them.

    Raises ValueError for what no name server knows.
    """
    try:
        return host.encode("idna").decode().lower().removesuffix(".")
    except UnicodeError:
        raise ValueError("is no host name") from None


def _inner(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that a gateway or this machine makes of it."""
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour
    if address in _TRANSLATED or (address in _COMPATIBLE and address not in _ITSELF):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None
