"""How the worker that keeps the broker's accounts signs in there, as written in its settings."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from contracts.settings import Settings
from ingest.metrics import MetricsSettings


class AccountsSettings(Settings):
    username: str = Field(default="phoan-accounts", description="the plugin's administrator")
    password_file: Path
    key_file: Path = Field(
        description="what sealed the passwords: the file that the API's enrolment.accounts_key names"
    )
    every_s: float = Field(default=30.0, gt=0, le=60, description="how often the broker is looked at without a cause")
    metrics: MetricsSettings | None = None
