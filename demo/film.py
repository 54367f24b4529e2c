"""Cuts the sample film so that it begins elsewhere: four cameras must not show the same people at the same time."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import av

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


def _seconds(packet: av.Packet[av.VideoStream]) -> float:
    return float((packet.pts or 0) * packet.time_base)
