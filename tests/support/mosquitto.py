"""The production broker for tests: Debian's mosquitto with the very settings that deploy/ ships."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from demo.processes import free_port, wait_for_port
from ingest.accounts.initial import initial_state
from tests.support.certificates import TestAuthority

SHIPPED = Path(__file__).parents[2] / "deploy" / "mosquitto.conf"


class Mosquitto:
    """mosquitto as a process of its own; only the places that a test cannot write to are moved."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder / "mosquitto"
        conf = self._folder / "conf.d"
        conf.mkdir(parents=True)
        (conf / "listener.conf").write_text(f"listener {self.port} 127.0.0.1\nallow_anonymous true\n")
        text = SHIPPED.read_text(encoding="utf-8")
        text = text.replace("/mosquitto/data/", f"{self._folder}/").replace("/etc/mosquitto/conf.d", str(conf))
        if os.geteuid() == 0:
            text = f"user root\n{text}"
        self._config = self._folder / "mosquitto.conf"
        self._config.write_text(text, encoding="utf-8")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        program = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        assert program, "install mosquitto: make test does it"
        with (self._folder / "log").open("ab") as log:
            command = [program, "-c", str(self._config)]
            self._process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        wait_for_port(self.port, self._process, "mosquitto")

    def kill(self) -> None:
        """End it without a word, and with all that it held: its stored state is deleted, too."""
        if self._process:
            self._process.kill()
            self._process.wait()
        (self._folder / "mosquitto.db").unlink(missing_ok=True)

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(10)


def dynamic_security() -> Path:
    """mosquitto's plugin that keeps accounts, wherever the package put it."""
    found = sorted(Path("/usr/lib").glob("**/mosquitto_dynamic_security.so"))
    assert found, "install mosquitto: make test does it"
    return found[0]


class SecureMosquitto(Mosquitto):
    """The same broker as a ward has it: nobody anonymous, accounts in the plugin, a listener for boxes that asks for a
    certificate of `authority`, and a plain one on loopback for the centre's own programs (`port`).
    """

    ADMIN = ("phoan-accounts", "the-password-of-the-accounts-worker")

    def __init__(self, folder: Path, authority: TestAuthority) -> None:
        super().__init__(folder)
        self.tls_port = free_port()
        self.state = self._folder / "dynamic-security.json"
        self.show(authority.ca, *authority.server())

    def show(self, ca: Path, certificate: Path, key: Path) -> None:
        """With which certificate it starts next, and whose boxes it believes then."""
        (self._folder / "conf.d" / "listener.conf").write_text(
            f"allow_anonymous false\nplugin {dynamic_security()}\nplugin_opt_config_file {self.state}\n"
            f"listener {self.port} 127.0.0.1\n"
            f"listener {self.tls_port} 127.0.0.1\ncafile {ca}\ncertfile {certificate}\nkeyfile {key}\n"
            "require_certificate true\nuse_identity_as_username false\n"
        )

    def start(self) -> None:
        """Without a state it begins with the first one, as the centre's does."""
        if not self.state.exists():
            self.state.write_text(initial_state(*self.ADMIN))
            self.state.chmod(0o600)
        super().start()

    def lose_state(self) -> None:
        """End it without a word, accounts and all."""
        self.kill()
        self.state.unlink()

    def said(self) -> str:
        """Its log."""
        return (self._folder / "log").read_text()
