"""The RTSP server of a camera with two streams: a film, and the same film smaller, which shows what the other shows.

The toolkit plays every connection from the film's beginning. A sub-stream is asked for later, so it is cut to begin
where the main stream is by then, at the nearest key frame.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any, Final

from aio_rtsp_toolkit import server

from demo import film

MAIN: Final = "live.mp4"
SUB: Final = "sub.mp4"
_MOST_CUTS: Final = 3


class TwoStreams(server.RtspServer):  # type: ignore[misc]
    """Serves MAIN, and SUB in step with it."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._began = time.monotonic()
        self._folder = tempfile.TemporaryDirectory(prefix="phoan-camera-")
        self._cuts: list[Path] = []

    async def close(self) -> None:
        await super().close()
        self._folder.cleanup()

    def load_media_source(self, file_path: Path) -> Any:
        if file_path.name == MAIN:
            self._began = time.monotonic()
        return super().load_media_source(self._cut(file_path) if file_path.name == SUB else file_path)

    def _cut(self, whole: Path) -> Path:
        half_gop_s = film.SUB_GOP / film.rate(whole) / 2
        offset_s = (time.monotonic() - self._began + half_gop_s) % film.length_s(whole)
        cut = Path(self._folder.name) / f"{offset_s:.2f}.mp4"
        film.rotated(whole, offset_s, cut)
        self._cuts.append(cut)
        while len(self._cuts) > _MOST_CUTS:
            self._cuts.pop(0).unlink(missing_ok=True)
        return cut
