"""An ONVIF camera on loopback: ipycam's own device and media services, whose clock a test may set wrong, and which asks
for a password as cameras do. Its RTSP is the test's: any port.
"""

from __future__ import annotations

import hmac
import re
import socketserver
import threading
import time
from datetime import UTC, datetime

from ipycam.config import CameraConfig
from ipycam.http import IPCameraHTTPHandler
from ipycam.onvif import ONVIFService, compute_password_digest

SKEW_S = 300
"""Cameras call a proof that is older than this stale."""


class _Service(ONVIFService):  # type: ignore[misc]
    """ipycam's, by a clock of its own."""

    def __init__(self, config: CameraConfig, ahead_s: float) -> None:
        super().__init__(config)
        self.ahead_s = ahead_s

    def get_system_date_time(self) -> str:
        now = time.gmtime(time.time() + self.ahead_s)
        body = self._render(
            "get_system_date_time",
            hour=now.tm_hour, minute=now.tm_min, second=now.tm_sec, year=now.tm_year, month=now.tm_mon, day=now.tm_mday,
        )  # fmt: skip
        return str(self._wrap_envelope(body))

    def verify_usernametoken(self, soap_body: str) -> bool:
        if "GetSystemDateAndTime" in soap_body or not self.config.auth_enabled:
            return True
        user, nonce, created, proof = (_tag(soap_body, name) for name in ("Username", "Nonce", "Created", "Password"))
        if not (user and nonce and created and proof):
            return False
        made = datetime.fromisoformat(created.replace("Z", "+00:00"))
        made = made if made.tzinfo else made.replace(tzinfo=UTC)
        if abs(made.timestamp() - time.time() - self.ahead_s) > SKEW_S:
            return False
        expected = compute_password_digest(nonce, created, self.config.password)
        return user == self.config.username and hmac.compare_digest(expected, proof)


def _tag(text: str, name: str) -> str:
    found = re.search(rf"<(?:\w+:)?{name}\b[^>]*>([^<]*)</", text)
    return found[1].strip() if found else ""


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


class OnvifCamera:
    """One camera; `onvif` answers for its clock, its streams and its maker."""

    def __init__(
        self,
        rtsp_port: int,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        user: str = "",
        password: str = "",
        ahead_s: float = 0.0,
        **about: object,
    ) -> None:
        config = CameraConfig(local_ip=host, rtsp_port=rtsp_port, username=user, password=password, **about)
        self.onvif = _Service(config, ahead_s)
        self.config = config
        self.asked = 0
        outer = self

        class Handler(IPCameraHTTPHandler):  # type: ignore[misc]
            camera = self

            def handle_onvif(self) -> None:
                outer.asked += 1
                super().handle_onvif()

        self._server = _Server((host, port), Handler)
        self.port = config.onvif_port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="onvif camera")
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
