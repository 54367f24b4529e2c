"""The addresses that a technician has searched: a list such as `192.168.1.20-40,10.0.0.5,10.0.1.0/28`. Pure.

Bounded, and only within the networks where cameras may be: a search is no scan of the internet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, ip_address, ip_network
from typing import Final

from contracts.addresses import Address, Network, within

MOST: Final = 1024
_RANGE: Final = re.compile(r"(?P<first>\d+\.\d+\.\d+\.\d+)-(?P<last>\d+(\.\d+\.\d+\.\d+)?)")


class HostsError(Exception):
    """The list cannot be used; the text is one sentence for whoever wrote it."""


def read_hosts(text: str, networks: Sequence[Network]) -> tuple[str, ...]:
    """The addresses of a list, each once, in order. Raises HostsError."""
    found: dict[str, None] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        for address in _addresses(part):
            if not within(address, networks):
                raise HostsError(f"{address} is in none of camera_networks; add its network there, or --allow it.")
            found[str(address)] = None
            if len(found) > MOST:
                raise HostsError(f"The list names more than {MOST} addresses; search a smaller part of the network.")
    if not found:
        raise HostsError("The list of hosts is empty; write it as 192.168.1.20-40,10.0.0.5 or 192.168.1.0/24.")
    return tuple(found)


def _addresses(part: str) -> Iterator[Address]:
    if span := _RANGE.fullmatch(part):
        yield from _span(part, span["first"], span["last"])
        return
    try:
        if "/" not in part:
            yield ip_address(part)
            return
        network = ip_network(part, strict=False)
    except ValueError:
        raise HostsError(f"{part} is no address, range or network; write 192.168.1.20-40 or 192.168.1.0/24.") from None
    if network.num_addresses > MOST + 2:
        raise HostsError(f"{part} holds more than {MOST} addresses; search a smaller part of the network.")
    yield from network.hosts()


def _span(part: str, first_text: str, last_text: str) -> Iterator[Address]:
    try:
        first = IPv4Address(first_text)
        last = IPv4Address(last_text if "." in last_text else f"{first_text.rpartition('.')[0]}.{last_text}")
    except ValueError:
        raise HostsError(f"{part} is no range of addresses; write it as 192.168.1.20-40.") from None
    if last < first:
        raise HostsError(f"{part} ends before it begins; write the smaller address first.")
    if int(last) - int(first) >= MOST:
        raise HostsError(f"{part} holds more than {MOST} addresses; search a smaller part of the network.")
    for number in range(int(first), int(last) + 1):
        yield IPv4Address(number)
