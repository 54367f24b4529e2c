"""Settings of the API; see contracts.settings for how the file is read."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal

from cryptography.fernet import Fernet
from pydantic import AfterValidator, Field, SecretStr

from api.access.oidc.settings import OidcSettings
from api.announcements.settings import AnnouncementSettings
from api.boxes.settings import EnrolmentSettings
from api.ward.tiles import MapTiles
from contracts.ids import Slug
from contracts.release import ReleaseKey
from contracts.settings import Settings
from storage.pool import ConnectionString

ORIGIN = r"^https?://[a-z0-9.-]+(:[0-9]{1,5})?$"


def _fernet_key(value: SecretStr) -> SecretStr:
    try:
        Fernet(value.get_secret_value())
    except ValueError:
        raise ValueError("must be 32 random bytes in URL-safe base64") from None
    return value


class ApiSettings(Settings):
    database: ConnectionString
    media_dir: Path = Field(description="where uploaded pictures are kept")
    media_days: int = Field(default=30, ge=1, description="days for which pictures and clips are kept")
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=1, le=65535)
    cookie_secure: bool = Field(default=True, description="false only where there is no TLS: a demo on loopback")
    session_check_s: float = Field(
        default=5.0, gt=0, le=300, description="how soon an open page notices that its session was ended elsewhere"
    )
    session_hours: float = Field(default=12.0, gt=0, le=24 * 31, description="a shift and its handover")
    session_idle_minutes: float = Field(
        default=60.0, ge=1, description="unused for so long a session ends; an open live wall counts as use"
    )
    totp_roles: frozenset[Literal["admin", "operator", "police", "technician", "viewer"]] = Field(
        default=frozenset(), description="roles that may do nothing before they have set up a second factor"
    )
    secret_key: Annotated[SecretStr, AfterValidator(_fernet_key)] | None = Field(
        default=None, description="seals the second factors' secrets in the database; make one with `phoan-api key`"
    )
    oidc: OidcSettings | None = Field(default=None, description="a provider through which people sign in too")
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = Field(
        default=(), description="networks of the reverse proxies whose X-Forwarded-For is believed"
    )
    requests_per_second: float = Field(default=100.0, gt=0, description="for one client address, in the long run")
    requests_at_once: int = Field(default=1000, ge=1, description="an office behind one address opens several walls")
    sign_ins_per_minute: float = Field(default=30.0, gt=0, description="for one client address, and so many at once")
    enrolments_per_minute: float = Field(
        default=10.0, gt=0, description="tries to enrol a box, for one client address, and so many at once"
    )
    enrolment: EnrolmentSettings | None = Field(default=None, description="absent: no box can be enrolled")
    map_tiles: MapTiles | None = Field(default=None, description="pictures of the map; without, places are drawn alone")
    playback_minutes: float = Field(default=30.0, gt=0, le=24 * 60, description="how long a reason for playback holds")
    audit_anchors: Path | None = Field(
        default=None, description="file to which the audit's newest digest is added; best on another machine's disk"
    )
    evidence_key: Path | None = Field(
        default=None, description="private key that signs exports; make one with `phoan-api evidence-key new FILE`"
    )
    payment_key_file: Path | None = Field(
        default=None,
        description="32 or more random bytes from which fingerprints of payment codes are made; make one with"
        " `phoan-api payments key make FILE`, and never replace it",
    )
    banks_file: Path | None = Field(default=None, description="names of banks by BIN, over those that are known (JSON)")
    public_wards: frozenset[Slug] = Field(
        default=frozenset(), description="wards of which everybody may read whether their streets can be paid on"
    )
    public_frames: tuple[Annotated[str, Field(pattern=ORIGIN)], ...] = Field(
        default=(), max_length=32, description="origins of the portals that may embed the public page"
    )
    announcements: AnnouncementSettings = AnnouncementSettings()
    release_key: ReleaseKey | None = Field(
        default=None, description="public half of the key that signs releases of the box's program; boxes are told it"
    )
    audit_anchor_minutes: float = Field(default=60.0, gt=0)

    @property
    def session_lifetime(self) -> timedelta:
        return timedelta(hours=self.session_hours)

    @property
    def session_idle(self) -> timedelta:
        return timedelta(minutes=self.session_idle_minutes)

    @property
    def playback_lifetime(self) -> timedelta:
        return timedelta(minutes=self.playback_minutes)
