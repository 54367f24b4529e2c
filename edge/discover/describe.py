"""One question to an RTSP camera, DESCRIBE: does this stream exist, does this password open it, what is in it.

It plays nothing, so it costs the camera nothing and goes beside a running box. Passwords never leave here.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import socket
import time
from base64 import b64encode
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from contracts.addresses import CAMERA_NETWORKS, Network
from contracts.status import CameraFault
from edge.capture.lookup import Lookup, LookupFailedError
from edge.capture.rtsp import CameraError
from edge.configuration.credentials import Login, bare

TIMEOUT_S: Final = 4.0
PORT: Final = 554
_MOST_BYTES: Final = 64 * 1024
_PARAMETER: Final = re.compile(r'(\w+)\s*=\s*(?:"([^"]*)"|([^\s,"]+))')
_BEGIN: Final = b"RTSP/"
_LENGTH: Final = re.compile(r"[0-9]{1,9}")
_STATUS: Final = re.compile(r"RTSP/1\.\d (\d{3})")
_FAULTS: Final = {401: CameraFault.UNAUTHORIZED, 403: CameraFault.UNAUTHORIZED, 404: CameraFault.NOT_FOUND}


@dataclass(frozen=True, slots=True)
class Described:
    """What the camera answered. `locked`: it asked for a password."""

    status: int
    locked: bool
    server: str
    realm: str
    codec: str = ""
    fps: float | None = None
    audio: bool = False

    @property
    def fault(self) -> CameraFault | None:
        """Why it does not show this stream; None when it does."""
        if self.status == 200:
            return None if self.codec else CameraFault.NO_VIDEO
        return _FAULTS.get(self.status, CameraFault.PROTOCOL)


def describe(
    url: str, login: Login | None, *, networks: Sequence[Network] = CAMERA_NETWORKS, timeout_s: float = TIMEOUT_S
) -> Described:
    """Ask once, and once more with the password when the camera wants one. Raises CameraError without an answer."""
    shown = bare(url)
    try:
        parts = urlsplit(Lookup(shown, networks=networks).check(timeout_s))
    except LookupFailedError as error:
        raise CameraError(CameraFault.UNREACHABLE, str(error)) from None
    try:
        with closing(socket.create_connection((parts.hostname or "", parts.port or PORT), timeout_s)) as connection:
            answer = _ask(connection, shown, 1, "", timeout_s)
            challenge = _challenge(answer)
            if login is None or not challenge:
                return _described(answer, locked=bool(challenge))
            opened = _ask(connection, shown, 2, _proof(challenge, login, shown), timeout_s)
            return _described(opened, locked=True, first=answer)
    except TimeoutError:
        raise CameraError(CameraFault.TIMEOUT) from None
    except ConnectionRefusedError:
        raise CameraError(CameraFault.REFUSED) from None
    except (ConnectionResetError, BrokenPipeError):
        raise CameraError(CameraFault.ENDED) from None
    except OSError:
        raise CameraError(CameraFault.UNREACHABLE) from None


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: str

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]

    def get(self, name: str) -> str:
        return next(iter(self.all(name)), "")


def _ask(connection: socket.socket, url: str, number: int, proof: str, timeout_s: float) -> _Answer:
    """One question and its whole answer in this time, however slowly the camera speaks. Raises OSError, CameraError."""
    deadline = time.monotonic() + timeout_s
    connection.settimeout(timeout_s)
    lines = [f"DESCRIBE {url} RTSP/1.0", f"CSeq: {number}", "Accept: application/sdp", "User-Agent: phoan"]
    connection.sendall("\r\n".join([*lines, *filter(None, [proof]), "", ""]).encode())
    return _read(connection, deadline)


def _read(connection: socket.socket, deadline: float) -> _Answer:
    data = b""
    while b"\r\n\r\n" not in data:
        data += _more(connection, data, deadline)
        if not data.startswith(_BEGIN[: len(data)]):
            raise CameraError(CameraFault.PROTOCOL)
    head, _, body = data.partition(b"\r\n\r\n")
    first, *rest = head.decode("utf-8", "replace").split("\r\n")
    status = _STATUS.match(first)
    if status is None:
        raise CameraError(CameraFault.PROTOCOL)
    pairs = (line.partition(":") for line in rest)
    headers = tuple((name.strip().lower(), value.strip()) for name, _, value in pairs)
    length = next((int(value) for name, value in headers if name == "content-length" and _LENGTH.fullmatch(value)), 0)
    while len(body) < min(length, _MOST_BYTES):
        body += _more(connection, body, deadline)
    return _Answer(int(status[1]), headers, body.decode("utf-8", "replace"))


def _more(connection: socket.socket, so_far: bytes, deadline: float) -> bytes:
    if len(so_far) > _MOST_BYTES:
        raise CameraError(CameraFault.PROTOCOL)
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    connection.settimeout(left)
    data = connection.recv(65536)
    if not data:
        raise CameraError(CameraFault.PROTOCOL if so_far else CameraFault.ENDED)
    return data


def _challenge(answer: _Answer) -> str:
    """What the camera wants proof of; Digest rather than Basic, which shows the password to the network."""
    if answer.status != 401:
        return ""
    return max(answer.all("www-authenticate"), key=lambda text: text.lower().startswith("digest"), default="Basic")


def _proof(challenge: str, login: Login, url: str) -> str:
    if not challenge.lower().startswith("digest"):
        return (
            f"Authorization: Basic {b64encode(f'{login.user}:{login.password.get_secret_value()}'.encode()).decode()}"
        )
    given = {name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(challenge)}
    realm, nonce = given.get("realm", ""), given.get("nonce", "")
    algorithm = given.get("algorithm", "MD5")
    digest = hashlib.sha256 if algorithm.upper().startswith("SHA-256") else hashlib.md5

    def mixed(*parts: str) -> str:
        return digest(":".join(parts).encode()).hexdigest()

    secret, asked = mixed(login.user, realm, login.password.get_secret_value()), mixed("DESCRIBE", url)
    fields = {"username": login.user, "realm": realm, "nonce": nonce, "uri": url}
    more = ""
    if "auth" in given.get("qop", "").replace(" ", "").split(","):
        own = secrets.token_hex(8)
        fields |= {"cnonce": own, "response": mixed(secret, nonce, "00000001", own, "auth", asked)}
        more = ", qop=auth, nc=00000001"
    else:
        fields["response"] = mixed(secret, nonce, asked)
    if "algorithm" in given:
        more += f", algorithm={algorithm}"
    if "opaque" in given:
        fields["opaque"] = given["opaque"]
    quoted = ", ".join(f'{name}="{value}"' for name, value in fields.items())
    return f"Authorization: Digest {quoted}{more}"


def _described(answer: _Answer, *, locked: bool, first: _Answer | None = None) -> Described:
    realm = {name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(_challenge(first or answer))}
    codec, fps, audio = _sdp(answer.body) if answer.status == 200 else ("", None, False)
    return Described(answer.status, locked, answer.get("server")[:80], realm.get("realm", "")[:80], codec, fps, audio)


def _sdp(text: str) -> tuple[str, float | None, bool]:
    """The first video's codec, the pictures a second that the camera claims, and whether it sends sound."""
    media, codec, fps, audio = "", "", None, False
    for line in text.splitlines():
        if line.startswith("m="):
            media = line[2:].split(" ")[0]
            audio = audio or media == "audio"
        elif media == "video" and line.startswith("a=rtpmap:") and not codec:
            codec = line.partition(" ")[2].partition("/")[0].upper()
        elif media == "video" and line.startswith(("a=framerate:", "a=x-framerate:")) and fps is None:
            said = re.match(r"\d+(\.\d+)?", line.partition(":")[2].strip())
            fps = float(said[0]) if said else None
    return codec, fps, audio
