"""Draws a finished film anew with a camera's privacy masks in it. Only for cameras that have any: it costs a core."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

import av
import av.error
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame

from edge.capture.picture import Pixels, in_colour, rotation_of
from edge.footage.mp4 import WHOLE, Mp4Error, video_of
from edge.footage.timeline import TIME_BASE

Burn = Callable[[Pixels], Pixels]
"""Covers what must not be seen in an upright picture."""

_ENCODER: Final = {"preset": "ultrafast", "crf": "24"}


class Redactor:
    """Knows which cameras have masks."""

    def __init__(self, burns: Mapping[str, Burn]) -> None:
        self._burns = burns

    def masks(self, camera: str) -> bool:
        """Whether nothing of this camera may leave as it is."""
        return camera in self._burns

    def redacted(self, camera: str, film: Path) -> Path:
        """The film as it may leave: itself, or a masked one in its place. Raises Mp4Error."""
        burn = self._burns.get(camera)
        if burn is None:
            return film
        masked = film.with_suffix(".masked")
        try:
            _draw_anew(film, masked, burn)
        except (av.error.FFmpegError, OSError) as error:
            masked.unlink(missing_ok=True)
            raise Mp4Error(str(error)) from None
        finally:
            film.unlink()
        return masked


def _draw_anew(source: Path, target: Path, burn: Burn) -> None:
    with av.open(str(source)) as film, av.open(str(target), "w", format="mp4", options=WHOLE) as out:
        stream = None
        for frame in _frames(film):
            picture = _even(burn(in_colour(frame, rotation_of(frame))))
            if stream is None:
                stream = out.add_stream("libx264", options=_ENCODER)
                stream.height, stream.width = picture.shape[:2]
                stream.pix_fmt = "yuv420p"
                stream.codec_context.time_base = TIME_BASE
                stream.codec_context.thread_count = 1  # what looks for alarms comes first
            drawn = VideoFrame.from_ndarray(picture, format="bgr24")
            drawn.pts, drawn.time_base = frame.pts, frame.time_base
            out.mux(stream.encode(drawn))
        if stream is None:
            raise Mp4Error("no picture in it")
        out.mux(stream.encode(None))


def _frames(film: InputContainer) -> Iterator[VideoFrame]:
    """All pictures that can be decoded."""
    for packet in film.demux(video_of(film)):
        try:
            yield from packet.decode()
        except av.error.InvalidDataError:
            continue


def _even(picture: Pixels) -> Pixels:
    """H.264 halves the colours of 2 x 2 pixels, so sides must be even."""
    height, width = picture.shape[:2]
    return np.ascontiguousarray(picture[: height - height % 2, : width - width % 2])
