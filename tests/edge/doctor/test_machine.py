from __future__ import annotations

import platform
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contracts.report import Level
from edge.doctor import certificates, clock, machine, network
from edge.doctor.checks import warn
from edge.doctor.words import sentence
from tests.support import disks, names
from tests.support.certificates import TestAuthority
from tests.support.namespaces import Network, Spot

ROUTES = """Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT
eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0
eth0\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0
"""
ARP = """IP address       HW type     Flags       HW address            Mask     Device
192.168.1.1      0x1         0x2         aa:bb:cc:dd:ee:ff     *        eth0
192.168.1.9      0x1         0x0         00:00:00:00:00:00     *        eth0
"""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of four megabytes."""
    with disks.small_disk(tmp_path / "disk", "4m") as disk:
        yield disk


def test_a_sound_disk_is_measured_and_left_as_it_was(tmp_path: Path) -> None:
    found = {finding.code: finding for finding in machine.look_at_disk(tmp_path / "data")}
    assert "disk_full" not in found
    assert "disk_unwritable" not in found
    assert list((tmp_path / "data").iterdir()) == []


def test_a_full_disk_is_a_fault_and_nothing_is_written_into_its_last_room(small_disk: Path) -> None:
    (finding,) = machine.look_at_disk(small_disk)
    assert (finding.code, finding.level) == ("disk_full", Level.BAD)
    assert list(small_disk.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (finding,) = machine.look_at_disk(tmp_path / "file" / "data")
    assert (finding.code, finding.level) == ("disk_unwritable", Level.BAD)


def test_little_room_is_told_before_there_is_none(tmp_path: Path) -> None:
    found = {finding.code for finding in machine.look_at_disk(tmp_path, reserve_mb=10**9)}
    assert "disk_low" in found


@pytest.mark.parametrize(("milli", "code"), [(45_000, "temperature_good"), (91_000, "temperature_high")])
def test_the_hottest_part_counts(tmp_path: Path, milli: int, code: str) -> None:
    for number, reading in enumerate((30_000, milli, "broken")):
        zone = tmp_path / f"class/thermal/thermal_zone{number}"
        zone.mkdir(parents=True)
        (zone / "temp").write_text(f"{reading}\n")
    (finding,) = machine.look_at_temperature(tmp_path)
    assert (finding.code, finding.values["celsius"]) == (code, milli // 1000)


def test_a_machine_that_does_not_tell_its_temperature_is_no_fault(tmp_path: Path) -> None:
    assert list(machine.look_at_temperature(tmp_path)) == []


@pytest.mark.parametrize(("allowed", "held_back"), [(2_400_000, False), (1_000_000, True)])
def test_a_processor_that_is_held_back_is_told(tmp_path: Path, allowed: int, held_back: bool) -> None:
    policy = tmp_path / "devices/system/cpu/cpufreq/policy0"
    policy.mkdir(parents=True)
    (policy / "cpuinfo_max_freq").write_text("2400000")
    (policy / "scaling_max_freq").write_text(str(allowed))
    assert machine.is_throttled(tmp_path) is held_back


@pytest.mark.parametrize(("said", "held_back"), [("0x0", False), ("0x50005", True), ("0x50000", False), ("?", False)])
def test_a_raspberry_pi_says_it_itself(tmp_path: Path, said: str, held_back: bool) -> None:
    place = tmp_path / "devices/platform/soc/soc:firmware"
    place.mkdir(parents=True)
    (place / "get_throttled").write_text(said)
    assert machine.is_throttled(tmp_path) is held_back


def test_memory_processor_and_accelerator_are_told_on_any_machine() -> None:
    codes = {
        finding.code
        for look in (machine.look_at_memory, machine.look_at_processor, machine.look_at_accelerator)
        for finding in look()
    }
    assert "inference_devices" in codes
    assert codes & {"memory_good", "memory_low"}
    assert codes & {"processor", "processor_busy"}


def test_the_gateway_is_read_as_the_kernel_writes_it() -> None:
    assert network.gateway_of(ROUTES) == network.Gateway("eth0", "192.168.1.1")
    assert network.gateway_of(ROUTES.replace("0003", "0002")) is None
    assert network.gateway_of(ROUTES.replace("0101A8C0\t0003", "00000000\t0001")) == network.Gateway("eth0", None)
    assert network.gateway_of(ROUTES.replace("00000000\t0\t0\t0", "00000080\t0\t0\t0")) is None  # half of the world
    assert network.gateway_of(ROUTES.splitlines()[0]) is None
    assert network.is_known(ARP, "192.168.1.1")
    assert not network.is_known(ARP, "192.168.1.9")
    assert not network.is_known(ARP, "192.168.1.10")


def test_a_machine_without_a_gateway_is_told_and_no_error(tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()
    (tmp_path / "net/route").write_text(ROUTES.splitlines()[0] + "\n")
    assert "gateway_missing" in {finding.code for finding in network.look_at_network(tmp_path)}


@pytest.fixture
def street() -> Iterator[tuple[Spot, Spot]]:
    """A box and its router on one switch."""
    network = Network({"street": {}})
    try:
        box, router = network.join("box-1", ["street"]), network.join("router-1", ["street"])
        yield box, router
    finally:
        network.close()


def there(spot: Spot, *command: str) -> str:
    done = subprocess.run([*spot.enter(), *command], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout


def looked(box: Spot) -> set[str]:
    """What the doctor finds of this box's network."""
    program = "from edge.doctor import network; print(*(one.code for one in network.look_at_network()))"
    return set(there(box, sys.executable, "-c", program).split())


