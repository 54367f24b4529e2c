from __future__ import annotations

import socket
import time

from api.server import MOST_UNSENT
from tests.api.conftest import StartApi
from tests.support.waiting import eventually

READS = 64 * 1024


def test_little_waits_in_the_kernel_for_who_does_not_read(start_api: StartApi) -> None:
    api = start_api()
    eventually(lambda: api.server.started)  # who was in the queue before does not inherit
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, READS)
        line.connect(("127.0.0.1", api.port))
        for _ in range(400):  # each answer has more than 100 kB
            line.sendall(b"GET /api/v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n")
        eventually(lambda: _unsent(api.port, line.getsockname()[1]) > 0, 20)  # the document is made for the first one
        time.sleep(2)
        unsent = _unsent(api.port, line.getsockname()[1])
    assert 0 < unsent < 4 * MOST_UNSENT + READS


def _unsent(port: int, client: int) -> int:
    """The bytes that wait in the kernel at the server's end of a connection, as Linux tells."""
    with open("/proc/net/tcp", encoding="ascii") as table:
        for line in table:
            fields = line.split()
            if fields[1].endswith(f":{port:04X}") and fields[2].endswith(f":{client:04X}"):
                return int(fields[4].split(":")[0], 16)
    raise AssertionError(f"no connection to port {port}")
