from __future__ import annotations

import threading
from pathlib import Path

import httpx

from contracts.telemetry import Sample
from demo.processes import free_port
from edge.centre.outbox import Outbox
from edge.figures import Figures, serve
from tests.support.samples import NOON
from tests.support.waiting import eventually


def asked(port: int) -> str | None:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
    except httpx.ConnectError:
        return None


def test_the_outbox_is_told_as_it_is_when_somebody_asks(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.db", max_records=1000)
    outbox.append_samples([Sample(at=NOON, device="an-luu-1", metric="box.cpu_percent", value=1)] * 3)
    port, stop = free_port(), threading.Event()
    thread = threading.Thread(target=serve, args=(Figures([], outbox, {(300, 172): 7}), "127.0.0.1", port, stop))
    thread.start()
    try:
        figures = eventually(lambda: asked(port))
        outbox.append_samples([Sample(at=NOON, device="an-luu-1", metric="box.cpu_percent", value=1)])
        later = asked(port)
    finally:
        stop.set()
        thread.join()
        outbox.close()
    assert "phoan_edge_outbox_pending 3.0" in figures
    assert later
    assert 'phoan_edge_detector_inputs_total{size="300x172"} 7.0' in later
    assert "phoan_edge_outbox_pending 4.0" in later
    assert "phoan_edge_outbox_records_total 4.0" in later
