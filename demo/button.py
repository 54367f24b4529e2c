"""A page with one button, on loopback: it puts a thief's sticker over the stall's code, or takes it off again."""

from __future__ import annotations

import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

from demo import sticker
from demo.processes import free_port
from demo.scene.reel import Side

_STYLE: Final = (
    "body{font:18px/1.5 system-ui,sans-serif;max-width:34rem;margin:12vh auto;padding:0 1rem}"
    "button{font:inherit;padding:.7em 1.2em;border:0;border-radius:.5em;background:#b3261e;color:#fff;cursor:pointer}"
)
_PAGE: Final = """<!doctype html><html lang="vi"><meta charset="utf-8"><title>Quầy 12, chợ An Lưu</title>
<style>{style}</style><h1>Quầy 12, chợ An Lưu</h1><p>{now}</p>
<form method="post"><button>{offer}</button></form>
<p>Camera quầy hàng sẽ thấy trong vài giây; cảnh báo hiện trên màn hình trực.</p></html>"""

WORDS: Final = {
    Side.OURS: ("Trên bảng là mã thật của cô Hạnh.", "Dán mã của kẻ gian đè lên"),
    Side.THEIRS: ("Mã của kẻ gian đang đè lên mã của cô Hạnh.", "Gỡ mã của kẻ gian"),
}
"""What hangs there, and what the button does."""


class Button:
    """Owns the server. `url` is the page's address."""

    def __init__(self, folder: Path) -> None:
        class Handler(_Handler):
            reel = folder

        self._server = ThreadingHTTPServer(("127.0.0.1", free_port(8180)), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, name="button", daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    reel: Path

    def do_GET(self) -> None:
        now, offer = WORDS[sticker.wanted(self.reel)]
        page = _PAGE.format(style=_STYLE, now=now, offer=offer).encode()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def do_POST(self) -> None:
        if self.headers.get("Origin") != f"http://{self.headers.get('Host')}":
            self.send_error(HTTPStatus.FORBIDDEN)
            return
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        sticker.swap(self.reel)
        self.send_response(HTTPStatus.SEE_OTHER)
        self.send_header("Location", "/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """A visitor's terminal shows what matters."""
