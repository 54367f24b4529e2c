"""The centre of docker-compose.yml at work: every service by its own command, files, account and networks."""

from __future__ import annotations

import json
import os
import re
import socket
import ssl
import subprocess
import time
from pathlib import Path
from typing import Final

import httpx
import pytest
from websockets.sync.client import connect

from tests.deploy.centre import NOT_HERE, RUN_ONCE, SERVICES, Centre
from tests.support.images import POSTGRES
from tests.support.waiting import eventually

pytestmark = pytest.mark.timeout(600)  # a dozen programs start, and others may keep the machine busy

RUNNING: Final = tuple(name for name in SERVICES if name not in RUN_ONCE)
WRITING: Final = ("ingest", "notify", "accounts", "api", "backup", "mosquitto", "proxy")
LEAN_ON: Final = {"timescaledb": ("api", "ingest", "accounts"), "mosquitto": ("ingest", "accounts")}
"""What finds its way back by itself when that was away."""
CONNECT: Final = b"\x10\x0d\x00\x04MQTT\x05\x02\x00\x1e\x00\x00\x00"
"""MQTT 5 without a name and a password."""
NOT_AUTHORISED: Final = 0x87


def test_every_service_of_the_file_but_grafana_runs_here(centre: Centre) -> None:
    assert set(centre.containers.project["services"]) == {*SERVICES, *NOT_HERE}
    assert all(centre.containers.healthy(centre.one(name)) for name in RUNNING)


def test_what_a_box_sends_is_seen_through_the_proxy(centre: Centre) -> None:
    box = centre.enrolled()
    box.open()
    try:
        for seq in range(1, 21):
            box.send_event(seq)
        eventually(lambda: box.acked == set(range(1, 21)), 60)
    finally:
        box.close()
    with centre.client("lan") as client:
        found = client.get("/api/v1/events", params={"ward": "an-luu"})
    assert found.status_code == 200, found.text
    assert [item["event"]["camera"] for item in found.json()["items"]] == ["quang-trung-1"]


def test_replicas_of_ingest_have_names_of_their_own_that_come_back(centre: Centre) -> None:
    replicas = [centre.all[f"ingest-{number}"] for number in (1, 2)]
    names = [re.findall(r"worker (\w+) started", replica.said()) for replica in replicas]
    assert sorted(names) == [["1"], ["2"]]
    assert centre.containers.end(replicas[1]) == 0
    centre.containers.start(replicas[1])
    centre.containers.wait_healthy(replicas[1])
    assert re.findall(r"worker (\w+) started", replicas[1].said()) == names[1] * 2


@pytest.mark.parametrize("name", RUNNING)
def test_a_service_that_was_killed_is_healthy_again_when_it_is_started(centre: Centre, name: str) -> None:
    container = centre.one(name)
    centre.containers.kill(container)
    assert not centre.containers.healthy(container)
    centre.containers.start(container)
    centre.containers.wait_healthy(container)
    for other in LEAN_ON.get(name, ()):
        centre.containers.wait_healthy(centre.one(other))


def test_nobody_is_root_or_may_become_it(centre: Centre) -> None:
    for container in centre.all.values():
        assert container.process
        if container.process.poll() is not None:
            continue
        with open(f"/proc/{container.process.pid}/status", encoding="ascii") as file:
            status = dict(line.split(":\t", 1) for line in file.read().splitlines() if ":\t" in line)
        assert status["Uid"].split()[0] != "0", container.name
        assert status["NoNewPrivs"] == "1"
        assert int(status["CapPrm"], 16) == int(status["CapEff"], 16) == 0, container.name


def test_only_the_services_own_places_can_be_written_to(centre: Centre) -> None:
    """Tried as root with every right, so that no account's rights but the file system's own state is seen."""
    for name in WRITING:
        root = f"/proc/{centre.one(name).process.pid}/root"  # type: ignore[union-attr]
        for path in ("x", "etc/x", "run/x", "usr/bin/x", "var/lib/x"):
            with pytest.raises(OSError, match="Read-only file system"):
                Path(f"{root}/{path}").write_text("x")
        Path(f"{root}/tmp/x").write_text("x")


def test_a_secret_is_read_by_its_service_alone(centre: Centre) -> None:
    for name in RUNNING:
        service = centre.one(name)
        listed = centre.containers.execute(service, ["ls", "/run/secrets"]).stdout.split()
        assert sorted(listed) == sorted(secret["source"] for secret in service.spec["secrets"])
        for secret in listed:
            read = centre.containers.execute(service, ["sh", "-c", f"cat /run/secrets/{secret} > /dev/null"])
            assert read.returncode == 0, (name, read.stderr)


