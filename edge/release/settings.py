"""What the box's file says about its own versions, and the little of the file that the updater needs.

The updater must work also where the version that it belongs to does not take the rest of the file any more, so it reads
its own parts alone.
"""

from __future__ import annotations

from datetime import datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field, SecretStr

from contracts.ids import Slug
from contracts.release import ReleaseKey
from contracts.settings import Settings
from edge.schedule_settings import Clock


class UpdateSettings(Settings):
    """Who signs releases, when a box may change over by itself, and how long it may take until it is well again."""

    release_key: ReleaseKey | None = Field(
        default=None, description="whose releases the box takes; absent: none. Enrolment brings it"
    )
    automatic: bool = Field(default=True, description="false: only when somebody says `phoan-edge update`")
    start: Clock = Field(default=time(1), alias="from", description="local time from which it may restart by itself")
    end: Clock = Field(default=time(4), alias="to", description="until when; all day when both are the same")
    folder: Path = Field(default=Path("/opt/phoan"), description="where versions are installed")
    restart: tuple[str, ...] = Field(
        default=(), description="command that restarts the box; absent: systemd is told to restart phoan-edge.service"
    )
    ready_s: float = Field(default=120.0, ge=5, le=3600, description="how long a new version may take to be ready")
    well_s: float = Field(
        default=300.0, ge=5, le=3600, description="how long until it has its link and cameras as before"
    )
    steady_s: float = Field(default=60.0, ge=1, le=3600, description="how long it must then run on without a break")


class BoxCentre(Settings):
    """As edge.config has it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    url: str = Field(pattern=r"^https?://[^/\s]+$")
    token: SecretStr
    tls_ca: Path | None = None


class UpdaterView(Settings):
    """The parts of the box's file that concern the updater."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    box: Slug
    data_dir: Path
    time_zone: str = "Asia/Ho_Chi_Minh"
    centre: BoxCentre | None = None
    update: UpdateSettings = UpdateSettings()


def may_now(settings: UpdateSettings, time_zone: str, now: datetime) -> bool:
    """Whether the box may change over by itself at this moment."""
    if not settings.automatic:
        return False
    local = now.astimezone(ZoneInfo(time_zone)).time()
    start, end = settings.start, settings.end
    if start < end:
        return start <= local < end
    return start == end or local >= start or local < end
