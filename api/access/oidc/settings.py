"""Settings of the sign-in through an OpenID Connect provider: who it is, who we are to it, and whom it may bring."""

from __future__ import annotations

import ipaddress
import ssl
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, model_validator

from contracts.ids import Slug
from contracts.settings import Settings

CALLBACK: Final = "/api/v1/session/oidc/callback"


def is_safe(address: str) -> bool:
    """Whether secrets may go to this address: https, or plain http that does not leave this machine."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or parts.username is not None or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_this_machine(host))


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _safe(address: str) -> str:
    if not is_safe(address):
        raise ValueError("must begin with https:// and hold no user name; http:// only for this machine itself")
    return address


def _callback(address: str) -> str:
    if urlsplit(address).path != CALLBACK or urlsplit(address).query:
        raise ValueError(f"must be the wall's own address followed by {CALLBACK}")
    return address


def _certificates(path: Path) -> Path:
    try:
        ssl.create_default_context(cafile=path)
    except OSError as error:  # ssl.SSLError is one too
        raise ValueError(f"{path} holds no certificates that can be read ({error.strerror})") from None
    return path


SafeAddress = Annotated[str, AfterValidator(_safe)]


class CreateAs(Settings):
    """Who has `value` among what `claim` says is let in with this role and these places, without an account before."""

    claim: str = Field(min_length=1, max_length=80, description="dots lead into objects, such as realm_access.roles")
    value: str = Field(min_length=1, max_length=200)
    role: Literal["admin", "operator", "police", "technician", "viewer"]
    wards: tuple[Slug, ...] = ()
    sites: tuple[Slug, ...] = ()

    @model_validator(mode="after")
    def _has_a_place(self) -> CreateAs:
        if self.role != "admin" and not self.wards:
            raise ValueError(f"role {self.role} needs wards, or it would see nothing")
        return self


class OidcSettings(Settings):
    issuer: SafeAddress = Field(description="exactly as the provider names itself")
    client_id: str = Field(min_length=1, max_length=200)
    client_secret: SecretStr = Field(min_length=8)
    redirect_uri: Annotated[SafeAddress, AfterValidator(_callback)]
    name: str = Field(default="OpenID Connect", min_length=1, max_length=60, description="what the button says")
    scopes: tuple[str, ...] = Field(default=("openid", "profile"), min_length=1)
    tls_ca: Annotated[Path, AfterValidator(_certificates)] | None = Field(
        default=None, description="CA file of a provider of one's own"
    )
    timeout_s: float = Field(default=5.0, gt=0, le=15)
    second_factor_amr: frozenset[str] = Field(
        default=frozenset({"mfa", "otp", "hwk", "swk"}),
        description="words of the claim amr by which the provider says that it asked for a second factor",
    )
    username_claim: str = Field(default="preferred_username", description="names an account that create_as makes")
    create_as: tuple[CreateAs, ...] = Field(default=(), description="the first that fits; none: only linked accounts")

    @model_validator(mode="after")
    def _asks_for_an_identity(self) -> OidcSettings:
        if "openid" not in self.scopes:
            raise ValueError("scopes must hold openid")
        return self
