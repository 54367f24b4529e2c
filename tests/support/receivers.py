"""Servers that stand in for those that take messages, on loopback: HTTP with set answers, and SMTP with STARTTLS."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs


@dataclass(frozen=True, slots=True)
class Request:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def content(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads(self.body)
        return value

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered. `delay_s` comes before, `hang_up` answers nothing at all."""

    status: int = 200
    content: object = field(default_factory=lambda: {"ok": True})
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0
    hang_up: bool = False

    @property
    def body(self) -> bytes:
        return self.content if isinstance(self.content, bytes) else json.dumps(self.content).encode()


class Receiver:
    """An HTTP server that keeps what it gets. Answers come from `replies`, then from `usual`."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[Request] = []
        self.replies: deque[Reply] = deque()
        self.usual: Callable[[Request], Reply] = lambda _: Reply()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port: int = self._server.server_address[1]
        self.url = f"{'https' if tls else 'http'}://localhost:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", "0"))
                request = Request(self.path, {k.lower(): v for k, v in self.headers.items()}, self.rfile.read(length))
                receiver.requests.append(request)
                reply = receiver.replies.popleft() if receiver.replies else receiver.usual(request)
                time.sleep(reply.delay_s)
                if reply.hang_up:
                    self.close_connection = True
                    return
                self.send_response(reply.status)
                for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(reply.body)

            def handle(self) -> None:
                try:
                    super().handle()
                except OSError:
                    self.close_connection = True  # the client has gone

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        return Handler


class MailServer:
    """An SMTP relay that keeps letters. `refuse` maps a command's first word to the answer that it gets instead."""

    def __init__(self, certificate: Path, key: Path, *, starttls: bool = True) -> None:
        self.letters: list[bytes] = []
        self.secured: list[bool] = []
        self.logins: list[str] = []
        self.refuse: dict[str, str] = {}
        self._starttls = starttls
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, key)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def stop(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(10)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(10)
        with ExitStack() as open_, suppress(OSError):
            self._talk(open_.enter_context(connection), open_)

    def _talk(self, connection: socket.socket, open_: ExitStack) -> None:
        secured = False
        lines = open_.enter_context(connection.makefile("rb"))
        connection.sendall(b"220 relay\r\n")
        while line := lines.readline():
            word = line.split()[0].decode().upper() if line.split() else ""
            if word in self.refuse:
                connection.sendall(self.refuse[word].encode() + b"\r\n")
            elif word == "EHLO":
                offers = ["relay", "AUTH PLAIN"] if secured or not self._starttls else ["relay", "STARTTLS"]
                said = [f"250{' ' if offer is offers[-1] else '-'}{offer}" for offer in offers]
                connection.sendall("".join(f"{part}\r\n" for part in said).encode())
            elif word == "STARTTLS":
                connection.sendall(b"220 go\r\n")
                connection = open_.enter_context(self._context.wrap_socket(connection, server_side=True))
                lines, secured = open_.enter_context(connection.makefile("rb")), True
            elif word == "AUTH":
                self.logins.append(line.split()[2].decode())
                connection.sendall(b"235 ok\r\n")
            elif word == "DATA":
                connection.sendall(b"354 go\r\n")
                letter = b""
                while (part := lines.readline()) not in (b".\r\n", b""):
                    letter += part
                self.letters.append(letter)
                self.secured.append(secured)
                connection.sendall(b"250 kept\r\n")
            elif word == "QUIT":
                connection.sendall(b"221 bye\r\n")
                return
            else:
                connection.sendall(b"250 ok\r\n")


@contextmanager
def receiver(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A running Receiver."""
    server = Receiver(tls)
    try:
        yield server
    finally:
        server.stop()


def make_certificate(folder: Path, name: str = "localhost") -> tuple[Path, Path]:
    """A certificate for `name`, signed by itself, and its key."""
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    command = [
        "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}",
        "-addext", f"subjectAltName=DNS:{name}", "-keyout", str(key), "-out", str(certificate),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    return certificate, key
