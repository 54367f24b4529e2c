from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from contracts.report import BoxReport
from contracts.wire import read
from demo.processes import free_port
from edge.config import CentreSettings
from edge.doctor.sending import MOST_KEPT, Reports
from tests.support.samples import BOX_TOKEN, NOON
from tests.support.waiting import eventually


def report(minute: int) -> BoxReport:
    return BoxReport(at=NOON + timedelta(minutes=minute), version="0.1.0", seconds=1, findings=())


class Centre:
    """An API that takes reports, or answers `status`."""

    def __init__(self) -> None:
        self.status, self.minutes, self.tokens = 204, list[int](), set[str]()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.tokens.add(self.headers["Authorization"])
                if outer.status == 204:
                    outer.minutes.append(round((read(BoxReport, body).at - NOON).total_seconds() / 60))
                self.send_response(outer.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.settings = CentreSettings.model_validate(
            {"url": f"http://127.0.0.1:{self.server.server_address[1]}", "token": BOX_TOKEN}
        )
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self._thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()


@pytest.fixture
def centre() -> Iterator[Centre]:
    centre = Centre()
    yield centre
    centre.stop()


NOBODY = CentreSettings.model_validate({"url": f"http://127.0.0.1:{free_port()}", "token": BOX_TOKEN})


def waiting(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "reports").glob("*"))


def test_a_report_goes_to_the_centre_with_the_boxs_token(centre: Centre, tmp_path: Path) -> None:
    assert Reports(tmp_path, centre.settings).send(report(1))
    assert centre.minutes == [1]
    assert centre.tokens == {f"Bearer {BOX_TOKEN}"}
    assert waiting(tmp_path) == []


def test_what_could_not_go_goes_with_the_next_one(centre: Centre, tmp_path: Path) -> None:
    for minute in (1, 2):
        assert not Reports(tmp_path, NOBODY).send(report(minute))
    assert len(waiting(tmp_path)) == 2
    assert Reports(tmp_path, centre.settings).send(report(3))
    assert centre.minutes == [3, 1, 2]
    assert waiting(tmp_path) == []


def test_the_running_box_brings_what_waits(centre: Centre, tmp_path: Path) -> None:
    Reports(tmp_path, NOBODY).send(report(1))
    stop = threading.Event()
    thread = threading.Thread(target=Reports(tmp_path, centre.settings).run, args=(stop,))
    thread.start()
    try:
        eventually(lambda: centre.minutes == [1])
    finally:
        stop.set()
        thread.join(5)
    assert not thread.is_alive()
    assert waiting(tmp_path) == []


def test_only_the_newest_few_wait(tmp_path: Path) -> None:
    for minute in range(MOST_KEPT + 3):
        Reports(tmp_path, NOBODY).send(report(minute))
    names = waiting(tmp_path)
    assert len(names) == MOST_KEPT
    assert names[0].startswith("2026-02-10T05-03")


@pytest.mark.parametrize(("status", "kept"), [(401, 1), (404, 1), (503, 1), (422, 0)])
def test_a_report_that_the_centre_would_never_take_does_not_wait(
    centre: Centre, tmp_path: Path, status: int, kept: int
) -> None:
    centre.status = status
    Reports(tmp_path, centre.settings).send(report(1))
    assert len(waiting(tmp_path)) == kept


def test_a_report_that_a_power_cut_broke_is_let_go(centre: Centre, tmp_path: Path) -> None:
    Reports(tmp_path, NOBODY).send(report(1))
    (tmp_path / "reports" / "2026-02-10T04-00-00.000Z.json").write_bytes(b'{"at":')
    Reports(tmp_path, centre.settings).send_waiting()
    assert centre.minutes == [1]
    assert waiting(tmp_path) == []


def test_a_disk_that_keeps_nothing_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "reports").touch()
    assert not Reports(tmp_path, NOBODY).send(report(1))
    assert not Reports(tmp_path, None).send(report(1))
