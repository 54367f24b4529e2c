"""docker-compose.yml as compose itself reads it: variables filled in, paths whole, defaults said.

The program is the real one. To read a file it needs no container engine.
"""

from __future__ import annotations

import json
import subprocess
import sysconfig
from pathlib import Path
from typing import Any, Final

PROJECT: Final = Path(__file__).parents[2]
PROGRAM: Final = Path(sysconfig.get_path("purelib")) / "compose" / "docker-compose"
"""The program itself: the script of that name that the package installs swallows its exit code."""

Service = dict[str, Any]


class ComposeError(Exception):
    """compose refuses the file; the text is what it says."""


def read(env: Path, file: Path = PROJECT / "docker-compose.yml", *profiles: str) -> dict[str, Any]:
    """The whole file with the variables of `env`. Raises ComposeError."""
    names = [word for profile in profiles or ("*",) for word in ("--profile", profile)]
    command = [str(PROGRAM), "--file", str(file), "--env-file", str(env), *names, "config", "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin"})
    if done.returncode:
        raise ComposeError(done.stderr.strip())
    content: dict[str, Any] = json.loads(done.stdout)
    return content


def mounts(project: dict[str, Any], service: Service) -> dict[str, tuple[str, str]]:
    """What a service sees where: target -> (`bind` or `volume`, source)."""
    found = {mount["target"]: (mount["type"], mount["source"]) for mount in service.get("volumes", [])}
    for kind, folder in (("secrets", "/run/secrets/"), ("configs", "/")):
        for part in service.get(kind, []):
            target = part.get("target") or f"{folder}{part['source']}"
            found[target] = ("bind", project[kind][part["source"]]["file"])
    return found
