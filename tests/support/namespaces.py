"""Networks of their own for processes of a test: bridges that no packet leaves, and doors from loopback into them.

Everything lies in network namespaces that last as long as a sleeping process each, so that nothing is left behind.
"""

from __future__ import annotations

import contextlib
import ctypes
import ipaddress
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

_CLONE_NEWNET: Final = 0x40000000
_PR_SET_PDEATHSIG: Final = 1
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(slots=True)
class Spot:
    """A namespace and its addresses by network."""

    sleeper: subprocess.Popen[bytes]
    addresses: dict[str, str]

    def enter(self) -> list[str]:
        """What to put before a command to run it here."""
        return ["nsenter", f"--net=/proc/{self.sleeper.pid}/ns/net", "--"]

    def connect(self, port: int, host: str = "127.0.0.1", timeout_s: float = 5) -> socket.socket:
        """A connection made from in here. Raises OSError."""
        made: list[socket.socket | OSError] = []
        thread = threading.Thread(target=self._connect, args=(host, port, timeout_s, made))
        thread.start()
        thread.join()
        if isinstance(made[0], OSError):
            raise made[0]
        return made[0]

    def _connect(self, host: str, port: int, timeout_s: float, made: list[socket.socket | OSError]) -> None:
        """In a thread of its own, since the namespace is the thread's."""
        with open(f"/proc/{self.sleeper.pid}/ns/net", "rb") as namespace:
            if _libc.setns(namespace.fileno(), _CLONE_NEWNET):
                made.append(OSError(ctypes.get_errno(), "setns"))
                return
        try:
            made.append(socket.create_connection((host, port), timeout=timeout_s))
        except OSError as error:
            made.append(error)


class Network:
    """Owns one bridge for each network of a compose file."""

    def __init__(self, networks: Mapping[str, Mapping[str, Any]]) -> None:
        self._switch = _sleeper()
        self._subnets = {name: _subnet(number, said) for number, (name, said) in enumerate(networks.items())}
        self._bridges = {name: f"br{number}" for number, name in enumerate(networks)}
        self._spots: dict[str, Spot] = {}
        self._doors: list[Door] = []
        _ip(self._switch, *(line for bridge in self._bridges.values() for line in _bridge(bridge)))

    def join(self, name: str, networks: Sequence[str]) -> Spot:
        """A new namespace on these networks, known there by the part of `name` before its last hyphen."""
        spot = Spot(_sleeper(), {})
        number = len(self._spots) + 2
        outside, inside = [], ["link set dev lo up"]
        for index, network in enumerate(networks):
            subnet = self._subnets[network]
            spot.addresses[network] = str(subnet[number])
            cable, plug = f"c{number}x{index}", f"eth{index}"
            outside.append(f"link add dev {cable} type veth peer name {plug} netns {spot.sleeper.pid}")
            outside.append(f"link set dev {cable} master {self._bridges[network]} up")
            inside.append(f"addr add {subnet[number]}/{subnet.prefixlen} dev {plug}")
            inside.append(f"link set dev {plug} up")
        _ip(self._switch, *outside)
        _ip(spot.sleeper, *inside)
        self._spots[name] = spot
        return spot

    def hosts_of(self, name: str) -> str:
        """The names that `name` can look up: of those with which it shares a network, and its own."""
        lines = ["127.0.0.1 localhost"]
        for other, spot in self._spots.items():
            shared = [network for network in spot.addresses if network in self._spots[name].addresses]
            lines += [f"{spot.addresses[network]} {other.rpartition('-')[0]} {other}" for network in shared]
        return "\n".join(lines) + "\n"

    def publish(self, name: str, port: int) -> int:
        """A free port on loopback that leads to `port` of `name`, as a published port does."""
        door = Door(self._spots[name], port)
        self._doors.append(door)
        return door.port

    def close(self) -> None:
        for door in self._doors:
            door.close()
        for sleeper in (*(spot.sleeper for spot in self._spots.values()), self._switch):
            sleeper.kill()
            sleeper.wait()


class Door:
    """Listens on loopback and passes on to a port inside a namespace."""

    def __init__(self, spot: Spot, far_port: int) -> None:
        self._spot = spot
        self._far_port = far_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                far = self._spot.connect(self._far_port)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=_carry, args=(source, sink), daemon=True).start()


def _carry(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    for end in (source, sink):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()


def _subnet(number: int, said: Mapping[str, Any]) -> ipaddress.IPv4Network:
    named = (said.get("ipam") or {}).get("config") or [{"subnet": f"10.199.{number}.0/24"}]
    return ipaddress.IPv4Network(named[0]["subnet"])


def _bridge(name: str) -> tuple[str, str]:
    return f"link add dev {name} type bridge", f"link set dev {name} up"


def _sleeper() -> subprocess.Popen[bytes]:
    """A process that holds a fresh namespace open, and ends when we do."""

    def end_with_parent() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)

    process = subprocess.Popen(["unshare", "--net", "sleep", "infinity"], preexec_fn=end_with_parent)
    ours = os.readlink("/proc/self/ns/net")
    while os.readlink(f"/proc/{process.pid}/ns/net") == ours:
        assert process.poll() is None, "a network namespace needs root"
    return process


def _ip(sleeper: subprocess.Popen[bytes], *lines: str) -> None:
    command = ["nsenter", f"--net=/proc/{sleeper.pid}/ns/net", "--", "ip", "-batch", "-"]
    done = subprocess.run(command, input="\n".join(lines), text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
