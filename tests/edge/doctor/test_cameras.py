"""Cameras broken on purpose, each in one way, looked at beside each other once for all tests here."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from contracts.report import Finding, Level
from demo.processes import free_port
from edge.config import EdgeSettings
from edge.doctor.cameras.camera import Way, look_at_camera
from edge.doctor.cameras.measure import Length, Stream
from edge.doctor.cameras.passwords import AGAIN_S, FILE, Tried
from edge.doctor.checks import Check, run_checks
from tests.support import cameras, streams
from tests.support.cameras import Behaviour, Line, refusing
from tests.support.locked_cameras import Lock, by_path
from tests.support.onvif_cameras import OnvifCamera
from tests.support.streams import Film

WORD = "bi-mat-cua-cho"
AUDIO = "m=audio 0 RTP/AVP 8\r\na=control:track2\r\n"
NO_PORT = 1
Found = Mapping[str, list[Finding]]


def plays(film: Film, more: str = "", **how: Any) -> Behaviour:
    return cameras.playing(film.sdp + more, streams.sending(film, **how))


def film(codec: str = "h264", *, fps: float = 10.0, gop: int = 10, width: int = 1280, count: int = 20) -> Film:
    return streams.encode(codec, width, width * 9 // 16, fps=fps, gop=gop, count=count)


GOOD = film()
SMALL = film(width=640)
LOCKED = Lock(plays(GOOD), "gac-cong", WORD)
FACTORY = Lock(plays(GOOD), "admin", "12345")


class _TwoAccounts(Lock):
    """The box's own account, and the maker's that nobody changed."""

    def _opens(self, text: str) -> bool:
        self.user, self.password = ("admin", "admin") if 'username="admin"' in text else ("gac-cong", WORD)
        return super()._opens(text)


LEFT_OPEN = _TwoAccounts(plays(GOOD), "", "")

BEHAVIOURS: dict[str, Behaviour] = {
    "good": Lock(by_path({"/main": plays(GOOD), "/sub": plays(SMALL)}, refusing("404 Not Found")), "gac-cong", WORD),
    "no-sub": LOCKED,
    "bad-sub": by_path({"/main": plays(GOOD)}, refusing("404 Not Found")),
    "password": Lock(plays(GOOD), "gac-cong", "khác"),
    "h265": plays(film("hevc")),
    "gop": plays(film(gop=100, count=100)),
    "slow": plays(replace(film(gop=1), fps=1.0), "a=framerate:25\r\n"),
    "few": plays(replace(film(gop=3), fps=3.0)),
    "small": plays(film(width=320)),
    "silent": cameras.silent,
    "path": refusing("404 Not Found"),
    "web": cameras.web_server,
    "busy": refusing("453 Not Enough Bandwidth"),
    "noise": cameras.playing(cameras.VIDEO, cameras.garbage_rtp),
    "sound": plays(GOOD, AUDIO),
    "factory": FACTORY,
    "left-open": LEFT_OPEN,
}
OWN = {"factory": "admin:12345"}


@dataclass(frozen=True)
class World:
    found: Found
    measured: dict[str, Stream]
    seconds: float


def settings_of(folder: Path, ports: Mapping[str, int], **more: object) -> EdgeSettings:
    listed = []
    for name, port in ports.items():
        base = f"rtsp://{OWN.get(name, f'gac-cong:{WORD}')}@127.0.0.1:{port}"
        subs = {"sub_url": f"{base}/sub"} if name in ("good", "bad-sub") else {}
        listed.append({"id": name, "site": "cho", "url": f"{base}/main", **subs})
    whole = {"ward": "w", "box": "b", "data_dir": folder, "mqtt": {"host": "127.0.0.1"}, "cameras": listed, **more}
    return EdgeSettings.model_validate(whole)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with ExitStack() as stack:
        lines = {name: stack.enter_context(closing(Line(behaviour))) for name, behaviour in BEHAVIOURS.items()}
        ports = {name: line.port for name, line in lines.items()} | {"closed": free_port()}
        settings = settings_of(tmp_path_factory.mktemp("box"), ports)
        measured: dict[str, Stream] = {}
        found: dict[str, list[Finding]] = {}
        way = Way(Length(1.5, 4.5), onvif_ports=(NO_PORT,))

        def look(name: str, way: Way) -> Callable[[], list[Finding]]:
            camera = next(camera for camera in settings.cameras if camera.id == name)

            def run() -> list[Finding]:
                found[name] = list(look_at_camera(settings, camera, way, measured))
                return found[name]

            return run

        checks = [Check(name, look(name, replace(way, running=name == "busy"))) for name in ports]
        began = time.monotonic()
        run_checks(checks, 60)
        yield World(found, measured, time.monotonic() - began)


def codes(findings: list[Finding], level: Level | None = None) -> set[str]:
    return {finding.code for finding in findings if level in (None, finding.level)}


def test_a_good_camera_is_told_with_what_it_really_sends(world: World) -> None:
    found = world.found["good"]
    assert codes(found) == {"camera_good", "camera_password_good"}
    main, sub = (finding.values for finding in found if finding.code == "camera_good")
    assert (main["stream"], main["codec"], main["width"], main["height"]) == ("main", "H.264", 1280, 720)
    assert main["fps"] == pytest.approx(10, abs=1.5)
    assert main["gop_s"] == pytest.approx(1, abs=0.4)
    assert isinstance(main["kbps"], int)
    assert main["kbps"] > 0
    assert (sub["stream"], sub["width"]) == ("sub", 640)
    assert world.measured["good"].decode > 0


@pytest.mark.parametrize(
    ("name", "level", "code"),
    [
        ("no-sub", Level.WARN, "camera_no_sub"),
        ("bad-sub", Level.WARN, "camera_not_found"),
        ("password", Level.BAD, "camera_unauthorized"),
        ("h265", Level.WARN, "camera_h265"),
        ("gop", Level.WARN, "camera_gop_long"),
        ("slow", Level.BAD, "camera_slow"),
        ("few", Level.WARN, "camera_few"),
        ("small", Level.WARN, "camera_small"),
        ("closed", Level.BAD, "camera_refused"),
        ("silent", Level.BAD, "camera_timeout"),
        ("path", Level.BAD, "camera_not_found"),
        ("web", Level.BAD, "camera_protocol"),
        ("busy", Level.WARN, "camera_busy"),
        ("noise", Level.BAD, "camera_corrupt"),
        ("sound", Level.WARN, "camera_sound"),
        ("sound", Level.WARN, "camera_open"),
        ("factory", Level.BAD, "camera_default_password"),
        ("left-open", Level.BAD, "camera_default_password"),
    ],
)
def test_each_fault_is_found_and_no_other_grave_one(world: World, name: str, level: Level, code: str) -> None:
    found = world.found[name]
    assert code in codes(found, level)
    assert codes(found, Level.BAD) == ({code} if level is Level.BAD else set())


def test_a_slow_camera_is_told_with_what_it_claims(world: World) -> None:
    (slow,) = [finding for finding in world.found["slow"] if finding.code == "camera_slow"]
    assert slow.values["fps"] == pytest.approx(1, abs=0.4)
    assert slow.values["claimed"] == 25


def test_a_long_wait_for_a_key_frame_is_at_least_as_long_as_was_watched(world: World) -> None:
    (gop,) = [finding for finding in world.found["gop"] if finding.code == "camera_gop_long"]
    assert isinstance(gop.values["gop_s"], float)
    assert 4 < gop.values["gop_s"] < 6


def test_no_camera_is_tried_with_more_than_three_passwords_and_the_right_one_comes_last(world: World) -> None:
    assert "camera_password_good" in codes(world.found["no-sub"])
    assert LOCKED.wrong <= 3
    assert LOCKED.right >= 3  # the question, the stream, and once more behind the wrong ones
    assert FACTORY.wrong == 0  # that its own is the maker's needs no trying


def test_all_of_them_together_take_no_longer_than_one(world: World) -> None:
    assert len(world.found) == len(BEHAVIOURS) + 1
    assert world.seconds < 45


def test_no_finding_holds_a_password(world: World) -> None:
    text = " ".join(finding.model_dump_json() for found in world.found.values() for finding in found)
    assert WORD not in text
    assert "12345" not in text


def look_once(folder: Path, port: int, way: Way, **more: object) -> list[Finding]:
    settings = settings_of(folder, {"one": port}, **more)
    return list(look_at_camera(settings, settings.cameras[0], way, {}))


@pytest.mark.parametrize(("ahead_s", "level"), [(7200.0, Level.BAD), (-30.0, Level.WARN), (0.0, Level.OK)])
def test_a_cameras_clock_is_read_over_onvif(tmp_path: Path, ahead_s: float, level: Level) -> None:
    onvif = OnvifCamera(1, ahead_s=ahead_s)
    try:
        found = look_once(tmp_path, free_port(), Way(Length(0.1, 0.1), (onvif.port,)))
    finally:
        onvif.stop()
    (told,) = [finding for finding in found if finding.code.startswith("camera_clock")]
    assert told.level is level
    if level is not Level.OK:
        assert told.values["off_s"] == pytest.approx(ahead_s, abs=2)


def test_a_refusal_of_a_camera_with_a_wrong_clock_names_the_clock_first(tmp_path: Path) -> None:
    onvif = OnvifCamera(1, ahead_s=7200)
    with closing(Line(Lock(plays(SMALL), "gac-cong", "khác"))) as line:
        try:
            found = look_once(tmp_path, line.port, Way(Length(0.1, 0.1), (onvif.port,)))
        finally:
            onvif.stop()
    assert codes(found, Level.BAD) == {"camera_clock_off", "camera_clock_refuses"}


def test_names_that_lead_nowhere_or_elsewhere(tmp_path: Path) -> None:
    way = Way(Length(0.1, 0.1), (NO_PORT,))
    elsewhere = look_once(tmp_path, 0, way, camera_networks=["10.0.0.0/8"], cameras=[
        {"id": "one", "site": "cho", "url": "rtsp://localhost:5/x"}
    ])  # fmt: skip
    assert codes(elsewhere) == {"camera_elsewhere"}
    nowhere = look_once(tmp_path, 0, way, cameras=[{"id": "one", "site": "cho", "url": "rtsp://khong-co.invalid/x"}])
    assert codes(nowhere) == {"camera_unreachable"}


def test_passwords_are_tried_once_a_month(tmp_path: Path) -> None:
    lock = Lock(plays(SMALL), "gac-cong", WORD)
    way = Way(Length(0.2, 0.5), (NO_PORT,))
    with closing(Line(lock)) as line:
        first = look_once(tmp_path, line.port, way)
        tried = lock.wrong
        second = look_once(tmp_path, line.port, way)
    assert "camera_password_good" in codes(first)
    assert 0 < tried <= 3
    assert "camera_password_good" not in codes(second)
    assert lock.wrong == tried


def test_what_was_tried_is_remembered_and_damage_forgets_it(tmp_path: Path) -> None:
    tried = Tried(tmp_path)
    assert tried.is_due("cho-1", 1000.0)
    tried.note("cho-1", 1000.0)
    assert not Tried(tmp_path).is_due("cho-1", 1000.0 + AGAIN_S - 1)
    assert Tried(tmp_path).is_due("cho-1", 1000.0 + AGAIN_S)
    assert tried.is_due("cho-2", 1000.0)
    assert tried.is_due("cho-1", 0.0)  # the clock was set back
    (tmp_path / "doctor-passwords.json").write_text('{"cho')
    assert tried.is_due("cho-1", 1001.0)
    (tmp_path / "doctor-passwords.json").write_text('{"cho-1": "today"}')
    assert tried.is_due("cho-1", 1001.0)


def test_cameras_that_are_looked_at_beside_each_other_are_all_remembered(tmp_path: Path) -> None:
    names = [f"cho-{number}" for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda name: Tried(tmp_path).note(name, 1000.0), names))
    assert [name for name in names if Tried(tmp_path).is_due(name, 1001.0)] == []


def test_where_nothing_can_be_remembered_no_password_is_tried(tmp_path: Path) -> None:
    lock = Lock(plays(SMALL), "gac-cong", WORD)
    (tmp_path / FILE).mkdir()  # stands in the way of what is written
    with closing(Line(lock)) as line:
        found = look_once(tmp_path, line.port, Way(Length(0.2, 0.5), (NO_PORT,)))
    assert "camera_password_good" not in codes(found)
    assert lock.wrong == 0