def test_a_router_that_was_there_a_moment_ago_is_missed(street: tuple[Spot, Spot]) -> None:
    box, router = street
    assert looked(box) == {"network_good", "gateway_missing"}
    there(box, "ip", "route", "add", "default", "via", router.addresses["street"])
    assert looked(box) == {"network_good", "gateway_good"}
    with pytest.raises(ConnectionRefusedError):
        box.connect(9, router.addresses["street"])  # so that the kernel knows it
    there(router, "ip", "addr", "flush", "dev", "eth0")
    assert router.addresses["street"] in there(box, "ip", "neigh")
    assert looked(box) == {"network_good", "gateway_silent"}


def test_a_box_that_has_ipv6_alone_has_a_network(street: tuple[Spot, Spot]) -> None:
    box, _ = street
    there(box, "ip", "addr", "flush", "dev", "eth0", "scope", "global")
    assert looked(box) == {"network_none", "gateway_missing"}
    there(box, "ip", "addr", "add", "2001:db8::2/64", "dev", "eth0", "nodad")
    there(box, "ip", "route", "add", "default", "via", "2001:db8::1")
    assert looked(box) == {"network_good"}


def test_names_are_looked_up_and_addresses_are_not() -> None:
    asked = ["10.0.0.1", "localhost", names.GOOD, names.WRONG, names.SILENT, names.SLOW, names.GOOD, "::1"]
    found, _ = names.look(asked, "nameserver 127.0.0.1\noptions timeout:3 attempts:1\n", 20)
    assert found == {
        names.GOOD: "dns_good",
        names.SLOW: "dns_good",
        names.WRONG: "dns_failed",
        names.SILENT: "dns_silent",
    }


def test_a_name_server_that_never_answers_does_not_hold_the_doctor() -> None:
    found, took_s = names.look([names.SILENT, names.GOOD], "nameserver 127.0.0.1\n", 2)
    assert found == {names.SILENT: "dns_silent", names.GOOD: "dns_good"}
    assert took_s < 5, "the C library alone waits for ten seconds"


@pytest.mark.parametrize("resolv_conf", ["nameserver 10.255.0.1\n", "nameserver 127.0.0.77\n"])
def test_without_a_way_to_a_name_server_that_is_said_of_every_name(resolv_conf: str) -> None:
    found, _ = names.look([names.GOOD, names.WRONG], resolv_conf, 20)
    assert found == {names.GOOD: "dns_silent", names.WRONG: "dns_silent"}


@pytest.mark.parametrize(
    ("days", "code", "told"),
    [(90.5, "certificate_good", 90), (20.9, "certificate_ends", 20), (0.5, "certificate_ends", 0),
     (-0.5, "certificate_over", 1), (-3.5, "certificate_over", 4)],
)  # fmt: skip
def test_what_is_left_of_a_certificate(days: float, code: str, told: int) -> None:
    now = datetime(2026, 2, 10, tzinfo=UTC)
    finding = certificates.judge("own", now + timedelta(days=days), now)
    assert (finding.code, finding.values["days"]) == (code, told)


def test_the_boxs_own_certificate_is_read(tmp_path: Path) -> None:
    path, _ = TestAuthority(tmp_path).client("hop-1")
    (finding,) = certificates.look_at_own(path)
    assert (finding.code, finding.values) == ("certificate_good", {"whose": "own", "days": 364})
    path.write_text("-----BEGIN")
    (finding,) = certificates.look_at_own(path)
    assert finding.code == "certificate_unread"
    (finding,) = certificates.look_at_own(tmp_path / "none.pem")
    assert finding.code == "certificate_unread"


@pytest.mark.parametrize(
    ("state", "status", "kept"),
    [
        (0, 0x2001, True),
        (1, 0x0011, True),
        (5, 0x0040, False),
        (5, 0x2041, False),
        (5, 0x2001, False),
        (0, 0x0040, False),
    ],
)
def test_a_clock_is_kept_right_when_the_kernel_says_so(state: int, status: int, kept: bool) -> None:
    assert clock.is_kept(state, status) is kept


def test_the_kernel_is_asked_and_its_answer_told_in_both_languages() -> None:
    number = {"x86_64": 159, "aarch64": 171}[platform.machine()]
    asking = f'$t = "\\0" x 512; $state = syscall({number}, $t); print "$state ", unpack("x40 l", $t)'
    asked = subprocess.run(["perl", "-e", asking], capture_output=True, text=True, check=True)  # not our struct timex
    state, status = map(int, asked.stdout.split())
    assert clock.read() == (state, status)
    (finding,) = clock.look_at_clock()
    assert finding.code == ("clock_synchronised" if clock.is_kept(state, status) else "clock_unsynchronised")
    assert finding.level is (Level.OK if clock.is_kept(state, status) else Level.WARN)
    nobody = warn("clock_unsynchronised")
    assert "timedatectl set-ntp true" in sentence(nobody, "vi")
    assert "timedatectl set-ntp true" in sentence(nobody, "en")
