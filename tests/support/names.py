"""Name lookups of a machine whose name server a test chooses: in namespaces of its own for network and mounts, with its
own resolv.conf, and a real name server on its loopback.

`python -m tests.support.names LIMIT_S NAME...` is that machine, and prints what the doctor finds there.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Final

from edge.doctor.network import look_at_names

GOOD: Final = "dung.example"
SLOW: Final = "cham.example"
WRONG: Final = "sai.example"
SILENT: Final = "im.example"
SLOW_S: Final = 1.5
ADDRESS: Final = "10.9.8.7"

_ENTER: Final = (
    'ip link set lo up && mount --bind $0 /etc/resolv.conf && mount --bind $1 /etc/nsswitch.conf && shift && exec "$@"'
)
_A, _IN, _NO_SUCH_NAME = 1, 1, 3


def look(names: list[str], resolv_conf: str, limit_s: float) -> tuple[dict[str, str], float]:
    """What the doctor finds of each name, and how many seconds it takes."""
    assert os.geteuid() == 0, "namespaces need root: run the tests as root, or in a container as CI does"
    with tempfile.TemporaryDirectory() as folder:
        resolver, switch = Path(folder) / "resolv.conf", Path(folder) / "nsswitch.conf"
        resolver.write_text(resolv_conf)
        switch.write_text("hosts: files dns\n")
        program = [sys.executable, "-m", "tests.support.names", str(limit_s), *names]
        inside = ["unshare", "--net", "--mount", "--", "sh", "-c", _ENTER, str(resolver), str(switch), *program]
        done = subprocess.run(inside, capture_output=True, text=True, check=True, timeout=90)
    found, took_s = json.loads(done.stdout)
    return found, took_s


def _serve(port: socket.socket) -> None:
    """Answer questions, each in a thread of its own."""
    while True:
        question, who = port.recvfrom(512)
        threading.Thread(target=_answer, args=(port, question, who), daemon=True).start()


def _answer(port: socket.socket, question: bytes, who: tuple[str, int]) -> None:
    name, at = _name(question)
    if name == SLOW:
        time.sleep(SLOW_S)
    if name == SILENT:
        return
    (kind,) = struct.unpack(">H", question[at : at + 2])
    known = name in (GOOD, SLOW)
    has_address = known and kind == _A
    flags = 0x8180 | (0 if known else _NO_SUCH_NAME)
    head = question[:2] + struct.pack(">HHHHH", flags, 1, int(has_address), 0, 0)
    record = struct.pack(">HHHIH", 0xC00C, _A, _IN, 60, 4) + socket.inet_aton(ADDRESS)
    port.sendto(head + question[12 : at + 4] + (record if has_address else b""), who)


def _name(question: bytes) -> tuple[str, int]:
    """The name that is asked for, and where it ends."""
    labels, at = [], 12
    while size := question[at]:
        labels.append(question[at + 1 : at + 1 + size].decode())
        at += 1 + size
    return ".".join(labels).lower(), at + 1


def main() -> None:
    """Look as the doctor does."""
    port = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    port.bind(("127.0.0.1", 53))
    threading.Thread(target=_serve, args=(port,), daemon=True).start()
    began = time.monotonic()
    found = {str(one.values["name"]): one.code for one in look_at_names(sys.argv[2:], float(sys.argv[1]))}
    print(json.dumps([found, time.monotonic() - began]), flush=True)
    os._exit(0)  # a lookup may still hang in the C library


if __name__ == "__main__":
    main()
