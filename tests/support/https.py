"""A small HTTPS server that says what a test wants, with the certificate and the time that it wants."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class SmallHttps:
    """Answers GET of the paths in `pages`, and 404 to all else; keeps what was posted."""

    def __init__(self, certificate: tuple[Path, Path], pages: Mapping[str, str], date: datetime | None = None) -> None:
        self.posted: list[bytes] = []
        posted = self.posted

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                page = pages.get(self.path)
                body = (page or "nothing").encode()
                self.send_response(404 if page is None else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                posted.append(self.rfile.read(int(self.headers.get("Content-Length", 0))))
                self.send_error(404)

            def date_time_string(self, timestamp: float | None = None) -> str:
                return format_datetime(date, usegmt=True) if date else super().date_time_string(timestamp)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    def __enter__(self) -> SmallHttps:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
