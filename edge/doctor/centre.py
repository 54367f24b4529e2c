"""Whether the centre's API is there, trusted, and knows this box; and what time it has."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit

import httpx

from contracts.report import Finding
from edge.config import CentreSettings
from edge.doctor import certificates
from edge.doctor.checks import bad, ok, warn
from edge.doctor.reasons import is_tls, reason_of
from edge.tls import centre_context, until_of

TIMEOUT_S: Final = 8.0
CLOCK_OFF_S: Final = 2.0
CLOCK_WRONG_S: Final = 60.0
_QUESTION: Final = f"/api/v1/box/media/{'0' * 64}"
"""Changes nothing, and only a box is answered."""


@dataclass(slots=True)
class _Asked:
    """When the question itself left, by both clocks: name server and handshake may have taken their time before."""

    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    at_s: float = field(default_factory=time.monotonic)

    def hear(self, what: str, _: object) -> None:
        """httpx tells every step of a request."""
        if what.endswith(".send_request_headers.started"):
            self.at, self.at_s = datetime.now(UTC), time.monotonic()


def look_at_centre(settings: CentreSettings) -> Iterator[Finding]:
    """Reach, trust, token and clock, up to the first that fails."""
    host = urlsplit(settings.url).netloc
    began, asked = time.monotonic(), _Asked()
    try:
        context = centre_context(settings)
        if settings.url.startswith("https:"):
            yield from _certificate(settings)
        with httpx.Client(base_url=settings.url, verify=context, timeout=TIMEOUT_S, trust_env=False) as client:
            token = settings.token.get_secret_value()
            headers = {"Authorization": f"Bearer {token}"}
            answer = client.get(_QUESTION, headers=headers, extensions={"trace": asked.hear})
            answered_s = time.monotonic()
    except (httpx.HTTPError, OSError) as error:
        code = "centre_tls" if is_tls(error) else "centre_unreachable"
        reason = "timeout" if isinstance(error, httpx.TimeoutException) else reason_of(error)
        yield bad(code, host=host, reason=reason)
        return
    yield _judge(answer, host, answered_s - began)
    date = date_of(answer.headers.get("date", ""))
    if date:
        yield judge_clock((asked.at - date).total_seconds() + (answered_s - asked.at_s) / 2)


def _certificate(settings: CentreSettings) -> Iterator[Finding]:
    parts = urlsplit(settings.url)
    name = parts.hostname or ""
    with (
        closing(socket.create_connection((name, parts.port or 443), TIMEOUT_S)) as bare,
        centre_context(settings).wrap_socket(bare, server_hostname=name) as connection,
    ):
        until = until_of(connection)
    if until:
        yield certificates.judge("centre", until, datetime.now(UTC))


def _judge(answer: httpx.Response, host: str, took_s: float) -> Finding:
    if answer.status_code == 200 and "offset" in answer.text:
        return ok("centre_good", host=host, ms=round(1000 * took_s))
    if answer.status_code == 401 and "unknown_box" in answer.text:
        return bad("centre_refused", host=host)
    return bad("centre_strange", host=host, status=answer.status_code)


def date_of(header: str) -> datetime | None:
    """The moment of a Date header, which has no fractions: the middle of its second."""
    try:
        said = parsedate_to_datetime(header)
    except ValueError:
        return None
    return datetime.fromtimestamp(said.timestamp() + 0.5, UTC)


def judge_clock(ahead_s: float) -> Finding:
    """What it means that the box's clock is so far ahead of the centre's."""
    seconds = round(ahead_s, 1 if abs(ahead_s) < 100 else 0)
    if abs(ahead_s) <= CLOCK_OFF_S:
        return ok("clock_good", off_s=seconds)
    return (bad if abs(ahead_s) > CLOCK_WRONG_S else warn)("clock_off", off_s=seconds)
