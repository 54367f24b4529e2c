"""A running box that is configured by the centre: real cameras, a real broker, and the program as a process."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from av import VideoFrame

from tests.edge.devices.test_reader import Mouth
from tests.support.cameras import PASSWORD, USER, Line
from tests.support.configured import SQUARE, ConfiguredBox, camera
from tests.support.mosquitto import Mosquitto
from tests.support.streams import camera as film_camera
from tests.support.streams import encode
from tests.support.waiting import eventually

SMALLER = [[0.2, 0.1], [0.9, 0.1], [0.9, 0.95], [0.2, 0.95]]


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path_factory.mktemp("broker"))
    broker.start()
    yield broker
    broker.stop()


def to_and_fro() -> Iterator[VideoFrame]:
    """A bright square that walks over a dark ground and back, and is never lost on the way."""
    for index in range(80):
        pixels = np.full((180, 320, 3), 40, np.uint8)
        left = 40 + 4 * min(index, 80 - index)
        pixels[60:105, left : left + 40] = (60, 200, 230)
        yield VideoFrame.from_ndarray(pixels, format="bgr24")


@pytest.fixture
def lines() -> Iterator[list[Line]]:
    film = encode("h264", 320, 180, fps=10, gop=5, frames=to_and_fro())
    lines = [Line(film_camera(film)) for _ in range(3)]
    yield lines
    for line in lines:
        line.close()


def url(line: Line) -> str:
    return f"rtsp://127.0.0.1:{line.port}/street"


@pytest.fixture
def box(tmp_path: Path, broker: Mosquitto, lines: list[Line]) -> Iterator[ConfiguredBox]:
    with_login = url(lines[0]).replace("rtsp://", f"rtsp://{USER}:{PASSWORD}@")
    devices = {"site": "quang-trung", "broker": {"port": broker.port}}
    cameras = [camera("mot", with_login), camera("hai", url(lines[1]))]
    box = ConfiguredBox(tmp_path, broker.port, cameras, devices=devices)
    try:
        box.start()
        eventually(lambda: box.streaming() == {"mot", "hai"}, 60)
        yield box
    finally:
        box.say(b"")
        box.stop()


def opened(box: ConfiguredBox, name: str) -> list[tuple[str, str | None]]:
    return [(event["phase"], event.get("close_reason")) for event in box.events() if event["camera"] == name]


def test_a_box_changes_while_it_runs(box: ConfiguredBox, broker: Mosquitto, lines: list[Line]) -> None:
    other = camera("hai", url(lines[1]))
    eventually(lambda: {event["camera"] for event in box.events()} == {"mot", "hai"}, 60)

    # A zone of one camera: its rule begins anew, nothing else notices.
    began = time.monotonic()
    box.push(1, {"cameras": [camera("mot", url(lines[0]), polygon=SMALLER), other]})
    assert max(box.longest_gap_s(name, 2.0) for name in ("mot", "hai")) < 1.0
    assert box.answer(1, "applied") == ("applied", "", 1)
    assert time.monotonic() - began < 12
    assert [line.accepted for line in lines] == [1, 1, 0]
    eventually(lambda: len(opened(box, "mot")) == 2, 20)
    assert opened(box, "mot")[0] == ("close", "reconfigured")
    assert [phase for phase, _ in opened(box, "hai")] != ["close"]

    # The address of one camera: only that one connects anew.
    box.push(2, {"cameras": [camera("mot", url(lines[2]), polygon=SMALLER), other]})
    assert box.longest_gap_s("hai", 2.0) < 1.0
    assert box.answer(2, "applied") == ("applied", "", 2)
    assert [line.accepted for line in lines] == [1, 1, 1]

    # A document with a mistake: refused with its reason, and everything runs on.
    wrong = camera("mot", url(lines[2]))
    wrong["rules"][0]["zone"] = "ao"
    box.push(3, {"cameras": [wrong, other]})
    state, reason, running = box.answer(3, "refused")
    assert (state, running) == ("refused", 2)
    assert reason == "field cameras[0]: rule vao-san watches zone ao, which camera mot does not have."
    assert box.longest_gap_s("mot", 1.0) < 0.7

    # The same again, and an older one: nothing happens. One camera less: its event is closed, and it is hung up.
    box.push(2, {"cameras": [other]})
    time.sleep(1.5)
    assert box.streaming() == {"mot", "hai"}
    box.push(4, {"cameras": [other]})
    assert box.answer(4, "applied") == ("applied", "", 4)
    eventually(lambda: box.streaming() == {"hai"})
    assert opened(box, "mot")[-1] == ("close", "reconfigured")
    assert [phase for phase, _ in opened(box, "hai")] != ["close"]
    assert lines[1].accepted == 1
    assert PASSWORD not in box.said()

    # Other devices: they are read at once, over the box's own broker, and no camera notices.
    box.push(5, {"cameras": [other], "devices": {"site": "quang-trung", "list": [{"id": "khoi-1", "kind": "smoke"}]}})
    assert box.longest_gap_s("hai", 2.0) < 1.0
    assert box.answer(5, "applied") == ("applied", "", 5)
    mouth = Mouth(broker.port)
    mouth.say("phoan/1/an-luu/dev/khoi-1/tele", {"m": {"smoke": 1}})
    eventually(lambda: {event["kind"] for event in box.events() if event.get("device") == "khoi-1"} == {"smoke"}, 20)
    mouth.leave()
    assert lines[1].accepted == 1
    assert "starts anew" not in box.said()


def test_a_link_that_is_lost_by_chance_does_not_count_against_a_moved_zone(
    box: ConfiguredBox, broker: Mosquitto, lines: list[Line]
) -> None:
    box.push(1, {"cameras": [camera("mot", url(lines[0]), polygon=SMALLER), camera("hai", url(lines[1]))]})
    box.answer(1, "trying")
    broker.stop()
    time.sleep(9)  # longer than the trial
    broker.start()
    assert box.answer(1, "applied", "fallen_back") == ("applied", "", 1)


@pytest.mark.timeout(400)
def test_systemd_does_not_take_a_box_that_starts_anew_for_one_that_stops(tmp_path: Path, broker: Mosquitto) -> None:
    box = ConfiguredBox(tmp_path, broker.port, [])
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(150)
        box.environment = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "90000000"}

        def heard_until(last: str) -> list[str]:
            heard: list[str] = []
            began = time.monotonic()
            while not (heard and heard[-1].startswith(last)) and time.monotonic() - began < 150:
                said = systemd.recv(200).decode()
                heard += [said] if said != "WATCHDOG=1" else []
            return heard

        try:
            box.start()
            assert heard_until("READY=1") == ["READY=1"]
            box.push(1, {"cameras": [], "telemetry_every_s": 30})
            watched, anew = heard_until("RELOADING=1")
            assert watched == "WATCHDOG_USEC=90000000"
            assert 0 < int(anew.removeprefix("RELOADING=1\nMONOTONIC_USEC=")) / 1e6 <= time.monotonic()
            assert heard_until("READY=1") == ["WATCHDOG_USEC=300000000", "READY=1"]
        finally:
            box.say(b"")
            box.stop()
        assert heard_until("STOPPING=1") == ["WATCHDOG_USEC=90000000", "STOPPING=1"]


def test_a_box_goes_back_to_what_was_good(box: ConfiguredBox, lines: list[Line]) -> None:
    first, other = camera("mot", url(lines[0])), camera("hai", url(lines[1]))
    box.push(1, {"cameras": [camera("mot", url(lines[0]), polygon=SMALLER), other]})
    box.answer(1, "applied")

    # A camera that worked and brings nothing any more.
    nowhere = camera("mot", "rtsp://127.0.0.1:1/street")
    box.push(2, {"cameras": [nowhere, other]})
    state, reason, running = box.answer(2, "fallen_back")
    assert (state, running) == ("fallen_back", 1)
    assert reason == "no picture came any more of mot for 8 s"
    eventually(lambda: box.streaming() == {"mot", "hai"}, 20)
    assert lines[1].accepted == 1

    # What takes a fresh start of the program, and cannot be loaded there.
    assert box.process
    before = box.process.pid
    box.push(3, {"cameras": [first, other], "detector": {"kind": "yolo", "weights": "/nowhere"}})
    assert box.answer(3, "fallen_back") == ("fallen_back", "there are no weights at /nowhere", 1)
    box.push(4, {"cameras": [first, other], "analysis": {"fps": 2}})
    assert box.answer(4, "applied") == ("applied", "", 4)
    assert (box.process.pid, box.process.poll()) == (before, None)
    assert "this program starts anew: analysis cannot be changed while it runs" in box.said()

    # Killed while one is tried: the last good one, and the centre is told.
    box.push(5, {"cameras": [camera("mot", "rtsp://127.0.0.1:1/street"), other]})
    box.answer(5, "trying")
    box.kill()
    box.start()
    assert box.answer(5, "fallen_back") == ("fallen_back", "the box stopped while it tried this configuration", 4)
    eventually(lambda: box.streaming() == {"mot", "hai"}, 30)

    # One that the box dies of.
    box.push(6, {"cameras": [camera("mot", url(lines[0]), polygon=SQUARE), other]})
    box.answer(6, "trying")
    box.deadly.touch()
    assert box.process.wait(30) == 9
    box.deadly.unlink()
    box.start()
    assert box.answer(6, "fallen_back")[2] == 4
