"""How many busy cameras a box carries, and how near its cost is to what decoding and inference alone must cost.

`make bench-edge`. RTSP cameras loop the sample film, which is never empty; the box is the real program with its default
settings, without a centre, so its events wait in the outbox. It carries M cameras when it looks at 95 % of the frames
that are due, five a second each, over a window of WINDOW_S. The limit is taken in the same run: the CPU that bare
decoding of the same stream takes, and the detector alone for as many inputs of the same sizes as the box gave it. The
peer is `benchmarks.naive`. Cameras are processes of their own, and share the machine with what is measured.
"""

from __future__ import annotations

import json
import math
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import av
import httpx
import numpy as np
import psutil
import yaml

from contracts.event import EventRecord, Phase
from demo import camera, film
from demo.processes import Processes, free_port, wait_for_port
from edge.config import SsdliteSettings
from edge.detect.factory import load

FPS: Final = 5.0
ON_TIME: Final = 0.95
WARM_UP_S: Final = 8.0
WINDOW_S: Final = float(os.environ.get("WINDOW_S", "20"))
MOST: Final = int(os.environ.get("MOST_CAMERAS", "24"))


@dataclass(frozen=True, slots=True)
class Carried:
    """What a trial with some cameras showed: frames looked at per second of each, CPU seconds per second in all, and
    the detector's inputs per second by size.
    """

    fps: Sequence[float]
    cpu: float
    inputs: Mapping[str, float]
    event_ms: Sequence[float] = ()

    @property
    def on_time(self) -> bool:
        return sum(min(FPS, rate) for rate in self.fps) >= ON_TIME * FPS * len(self.fps)


@contextmanager
def cameras(folder: Path, count: int) -> Iterator[list[str]]:
    """The addresses of so many cameras, each beginning the film elsewhere."""
    processes = Processes(folder / "logs")
    urls = []
    try:
        for number in range(count):
            films = folder / f"camera-{number}"
            films.mkdir(exist_ok=True)
            film.rotated(film.STREET, number * 79.0 / count, films / "street.mp4")
            port = free_port()
            process = processes.start(f"camera-{number}", ["demo.camera", str(films), str(port)])
            wait_for_port(port, process, f"camera-{number}")
            urls.append(camera.url(port, "street.mp4"))
        yield urls
    finally:
        processes.stop_all()


def carry(folder: Path, count: int) -> Carried:
    """Have the box watch `count` cameras."""
    with cameras(folder, count) as urls, tempfile.TemporaryDirectory(dir=folder) as data:
        processes = Processes(folder / "logs")
        port = free_port()
        config = Path(data) / "box.yaml"
        config.write_text(yaml.safe_dump(_settings(Path(data), urls, port)))
        try:
            box = processes.start("box", ["edge", "--config", str(config), "run"])
            wait_for_port(port, box, "box", timeout_s=60)
            time.sleep(WARM_UP_S)
            before, used, began = _figures(port), _cpu(box.pid), time.monotonic()
            time.sleep(WINDOW_S)
            after, used, took = _figures(port), _cpu(box.pid) - used, time.monotonic() - began
            names = [f"camera-{number}" for number in range(count)]
            looked = [after[name] - before[name] for name in names]
            events = _event_delays(Path(data) / "outbox.db")
            inputs = {size: (after[size] - before.get(size, 0.0)) / took for size in after if "x" in size}
            return Carried([frames / took for frames in looked], used / took, inputs, events)
        finally:
            processes.stop_all()


def _settings(data: Path, urls: Sequence[str], port: int) -> dict[str, object]:
    """A box whose every camera has a zone over the whole street and a rule that speaks whenever more people come."""
    zone = {"id": "duong", "polygon": [[0, 0], [1, 0], [1, 1], [0, 1]]}
    rule = {"id": "dong", "kind": "occupancy", "zone": "duong", "threshold": 3, "min_seconds": 0.1, "clear_after_s": 1}
    return {
        "ward": "an-luu",
        "box": "box-1",
        "data_dir": str(data),
        "mqtt": {"host": "127.0.0.1", "port": 1},
        "metrics": {"port": port},
        "cameras": [
            {"id": f"camera-{number}", "site": "quang-trung", "url": url, "zones": [zone], "rules": [rule]}
            for number, url in enumerate(urls)
        ],
    }


def _figures(port: int) -> dict[str, float]:
    """Frames looked at by camera, and the detector's inputs by size, such as 300x180."""
    found: dict[str, float] = {}
    for line in httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text.splitlines():
        name, _, value = line.rpartition(" ")
        if name.startswith(("phoan_edge_frames_analysed_total{", "phoan_edge_detector_inputs_total{")):
            found[name.split('"')[1]] = float(value)
    return found


