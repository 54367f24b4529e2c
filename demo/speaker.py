"""Stands in for a loudspeaker on a pole: takes a sound over HTTP, keeps it as a file, and says so in its log."""

from __future__ import annotations

import io
import logging
import sys
import wave
from datetime import datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

log = logging.getLogger("speaker")

PATH: Final = "/play"
MOST_KEPT: Final = 50
MOST_BYTES: Final = 16 * 1024 * 1024


class _Handler(BaseHTTPRequestHandler):
    folder: Path

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        if self.path != PATH or not 0 < length <= MOST_BYTES:
            self.send_error(HTTPStatus.BAD_REQUEST)
            return
        sound = self.rfile.read(length)
        try:
            with wave.open(io.BytesIO(sound)) as file:
                seconds = file.getnframes() / file.getframerate()
        except (wave.Error, EOFError):
            self.send_error(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
            return
        name = f"{datetime.now():%Y%m%d-%H%M%S-%f}.wav"  # noqa: DTZ005
        (self.folder / name).write_bytes(sound)
        for old in sorted(self.folder.glob("*.wav"))[:-MOST_KEPT]:
            old.unlink()
        log.info("playing %.1f s of sound, kept as %s", seconds, name)
        self.send_response(HTTPStatus.NO_CONTENT)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """What was played is said above."""


def main(folder: Path, port: int) -> None:
    """Serve until the process is ended."""
    folder.mkdir(parents=True, exist_ok=True)
    handler = type("Handler", (_Handler,), {"folder": folder})
    ThreadingHTTPServer(("127.0.0.1", port), handler).serve_forever()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    main(Path(sys.argv[1]), int(sys.argv[2]))
