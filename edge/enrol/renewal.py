"""Keeps the box's certificate good: at two thirds of its time the box asks for the next, with the key that it has.

When its centre changes to a new authority the box follows: it believes the one that the present one vouches for, begins
anew, and has its certificate signed by the one that signs now. Also tells how many days the box's certificate and the
broker's have left, since both end silently otherwise.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import httpx
from cryptography import x509
from pydantic import ValidationError

from contracts.enrolment import CertificateAnswer, CertificateRequest
from contracts.telemetry import Sample
from edge.config import CentreSettings, EdgeSettings
from edge.enrol.files import write
from edge.enrol.keys import (
    KeyBrokenError,
    belongs,
    is_due,
    read_certificate,
    read_key,
    request_pem,
    same_certificates,
    signed_by_former,
)
from edge.tls import centre_context

log = logging.getLogger(__name__)

EVERY_S: Final = 3600.0
TIMEOUT: Final = httpx.Timeout(20)
_DAY: Final = timedelta(days=1)


class RenewalError(Exception):
    """The certificate is not renewed now; it is tried again."""


class Renewal:
    """Owns the files of the box's certificate and of the authorities that it believes. `broker_until` tells when the
    broker's certificate ends, where that is known. Connections that are there know nothing of a new authority, so with
    one the box is told to `start_anew`.
    """

    def __init__(
        self,
        settings: EdgeSettings,
        broker_until: Callable[[], datetime | None],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        every_s: float = EVERY_S,
        start_anew: Callable[[], None] = lambda: None,
    ) -> None:
        self._box = settings.box
        self._path = settings.mqtt.tls_cert
        self._key_path = settings.mqtt.tls_key
        self._centre = settings.centre
        self._broker_until = broker_until
        self._now = now
        self._every_s = every_s
        self._start_anew = start_anew
        self._ca = settings.mqtt.tls_ca
        self._until = self._read(self._path).not_valid_after_utc if self._path else None

    def run(self, stop: threading.Event) -> None:
        """Renew whenever it is time, until `stop` is set. Raises RenewalError, to be tried again."""
        fresh = True
        while not stop.is_set():
            if self._path and self._key_path and self._ca and self._centre:
                if not fresh:  # one that began anew a moment ago has followed
                    self._follow(self._ca, self._centre)
                own = self._read(self._path)
                if is_due(own, self._now()) or signed_by_former(own, _content(self._ca)):
                    self._renew(self._path, self._key_path, self._centre)
            fresh = False
            stop.wait(self._every_s)

    def samples(self, at: datetime) -> Iterator[Sample]:
        """How many days are left, of what is known."""
        ends = (("box.certificate_days", self._until), ("box.server_certificate_days", self._broker_until()))
        for metric, end in ends:
            if end is not None:
                yield Sample(at=at, device=self._box, metric=metric, value=round((end - at) / _DAY, 2))

    def _follow(self, ca: Path, centre: CentreSettings) -> None:
        """Believe what the centre believes. Only an authority of ours speaks for another: a public one does not."""
        if centre.tls_ca != ca:
            return
        try:
            with httpx.Client(timeout=TIMEOUT, trust_env=False, verify=centre_context(centre)) as client:
                answer = client.get(f"{centre.url}/api/v1/enrol/ca")
        except httpx.HTTPError as error:
            log.debug("the centre cannot be asked for its authority: %s", type(error).__name__)
            return
        if not answer.is_success or same_certificates(answer.content, _content(ca)):
            return
        try:
            write(ca, answer.content, mode=0o644)
        except OSError as error:
            raise RenewalError(f"{ca} cannot be written: {error.strerror}") from None
        log.warning("the centre changes to a new authority: this box believes it and begins anew")
        self._start_anew()

    def _renew(self, path: Path, key_path: Path, centre: CentreSettings) -> None:
        try:
            key = read_key(key_path.read_bytes())
        except (OSError, KeyBrokenError) as error:
            raise RenewalError(f"{key_path}: {error}") from None
        pem = self._ask(centre, CertificateRequest(certificate_request=request_pem(key)))
        fresh = self._parse(pem.encode())
        if not belongs(fresh, key) or fresh.not_valid_after_utc < self._read(path).not_valid_after_utc:
            raise RenewalError("the centre answers with a certificate that is no better")
        try:
            write(path, pem.encode(), mode=0o644)
        except OSError as error:
            raise RenewalError(f"{path} cannot be written: {error.strerror}") from None
        self._until = fresh.not_valid_after_utc
        log.info("the box's certificate is renewed until %s", self._until.date())

    def _ask(self, centre: CentreSettings, request: CertificateRequest) -> str:
        headers = {
            "Authorization": f"Bearer {centre.token.get_secret_value()}",
            "Content-Type": "application/json",
        }
        try:
            with httpx.Client(
                base_url=centre.url, headers=headers, timeout=TIMEOUT, trust_env=False, verify=centre_context(centre)
            ) as client:
                answer = client.post("/api/v1/box/certificate", content=request.model_dump_json())
        except httpx.HTTPError as error:
            raise RenewalError(f"the centre cannot be reached: {type(error).__name__}: {error}") from None
        if not answer.is_success:
            raise RenewalError(f"the centre answers {answer.status_code} to the request for a new certificate")
        try:
            return CertificateAnswer.model_validate_json(answer.content).certificate
        except ValidationError:
            raise RenewalError("the centre answers something else than a certificate") from None

    def _read(self, path: Path) -> x509.Certificate:
        return self._parse(_content(path))

    def _parse(self, pem: bytes) -> x509.Certificate:
        try:
            return read_certificate(pem)
        except KeyBrokenError as error:
            raise RenewalError(str(error)) from None


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise RenewalError(f"{path} cannot be read: {error.strerror}") from None
