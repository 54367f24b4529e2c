"""A headless viewer: signs in like a browser, listens to the live feed and notes what came and when."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from contracts.feed import FEED, EventChanged, Watch
from contracts.picture import unpack

TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Heard:
    """An event revision as it reached the viewer."""

    change: EventChanged
    at: datetime

    @property
    def latency_ms(self) -> float:
        """From the frame's arrival at the box to the viewer."""
        return (self.at - self.change.event.captured_at).total_seconds() * 1000


@dataclass(slots=True)
class Watcher:
    """Owns one WebSocket; `heard` and `pictures` may be read at any time."""

    heard: list[Heard] = field(default_factory=list)
    repeats: int = 0
    pictures: dict[str, int] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)
    _seen: set[tuple[UUID, int]] = field(default_factory=set)
    _socket: ClientConnection | None = None

    def open(self, api_url: str, username: str, password: str) -> None:
        """Sign in, ask for pictures of all cameras, and listen in a thread."""
        with httpx.Client(base_url=api_url, timeout=TIMEOUT_S, trust_env=False) as client:
            client.post("/api/v1/session", json={"username": username, "password": password}).raise_for_status()
            cameras = [camera["id"] for camera in client.get("/api/v1/cameras").raise_for_status().json()["items"]]
            cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        self._socket = connect(
            api_url.replace("http", "ws", 1) + "/api/v1/live",
            additional_headers={"Cookie": cookies, "Origin": api_url},
            open_timeout=TIMEOUT_S,
            proxy=None,
        )
        self._socket.send(Watch(cameras=tuple(cameras)).model_dump_json())
        threading.Thread(target=self._listen, args=(self._socket,), name="watcher", daemon=True).start()

    def close(self) -> None:
        if self._socket:
            self._socket.close()

    def cameras_heard(self) -> set[str]:
        return {heard.change.event.camera for heard in self.heard if heard.change.event.camera is not None}

    def alerts(self) -> list[Heard]:
        """The beginnings of events: later revisions add a better picture or a clip of what was long ago."""
        return [heard for heard in self.heard if heard.change.event.revision == 0]

    def _listen(self, socket: ClientConnection) -> None:
        try:
            for message in socket:
                if isinstance(message, bytes):
                    header, _ = unpack(message)
                    self.pictures[header.camera] = self.pictures.get(header.camera, 0) + 1
                    self.people[header.camera] = max(self.people.get(header.camera, 0), len(header.tracks))
                else:
                    self._note(message, datetime.now(UTC))
        except ConnectionClosed:
            return

    def _note(self, message: str, at: datetime) -> None:
        news = FEED.validate_json(message)
        if not isinstance(news, EventChanged):
            return
        key = (news.event.id, news.event.revision)
        if key in self._seen:
            self.repeats += 1
        else:
            self._seen.add(key)
            self.heard.append(Heard(news, at))
