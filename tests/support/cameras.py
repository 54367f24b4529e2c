"""Cameras good and bad on loopback: a real RTSP server, and a line to it that a test breaks in many ways."""

from __future__ import annotations

import contextlib
import itertools
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from demo.camera import url
from demo.film import STREET
from demo.processes import Processes, free_port, wait_for_port

Behaviour = Callable[[socket.socket], None]
"""What a camera does with one connection; the connection is closed when it returns."""

USER, PASSWORD = "nguoi-dung", "mat-khau-bi-mat"


def address(port: int) -> str:
    """The street film at `port`, with a user and a password as most cameras want them."""
    return url(port, STREET.name).replace("rtsp://", f"rtsp://{USER}:{PASSWORD}@")


class GoodCamera:
    """`demo.camera` as a process of its own, looping the street film."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._processes = Processes(folder)

    def start(self) -> None:
        process = self._processes.start("camera", ["demo.camera", str(STREET.parent), str(self.port)])
        wait_for_port(self.port, process, "the camera")

    def kill(self) -> None:
        """Cut its power."""
        process = self._processes.running.pop("camera")
        process.kill()
        process.wait()

    def stop(self) -> None:
        self._processes.stop_all()


class Line:
    """A port that behaves as it is told: towards a good camera as a relay, or as a bad camera itself."""

    def __init__(self, behaviour: Behaviour | None = None, *, host: str = "127.0.0.1", port: int | None = None) -> None:
        self.host = host
        self.port = port or free_port()
        self.accepted = 0
        self.open = threading.Event()
        self.open.set()
        self._behaviour = behaviour
        self._connections: set[socket.socket] = set()
        self._listener: socket.socket | None = None
        if behaviour:
            self._listen()

    def behave(self, behaviour: Behaviour) -> None:
        """From now on do this; whoever is connected is cut off."""
        self._behaviour = behaviour
        self._cut()
        if not self._listener:
            self._listen()

    def forward(self, port: int) -> None:
        """From now on be the good camera at `port`."""
        self.behave(lambda near: self._relay(near, port))

    def freeze(self) -> None:
        """Keep all connections and let nothing through."""
        self.open.clear()

    def thaw(self) -> None:
        self.open.set()

    def close(self) -> None:
        self.open.set()
        if self._listener:
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
        self._cut()

    def _cut(self) -> None:
        for connection in list(self._connections):
            _end(connection)

    def _listen(self) -> None:
        self._listener = socket.create_server((self.host, self.port))
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            self.accepted += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        behaviour = self._behaviour
        assert behaviour
        self._connections.add(connection)
        with connection:
            try:
                behaviour(connection)
            except OSError:
                pass  # the box has hung up
            finally:
                self._connections.discard(connection)

    def _relay(self, near: socket.socket, port: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as far:
            back = threading.Thread(target=self._pump, args=(far, near), daemon=True)
            back.start()
            self._pump(near, far)
            back.join()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                self.open.wait()
                target.sendall(data)
        except OSError:
            pass
        finally:
            _end(source)
            _end(target)


def _end(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it may have ended before
        connection.shutdown(socket.SHUT_RDWR)


def silent(connection: socket.socket) -> None:
    """Take everything and say nothing."""
    while connection.recv(65536):
        pass


def garbage(connection: socket.socket) -> None:
    """Not RTSP at all."""
    connection.recv(65536)
    connection.sendall(os.urandom(4096))


def web_server(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


def trickling(text: bytes, every_s: float = 0.1) -> Behaviour:
    """Answers a sign at a time, and so never stays silent for long."""

    def behave(connection: socket.socket) -> None:
        connection.recv(4096)
        for sign in itertools.cycle(text):
            connection.sendall(bytes([sign]))
            time.sleep(every_s)

    return behave


def hang_up(connection: socket.socket) -> None:
    connection.recv(65536)


def refusing(status: str, header: str = "") -> Behaviour:
    """An RTSP server that answers every question with `status`."""

    def behave(connection: socket.socket) -> None:
        for _, number in _questions(connection):
            _answer(connection, number, status, header)

    return behave


SDP = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=camera\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\na=control:*\r\n"
VIDEO = SDP + "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\na=control:track1\r\n"
AUDIO = SDP + "m=audio 0 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na=control:track1\r\n"


def playing(sdp: str, after_play: Behaviour, *, thinks_s: float = 0.0) -> Behaviour:
    """An RTSP server that says all the right things up to PLAY, and then does `after_play`."""

    def behave(connection: socket.socket) -> None:
        for method, number in _questions(connection):
            match method:
                case "OPTIONS":
                    threading.Event().wait(thinks_s)
                    _answer(connection, number, "200 OK", "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n")
                case "DESCRIBE":
                    header = f"Content-Type: application/sdp\r\nContent-Length: {len(sdp)}\r\n"
                    _answer(connection, number, "200 OK", header, sdp)
                case "SETUP":
                    transport = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"
                    _answer(connection, number, "200 OK", f"{transport}Session: 1\r\n")
                case _:
                    _answer(connection, number, "200 OK", "Session: 1\r\n")
                    if method == "PLAY":
                        after_play(connection)

    return behave


def garbage_rtp(connection: socket.socket) -> None:
    """RTP packets of a video whose payload is noise."""
    number, pause = 0, threading.Event()
    while True:
        header = bytes([0x80, 0xE0]) + (number % 65536).to_bytes(2, "big") + (number * 9000).to_bytes(8, "big")[-4:]
        packet = header + b"\x00\x00\x00\x01" + os.urandom(800)
        connection.sendall(b"$\x00" + len(packet).to_bytes(2, "big") + packet)
        number += 1
        pause.wait(0.1)


def babble(connection: socket.socket) -> None:
    """Noise without end."""
    pause = threading.Event()
    while True:
        connection.sendall(os.urandom(1000))
        pause.wait(0.1)


def _questions(connection: socket.socket) -> Iterator[tuple[str, str]]:
    """Method and CSeq of each RTSP request that comes."""
    waiting = b""
    while data := connection.recv(65536):
        waiting += data
        while b"\r\n\r\n" in waiting:
            head, _, waiting = waiting.partition(b"\r\n\r\n")
            lines = head.decode(errors="replace").split("\r\n")
            numbers = [line.partition(":")[2].strip() for line in lines if line.lower().startswith("cseq:")]
            yield lines[0].split(" ")[0], numbers[0]


def _answer(connection: socket.socket, number: str, status: str, header: str, body: str = "") -> None:
    connection.sendall(f"RTSP/1.0 {status}\r\nCSeq: {number}\r\n{header}\r\n{body}".encode())
