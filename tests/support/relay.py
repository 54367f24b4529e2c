"""A TCP line on loopback that a test cuts, or lets swallow everything, and mends again."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from enum import Enum, auto


class _State(Enum):
    WHOLE = auto()
    SWALLOWING = auto()
    CUT = auto()


class Relay:
    """Listens on `port` and passes on to `far_port`. `passed` counts the bytes that went there."""

    def __init__(self, far_port: int) -> None:
        self.passed = 0
        self._far_port = far_port
        self._state = _State.WHOLE
        self._cut_at: int | None = None
        self._connections: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """End all connections, and every new one at once."""
        self._state = _State.CUT
        self._end_all()

    @property
    def is_cut(self) -> bool:
        return self._state is _State.CUT

    def cut_after(self, passed: int) -> None:
        """Cut once that many bytes have passed in all."""
        self._cut_at = passed

    def swallow(self) -> None:
        """Keep connections open, take new ones, and let nothing through in either direction, without a word."""
        self._state = _State.SWALLOWING

    def restore(self) -> None:
        """Be a whole line again. Connections that have lost something are ended, since a TCP line never leaves gaps."""
        was = self._state
        self._state = _State.WHOLE
        if was is _State.SWALLOWING:
            self._end_all()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._end_all()

    def _end_all(self) -> None:
        for connection in list(self._connections):
            _end(connection)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        with near:
            if self._state is _State.CUT:
                return
            self._connections.add(near)
            try:
                self._pass_on(near)
            except OSError:
                pass  # one of the ends has hung up, or the far one does not listen
            finally:
                self._connections.discard(near)

    def _pass_on(self, near: socket.socket) -> None:
        if self._state is _State.SWALLOWING:
            while near.recv(65536):
                pass
            return
        with socket.create_connection(("127.0.0.1", self._far_port)) as far:
            back = threading.Thread(target=self._pump, args=(far, near), daemon=True)
            back.start()
            self._pump(near, far, self._count)
            back.join()

    def _count(self, data: bytes) -> None:
        self.passed += len(data)
        if self._cut_at is not None and self.passed >= self._cut_at:
            self._cut_at = None
            self.cut()

    def _pump(
        self, source: socket.socket, target: socket.socket, count: Callable[[bytes], None] = lambda _: None
    ) -> None:
        try:
            while data := source.recv(65536):
                if self._state is _State.WHOLE:
                    target.sendall(data)
                    count(data)
        except OSError:
            pass
        finally:
            _end(source)
            _end(target)


def _end(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it may have ended before
        connection.shutdown(socket.SHUT_RDWR)
