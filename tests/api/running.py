"""The API as it runs in a ward, on a free loopback port, and what tests do with it from outside."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import psycopg
from argon2 import PasswordHasher
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from api.config import ApiSettings
from api.server import Server
from api.serving import server_config
from contracts.event import Event, EventRecord
from contracts.picture import PictureHeader, pack
from storage import accounts, audit, records
from storage.accounts import UserRow
from storage.audit import Entry
from storage.records import Commit, Origin
from storage.tokens import new_token
from tests.support.samples import BOX_TOKEN, EPOCH, NOON

NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For a client of plain HTTP: to read those that everybody trusts takes 50 ms, and a test opens many clients."""
PASSWORD = "mật khẩu đủ dài"
COOKIE = "phoan_session"
TOKENS = {"an-luu-1": BOX_TOKEN, "phuong-4-1": BOX_TOKEN + "-4"}
JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 4 + b"\xff\xd9"

USERS = {
    "lan": ("police", ["an-luu"]),
    "minh": ("police", ["phuong-4"]),
    "admin": ("admin", []),
    "tech": ("technician", ["an-luu"]),
    "nghi": ("police", ["an-luu"]),  # disabled
}


@cache
def password_hash() -> str:
    """Of PASSWORD, and cheap: a hash of the product's own cost takes a quarter of a second at every sign-in."""
    return PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)


def put_users(conninfo: str) -> None:
    """The USERS, of whom nghi is disabled."""
    with psycopg.connect(conninfo, autocommit=True) as db:
        for name, (role, wards) in USERS.items():
            accounts.put_user(db, UserRow(name, name.title(), password_hash(), role, wards, False))
        db.execute("UPDATE users SET disabled = true WHERE username = 'nghi'")


def commit_event(conninfo: str, event: Event, *, ward: str = "an-luu", box: str = "an-luu-1", seq: int = 1) -> None:
    """Commit `event` as ingest does."""
    origin = Origin(ward, box, EPOCH)
    with psycopg.connect(conninfo, autocommit=True) as db:
        records.write(db, Commit(events=[(origin, EventRecord(seq=seq, event=event))], seqs={origin: {seq}}))


def picture(camera: str, jpeg: bytes = JPEG) -> bytes:
    """A live picture as a box sends it."""
    return pack(PictureHeader(camera=camera, captured_at=NOON, width=640, height=360), jpeg)


class RunningApi:
    """The API, served by uvicorn in a thread as `phoan-api run` does, on a free port unless the settings name one."""

    def __init__(self, settings: ApiSettings, conninfo: str, tls: tuple[Path, Path] | None = None) -> None:
        self.settings = settings
        self.conninfo = conninfo
        listener = socket.create_server(("127.0.0.1", settings.port if "port" in settings.model_fields_set else 0))
        self.port: int = listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        config = server_config(settings)
        if tls:  # as behind a reverse proxy
            config.ssl_certfile, config.ssl_keyfile = tls
        self.server = Server(config)
        self._thread = threading.Thread(target=self.server.run, args=([listener],), name="api")
        self._thread.start()

    def stop(self) -> None:
        self.server.should_exit = True
        self._thread.join(10)
        assert not self._thread.is_alive()

    @contextmanager
    def client(self, user: str | None = None, **headers: str) -> Iterator[httpx.Client]:
        """An HTTP client; with `user` it holds a session of that user."""
        cookies = {COOKIE: self.session(user)} if user else {}
        with httpx.Client(
            base_url=self.url, headers=headers, cookies=cookies, timeout=20, verify=NO_AUTHORITIES
        ) as client:
            yield client

    @contextmanager
    def box(self, box: str = "an-luu-1") -> Iterator[httpx.Client]:
        """An HTTP client with that box's token."""
        with self.client(Authorization=f"Bearer {TOKENS[box]}") as client:
            yield client

    def session(self, user: str, lifetime: timedelta = timedelta(hours=1)) -> str:
        """The token of a fresh session of `user`."""
        token = new_token()
        with psycopg.connect(self.conninfo, autocommit=True) as db:
            accounts.open_session(db, user, token, lifetime)
        return token

    def wall(self, user: str | None = None, *, token: str | None = None, **headers: str) -> ClientConnection:
        """The live feed as `user`'s page opens it."""
        token = self.session(user) if user else token
        cookie = {"Cookie": f"{COOKIE}={token}"} if token else {}
        return self.socket("/api/v1/live", **cookie, **headers)

    def live_box(self, box: str = "an-luu-1") -> ClientConnection:
        """The live connection as `box` opens it."""
        return self.socket("/api/v1/box/live", Authorization=f"Bearer {TOKENS[box]}")

    def socket(self, path: str, **headers: str) -> ClientConnection:
        return connect(
            f"ws://127.0.0.1:{self.port}{path}", additional_headers=headers, max_size=None, proxy=None, legacy=True
        )


@contextmanager
def lost_database(api: RunningApi) -> Iterator[None]:
    """Meanwhile the database lets nobody in, and who was in is thrown out."""
    name = conninfo_to_dict(api.conninfo)["dbname"]
    allow = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
    with psycopg.connect(make_conninfo(api.conninfo, dbname="postgres"), autocommit=True) as db:
        db.execute(allow.format(sql.Identifier(str(name)), sql.SQL("false")))
        db.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        try:
            yield
        finally:
            db.execute(allow.format(sql.Identifier(str(name)), sql.SQL("true")))


def heard(socket: ClientConnection, kind: str, timeout_s: float = 5.0) -> dict[str, Any]:
    """The next text message of type `kind`; others before it are passed over."""
    while True:
        message = socket.recv(timeout=timeout_s)
        if isinstance(message, str):
            content: dict[str, Any] = json.loads(message)
            if content["type"] == kind:
                return content


def watch(socket: ClientConnection, *cameras: str) -> None:
    """Ask for pictures of `cameras`."""
    socket.send(json.dumps({"type": "watch", "cameras": cameras}))


def wanted(socket: ClientConnection, timeout_s: float = 5.0) -> list[str]:
    """The cameras that a box is asked for next."""
    cameras: list[str] = heard(socket, "watch", timeout_s)["cameras"]
    return cameras


def close_code(socket: ClientConnection, timeout_s: float = 5.0) -> int:
    """The code with which the API ends a feed; what it says before is passed over."""
    try:
        while True:
            socket.recv(timeout=timeout_s)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else 0


def audited(api: RunningApi, *actions: str) -> list[Entry]:
    """The audit's entries of these actions, oldest first; all of them without any."""
    with psycopg.connect(api.conninfo, autocommit=True) as db:
        return [entry for entry in audit.entries(db) if not actions or entry.action in actions]


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of an error, which must be a whole problem document (RFC 9457)."""
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert set(document) - {"errors"} == {"type", "title", "status", "code", "detail"}
    assert document["status"] == answer.status_code
    return document["status"], document["code"]
