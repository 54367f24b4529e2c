"""A centre as a ward has it, small: API over TLS, mosquitto with accounts, and the worker that keeps them."""

from __future__ import annotations

import secrets
import signal
from pathlib import Path

import psycopg
import yaml
from pydantic import SecretStr

from api.boxes.desk import Desk
from api.config import ApiSettings
from contracts.enrolment import new_secret
from contracts.ids import new_id
from demo.processes import Processes
from edge.config import MqttSettings
from storage import enrolments
from storage.enrolments import NewCode
from tests.api.running import RunningApi
from tests.support.certificates import TestAuthority, enrolment_section
from tests.support.mosquitto import SecureMosquitto
from tests.support.waiting import eventually

INGEST = ("ingest", "the-password-of-all-ingest-workers")
LIMITS = {"cookie_secure": False, "sign_ins_per_minute": 6000, "requests_per_second": 5000}


class Centre:
    """Owns the servers and the worker; `accounts_every_s` is how often the worker looks without a cause."""

    def __init__(self, folder: Path, database: str, *, tls: bool = True, **changes: object) -> None:
        self.folder = folder
        self.database = database
        self.authority = TestAuthority(folder / "authority")
        self.broker = SecureMosquitto(folder, self.authority)
        self.broker.start()
        settings = {
            **LIMITS,
            "database": database,
            "media_dir": folder / "media",
            "enrolments_per_minute": 6000,
            "session_check_s": 0.1,
            "enrolment": enrolment_section(folder, self.broker.tls_port),
            **changes,
        }
        self.api = RunningApi(ApiSettings.model_validate(settings), database, self.authority.server() if tls else None)
        eventually(lambda: self.api.server.started)  # a fork in the midst of its imports breaks the child
        self._processes = Processes(folder)
        self._config = folder / "ingest.yaml"
        admin = folder / "admin-password"
        admin.write_text(self.broker.ADMIN[1])
        mqtt = {"host": "127.0.0.1", "port": self.broker.port, "username": INGEST[0], "password": INGEST[1]}
        accounts = {"password_file": str(admin), "key_file": str(folder / "accounts.key"), "every_s": 1.0}
        self._config.write_text(yaml.safe_dump({"database": database, "mqtt": mqtt, "accounts": accounts}))

    @property
    def address(self) -> str:
        """What stands behind the @ of what is typed on a box."""
        return self.api.url.removeprefix("https://")

    @property
    def desk(self) -> Desk:
        desk: Desk = self.api.server.config.app.state.enrolment  # type: ignore[union-attr]
        return desk

    def code(self, box: str = "hop-moi", ward: str = "an-luu", site: str | None = "cho-an-luu") -> str:
        """A fresh code for a box, as the wall shows it."""
        secret = new_secret()
        with psycopg.connect(self.database, autocommit=True) as db, db.transaction():
            new = NewCode(secret, box, f"Hộp {box}", ward, site, "tech", self.desk.lifetime)
            enrolments.make(db, new)
        return self.desk.command(secret, self.api.url)[0]

    def start_accounts(self) -> None:
        self._processes.start("accounts", ["ingest", "--config", str(self._config), "accounts"])

    def kill_accounts(self) -> None:
        """End the worker without a word."""
        process = self._processes.running.pop("accounts")
        process.send_signal(signal.SIGKILL)
        process.wait()

    def said(self) -> str:
        """The worker's log."""
        log = self.folder / "accounts.log"
        return log.read_text() if log.exists() else ""

    def mqtt(self, username: str, password: str, certificate: tuple[Path, Path]) -> MqttSettings:
        """How something signs in at the listener for boxes."""
        return MqttSettings(
            host="127.0.0.1", port=self.broker.tls_port, username=username, password=SecretStr(password),
            tls_ca=self.authority.ca, tls_cert=certificate[0], tls_key=certificate[1],
        )  # fmt: skip

    def stop(self) -> None:
        self._processes.stop_all()
        self.api.stop()
        self.broker.stop()


def password() -> str:
    return f"{new_id().hex}{secrets.token_hex(8)}"
