"""Cuts the sample film so that it begins elsewhere: four cameras must not show the same people at the same time. Makes
the small film of their sub-streams.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Final

import av
from av.video.frame import PictureType

SUB_WIDTH: Final = 384
SUB_HEIGHT: Final = 288
SUB_GOP: Final = 3
"""Pictures from one key frame to the next, which a cut may begin with: 0.3 s of the sample film."""

STREET = Path(str(files("demo").joinpath("street.mp4")))


def rotated(source: Path, offset_s: float, target: Path) -> None:
    """Write `source` to `target`, beginning at the key frame at or before `offset_s` and wrapping round.

    Packets are copied, not encoded again. An existing `target` is left as it is.
    """
    if target.exists():
        return
    with av.open(str(source)) as film:
        stream = film.streams.video[0]
        packets = [packet for packet in film.demux(stream) if packet.size]
        start = max(
            index for index, packet in enumerate(packets) if packet.is_keyframe and _seconds(packet) <= offset_s
        )
        # The film has a constant frame rate and no B-frames, so the time stamps can be counted anew.
        step = packets[0].duration or 1
        part = target.with_suffix(".part.mp4")
        with av.open(str(part), mode="w") as out:
            copy = out.add_stream_from_template(stream)
            for index, packet in enumerate([*packets[start:], *packets[:start]]):
                packet.stream = copy
                packet.pts = packet.dts = index * step
                out.mux(packet)
    part.rename(target)


def smaller(source: Path, target: Path) -> None:
    """Write `source`, scaled down and encoded anew, to `target`, once: a few seconds of one core."""
    if target.exists():
        return
    part = target.with_suffix(".part.mp4")
    with av.open(str(source)) as film, av.open(str(part), mode="w") as out:
        stream = film.streams.video[0]
        copy = out.add_stream("libx264", rate=stream.average_rate)
        copy.width, copy.height, copy.pix_fmt = SUB_WIDTH, SUB_HEIGHT, "yuv420p"
        copy.options = {
            "preset": "superfast",
            "tune": "zerolatency",
            "crf": "28",
            "x264-params": f"keyint={SUB_GOP}:scenecut=0:8x8dct=1:threads=1:sliced-threads=0",
        }
        for frame in film.decode(stream):
            small = frame.reformat(SUB_WIDTH, SUB_HEIGHT, "yuv420p")
            small.pict_type = PictureType.NONE  # the encoder chooses
            out.mux(copy.encode(small))
        out.mux(copy.encode(None))
    part.rename(target)


def length_s(film: Path) -> float:
    """How long a film is."""
    with av.open(str(film)) as container:
        return (container.duration or 0) / av.time_base


def rate(film: Path) -> float:
    """Its pictures a second."""
    with av.open(str(film)) as container:
        return float(container.streams.video[0].average_rate or 25)


def _seconds(packet: av.Packet[av.VideoStream]) -> float:
    return float((packet.pts or 0) * packet.time_base)
