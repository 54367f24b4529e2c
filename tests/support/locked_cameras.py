"""A camera that asks for a password, as most do: RTSP with Digest or Basic, counting wrong ones."""

from __future__ import annotations

import hashlib
import re
import socket
from base64 import b64decode

from tests.support.cameras import Behaviour

NONCE = "6b1d7a0c"


class Lock:
    """Lets `user` with `password` through to a camera behind it, whom it answers 401. `wrong` counts bad tries."""

    def __init__(
        self, behind: Behaviour, user: str, password: str, *, realm: str = "IP Camera(C1)", basic: bool = False
    ) -> None:
        self.behind = behind
        self.user, self.password, self.realm, self.basic = user, password, realm, basic
        self.wrong = 0
        self.right = 0

    def __call__(self, connection: socket.socket) -> None:
        while data := connection.recv(65536, socket.MSG_PEEK):
            if b"\r\n\r\n" not in data:
                continue
            text = data.decode(errors="replace").split("\r\n\r\n")[0]
            if text.startswith("OPTIONS"):
                connection.recv(len(text) + 4)
                self._say(connection, text, "200 OK", "Public: DESCRIBE, SETUP, PLAY\r\n")
                continue
            if self._opens(text):
                self.right += 1
                self.behind(connection)
                return
            if "\r\nAuthorization:" in text:
                self.wrong += 1
            connection.recv(len(text) + 4)
            self._say(connection, text, "401 Unauthorized", f"WWW-Authenticate: {self._challenge()}\r\n")

    def _challenge(self) -> str:
        if self.basic:
            return f'Basic realm="{self.realm}"'
        return f'Digest realm="{self.realm}", nonce="{NONCE}", qop="auth", algorithm=MD5'

    def _opens(self, text: str) -> bool:
        proof = next((line for line in text.split("\r\n") if line.startswith("Authorization: ")), "")
        if self.basic:
            told = b64decode(proof.rpartition(" ")[2]).decode() if "Basic" in proof else ""
            return told == f"{self.user}:{self.password}"
        given = dict(re.findall(r'(\w+)="?([^",]*)"?', proof))
        method = text.split(" ")[0]
        secret = _md5(f"{self.user}:{self.realm}:{self.password}")
        asked = _md5(f"{method}:{given.get('uri', '')}")
        parts = [secret, NONCE]
        if "qop" in given:
            parts += [given.get("nc", ""), given.get("cnonce", ""), given["qop"]]
        return (
            bool(proof)
            and given.get("username") == self.user
            and given.get("response") == _md5(":".join([*parts, asked]))
        )

    @staticmethod
    def _say(connection: socket.socket, text: str, status: str, header: str) -> None:
        number = next(line.partition(":")[2].strip() for line in text.split("\r\n") if line.lower().startswith("cseq"))
        connection.sendall(f"RTSP/1.0 {status}\r\nCSeq: {number}\r\n{header}\r\n".encode())


def by_path(behaviours: dict[str, Behaviour], default: Behaviour) -> Behaviour:
    """A server with a stream at each of some paths."""

    def behave(connection: socket.socket) -> None:
        data = connection.recv(65536, socket.MSG_PEEK).decode(errors="replace")
        path = re.search(r"rtsp://[^/\s]*(/[^\s]*)?", data)
        found = next((one for name, one in behaviours.items() if path and (path[1] or "").startswith(name)), default)
        found(connection)

    return behave


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()
