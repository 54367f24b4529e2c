"""Runs the services of a compose file as processes that see what compose says: their files at their places, a root file
system that is read-only, their account without capabilities, and only the networks that are theirs.

It is no container engine: the system below is this machine's own, where Debian's programs stand in for those of the
images, and nothing bounds memory or processors. What an image brings is in `images`. Needs root and Linux.
"""

from __future__ import annotations

import itertools
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.support import compose
from tests.support.compose import Service
from tests.support.images import Image, image_of
from tests.support.namespaces import Network, Spot

_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(slots=True, eq=False)
class Container:
    """One replica of a service. Its place in the networks stays when its process is ended and started again."""

    name: str
    service: str
    spec: Service
    image: Image
    spot: Spot
    log: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def user(self) -> str:
        return str(self.spec["user"])

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""


class Containers:
    """Owns the processes, the networks between them, and the folders that stand for volumes."""

    def __init__(self, project: dict[str, Any], folder: Path) -> None:
        self.project = project
        self._folder = folder
        self.network = Network(project["networks"])
        self.all: dict[str, Container] = {}
        self._numbers = itertools.count(1)

    def create(self, service: str, replica: int = 1) -> Container:
        """Give a service its place; `start` starts it."""
        spec: Service = self.project["services"][service]
        name = f"{service}-{replica}"
        spot = self.network.join(name, list(spec["networks"]))
        log = self._folder / f"{name}.log"
        self.all[name] = Container(name, service, spec, image_of(spec["image"]), spot, log)
        return self.all[name]

    def start(
        self, container: Container, *command: str, log: Path | None = None, more: Mapping[str, Path] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start the service's command, or another one in its place. Its network place must know the others by now.

        `more` are further files to mount, by their places inside.
        """
        words = list(command) or [*container.image.start(container.spec)]
        script = self._folder / f"{container.name}-{next(self._numbers)}.sh"
        script.write_text(self._script(container, words, more or {}), encoding="utf-8")
        with (log or container.log).open("ab") as out:
            process = subprocess.Popen(
                [*container.spot.enter(), "unshare", "--mount", "--propagation", "private", "sh", "-e", str(script)],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        if not command:
            container.process = process
        return process

    def run(
        self, container: Container, *command: str, more: Mapping[str, Path] | None = None, timeout_s: float = 120
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in a fresh container of the service until it ends, as `docker compose run` does."""
        log = self._folder / f"{container.name}-run-{next(self._numbers)}.log"
        code = self.start(container, *command, log=log, more=more).wait(timeout_s)
        return subprocess.CompletedProcess(command, code, log.read_text(encoding="utf-8"), "")

    def execute(
        self, container: Container, command: Sequence[str], stdin: str | Path = "", timeout_s: float = 120
    ) -> subprocess.CompletedProcess[str]:
        """Run a command inside of the container that runs, as `docker compose exec -T` does. `stdin` may be a file."""
        assert container.process is not None
        inside = ["nsenter", f"--target={container.process.pid}", "--mount", "--net", "--root", "--wd=/"]
        environment = _assignments(self.environment(container))
        words = [*inside, *_as_user(container), "env", "-i", *environment, *command]
        content = stdin.read_bytes() if isinstance(stdin, Path) else stdin.encode()
        done = subprocess.run(words, input=content, capture_output=True, timeout=timeout_s, check=False)
        return subprocess.CompletedProcess(words, done.returncode, done.stdout.decode(), done.stderr.decode())

    def healthy(self, container: Container) -> bool:
        """What the service's own health check says now."""
        kind, *words = container.spec["healthcheck"]["test"]
        assert kind == "CMD"
        limit_s = _seconds(container.spec["healthcheck"]["timeout"])
        try:
            return self.execute(container, words, timeout_s=limit_s).returncode == 0
        except subprocess.TimeoutExpired:
            return False

    def wait_healthy(self, container: Container, timeout_s: float = 180) -> None:
        deadline = time.monotonic() + timeout_s
        while not self.healthy(container):
            assert container.process is not None
            assert container.process.poll() is None, f"{container.name} ended:\n{container.said()[-3000:]}"
            assert time.monotonic() < deadline, f"{container.name} is not healthy:\n{container.said()[-3000:]}"
            time.sleep(0.2)

    def kill(self, container: Container) -> None:
        """End it without a word."""
        assert container.process is not None
        container.process.kill()
        container.process.wait()

    def end(self, container: Container) -> int:
        """End it as compose does; its exit code."""
        assert container.process is not None
        container.process.send_signal(getattr(signal, container.image.stop_signal))
        return container.process.wait(_seconds(container.spec.get("stop_grace_period", "10s")))

    def close(self) -> None:
        for container in reversed(self.all.values()):
            if container.process is not None and container.process.poll() is None:
                container.process.kill()
                container.process.wait()
        self.network.close()

    def environment(self, container: Container) -> Mapping[str, str]:
        said = {name: str(value) for name, value in container.spec.get("environment", {}).items() if value is not None}
        return {
            "PATH": container.image.path,
            "HOME": "/",
            "HOSTNAME": container.name,
            **container.image.environment,
            **said,
        }

    def _script(self, container: Container, words: Sequence[str], more: Mapping[str, Path]) -> str:
        """What makes the container's file system around the process and then becomes it."""
        layers = self._folder / f"{container.name}-layers"
        layers.mkdir(exist_ok=True)
        files = self._files(container, more)
        return "\n".join([*self._file_system(container, layers), *files, _become(container, self, words)])

    def _file_system(self, container: Container, layers: Path) -> Iterator[str]:
        """This machine's own system as the lowest layer; what is written above it is gone with the process."""
        yield f"mount -t tmpfs layers {layers}"
        yield f"mkdir {layers}/upper {layers}/work {layers}/root"
        options = f"lowerdir=/,upperdir={layers}/upper,workdir={layers}/work"
        yield f"mount -t overlay -o {options} overlay {layers}/root"
        yield f"cd {layers}/root"
        for place in ("proc", "dev", "sys"):
            yield f"mount --rbind /{place} {place}"
        empty = {"/run": "mode=755", "/tmp": "mode=1777", **_tmpfs(container.spec)}
        for target, options in empty.items():
            yield f'{_place(target)} && mkdir -p "$at" && mount -t tmpfs -o {options} tmpfs "$at"'
        yield from self._programs(layers, [Path(target) for target in empty])
        yield from container.image.prepare()
        yield f"printf '%s' {shlex.quote(self.network.hosts_of(container.name))} > etc/hosts"
        yield ": > etc/resolv.conf"

    def _programs(self, layers: Path, empty: Sequence[Path]) -> Iterator[str]:
        """The project and its programs where they lie below a folder that is empty inside, as a clone in /tmp does."""
        for number, place in enumerate(dict.fromkeys((compose.PROJECT, Path(sys.prefix).resolve()))):
            if any(place.is_relative_to(folder) for folder in empty):
                upper, work = f"{layers}/upper{number}", f"{layers}/work{number}"
                options = shlex.quote(f"lowerdir={place},upperdir={upper},workdir={work}")
                yield f"mkdir -p {upper} {work} .{shlex.quote(str(place))}"
                yield f"mount -t overlay -o {options} overlay .{shlex.quote(str(place))}"

    def _files(self, container: Container, more: Mapping[str, Path]) -> Iterator[str]:
        mounts = compose.mounts(self.project, container.spec)
        mounts |= {target: ("bind", str(source)) for target, source in more.items()}
        for target, (kind, source) in mounts.items():
            yield _place(target)
            if kind == "volume":
                yield from self._volume(container, source, target)
            elif Path(source).is_dir():
                yield f'mkdir -p "$at" && mount --bind {shlex.quote(source)} "$at"'
            else:
                yield f'mkdir -p "$(dirname "$at")" && touch "$at" && mount --bind {shlex.quote(source)} "$at"'
                yield 'mount -o remount,bind,ro "$at"'
        if container.spec.get("read_only"):
            yield "mount -o remount,ro . && mount -o remount,ro run"

    def _volume(self, container: Container, source: str, target: str) -> Iterator[str]:
        """A fresh volume takes its owner from the image's folder, as an engine does it; else it is root's."""
        folder = self._folder / "volumes" / source
        owner = container.image.folders.get(target)
        if owner and not folder.exists():
            yield f"chown {owner}:{owner} {folder} && chmod 700 {folder}"
        folder.mkdir(parents=True, exist_ok=True)
        yield f'mkdir -p "$at" && mount --bind {folder} "$at"'


def _tmpfs(spec: Service) -> dict[str, str]:
    places = [entry.partition(":") for entry in spec.get("tmpfs", [])]
    return {target: options or "mode=1777" for target, _, options in places}


def _place(target: str) -> str:
    """Where a path of the container lies while its root is the working folder; links lead on inside of it only."""
    return f'at=".$(chroot . realpath -m {shlex.quote(target)})"'


def _become(container: Container, owner: Containers, words: Sequence[str]) -> str:
    environment = _assignments(owner.environment(container))
    return shlex.join(["exec", "chroot", ".", *_as_user(container), "env", "-i", *environment, *words])


def _as_user(container: Container) -> list[str]:
    uid, gid = container.user.split(":")
    kept = "".join(f",+{name.lower()}" for name in container.spec.get("cap_add", []))
    assert container.spec["cap_drop"] == ["ALL"]
    rights = [f"--bounding-set=-all{kept}", "--inh-caps=-all", "--no-new-privs"]
    return ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups", *rights, "--"]


def _assignments(environment: Mapping[str, str]) -> list[str]:
    return [f"{name}={value}" for name, value in environment.items()]


def _seconds(text: str) -> float:
    """Go's way of writing a duration: 1m30s."""
    total, number = 0.0, ""
    for part in itertools.groupby(text, key=lambda sign: sign.isdigit() or sign == "."):
        word = "".join(part[1])
        if part[0]:
            number = word
        else:
            total += float(number) * _UNITS[word]
    return total