def _cpu(pid: int) -> float:
    return float(sum(psutil.Process(pid).cpu_times()[:2]))


def _event_delays(outbox: Path) -> list[float]:
    """Milliseconds from a frame's arrival at the box to the event that was decided on it, once it is on the disk."""
    with sqlite3.connect(f"file:{outbox}?mode=ro", uri=True) as db:
        bodies = [body for (body,) in db.execute("SELECT body FROM records WHERE kind = 'event'")]
    events = [EventRecord.model_validate_json(body).event for body in bodies]
    return [
        1000 * (event.at - event.captured_at).total_seconds()
        for event in events
        if event.phase in (Phase.OPEN, Phase.UPDATE)
    ]


def naive(folder: Path, count: int) -> Carried:
    """Have the peer watch `count` cameras."""
    with cameras(folder, count) as urls:
        command = [sys.executable, "-m", "benchmarks.naive", str(WINDOW_S), *urls]
        answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    line = json.loads(answer.splitlines()[-1])
    return Carried(line["fps"], line["cpu_s"], {})


def most(name: str, attempt: Callable[[int], Carried], start: int) -> tuple[int, Carried]:
    """The largest number of cameras that `attempt` carries, sought upwards from `start`, or downwards where that is
    too many.
    """
    best, too_many = (0, Carried([], 0.0, {})), MOST + 1
    count = max(1, min(MOST, start))
    while best[0] < count < too_many:
        trial = attempt(count)
        print(f"  {name}: {count} cameras, slowest {min(trial.fps):.2f} fps, {trial.cpu:.2f} cores", flush=True)
        if trial.on_time:
            best = (count, trial)
            count += 1
        else:
            too_many = count
            count -= 1
    return best


def decode_cpu() -> float:
    """CPU seconds that bare decoding takes for a second of the film."""
    with av.open(str(film.STREET)) as source:
        stream = source.streams.video[0]
        stream.codec_context.thread_count = 1
        began = time.process_time()
        frames = sum(1 for _ in source.decode(stream))
        return (time.process_time() - began) / (frames / float(stream.average_rate or 10))


def inference_cpu(sizes: Iterable[str], repeats: int = 100) -> dict[str, float]:
    """CPU seconds that the detector alone takes for one input of each size."""
    detector = load(SsdliteSettings())
    with av.open(str(film.STREET)) as source:
        picture = next(source.decode(video=0)).to_ndarray(format="bgr24").astype(np.uint8, copy=False)
    costs = {}
    for size in sizes:
        width, height = map(int, size.split("x"))
        crops = [np.ascontiguousarray(picture[200 : 200 + height, 200 : 200 + width])] * detector.batch
        detector.detect(crops)
        began = time.process_time()
        for _ in range(repeats):
            detector.detect(crops)
        costs[size] = (time.process_time() - began) / (repeats * detector.batch)
    return costs


def main() -> None:
    """Seek both, take the limits, and print the line."""
    cores = os.cpu_count() or 1
    with tempfile.TemporaryDirectory(prefix="phoan-bench-") as name:
        folder = Path(name)
        one = carry(folder, 1)
        count, carried = most("box", lambda number: carry(folder, number), math.floor(0.8 * cores / one.cpu))
        peer, _ = most("naive", lambda number: naive(folder, number), max(1, count // 3))
    if not count:
        raise SystemExit("this machine does not carry one camera")
    costs = inference_cpu(carried.inputs)
    cpu = carried.cpu / count
    limit = decode_cpu() + sum(rate * costs[size] for size, rate in carried.inputs.items()) / count
    delays = carried.event_ms
    print(
        json.dumps(
            {
                "cameras": count,
                "cpu_per_camera": round(cpu, 3),
                "limit_cpu_per_camera": round(limit, 3),
                "ratio_to_limit": round(cpu / limit, 2),
                "naive_cameras": peer,
                "frame_to_event_ms_p95": round(statistics.quantiles(delays, n=20)[-1]) if len(delays) > 1 else None,
                "frame_to_event_ms_p50": round(statistics.median(delays)) if delays else None,
                "events": len(delays),
                "inputs_per_frame": {size: round(rate / sum(carried.fps), 2) for size, rate in carried.inputs.items()},
                "ms_per_input": {size: round(1000 * cost, 1) for size, cost in costs.items()},
                "cpu_one_camera": round(one.cpu, 3),
                "cores": cores,
            }
        )
    )


if __name__ == "__main__":
    main()
