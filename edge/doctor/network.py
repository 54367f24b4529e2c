"""The box's own network: address, link, gateway, names."""

from __future__ import annotations

import ipaddress
import queue
import socket
import struct
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import psutil

from contracts.addresses import literal
from contracts.report import Finding
from edge.doctor.checks import bad, ok, warn

SLOW_MBPS: Final = 100
DNS_S: Final = 5.0
_ARP_WAIT_S: Final = 1.0
_UP_BY_GATEWAY: Final = 0x3
_COMPLETE: Final = 0x2


def look_at_network(proc: Path = Path("/proc")) -> Iterator[Finding]:
    """Address and speed of each link, and whether the way out answers."""
    yield from _links()
    gateway = gateway_of((proc / "net/route").read_text())
    if gateway is None:
        yield warn("gateway_missing")
    elif _answers(gateway, proc):
        yield ok("gateway_good", gateway=gateway)
    else:
        yield warn("gateway_silent", gateway=gateway)


def look_at_names(names: Sequence[str], limit_s: float = DNS_S) -> Iterator[Finding]:
    """Whether each name that the box needs has an address."""
    for name in dict.fromkeys(names):
        if literal(name) is not None or name == "localhost":
            continue
        found = _lookup(name, limit_s)
        if found is None:
            yield bad("dns_silent", name=name)
        else:
            yield ok("dns_good", name=name) if found else bad("dns_failed", name=name)


def gateway_of(routes: str) -> str | None:
    """The way out, of what the kernel says in /proc/net/route."""
    for line in routes.splitlines()[1:]:
        fields = line.split()
        if len(fields) > 3 and fields[1] == "00000000" and int(fields[3], 16) & _UP_BY_GATEWAY == _UP_BY_GATEWAY:
            return str(ipaddress.IPv4Address(struct.pack("<I", int(fields[2], 16))))
    return None


def is_known(arp: str, address: str) -> bool:
    """Whether the neighbour has answered, of what the kernel says in /proc/net/arp."""
    lines = (line.split() for line in arp.splitlines()[1:])
    return any(fields[0] == address and int(fields[2], 16) & _COMPLETE for fields in lines if len(fields) > 3)


def _links() -> Iterator[Finding]:
    states, addresses = psutil.net_if_stats(), psutil.net_if_addrs()
    found = False
    for name, state in states.items():
        own = [one.address for one in addresses.get(name, ()) if one.family == socket.AF_INET]
        real = [text for text in own if not ipaddress.ip_address(text).is_loopback]
        if not state.isup or not real:
            continue
        found = True
        yield ok("network_good", interface=name, address=real[0])
        if 0 < state.speed < SLOW_MBPS:
            yield warn("link_slow", interface=name, mbps=state.speed)
    if not found:
        yield bad("network_none")


def _answers(gateway: str, proc: Path) -> bool:
    """Have the kernel look for the neighbour by a packet to nobody, and read what it found."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        try:
            sender.sendto(b"", (gateway, 9))
        except OSError:
            return False
    deadline = time.monotonic() + _ARP_WAIT_S
    while time.monotonic() < deadline:
        if is_known((proc / "net/arp").read_text(), gateway):
            return True
        time.sleep(0.05)
    return False


def _lookup(name: str, limit_s: float) -> bool | None:
    """Whether the name has an address; None when nobody says in time. The C library cannot be interrupted."""
    answers: queue.SimpleQueue[bool | None] = queue.SimpleQueue()

    def ask() -> None:
        try:
            socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
        except socket.gaierror as error:
            answers.put(None if error.errno == socket.EAI_AGAIN else False)
        except (OSError, UnicodeError):
            answers.put(False)
        else:
            answers.put(True)

    threading.Thread(target=ask, name="lookup", daemon=True).start()
    try:
        return answers.get(timeout=limit_s)
    except queue.Empty:
        return None
