"""What a technician comes to: a centre of real programs behind its proxy, a market with two cameras, and a box fresh
from its carton. For the test of a whole visit, and for the pictures of the technician's handbook.
"""

from __future__ import annotations

import os
import re
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import psycopg
import yaml

from contracts.inventory import Inventory
from demo.processes import Processes, free_port, wait_for_port
from storage import accounts, inventory
from storage.accounts import UserRow
from tests.api.running import PASSWORD, password_hash
from tests.support.centres import INGEST
from tests.support.certificates import TestAuthority, enrolment_section
from tests.support.market_cameras import GATE, STALLS, USER, MarketCameras
from tests.support.market_cameras import PASSWORD as CAMERA_PASSWORD
from tests.support.mosquitto import SecureMosquitto

PROXY: Final = Path(__file__).parents[2] / "deploy" / "proxy" / "Caddyfile"
CENTRE: Final = "an-luu.example"
"""Where the centre is, in what people are shown."""

WARD, SITE = "an-luu", "cho-an-luu"
TECHNICIAN, ADMIN = "kythuat", "quantri"
START_S: Final = 60.0
COMMAND_S: Final = 180.0
"""A command of a technician's takes some seconds where nothing else runs."""

PLACES: Final = Inventory.model_validate(
    {
        "wards": [
            {
                "id": WARD,
                "name": "Phường An Lưu",
                "sites": [
                    {"id": SITE, "name": "Chợ An Lưu", "kind": "market"},
                    {"id": "quang-trung", "name": "Phố Quang Trung", "kind": "street"},
                ],
            }
        ],
        "boxes": [],
    }
)
PEOPLE: Final = (
    UserRow(TECHNICIAN, "Kỹ thuật viên", "", "technician", [WARD], False),
    UserRow(ADMIN, "Quản trị viên", "", "admin", [], False),
)


@dataclass(frozen=True, slots=True)
class Said:
    """What a command printed, and its exit code."""

    code: int
    text: str

    def line(self, part: str) -> str:
        """The line that holds `part`."""
        found = [line for line in self.text.splitlines() if part in line]
        assert found, f"nothing of {part!r} in:\n{self.text}"
        return found[0]


