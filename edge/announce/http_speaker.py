"""Speakers that take a sound over HTTP: to one address of their own, or as a media clip in the way of Axis.

Only a configured host is called, at the very address that was judged; no redirect is followed, no proxy of the
environment is used. The speaker has the whole sound when it answers, so what follows is only waited for.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import httpx

from contracts.addresses import Network, choose, plain_host
from contracts.announcement import PlayFault
from edge.announce.settings import AxisSpeaker, HttpSpeaker
from edge.announce.speaker import Clip, SpeakerError, Wait

WAV: Final = "audio/wav"
MOST_ANSWERED: Final = 64 * 1024
CLIP_CGI: Final = "/axis-cgi/mediaclip.cgi"
CLIP_NAME: Final = "phoan"

_UPLOADED: Final = re.compile(r"\buploaded=(\d{1,6})\b")


class Door:
    """The way to one speaker."""

    def __init__(self, settings: HttpSpeaker | AxisSpeaker, networks: Sequence[Network]) -> None:
        self._settings = settings
        self._networks = networks
        trusted = ssl.create_default_context(cafile=settings.tls_ca) if settings.tls_ca else True
        self._client = httpx.Client(
            timeout=settings.timeout_s, verify=trusted, trust_env=False, follow_redirects=False, auth=_auth(settings)
        )

    def send(self, method: str, url: str, **body: Any) -> str:
        """The text of the answer. Raises SpeakerError."""
        parts = urlsplit(url)
        host, port = plain_host(parts.hostname or ""), parts.port or (443 if parts.scheme == "https" else 80)
        address = self._address(host, port)
        there = f"[{address}]" if ":" in address else address
        pinned = urlunsplit((parts.scheme, f"{there}:{port}", parts.path, parts.query, ""))
        headers = {"Host": parts.netloc, **body.pop("headers", {})}
        try:
            with self._client.stream(
                method, pinned, headers=headers, extensions={"sni_hostname": host}, **body
            ) as answer:
                text = b""
                for piece in answer.iter_bytes():
                    text += piece
                    if len(text) > MOST_ANSWERED:
                        break
        except (httpx.HTTPError, OSError) as error:
            raise SpeakerError(PlayFault.UNREACHABLE, type(error).__name__) from None
        if not answer.is_success:
            raise SpeakerError(PlayFault.REFUSED, f"it answers {answer.status_code}")
        return text.decode(errors="replace")

    def close(self) -> None:
        self._client.close()

    def _address(self, host: str, port: int) -> str:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError:
            raise SpeakerError(PlayFault.UNREACHABLE, "there is no such host") from None
        address = choose((str(entry[4][0]) for entry in found), self._networks, public=False)
        if address is None:
            raise SpeakerError(PlayFault.NOT_ALLOWED, "its address is in none of the speakers' networks")
        return address


class HttpPlayer:
    """Sends the sound, and waits until it must be over."""

    def __init__(self, settings: HttpSpeaker, networks: Sequence[Network]) -> None:
        self._settings = settings
        self._door = Door(settings, networks)

    def play(self, clip: Clip, wait: Wait) -> None:
        settings = self._settings
        if settings.body == "form":
            self._door.send(settings.method, settings.url, files={settings.field: (f"{CLIP_NAME}.wav", clip.data, WAV)})
        else:
            self._door.send(settings.method, settings.url, content=clip.data, headers={"Content-Type": WAV})
        wait(clip.seconds)

    def close(self) -> None:
        self._door.close()


class AxisPlayer:
    """Uploads the sound as a media clip, plays it, and removes it when it is over."""

    def __init__(self, settings: AxisSpeaker, networks: Sequence[Network]) -> None:
        self._url = settings.url.rstrip("/") + CLIP_CGI
        self._door = Door(settings, networks)

    def play(self, clip: Clip, wait: Wait) -> None:
        said = self._door.send(
            "POST",
            f"{self._url}?action=upload&media=audio&name={CLIP_NAME}",
            files={"file": (f"{CLIP_NAME}.wav", clip.data, "audio/x-wav")},
        )
        uploaded = _UPLOADED.search(said)
        if uploaded is None:
            raise SpeakerError(PlayFault.REFUSED, "it does not say which clip it took")
        try:
            self._door.send("GET", f"{self._url}?action=play&clip={uploaded[1]}")
            wait(clip.seconds)
        finally:
            with suppress(SpeakerError):  # a clip that stays takes a place, and harms nobody
                self._door.send("GET", f"{self._url}?action=remove&clip={uploaded[1]}")

    def close(self) -> None:
        self._door.close()


def _auth(settings: HttpSpeaker | AxisSpeaker) -> httpx.Auth | None:
    if settings.username is None or settings.password is None:
        return None
    kind = httpx.DigestAuth if settings.auth == "digest" else httpx.BasicAuth
    return kind(settings.username, settings.password.get_secret_value())
