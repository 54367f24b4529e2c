"""Settings of the API; see contracts.settings for how the file is read."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from pydantic import Field

from contracts.settings import Settings
from storage.pool import ConnectionString


class ApiSettings(Settings):
    database: ConnectionString
    media_dir: Path = Field(description="where uploaded pictures are kept")
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=1, le=65535)
    cookie_secure: bool = Field(default=True, description="false only where there is no TLS: a demo on loopback")
    session_check_s: float = Field(
        default=15.0, gt=0, le=300, description="how soon an open page notices that its session was ended elsewhere"
    )
    session_hours: float = Field(default=12.0, gt=0, le=24 * 31, description="a shift and its handover")

    @property
    def session_lifetime(self) -> timedelta:
        return timedelta(hours=self.session_hours)