class Visit:
    """Owns the centre's programs, the cameras and the box. Nothing runs on the box before `run_box`."""

    def __init__(self, folder: Path, database: str) -> None:
        self.database = database
        self._folder = folder
        self._etc, self._data = folder / "etc", folder / "data"
        self._processes = Processes(folder / "logs")
        self._authority = TestAuthority(folder / "authority")
        self._broker = SecureMosquitto(folder, self._authority)
        self._proxy: subprocess.Popen[bytes] | None = None
        self.cameras = MarketCameras()
        try:
            with psycopg.connect(database, autocommit=True) as db:
                inventory.apply(db, PLACES)
                for person in PEOPLE:
                    accounts.put_user(db, replace(person, password_hash=password_hash()))
            self._broker.start()
            self._start_ingest()
            self.url = self._start_api()
        except BaseException:
            self.stop()
            raise

    def _start_ingest(self) -> None:
        (self._folder / "admin-password").write_text(self._broker.ADMIN[1])
        settings = {
            "database": self.database,
            "mqtt": {"host": "127.0.0.1", "port": self._broker.port, "username": INGEST[0], "password": INGEST[1]},
            "accounts": {
                "password_file": str(self._folder / "admin-password"),
                "key_file": str(self._folder / "accounts.key"),
                "every_s": 1.0,
            },
        }
        enrolment_section(self._folder)  # makes the key
        config = self._write("ingest", settings)
        for command in ("accounts", "run"):
            self._processes.start(f"ingest-{command}", ["ingest", "--config", str(config), command])

    def _start_api(self) -> str:
        """The API behind the proxy that the centre ships; the address that people type."""
        port, public = free_port(), free_port()
        url = f"https://127.0.0.1:{public}"
        settings = {
            "database": self.database,
            "media_dir": str(self._folder / "media"),
            "port": port,
            "trusted_proxies": ["127.0.0.1/32"],
            "enrolment": {**enrolment_section(self._folder, self._broker.tls_port), "url": url},
        }
        api = self._processes.start("api", ["api", "--config", str(self._write("api", settings)), "run"])
        wait_for_port(port, api, "the API", START_S)
        self._start_proxy(port, public)
        return url

    def _start_proxy(self, api: int, public: int) -> None:
        """Only its places and ports are moved."""
        certificate, key = self._authority.server()
        text = PROXY.read_text(encoding="utf-8")
        for there, here in (
            ("admin off", "admin off\n\tdefault_bind 127.0.0.1"),
            ("http://:8081", f"http://:{free_port()}"),
            ("http://:8080", f"http://:{free_port()}"),
            ("https://:8443", f"https://:{public}"),
            ("/run/secrets/web.pem", str(certificate)),
            ("/run/secrets/web-key.pem", str(key)),
            ("reverse_proxy api:8080", f"reverse_proxy 127.0.0.1:{api}"),
        ):
            assert there in text, f"{PROXY} changed: {there}"
            text = text.replace(there, here)
        config = self._folder / "Caddyfile"
        config.write_text(text, encoding="utf-8")
        program = shutil.which("caddy")
        assert program, "install caddy: make test does it"
        home = {"HOME": str(self._folder), "PHOAN_HOST": "127.0.0.1", "PHOAN_URL": f"https://127.0.0.1:{public}"}
        with (self._folder / "logs" / "proxy.log").open("ab") as log:
            self._proxy = subprocess.Popen(
                [program, "run", "--config", str(config), "--adapter", "caddyfile"], stdout=log, stderr=log, env=home
            )
        wait_for_port(public, self._proxy, "the proxy")

    def _write(self, name: str, settings: dict[str, Any]) -> Path:
        path = self._folder / f"{name}.yaml"
        path.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
        return path

    def type(self, *words: str, password: str = CAMERA_PASSWORD) -> Said:
        """Run `phoan-edge` with these words on the box, in Vietnamese."""
        command = [sys.executable, "-m", "edge", "--config", str(self._etc / "edge.yaml"), *words]
        if words[0] == "enrol":
            command += ["--data", str(self._data)]
        if words[0] in ("discover", "doctor"):
            command += ["--onvif-ports", str(self.cameras.onvif_port)]
        if words[0] == "discover":
            command += ["--rtsp-ports", str(self.cameras.rtsp_port), "--no-multicast"]
        environment = {**os.environ, "LANG": "vi_VN.UTF-8", "LC_ALL": "", "PHOAN_CAMERA_PASSWORD": password}
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment,
            stdin=subprocess.DEVNULL, timeout=COMMAND_S, check=False,
        )  # fmt: skip
        return Said(done.returncode, done.stdout)

    def discover(self) -> Said:
        """Find both cameras and add them."""
        hosts = f"{GATE}-{STALLS.rpartition('.')[2]}"
        return self.type("discover", "--hosts", hosts, "--user", USER, "--write", "--site", SITE)

    def run_box(self) -> None:
        """As its unit does."""
        self._processes.start("edge", ["edge", "--config", str(self._etc / "edge.yaml"), "run"])

    def grant_sight(self) -> None:
        """The administrator lets the technician see the market until the evening; without, a technician sees none."""
        until = datetime.now(UTC) + timedelta(hours=8)
        asked = {"username": TECHNICIAN, "site": SITE, "valid_until": until.isoformat(), "reason": "Lắp hộp mới ở chợ"}
        with self._signed_in(ADMIN) as client:
            client.post("/api/v1/grants", json=asked).raise_for_status()

    @contextmanager
    def _signed_in(self, username: str) -> Iterator[httpx.Client]:
        context = ssl.create_default_context(cafile=self._authority.ca)
        with httpx.Client(base_url=self.url, verify=context, trust_env=False, timeout=20) as client:
            client.post("/api/v1/session", json={"username": username, "password": PASSWORD}).raise_for_status()
            yield client

    def logs(self) -> str:
        """What all programs said."""
        return "\n".join(path.read_text() for path in sorted((self._folder / "logs").glob("*.log")))

    def plain(self, text: str) -> str:
        """Output as a box in a market has it: with its folders, and the addresses of its network."""
        for here, there in (
            (str(self._etc), "/etc/phoan"),
            (str(self._data), "/var/lib/phoan"),
            (self.url.removeprefix("https://"), CENTRE),
            (f"127.0.0.1:{self._broker.tls_port}", f"{CENTRE}:8883"),
            (f":{self.cameras.rtsp_port}", ""),
        ):
            text = re.sub(rf"{re.escape(here)}(?!\d)", there, text)
        text = re.sub(r"127\.0\.0\.(1[12])\b", r"192.168.1.\1", text)
        return re.sub(r"(có địa chỉ|gateway\)) \d+\.\d+\.\d+\.(\d+)", r"\1 192.168.1.\2", text)

    def stop(self) -> None:
        self._processes.stop_all()
        self.cameras.stop()
        if self._proxy:
            self._proxy.terminate()
            self._proxy.wait(10)
        self._broker.stop()
