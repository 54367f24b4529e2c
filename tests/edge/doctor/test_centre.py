"""The box's way to the API: the real one, and servers that are not."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contracts.report import Finding, Level
from demo.postgres import Postgres
from demo.processes import free_port
from edge.config import CentreSettings
from edge.doctor.centre import date_of, judge_clock, look_at_centre
from tests.support.certificates import TestAuthority
from tests.support.https import SmallHttps
from tests.support.samples import BOX_TOKEN

QUESTION = f"/api/v1/box/media/{'0' * 64}"
ANSWER = {QUESTION: '{"offset": 0, "complete": false}'}


def look(url: str, token: str = BOX_TOKEN, ca: Path | None = None) -> dict[str, Finding]:
    settings = CentreSettings.model_validate({"url": url, "token": token, "tls_ca": ca})
    found = {finding.code: finding for finding in look_at_centre(settings)}
    assert token not in repr(found)
    return found


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> TestAuthority:
    return TestAuthority(tmp_path_factory.mktemp("ca"))


def test_a_trusted_centre_its_certificate_and_its_clock(authority: TestAuthority) -> None:
    with SmallHttps(authority.server(), ANSWER) as centre:
        found = look(f"https://127.0.0.1:{centre.port}", ca=authority.ca)
    assert {code: finding.level for code, finding in found.items()} == {
        "certificate_good": Level.OK,
        "centre_good": Level.OK,
        "clock_good": Level.OK,
    }


@pytest.mark.parametrize(("ahead", "level"), [(timedelta(hours=-2), Level.BAD), (timedelta(seconds=20), Level.WARN)])
def test_a_clock_that_differs_from_the_centres_is_told(
    authority: TestAuthority, ahead: timedelta, level: Level
) -> None:
    with SmallHttps(authority.server(), ANSWER, date=datetime.now(UTC) + ahead) as centre:
        found = look(f"https://127.0.0.1:{centre.port}", ca=authority.ca)
    assert found["clock_off"].level is level
    assert found["clock_off"].values["off_s"] == pytest.approx(-ahead.total_seconds(), abs=2)


def test_a_way_that_is_slow_to_begin_is_no_wrong_clock(authority: TestAuthority) -> None:
    with SmallHttps(authority.server(), ANSWER) as centre, slow_door(centre.port, 3.0) as port:
        found = look(f"https://127.0.0.1:{port}", ca=authority.ca)
    assert "clock_good" in found


@contextmanager
def slow_door(far_port: int, wait_s: float) -> Iterator[int]:
    """A port that takes its time before it passes anything on, as a lookup at a dead name server does."""

    def serve() -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                threading.Thread(target=pass_on, args=(near,), daemon=True).start()

    def pass_on(near: socket.socket) -> None:
        time.sleep(wait_s)
        with near, socket.create_connection(("127.0.0.1", far_port)) as far:
            copying = threading.Thread(target=copy, args=(near, far), daemon=True)
            copying.start()
            copy(far, near)

    def copy(one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        yield int(listener.getsockname()[1])
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)


def test_a_certificate_that_nobody_trusts_or_that_is_over(authority: TestAuthority, tmp_path: Path) -> None:
    with SmallHttps(authority.server(), ANSWER) as centre:
        stranger = look(f"https://127.0.0.1:{centre.port}", ca=TestAuthority(tmp_path).ca)
    assert stranger["centre_tls"].values["reason"] == "untrusted"
    old = authority.server(not_before=datetime.now(UTC) - timedelta(9), not_after=datetime.now(UTC) - timedelta(2))
    with SmallHttps(old, ANSWER) as centre:
        over = look(f"https://127.0.0.1:{centre.port}", ca=authority.ca)
    assert over["centre_tls"].values["reason"] == "expired"
    with SmallHttps(authority.server("other.example"), ANSWER) as centre:
        other = look(f"https://127.0.0.1:{centre.port}", ca=authority.ca)
    assert other["centre_tls"].values["reason"] == "wrong_host"


def test_what_is_no_centre_is_told(authority: TestAuthority) -> None:
    with SmallHttps(authority.server(), {QUESTION: "<html>welcome</html>"}) as centre:
        assert "centre_strange" in look(f"https://127.0.0.1:{centre.port}", ca=authority.ca)
    assert look(f"http://127.0.0.1:{free_port()}")["centre_unreachable"].values["reason"] == "refused"
    assert look("http://khong-co.invalid")["centre_unreachable"].values["reason"] == "no_name"


def test_the_real_api_knows_its_box_and_no_other_token(postgres: Postgres, tmp_path: Path) -> None:
    import psycopg

    from api.config import ApiSettings
    from storage import inventory
    from tests.api.running import RunningApi
    from tests.support.databases import fresh_database
    from tests.support.samples import INVENTORY

    with fresh_database(postgres) as conninfo:
        with psycopg.connect(conninfo, autocommit=True) as connection:
            inventory.apply(connection, INVENTORY)
        settings = {"database": conninfo, "media_dir": tmp_path, "cookie_secure": False}
        api = RunningApi(ApiSettings.model_validate(settings), conninfo)
        try:
            assert set(look(api.url)) == {"centre_good", "clock_good"}
            assert look(api.url, token="x" * 40)["centre_refused"].level is Level.BAD
        finally:
            api.stop()


@pytest.mark.parametrize(
    ("ahead_s", "level"),
    [(0.4, Level.OK), (-2.0, Level.OK), (2.1, Level.WARN), (-60.0, Level.WARN), (61.0, Level.BAD), (-9e6, Level.BAD)],
)
def test_how_far_off_is_how_grave(ahead_s: float, level: Level) -> None:
    assert judge_clock(ahead_s).level is level


def test_a_date_is_the_middle_of_its_second_and_nonsense_is_none() -> None:
    assert date_of("Tue, 10 Feb 2026 05:00:00 GMT") == datetime(2026, 2, 10, 5, 0, 0, 500_000, UTC)
    assert date_of("") is None
    assert date_of("yesterday") is None
