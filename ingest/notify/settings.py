"""Settings of the notifier: the channels, and for each ward whom to tell when, and when to be quiet."""

from __future__ import annotations

from datetime import time, timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, SecretStr, model_validator

from contracts.addresses import plain_host
from contracts.event import Severity
from contracts.ids import Slug
from contracts.settings import Settings
from ingest.metrics import MetricsSettings


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError("must be a time zone such as Asia/Ho_Chi_Minh") from None
    return name


def _host(value: str) -> str:
    try:
        return plain_host(value)
    except ValueError:
        raise ValueError(f"{value} is no host name") from None


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    _host(parts.hostname or "")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.fragment:
        raise ValueError("must be an address such as https://host/path, without a user name")
    return value


Host = Annotated[str, AfterValidator(_host)]
WebAddress = Annotated[str, AfterValidator(_web_address)]


class ChannelSettings(Settings):
    """One place to which messages go. Beyond the limits they wait, and are told in one."""

    per_minute: float = Field(default=20, gt=0, le=600)
    burst: int = Field(default=5, ge=1, le=100)
    language: Literal["vi", "en"] = "vi"
    timeout_s: float = Field(default=10, gt=0, le=30)
    tls_ca: Path | None = Field(default=None, description="CA file of a server of one's own")

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses that this channel calls."""
        return ()


class WebhookChannel(ChannelSettings):
    type: Literal["webhook"]
    url: WebAddress
    secret: SecretStr = Field(min_length=16, description="both sides know it; it signs every message")

    @property
    def addresses(self) -> tuple[str, ...]:
        return (self.url,)


class TelegramChannel(ChannelSettings):
    type: Literal["telegram"]
    token: SecretStr = Field(min_length=8)
    chat: str = Field(min_length=1, max_length=80)
    base_url: WebAddress = "https://api.telegram.org"

    @property
    def addresses(self) -> tuple[str, ...]:
        return (self.base_url,)


class ZaloBotChannel(ChannelSettings):
    type: Literal["zalo_bot"]
    token: SecretStr = Field(min_length=8)
    chat: str = Field(min_length=1, max_length=80)
    base_url: WebAddress = "https://bot-api.zaloplatforms.com"

    @property
    def addresses(self) -> tuple[str, ...]:
        return (self.base_url,)


class ZaloOaChannel(ChannelSettings):
    """The refresh token is worth one use; the ones that follow it are kept in the database."""

    type: Literal["zalo_oa"]
    app_id: str = Field(min_length=1, max_length=80)
    secret_key: SecretStr = Field(min_length=8)
    refresh_token: SecretStr = Field(min_length=8)
    user: str = Field(min_length=1, max_length=80)
    base_url: WebAddress = "https://openapi.zalo.me"
    token_url: WebAddress = "https://oauth.zaloapp.com"  # noqa: S105

    @property
    def addresses(self) -> tuple[str, ...]:
        return (self.base_url, self.token_url)


class MailChannel(ChannelSettings):
    type: Literal["mail"]
    host: Host = Field(min_length=1, max_length=253)
    port: int = Field(default=587, ge=1, le=65535)
    sender: str = Field(min_length=3, max_length=254, pattern=r"^[^\s<>]+@[^\s<>]+$")
    to: tuple[Annotated[str, Field(pattern=r"^[^\s<>]+@[^\s<>]+$")], ...] = Field(min_length=1, max_length=20)
    username: str | None = None
    password: SecretStr | None = None
    starttls: bool = Field(default=True, description="false only for a relay on this machine")

    @model_validator(mode="after")
    def _plain_credentials(self) -> MailChannel:
        """SMTP's own sign-in knows ASCII only."""
        secrets = (self.username or "", self.password.get_secret_value() if self.password else "")
        if not all(secret.isascii() for secret in secrets):
            raise ValueError("username and password may hold only letters without accents, digits and signs")
        return self


Channel = Annotated[
    WebhookChannel | TelegramChannel | ZaloBotChannel | ZaloOaChannel | MailChannel, Field(discriminator="type")
]


class LadderStep(Settings):
    """Who is told if nobody has acknowledged after so many seconds."""

    after_s: float = Field(default=0, ge=0, le=24 * 3600)
    channels: tuple[Slug, ...] = Field(min_length=1)
    min_severity: Severity = Severity.MEDIUM

    @property
    def after(self) -> timedelta:
        return timedelta(seconds=self.after_s)


class QuietHours(Settings):
    """Only what is critical is told then; the rest waits until the end, if it still needs somebody."""

    start: time
    end: time


class WardSettings(Settings):
    steps: tuple[LadderStep, ...] = Field(min_length=1, max_length=10)
    quiet: QuietHours | None = None
    time_zone: Annotated[str, AfterValidator(_known_zone)] = "Asia/Ho_Chi_Minh"

    @model_validator(mode="after")
    def _upwards(self) -> WardSettings:
        delays = [step.after_s for step in self.steps]
        if delays != sorted(delays):
            raise ValueError("each step must come after the one before")
        return self


class NotifySettings(Settings):
    """Channels may call the internet. What is not there is refused, but for `private_hosts`, whatever their addresses,
    and for hosts whose addresses lie in `allowed_networks`.
    """

    channels: dict[Slug, Channel]
    wards: dict[Slug, WardSettings]
    wall_url: WebAddress | None = Field(default=None, description="where messages lead; looking needs a sign-in")
    private_hosts: tuple[Host, ...] = ()
    allowed_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    metrics: MetricsSettings | None = None
    lease_s: float = Field(default=120, gt=0, description="after which another notifier may try what this one holds")
    give_up_after_s: float = Field(default=6 * 3600, gt=0)
    bundle_from: int = Field(default=4, ge=2, description="so many that wait for one ward are told in one message")
    poll_s: float = Field(default=0.5, gt=0, le=60)

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> NotifySettings:
        for ward, ladder in self.wards.items():
            for step in ladder.steps:
                for channel in step.channels:
                    if channel not in self.channels:
                        raise ValueError(f"ward {ward} names channel {channel}, which is not listed")
        for name, settings in self.channels.items():
            for address in settings.addresses:
                parts = urlsplit(address)
                if parts.scheme != "https" and plain_host(parts.hostname or "") not in self.private_hosts:
                    raise ValueError(f"channel {name} must use https, unless its host is one of private_hosts")
        return self
