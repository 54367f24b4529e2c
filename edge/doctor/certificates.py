"""How long certificates last: the box's own, and those that the broker and the API show."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

from cryptography import x509

from contracts.report import Finding
from edge.doctor.checks import bad, ok, warn

SOON_DAYS: Final = 21
"""A box renews its own certificate long before; when it has not, somebody must look."""

Whose = Literal["own", "broker", "centre"]


def look_at_own(path: Path, now: datetime | None = None) -> Iterator[Finding]:
    """The box's certificate."""
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError):
        yield bad("certificate_unread", whose="own")
        return
    yield judge("own", certificate.not_valid_after_utc, now or datetime.now(UTC))


def judge(whose: Whose, until: datetime, now: datetime) -> Finding:
    """What the rest of its days means."""
    days = int((until - now).total_seconds() // 86_400)
    if days < 0:
        return bad("certificate_over", whose=whose, days=-days)
    return (warn if days < SOON_DAYS else ok)(
        "certificate_ends" if days < SOON_DAYS else "certificate_good", whose=whose, days=days
    )
