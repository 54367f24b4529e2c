"""Releases that are really built and a box that is really installed, in a folder of the test."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from demo.processes import Processes
from edge.release.install import Installation
from edge.release.places import Places
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[2]
OF_A_BOX = ("contracts", "edge", "pyproject.toml", "README.md", "LICENSE")

Change = Callable[[Path], None]


def wheel(folder: Path, version: str, change: Change | None = None) -> Path:
    """The wheel of the project's part for boxes as it is now, under another version and with a change."""
    source = folder / f"source-{version}"
    for name in OF_A_BOX:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, source / name)
    project = source / "pyproject.toml"
    lines = project.read_text().splitlines()
    lines[next(number for number, line in enumerate(lines) if line.startswith("version ="))] = f'version = "{version}"'
    project.write_text("\n".join(lines))
    if change:
        change(source)
    out = folder / "wheels"
    out.mkdir(exist_ok=True)
    build = f"from setuptools import build_meta; build_meta.build_wheel({str(out)!r})"  # as pip calls it
    subprocess.run([sys.executable, "-c", build], cwd=source, check=True, capture_output=True, timeout=150)
    (made,) = out.glob(f"phoan-{version}-*.whl")
    shutil.rmtree(source)
    return made


def in_place_of(path: str, old: str, new: str) -> Change:
    """A change to one file."""

    def change(source: Path) -> None:
        file = source / path
        text = file.read_text()
        assert text.count(old) == 1
        file.write_text(text.replace(old, new))

    return change


class InstalledBox:
    """A box installed as `phoan-edge install` does it, kept running by a stand-in for systemd."""

    def __init__(self, folder: Path, settings: dict[str, Any]) -> None:
        self.folder = folder
        self.places = Places(folder / "opt")
        self.config = folder / "edge.yaml"
        self.data = folder / "data"
        self._keeper = folder / "keeper.pid"
        self._processes = Processes(folder / "logs")
        restart = ["sh", "-c", f"kill -HUP $(cat {self._keeper})"]
        own: dict[str, Any] = {
            "data_dir": str(self.data),
            "update": {"folder": str(self.places.folder), "restart": restart, **settings.pop("update")},
        }
        self.config.write_text(yaml.safe_dump({**settings, **own}))
        self._make_base()
        Installation(folder=self.places.folder).first_version()

    def start(self) -> None:
        program = str(self.places.current / "bin" / "phoan-edge")
        command = ["tests.support.keeper", str(self._keeper), program, "--config", str(self.config), "run"]
        self._processes.start("keeper", command)
        eventually(self._keeper.exists, 60)

    def stop(self) -> None:
        if "keeper" in self._processes.running:
            self._processes.stop(["keeper"], timeout_s=30)
        self._keeper.unlink(missing_ok=True)

    def update(self, *options: str) -> tuple[int, str]:
        """Run the updater to its end."""
        done = subprocess.run(self._updater(*options), capture_output=True, text=True, timeout=500, check=False)
        return done.returncode, done.stdout + done.stderr

    def update_until(self, sign: Callable[[], object]) -> None:
        """Run the updater and cut its power as soon as `sign` holds."""
        process = subprocess.Popen(
            self._updater(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        try:
            eventually(lambda: sign() or process.poll() is not None, 300)
            assert process.poll() is None, "the updater came to its end"
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # pip and the like too
            process.wait()

    def said(self) -> str:
        return (self.folder / "logs" / "keeper.log").read_text()

    @property
    def runs(self) -> str | None:
        return self.places.named(self.places.current)

    def _updater(self, *options: str) -> list[str]:
        return [str(self.places.good / "bin" / "phoan-edge"), "--config", str(self.config), "update", *options]

    def _make_base(self) -> None:
        """An environment with what phoan runs on, and phoan as it lies in the repository."""
        base = self.places.folder / "base"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(base)], check=True)
        (folder,) = base.glob("lib/python3*/site-packages")
        (folder / "tests.pth").write_text(f"{ROOT}\n{sysconfig.get_path('purelib')}\n")


@contextmanager
def trickle(far_port: int, most: int) -> Iterator[int]:
    """A port from which no more than `most` bytes come back on each connection; then the line is cut."""
    listener = socket.create_server(("127.0.0.1", 0))

    def pass_on(near: socket.socket) -> None:
        with near, socket.create_connection(("127.0.0.1", far_port)) as far:
            threading.Thread(target=_copy, args=(near, far), daemon=True).start()
            left = most
            while left > 0 and (data := far.recv(min(16384, left))):
                near.sendall(data)
                left -= len(data)

    def accept() -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=_quietly, args=(pass_on, near), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def _quietly(run: Callable[[socket.socket], None], line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        run(line)


def _copy(near: socket.socket, far: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := near.recv(16384):
            far.sendall(data)