@pytest.mark.parametrize(
    ("from_service", "to_service", "port", "reached"),
    [
        ("proxy", "api", 8080, True),
        ("api", "timescaledb", 5432, True),
        ("ingest", "mosquitto", 8884, True),
        ("proxy", "timescaledb", 5432, False),
        ("mosquitto", "timescaledb", 5432, False),
        ("proxy", "mosquitto", 8884, False),
        ("mosquitto", "api", 8080, False),
        ("backup", "mosquitto", 8884, False),
    ],
)
def test_a_service_reaches_what_it_needs_and_no_more(
    centre: Centre, from_service: str, to_service: str, port: int, reached: bool
) -> None:
    """By name, and where the name is unknown by every address."""
    here, there = centre.one(from_service), centre.one(to_service)
    assert (f" {to_service} " in centre.containers.network.hosts_of(here.name)) is reached
    answers = []
    for address in there.spot.addresses.values():
        try:
            here.spot.connect(port, address, timeout_s=1).close()
            answers.append(True)
        except OSError:
            answers.append(False)
    assert any(answers) is reached


def test_the_proxy_shows_the_centres_certificate_to_who_comes_by_name_and_by_address(centre: Centre) -> None:
    context = ssl.create_default_context(cafile=centre.ca)
    for name in ("an-luu.example", "127.0.0.1"):
        with (
            socket.create_connection(("127.0.0.1", centre.https), timeout=5) as plain,
            context.wrap_socket(plain, server_hostname=name) as secured,
        ):
            assert secured.version() in ("TLSv1.2", "TLSv1.3")


def test_security_headers_stand_once_in_every_answer(centre: Centre) -> None:
    wanted = ("strict-transport-security", "x-content-type-options", "referrer-policy")
    with centre.client() as client:
        for path in ("/", "/api/v1/session", "/static/index.html", "/grafana/"):
            answer = client.get(path)
            names = [name.lower() for name, _ in answer.headers.multi_items()]
            assert [names.count(name) for name in wanted] == [1, 1, 1], (path, answer.headers)
            assert "server" not in names
        assert client.get("/grafana/").status_code == 502, "the proxy asks Grafana, which is not here"
        assert client.get("/").headers["content-security-policy"].startswith("default-src 'self'")


def test_who_comes_without_tls_is_sent_to_where_it_is(centre: Centre) -> None:
    answer = httpx.get(f"http://127.0.0.1:{centre.http}/verify?x=1", headers={"Host": "an-luu.example"})
    assert (answer.status_code, answer.headers["location"]) == (308, "https://an-luu.example/verify?x=1")


def test_the_api_believes_the_proxy_about_who_asks_and_nobody_else(centre: Centre) -> None:
    """Five wrong passwords from one address are entered with that address, whatever the client says of itself."""
    with centre.client() as client:
        wrong = client.post(
            "/api/v1/session",
            json={"username": "lan", "password": "falsch-falsch"},
            headers={"X-Forwarded-For": "203.0.113.9"},
        )
    assert wrong.status_code == 401
    entries = ask(centre, "SELECT client FROM audit WHERE action = 'session.refused' ORDER BY seq DESC LIMIT 1")
    assert entries == "127.0.0.1"


def test_live_pictures_pass_the_proxy_as_a_websocket(centre: Centre) -> None:
    with centre.client("lan") as client:
        cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    context = ssl.create_default_context(cafile=centre.ca)
    url = f"wss://127.0.0.1:{centre.https}/api/v1/live"
    headers = {"Cookie": cookie, "Origin": f"https://127.0.0.1:{centre.https}"}
    with connect(url, ssl=context, additional_headers=headers, proxy=None) as wall:
        assert json.loads(wall.recv(timeout=10))["type"] == "hello"


def test_boxes_must_show_a_certificate_and_everybody_an_account(centre: Centre) -> None:
    context = ssl.create_default_context(cafile=centre.ca)
    with (
        socket.create_connection(("127.0.0.1", centre.mqtt), timeout=5) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as secured,
        pytest.raises(OSError, match="certificate required"),  # with TLS 1.3 the client hears of it only now
    ):
        secured.recv(1)
    address = centre.one("mosquitto").spot.addresses["broker"]
    inside = centre.one("ingest").spot.connect(8884, address)
    with inside, context.wrap_socket(inside, server_hostname="mosquitto") as secured:
        secured.send(CONNECT)
        assert secured.recv(5)[3] == NOT_AUTHORISED


