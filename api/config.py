"""Settings of the API; see contracts.settings for how the file is read."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from pydantic import Field, SecretStr

from contracts.settings import Settings


class ApiSettings(Settings):
    database: SecretStr = Field(description="PostgreSQL connection string")
    media_dir: Path = Field(description="where uploaded pictures are kept")
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=1, le=65535)
    cookie_secure: bool = Field(default=True, description="false only where there is no TLS: a demo on loopback")
    session_hours: float = Field(default=12.0, gt=0, le=24 * 31, description="a shift and its handover")

    @property
    def session_lifetime(self) -> timedelta:
        return timedelta(hours=self.session_hours)
