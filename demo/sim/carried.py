"""What a TCP connection has carried, as the kernel counts it: data and the headers of every segment, both ways."""

from __future__ import annotations

import socket
import struct
from typing import Final

HEADERS: Final = 52
"""Bytes of IPv4 and TCP, with its usual option, before each segment's data."""

_NUMBERS: Final = struct.Struct("QQII")  # bytes acknowledged and received, segments out and in
_AT: Final = 120  # their place in the kernel's struct tcp_info


def carried(connection: socket.socket) -> tuple[int, int]:
    """Bytes that went out and came in; nothing where the kernel does not say."""
    try:
        info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _AT + _NUMBERS.size)
    except OSError:
        return 0, 0
    if len(info) < _AT + _NUMBERS.size:
        return 0, 0
    sent, received, segments_out, segments_in = _NUMBERS.unpack_from(info, _AT)
    return sent + segments_out * HEADERS, received + segments_in * HEADERS
