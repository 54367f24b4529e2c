"""The same job as many would write it: for each camera one decoder, every frame decoded, and six overlapping tiles of a
frame through the same model, so that small people are found too. The peer of `benchmarks.edge`.

`python -m benchmarks.naive SECONDS URL...` watches the cameras for so long, 5 frames a second each, and prints one JSON
line: the frames looked at of each camera, and the CPU seconds of the whole.
"""

from __future__ import annotations

import json
import sys
import threading
import time

import av
import numpy as np
import psutil
import supervision as sv
from trackers import ByteTrackTracker

from edge.detect import Detections, Picture
from edge.detect.ssdlite import SsdliteDetector

FPS = 5.0
ROWS, COLUMNS = 2, 3
OVERLAP = 0.25
WARM_UP_S = 5.0


def tiles(picture: Picture) -> list[tuple[int, int, Picture]]:
    """ROWS x COLUMNS overlapping parts of the picture with their left and top."""
    height, width = picture.shape[:2]
    tall, wide = int(height / ROWS * (1 + OVERLAP)), int(width / COLUMNS * (1 + OVERLAP))
    return [
        (x, y, picture[y : y + tall, x : x + wide])
        for y in np.linspace(0, height - tall, ROWS).astype(int)
        for x in np.linspace(0, width - wide, COLUMNS).astype(int)
    ]


class Camera(threading.Thread):
    """Pulls, decodes, looks and tracks, in one thread."""

    def __init__(self, url: str, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.looked_at = 0
        self._url, self._ending = url, stop
        self._detector = SsdliteDetector(threads=1, min_score=0.25)
        self._tracker = ByteTrackTracker(frame_rate=FPS)

    def run(self) -> None:
        due = time.monotonic()
        with av.open(self._url, options={"rtsp_transport": "tcp"}) as stream:
            for frame in stream.decode(video=0):
                if self._ending.is_set():
                    return
                now = time.monotonic()
                if now < due:
                    continue
                due = max(due + 1 / FPS, now)
                self._look(frame.to_ndarray(format="bgr24").astype(np.uint8, copy=False))
                self.looked_at += 1

    def _look(self, picture: Picture) -> None:
        parts = tiles(picture)
        found = self._detector.detect([part for _, _, part in parts])
        whole = sv.Detections.merge([_placed(x, y, one) for (x, y, _), one in zip(parts, found, strict=True)])
        self._tracker.update(whole.with_nms(0.5))


def _placed(x: int, y: int, found: Detections) -> sv.Detections:
    return sv.Detections(
        xyxy=found.boxes + np.array([x, y, x, y], np.float32), confidence=found.scores, class_id=found.labels
    )


def main() -> None:
    """Watch, and print the line."""
    seconds, urls = float(sys.argv[1]), sys.argv[2:]
    stop = threading.Event()
    cameras = [Camera(url, stop) for url in urls]
    for camera in cameras:
        camera.start()
    time.sleep(WARM_UP_S)
    process = psutil.Process()
    cpu, before, began = sum(process.cpu_times()[:2]), [camera.looked_at for camera in cameras], time.monotonic()
    time.sleep(seconds)
    took = time.monotonic() - began
    print(
        json.dumps(
            {
                "fps": [(camera.looked_at - count) / took for camera, count in zip(cameras, before, strict=True)],
                "cpu_s": (sum(process.cpu_times()[:2]) - cpu) / took,
            }
        )
    )
    stop.set()
    for camera in cameras:
        camera.join()  # ending the process in the middle of an inference aborts it


if __name__ == "__main__":
    main()
