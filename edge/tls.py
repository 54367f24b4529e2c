"""Certificates that the box's file names, and the connections that are made with them.

What cannot be read is a mistake that is told when the box starts.
"""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Protocol

from pydantic import AfterValidator


def _certificates(path: Path) -> Path:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except OSError as error:  # ssl.SSLError is one too
        raise ValueError(f"{path} holds no certificates that can be read ({error.strerror})") from None
    return path


CaFile = Annotated[Path, AfterValidator(_certificates)]


class TrustsOwnCa(Protocol):
    """Settings of a server that may have a certificate of the centre's own authority."""

    @property
    def tls_ca(self) -> Path | None: ...


def require_pair(certificate: Path, key: Path) -> None:
    """Raises ValueError where they cannot be used together."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(certificate, key)
    except OSError as error:
        raise ValueError(f"{certificate} and {key} are no certificate and its key ({error.strerror})") from None


def centre_context(settings: TrustsOwnCa) -> ssl.SSLContext:
    """For connections to the API: its authority is the one that the settings name, else any that the system trusts."""
    return ssl.create_default_context(cafile=settings.tls_ca)


def broker_context(ca: Path, certificate: Path | None = None, key: Path | None = None) -> ssl.SSLContext:
    """For the broker: only its own authority counts, and it may ask who we are."""
    context = ssl.create_default_context(cafile=ca)
    if certificate and key:
        context.load_cert_chain(certificate, key)
    return context


def until_of(connection: Any) -> datetime | None:
    """When the certificate ends that the other end has shown; None where it has shown none."""
    shown = connection.getpeercert() if isinstance(connection, ssl.SSLSocket) else None
    if not shown:
        return None
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), UTC)
