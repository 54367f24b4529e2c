"""The box's figures for Prometheus, read off the parts when somebody asks; nothing is counted twice."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping, Sequence

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from contracts.status import CameraState
from edge.centre.outbox import Outbox
from edge.sight.mosaic import Size
from edge.station import Station

log = logging.getLogger(__name__)


class Figures(Collector):
    """What the outbox holds and how the cameras run."""

    def __init__(self, stations: Sequence[Station], outbox: Outbox, inputs_used: Mapping[Size, int]) -> None:
        self._stations = stations
        self._outbox = outbox
        self._inputs_used = inputs_used

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
