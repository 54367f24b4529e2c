"""Where the API finds what lets boxes in, as written in its settings."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from contracts.settings import Settings


class EnrolmentSettings(Settings):
    """The centre's certificate authority, and the addresses that a new box is told."""

    ca: Path = Field(description="certificate of the authority that signs the boxes' certificates (PEM)")
    ca_key: Path = Field(description="its private key (PEM, EC P-256)")
    accounts_key: Path = Field(
        description="32 or more random bytes that seal the boxes' passwords in the database; `phoan-ingest accounts`"
        " reads the same file"
    )
    mqtt_host: str = Field(min_length=1, description="the broker's host, as boxes reach it and as its certificate says")
    mqtt_port: int = Field(default=8883, ge=1, le=65535)
    url: str | None = Field(
        default=None,
        pattern=r"^https?://[^/\s]+$",
        description="the API's address as boxes reach it; absent: the one under which a box or a person came",
    )
    code_minutes: float = Field(default=60.0, gt=0, le=60, description="how long a code is good")
    certificate_days: float = Field(
        default=825.0, gt=0, le=825, description="how long a box's certificate is good; it is renewed at two thirds"
    )
