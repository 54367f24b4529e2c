"""A server that stands in for Grafana: it keeps what it is told, and answers as Grafana's HTTP API is documented to.

Accounts with roles, versions that must be named, names that are taken, secrets that are never given out again, and
fields of its own that it adds to what it keeps. It records every request, so that a test can count the changes.
"""

from __future__ import annotations

import copy
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

from tests.support.grafana import accounts, alerting, places
from tests.support.grafana.store import Asked, Json, RefusedError, Store

__all__ = ["Grafana", "Store", "grafana"]


class Grafana:
    """Serves a store on a port of loopback until it is stopped or killed."""

    def __init__(self, store: Store, port: int = 0) -> None:
        self.store = store
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        self.url = f"http://127.0.0.1:{self.port}/grafana"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        self.dead = False

    def stop(self) -> None:
        """Take no more connections."""
        self.dead = True
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, asked: Asked) -> tuple[int, Json] | None:
        """Status and body; None when it was killed meanwhile."""
        with self._lock:
            if self.dead:
                return None
            self.store.asked.append(asked)
            if self.store.fails.get(asked.verb):
                return self.store.fails[asked.verb].pop(0), {"message": "try again"}
            try:
                answered = _answer(self.store, asked)
            except RefusedError as refused:
                return refused.code, refused.body
            if asked.verb != "GET" and self.store.dies_at is not None:
                self.store.dies_at -= 1
                if self.store.dies_at <= 0:
                    self.store.dies_at, self.dead = None, True
                    return None
            return answered


@contextmanager
def grafana(store: Store | None = None) -> Iterator[Grafana]:
    """A running one."""
    server = Grafana(store or Store())
    try:
        yield server
    finally:
        server.stop()


def _handler(server: Grafana) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = 1 << 16

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            said = json.loads(body) if body else None
            asked = Asked(self.command, self.path.removeprefix("/grafana/api"), said, dict(self.headers))
            answered = server.answer(asked) if self.path.startswith("/grafana/api/") else (404, "not Grafana")
            if answered is None:
                self.close_connection = True
                self.connection.close()
                return
            status, value = answered
            made = b"" if status == 204 else json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(made)))
            self.end_headers()
            self.wfile.write(made)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815

    return Handler


def _answer(store: Store, asked: Asked) -> tuple[int, Json]:
    address = urlsplit(asked.path)
    if address.path == "/health":
        return 200, {"database": "ok", "version": store.version, "commit": "0000000"}
    role = accounts.role_of(store, asked.headers.get("Authorization", ""))
    for verb, pattern, needed, act in (*places.ROUTES, *alerting.ROUTES, *accounts.ROUTES):
        found = re.fullmatch(pattern, address.path)
        if found and verb == asked.verb:
            if accounts.ROLES.index(role) < accounts.ROLES.index(needed):
                raise RefusedError(403, "You'll need additional permissions to perform this action.")
            query = parse_qs(address.query)
            status, value = act(store, asked.body, query, *map(unquote, found.groups()))
            return status, copy.deepcopy(value)
    raise RefusedError(404, "Not found")
