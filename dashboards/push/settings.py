"""What a push has to know: where Grafana is and who pushes, where the database is, whom alerts go to."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from contracts.settings import Settings, SettingsError
from dashboards.house import Language

BESIDE = "/grafana"
"""The folder of the server whose pages are the wall's."""

URL = r"^https?://[^\s/@?#]+(/[^\s?#]*)?$"


class GrafanaSettings(Settings):
    """Signs in with a user and a password, or with the token of a service account."""

    url: str = Field(pattern=URL, description="with the path, where Grafana is in a folder of a server")
    user: str = "admin"
    password: SecretStr | None = None
    password_file: Path | None = None
    token: SecretStr | None = None
    token_file: Path | None = None
    tls_ca: Path | None = Field(default=None, description="CA file, where the system's do not know Grafana's")
    timeout_s: float = Field(default=30, gt=0)

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if sum(one is not None for one in (self.password, self.password_file, self.token, self.token_file)) != 1:
            raise ValueError("must name one of password, password_file, token and token_file")
        return self

    def credential(self) -> str | tuple[str, str]:
        """The token, or the user and the password. Raises SettingsError."""
        token = secret(self.token, self.token_file)
        return token if token is not None else (self.user, secret(self.password, self.password_file) or "")


class DatabaseSettings(Settings):
    """The store as Grafana reaches it, with an account that can only read."""

    address: str = Field(pattern=r"^[^\s:/@]+:[0-9]{1,5}$", description="host:port")
    name: str = "phoan"
    user: str = "grafana"
    password: SecretStr | None = None
    password_file: Path | None = None
    tls: Literal["disable", "require", "verify-ca", "verify-full"] = "verify-full"
    timescale: bool = True


class EmailSettings(Settings):
    addresses: tuple[str, ...] = Field(min_length=1)


class TelegramSettings(Settings):
    chat: str
    token: SecretStr | None = None
    token_file: Path | None = None


class WebhookSettings(Settings):
    url: str = Field(pattern=URL)
    token: SecretStr | None = None
    token_file: Path | None = None


class ContactsSettings(Settings):
    """Without any, alerts go where the Grafana's own policy sends them."""

    email: EmailSettings | None = None
    telegram: TelegramSettings | None = None
    webhook: WebhookSettings | None = None


class AccountSettings(Settings):
    """A service account for later pushes, so that nobody's password lies in a file."""

    token_file: Path = Field(description="where its token is written, readable by its owner only")
    name: str = "phoan-dashboards"
    role: Literal["Admin", "Editor", "Viewer"] = Field(default="Admin", description="a data source needs Admin")


class PushSettings(Settings):
    grafana: GrafanaSettings
    database: DatabaseSettings | None = Field(
        default=None,
        description="absent where a provisioning file brings the data source: Grafana lets nobody change it",
    )
    contacts: ContactsSettings = ContactsSettings()
    account: AccountSettings | None = None
    wall: str = Field(
        default="",
        pattern=f"^$|{URL}",
        description="where people open the live wall; absent where it is beside Grafana",
    )
    languages: tuple[Language, ...] = Field(
        default=(Language.VI, Language.EN),
        min_length=1,
        description="of the dashboards; alerts speak the first of them",
    )
    editable: bool = Field(default=False, description="whether alert rules may be changed in Grafana's pages too")

    @model_validator(mode="after")
    def _knows_the_wall(self) -> Self:
        if not self.wall and not self.grafana.url.rstrip("/").endswith(BESIDE):
            raise ValueError(f"must name the wall, since Grafana is not the folder {BESIDE} of its server")
        return self

    def where_the_wall_is(self) -> str:
        """Without a slash at its end."""
        return (self.wall or self.grafana.url.rstrip("/").removesuffix(BESIDE)).rstrip("/")


def secret(value: SecretStr | None, file: Path | None) -> str | None:
    """A secret from the settings or from its file, without the line's end. Raises SettingsError."""
    if value is not None:
        return value.get_secret_value()
    if file is None:
        return None
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise SettingsError(f"{file}: cannot be read: {reason}.") from None
