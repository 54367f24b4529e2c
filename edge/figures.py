"""The box's figures for Prometheus, read off the parts when somebody asks; nothing is counted twice."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from contracts.status import CameraState
from edge.centre.outbox import Outbox
from edge.payment.rounds import Rounds
from edge.payment.state import PointState
from edge.sight.mosaic import Size
from edge.station import Station

log = logging.getLogger(__name__)


class Figures(Collector):
    """What the outbox holds and how the cameras run."""

    def __init__(
        self,
        stations: Collection[Station],
        outbox: Outbox,
        inputs_used: Mapping[Size, int],
        rounds: Rounds | None = None,
    ) -> None:
        self._stations = stations
        self._outbox = outbox
        self._inputs_used = inputs_used
        self._rounds = rounds

    def collect(self) -> Iterator[Metric]:
        """Everything at this moment."""
        outbox = self._outbox
        yield GaugeMetricFamily("phoan_edge_outbox_pending", "records that wait for the centre", outbox.pending)
        yield CounterMetricFamily("phoan_edge_outbox_records", "records written since the start", outbox.head)
        yield CounterMetricFamily("phoan_edge_outbox_dropped", "records given up for want of room", outbox.dropped)
        streaming = GaugeMetricFamily("phoan_edge_camera_streaming", "1 while pictures come", labels=["camera"])
        frames = CounterMetricFamily("phoan_edge_frames", "pictures that arrived", labels=["camera"])
        analysed = CounterMetricFamily("phoan_edge_frames_analysed", "pictures looked at", labels=["camera"])
        for station in self._stations:
            camera = [station.settings.id]
            streaming.add_metric(camera, float(station.state is CameraState.STREAMING))
            frames.add_metric(camera, station.capture.packets_seen)
            analysed.add_metric(camera, station.analysed)
        inputs = CounterMetricFamily("phoan_edge_detector_inputs", "what the detector was given", labels=["size"])
        for (width, height), count in dict(self._inputs_used).items():
            inputs.add_metric([f"{width}x{height}"], count)
        yield from (streaming, frames, analysed, inputs)
        if self._rounds:
            yield from _of_codes(self._rounds)


def _of_codes(rounds: Rounds) -> Iterator[Metric]:
    """What the watch on payment codes reads, and what that costs."""
    labels = ["camera", "point"]
    state = GaugeMetricFamily(
        "phoan_edge_payment_code_state", "1 of the state that it is in", labels=[*labels, "state"]
    )
    looks = CounterMetricFamily("phoan_edge_payment_code_looks", "looks at its place", labels=labels)
    reads = CounterMetricFamily("phoan_edge_payment_code_reads", "codes read there", labels=[*labels, "way"])
    size = GaugeMetricFamily("phoan_edge_payment_code_pixels_per_module", "when it was last read", labels=labels)
    now = datetime.now(UTC)
    for camera, watch in rounds.watches:
        point = watch.settings.id
        for one in PointState:
            state.add_metric([camera, point, one.value], float(watch.state_at(now) is one))
        looks.add_metric([camera, point], watch.looks)
        for way, number in dict(watch.reads).items():
            reads.add_metric([camera, point, way], number)
        if watch.pixels_per_module is not None:
            size.add_metric([camera, point], watch.pixels_per_module)
    yield from (state, looks, reads, size)
    yield CounterMetricFamily("phoan_edge_payment_code_cpu_seconds", "spent on looking at them", rounds.seconds)


def serve(figures: Figures, host: str, port: int, stop: threading.Event) -> None:
    """Serve /metrics until `stop` is set."""
    registry = CollectorRegistry()
    registry.register(figures)
    server, thread = start_http_server(port, host, registry)
    log.info("metrics on http://%s:%d/metrics", host, port)
    stop.wait()
    server.shutdown()
    server.server_close()
    thread.join()
