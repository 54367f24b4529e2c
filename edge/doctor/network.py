"""The box's own network: address, link, gateway, names."""

from __future__ import annotations

import ipaddress
import queue
import socket
import struct
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from contracts.addresses import literal
from contracts.report import Finding
from edge.doctor.checks import bad, ok, warn

SLOW_MBPS: Final = 100
DNS_S: Final = 5.0
_ARP_WAIT_S: Final = 1.0
_ARP_TRIES: Final = 3
_UP: Final = 0x1
_BY_GATEWAY: Final = 0x2
_COMPLETE: Final = 0x2
_ARP: Final = 0x0806
_QUESTION: Final = b"\x00\x01\x08\x00\x06\x04\x00\x01"
_ANSWER: Final = b"\x00\x01\x08\x00\x06\x04\x00\x02"
"""How ARP packets for IPv4 over Ethernet begin."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """The way out; `address` is None where the other end of a line needs none, as with a modem."""

    interface: str
    address: str | None


def look_at_network(proc: Path = Path("/proc")) -> Iterator[Finding]:
    """Address and speed of each link, and whether the way out answers."""
    yield from _links()
    gateway = gateway_of((proc / "net/route").read_text())
    if gateway is None:
        if not leads_out(_text(proc / "net/ipv6_route")):
            yield warn("gateway_missing")
    elif gateway.address and _answers(gateway, gateway.address, proc):
        yield ok("gateway_good", gateway=gateway.address)
    elif gateway.address:
        yield warn("gateway_silent", gateway=gateway.address)


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


def gateway_of(routes: str) -> Gateway | None:
    """The way out, of what the kernel says in /proc/net/route."""
    for line in routes.splitlines()[1:]:
        fields = line.split()
        if len(fields) > 7 and fields[1] == fields[7] == "00000000" and int(fields[3], 16) & _UP:
            if not int(fields[3], 16) & _BY_GATEWAY:
                return Gateway(fields[0], None)
            return Gateway(fields[0], str(ipaddress.IPv4Address(struct.pack("<I", int(fields[2], 16)))))
    return None


def leads_out(routes: str) -> bool:
    """Whether there is a way out over IPv6, of what the kernel says in /proc/net/ipv6_route."""
    lines = (line.split() for line in routes.splitlines())
    return any(fields[:2] == ["0" * 32, "00"] and fields[9] != "lo" for fields in lines if len(fields) > 9)


def is_known(arp: str, address: str) -> bool:
    """Whether the neighbour has answered, of what the kernel says in /proc/net/arp."""
    lines = (line.split() for line in arp.splitlines()[1:])
    return any(fields[0] == address and int(fields[2], 16) & _COMPLETE for fields in lines if len(fields) > 3)


def _links() -> Iterator[Finding]:
    states, addresses = psutil.net_if_stats(), psutil.net_if_addrs()
    found = False
    for name, state in states.items():
        real = [own.address for own in addresses.get(name, ()) if _is_real(own.family, own.address)]
        if not state.isup or not real:
            continue
        found = True
        yield ok("network_good", interface=name, address=min(real, key=lambda text: ":" in text))
        if 0 < state.speed < SLOW_MBPS:
            yield warn("link_slow", interface=name, mbps=state.speed)
    if not found:
        yield bad("network_none")


def _is_real(family: int, text: str) -> bool:
    """Whether it is an address that others know; every IPv6 link has one that only its neighbours do."""
    if family not in (socket.AF_INET, socket.AF_INET6):
        return False
    address = ipaddress.ip_address(text)
    return not address.is_loopback and not (address.version == 6 and address.is_link_local)


def _answers(gateway: Gateway, address: str, proc: Path) -> bool:
    """Ask it ourselves, since the kernel believes for a minute and more in one that is gone. Who may not ask reads what
    the kernel believes.
    """
    asked = _ask(gateway.interface, address)
    return _believed(address, proc) if asked is None else asked


def _ask(interface: str, address: str) -> bool | None:
    """Whether somebody says on this link that the address is theirs; None where that cannot be asked."""
    own = psutil.net_if_addrs().get(interface, ())
    here = next((one.address for one in own if one.family == socket.AF_INET), None)
    card = next((one.address for one in own if one.family == psutil.AF_LINK), "")
    if here is None or len(card) != len("00:00:00:00:00:00"):
        return None
    sender, wanted = bytes.fromhex(card.replace(":", "")), socket.inet_aton(address)
    packet = b"\xff" * 6 + sender + struct.pack(">H", _ARP)
    packet += _QUESTION + sender + socket.inet_aton(here) + bytes(6) + wanted
    try:
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ARP)) as line:
            line.bind((interface, 0))
            return any(_is_answered(line, packet, wanted) for _ in range(_ARP_TRIES))
    except OSError:
        return None


def _is_answered(line: socket.socket, packet: bytes, wanted: bytes) -> bool:
    line.send(packet)
    deadline = time.monotonic() + _ARP_WAIT_S
    while (left := deadline - time.monotonic()) > 0:
        line.settimeout(left)
        try:
            heard = line.recv(1500)
        except TimeoutError:
            return False
        if heard[14:22] == _ANSWER and heard[28:32] == wanted:
            return True
    return False


def _believed(gateway: str, proc: Path) -> bool:
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


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # a kernel without IPv6
        return ""


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
