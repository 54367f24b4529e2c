"""The network is this machine: ports that answer, that refuse, that say nothing, and one that shakes hands."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from demo.processes import free_port
from edge.centre.outbox import Outbox
from edge.devices.probe_settings import ProbeSettings
from edge.devices.probes import Probes
from tests.support.samples import NOON


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    opened = Outbox(tmp_path / "outbox.db", max_records=1000)
    yield opened
    opened.close()


@pytest.fixture
def mute() -> Iterator[int]:
    """A port that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield int(server.getsockname()[1])


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A port that shakes hands with a certificate that nobody knows."""
    folder = tmp_path_factory.mktemp("bank")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "2",
         "-subj", "/CN=bank.example"],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        server.settimeout(0.1)

        def serve() -> None:
            while not stop.is_set():
                with suppress(TimeoutError, OSError, ssl.SSLError):
                    connection, _ = server.accept()
                    connection.settimeout(2)
                    with connection, context.wrap_socket(connection, server_side=True) as wrapped:
                        wrapped.recv(1)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield int(server.getsockname()[1])
        stop.set()
        thread.join()


def asked(outbox: Outbox, **settings: object) -> dict[tuple[str, str | None], float]:
    probes = Probes(ProbeSettings.model_validate(settings), "an-luu-1", outbox, lambda: NOON)
    samples = probes.ask()
    assert {(sample.device, sample.at) for sample in samples} == {("an-luu-1", NOON)}
    return {(sample.metric, sample.zone): sample.value for sample in samples}


def test_what_answers_is_reachable(outbox: Outbox, mute: int, bank: int) -> None:
    banks = [{"bin": "970436", "host": "localhost", "port": bank}]
    hosts = [{"host": "127.0.0.1", "port": mute}]
    assert asked(outbox, dns=["localhost"], hosts=hosts, banks=banks) == {
        ("probe.dns", None): 1,
        ("probe.internet", None): 1,
        ("probe.bank", "970436"): 1,
    }


def test_what_refuses_says_nothing_or_has_no_name_is_not(outbox: Outbox, mute: int) -> None:
    banks = [{"bin": "970436", "host": "127.0.0.1", "port": mute}, {"bin": "970415", "host": "no.such.name.invalid"}]
    hosts = [{"host": "127.0.0.1", "port": free_port()}]
    began = time.monotonic()
    said = asked(outbox, dns=["no.such.name.invalid"], hosts=hosts, banks=banks, timeout_s=0.5)
    assert said == {
        ("probe.dns", None): 0,
        ("probe.internet", None): 0,
        ("probe.bank", "970436"): 0,
        ("probe.bank", "970415"): 0,
    }
    assert time.monotonic() - began < 5


def test_a_bank_with_several_addresses_is_reachable_by_any(outbox: Outbox, bank: int) -> None:
    banks = [{"bin": "970436", "host": "127.0.0.1", "port": port} for port in (free_port(), bank)]
    assert asked(outbox, banks=banks) == {("probe.bank", "970436"): 1}


def test_one_that_answers_is_enough(outbox: Outbox, mute: int) -> None:
    hosts = [{"host": "127.0.0.1", "port": free_port()}, {"host": "127.0.0.1", "port": mute}]
    said = asked(outbox, dns=["no.such.name.invalid", "localhost"], hosts=hosts, timeout_s=2)
    assert said == {("probe.dns", None): 1, ("probe.internet", None): 1}


def test_never_more_are_asked_at_once_than_the_settings_allow(outbox: Outbox, mute: int) -> None:
    banks = [{"bin": f"97040{n}", "host": "127.0.0.1", "port": mute} for n in range(6)]
    began = time.monotonic()
    asked(outbox, banks=banks, timeout_s=0.3, at_once=2)
    assert time.monotonic() - began > 0.85, "six questions of 0.3 s, two at once"


def test_samples_reach_the_outbox_until_it_is_stopped(outbox: Outbox, mute: int) -> None:
    stop = threading.Event()
    given = ProbeSettings.model_validate({"hosts": [{"host": "127.0.0.1", "port": mute}]})
    thread = threading.Thread(target=Probes(given, "an-luu-1", outbox).run, args=(stop,), daemon=True)
    thread.start()
    assert outbox.appended.wait(5)
    stop.set()
    thread.join(5)
    assert not thread.is_alive()
    assert outbox.pending == 1


def test_probes_that_ask_nothing_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="need a name, a host or a bank"):
        ProbeSettings()