def test_the_dashboards_role_reads_measurements_and_no_secrets(centre: Centre) -> None:
    password = (centre.ca.parents[1] / "secrets" / "database-grafana").read_text(encoding="utf-8")
    asked = (
        ("SELECT count(*) FROM events", True),
        ("SELECT id, ward_id, state FROM boxes", True),
        ("SELECT count(*) FROM counts_5m", True),
        ("SELECT token_sha256 FROM boxes", False),
        ("SELECT password_hash FROM users", False),
        ("SELECT sealed FROM broker_accounts", False),
        ("SELECT refresh_token FROM notification_channels", False),
        ("SET default_transaction_read_only = off; DELETE FROM events", False),
    )
    for statement, allowed in asked:
        done = psql(centre, "grafana", password, statement)
        assert (done.returncode == 0) is allowed, (statement, done.stderr)


def test_the_programs_role_is_no_superuser_and_others_may_not_even_connect(centre: Centre) -> None:
    """Also when the roles are made a second time, as after a change of their passwords."""
    again = centre.containers.execute(centre.one("timescaledb"), ["sh", "/docker-entrypoint-initdb.d/100_roles.sh"])
    assert again.returncode == 0, again.stderr
    assert ask(centre, "SELECT string_agg(rolname, ',') FROM pg_roles WHERE rolsuper") == "postgres"
    assert ask(centre, "SELECT has_database_privilege('public', 'phoan', 'CONNECT')") == "f"
    assert ask(centre, "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'phoan'") == "phoan"


def test_the_brokers_volume_may_be_lost(centre: Centre) -> None:
    """The administrator's account is back at once, and the accounts worker brings the others, the box's among them."""
    box, broker = centre.enrolled(), centre.one("mosquitto")
    centre.containers.kill(broker)
    for file in (centre.folder / "volumes" / "broker").iterdir():
        file.unlink()
    centre.containers.start(broker)
    centre.containers.wait_healthy(broker)
    box.open()
    try:
        deadline = time.monotonic() + 60
        while 100 not in box.acked and time.monotonic() < deadline:
            box.send_event(100)
            time.sleep(1)
        assert 100 in box.acked
    finally:
        box.close()


def test_a_backup_gives_back_what_the_centre_holds(centre: Centre) -> None:
    """As docs/operations.md says it is restored; only TimescaleDB's own two steps are not needed here."""
    picture = centre.folder / "volumes" / "media" / "ab" / f"ab{'0' * 62}"
    picture.parent.mkdir(exist_ok=True)
    picture.write_bytes(b"a picture")
    for path in (picture, picture.parent):
        os.chown(path, 10001, 10001)
    backup, database = centre.one("backup"), centre.one("timescaledb")
    done = centre.containers.execute(backup, ["/bin/sh", "/etc/phoan/backup.sh", "once"])
    assert done.returncode == 0, done.stderr
    kept = centre.ca.parents[1] / "backups"
    assert (kept / "media" / "ab" / picture.name).read_bytes() == b"a picture"
    assert "could not be told" not in backup.said() + done.stdout
    noted = "SELECT bool_and(outcome = 'good'), bool_or(media_copied = 1), max(bytes) > 10000 FROM backups"
    assert ask(centre, noted) == "t|t|t"
    made = centre.containers.execute(database, ["createdb", "--username=postgres", "--owner=phoan", "again"])
    assert made.returncode == 0, made.stderr
    restore = ["pg_restore", "--username=postgres", "--exit-on-error", "--single-transaction", "--dbname=again"]
    restored = centre.containers.execute(database, restore, stdin=max((kept / "daily").glob("*.dump")))
    assert restored.returncode == 0, restored.stderr
    for table in ("events", "users", "boxes", "broker_accounts", "audit", "schema_migrations"):
        rows = f"SELECT count(*), md5(string_agg(t::text, ',' ORDER BY t::text)) FROM {table} AS t"
        assert ask(centre, rows) == ask(centre, rows, "again"), table
    assert ask(centre, "SELECT tableowner FROM pg_tables WHERE tablename = 'events'", "again") == "phoan"


def psql(centre: Centre, role: str, password: str, statement: str) -> subprocess.CompletedProcess[str]:
    """A question of `role` over the network, from where the API stands."""
    where = f"host=timescaledb dbname=phoan user={role} password={password}"
    program = [str(POSTGRES / "psql"), "--no-psqlrc", "--tuples-only", "--no-align", "--quiet"]
    return centre.containers.execute(centre.one("api"), [*program, "--command", statement, where])


def ask(centre: Centre, statement: str, database: str = "phoan") -> str:
    """The database's answer to its own administrator."""
    words = ["psql", "--username=postgres", "--tuples-only", "--no-align", "--dbname", database, "--command", statement]
    done = centre.containers.execute(centre.one("timescaledb"), words)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
