"""Stand-ins for loudspeakers and for the centre that has their sounds: real HTTP servers on loopback, and a program."""

from __future__ import annotations

import hashlib
import io
import math
import re
import threading
import wave
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

USER, PASSWORD, REALM = "loa", "mat-khau-cua-loa", "speaker"


def tone(seconds: float = 0.3, pitch: float = 440.0) -> bytes:
    """A WAV as the centre makes it."""
    samples = array("h", (int(9000 * math.sin(2 * math.pi * pitch * n / 22_050)) for n in range(int(22_050 * seconds))))
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(22_050)
        file.writeframes(samples.tobytes())
    return out.getvalue()


@dataclass(frozen=True, slots=True)
class Call:
    method: str
    path: str
    type: str
    body: bytes


Answer = tuple[int, dict[str, str], bytes]


class HttpStandIn:
    """Keeps what it is sent. `digest`: it lets nobody in without the right digest (RFC 7616)."""

    def __init__(self, answer: Callable[[Call], Answer] | None = None, *, digest: bool = False) -> None:
        self.calls: list[Call] = []
        self.refused = 0
        self._answer = answer or (lambda _: (200, {}, b"OK"))
        self._digest = digest
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                if stand_in._digest and not knows(self.headers.get("Authorization", ""), self.command):
                    stand_in.refused += 1
                    challenge = f'Digest realm="{REALM}", qop="auth", algorithm=MD5, nonce="abc123"'
                    self.reply(401, {"WWW-Authenticate": challenge}, b"")
                    return
                call = Call(self.command, self.path, self.headers.get("Content-Type", ""), body)
                stand_in.calls.append(call)
                self.reply(*stand_in._answer(call))

            do_GET = do_POST = do_PUT = handle_any  # noqa: N815

            def reply(self, status: int, headers: dict[str, str], body: bytes) -> None:
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Tests are quiet."""

        return Handler


def knows(header: str, method: str) -> bool:
    """Whether a digest answer was made with the right name and password."""
    given = dict(re.findall(r'(\w+)="?([^",]+)"?', header))
    if given.get("username") != USER:
        return False
    ha1, ha2 = _md5(f"{USER}:{REALM}:{PASSWORD}"), _md5(f"{method}:{given['uri']}")
    wanted = _md5(f"{ha1}:{given['nonce']}:{given['nc']}:{given['cnonce']}:{given['qop']}:{ha2}")
    return given.get("response") == wanted


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


def sounds_at_centre(sounds: dict[str, bytes]) -> Callable[[Call], Answer]:
    """Answers as the centre's route of sounds does."""

    def answer(call: Call) -> Answer:
        data = sounds.get(call.path.rpartition("/")[2])
        return (404, {}, b"") if data is None else (200, {"Content-Type": "audio/wav"}, data)

    return answer


def player(folder: Path, *, exit_code: int = 0, lasts_s: float = 0) -> Path:
    """A program `aplay` in `folder` that copies what it is given beside itself."""
    program = folder / "aplay"
    program.write_text(
        f'#!/bin/sh\nfor last; do :; done\ncp "$last" "{folder}/heard-$$.wav"\necho "$@" >> "{folder}/arguments"\n'
        f"exec 3>&-\nsleep {lasts_s}\nexit {exit_code}\n"
    )
    program.chmod(0o755)
    return program
