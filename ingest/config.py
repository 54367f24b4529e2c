"""Settings of an ingest worker; see contracts.settings for how the file is read."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr

from contracts.ids import Slug
from contracts.settings import Settings
from ingest.accounts.settings import AccountsSettings
from ingest.incidents.settings import CorrelationSettings
from ingest.metrics import MetricsSettings
from ingest.notify.settings import NotifySettings
from ingest.payments.settings import PayabilitySettings
from storage.pool import ConnectionString
from storage.retention import RetentionSettings


class MqttSettings(Settings):
    host: str
    port: int = Field(default=1883, ge=1, le=65535)
    username: str | None = None
    password: SecretStr | None = None
    tls_ca: Path | None = Field(default=None, description="CA file; given, the connection is TLS")
    shared: bool = Field(default=True, description="false only for a single worker: take everything by oneself")


class IngestSettings(Settings):
    worker: Slug = Field(default="1", description="differs between workers that run at once")
    seats: Path | None = Field(
        default=None, description="folder that replicas of one host share: each takes its name from there, not `worker`"
    )
    database: ConnectionString
    mqtt: MqttSettings
    metrics: MetricsSettings | None = None
    readers: tuple[str, ...] = Field(
        default=(), description="database roles that `migrate` lets read what dashboards show, and nothing else"
    )
    retention: RetentionSettings = RetentionSettings()
    correlation: CorrelationSettings = CorrelationSettings()
    payments: PayabilitySettings = PayabilitySettings()
    notify: NotifySettings | None = None
    accounts: AccountsSettings | None = Field(
        default=None, description="for the worker that keeps the broker's accounts"
    )
