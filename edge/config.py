"""A box's settings: which cameras, what they watch for, and how the centre is reached. One strict YAML file.

Knows shapes and defaults; what a rule does with its numbers is in `edge.rules`.
"""

from __future__ import annotations

import ssl
from datetime import time
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from contracts.event import Severity
from contracts.ids import Slug
from contracts.inventory import Polygon
from contracts.settings import Settings
from edge.rules.schedule import DAYS, Schedule, Window

Seconds = Annotated[float, Field(gt=0, le=86_400)]


def _in_quotes(value: object) -> object:
    if isinstance(value, int | float):
        raise PydanticCustomError("unquoted", 'must be a time in quotes, as "22:00": without them YAML reads a number')
    return value


_Clock = Annotated[
    time, BeforeValidator(_in_quotes), PlainSerializer(lambda value: value.strftime("%H:%M"), return_type=str)
]


def _rtsp(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().startswith(("rtsp://", "rtsps://")):
        raise ValueError("must start with rtsp:// or rtsps://")
    return value


def _certificates(path: Path) -> Path:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except OSError as error:  # ssl.SSLError is one too
        raise ValueError(f"{path} holds no certificates that can be read ({error.strerror})") from None
    return path


class MqttSettings(Settings):
    host: str
    port: int = Field(default=8883, ge=1, le=65535)
    username: str | None = None
    password: SecretStr | None = None
    tls_ca: Annotated[Path, AfterValidator(_certificates)] | None = Field(
        default=None, description="CA file; given, the connection is TLS"
    )


class CentreSettings(Settings):
    """Where the box uploads pictures and offers live video."""

    url: str = Field(pattern=r"^https?://[^/\s]+$", description="the API's address without a path")
    token: SecretStr = Field(min_length=32)


class SsdliteSettings(Settings):
    """The offline default: an SSDLite person model read by OpenVINO from an installed package."""

    kind: Literal["ssdlite"] = "ssdlite"
    threads: int = Field(default=2, ge=1, le=64, description="CPU threads that may infer at once")
    min_score: float = Field(default=0.25, ge=0.01, le=1)


class YoloSettings(Settings):
    """Any network that ultralytics can load: .pt, .onnx, an OpenVINO folder or a TensorRT engine."""

    kind: Literal["yolo"]
    weights: str = Field(description="a local file or folder, or a name that ultralytics can download")
    device: str = "cpu"
    min_score: float = Field(default=0.25, ge=0.01, le=1)


class MetricsSettings(Settings):
    """Where Prometheus finds the box's figures; absent, it tells none."""

    host: str = "127.0.0.1"
    port: int = Field(ge=1, le=65535)


class AnalysisSettings(Settings):
    """How often and how closely frames are looked at."""

    fps: float = Field(default=5.0, gt=0, le=30, description="frames a camera, analysed per second at most")
    region_px: int = Field(default=240, ge=64, le=1920, description="side of a crop, in picture pixels")
    regions_per_frame: int = Field(default=6, ge=1, le=64, description="crops a frame at most")


class WindowSettings(Settings):
    """Hours of a day, `from` to `to` local time; over midnight when `to` is not after `from`."""

    days: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = DAYS
    start: _Clock = Field(alias="from")
    end: _Clock = Field(alias="to")


class RuleSettings(Settings):
    id: Slug
    zone: Slug
    severity: Severity
    schedule: tuple[WindowSettings, ...] | None = Field(default=None, description="when it watches; absent: always")
    clear_after_s: Seconds = 3.0

    def hours(self, time_zone: str) -> Schedule:
        """When this rule watches, in the box's time zone."""
        if self.schedule is None:
            return Schedule(time_zone, None)
        windows = tuple(Window(frozenset(part.days), part.start, part.end) for part in self.schedule)
        return Schedule(time_zone, windows)


class IntrusionSettings(RuleSettings):
    """Somebody stays in a zone while it is closed."""

    kind: Literal["intrusion"]
    severity: Severity = Severity.HIGH
    min_seconds: Seconds = 1.0


class OccupancySettings(RuleSettings):
    """More people in a zone than it should hold."""

    kind: Literal["occupancy"]
    severity: Severity = Severity.MEDIUM
    threshold: int = Field(ge=1, le=10_000, description="this many are too many")
    hysteresis: int = Field(default=1, ge=0, description="it is over below threshold minus this")
    min_seconds: Seconds = 2.0


AnyRule = Annotated[IntrusionSettings | OccupancySettings, Field(discriminator="kind")]


class ZoneSettings(Settings):
    id: Slug
    polygon: Polygon


class CameraSettings(Settings):
    id: Slug
    site: Slug
    url: Annotated[SecretStr, AfterValidator(_rtsp)]
    zones: tuple[ZoneSettings, ...] = ()
    rules: tuple[AnyRule, ...] = ()

    @model_validator(mode="after")
    def _rules_watch_zones(self) -> CameraSettings:
        zones = {zone.id for zone in self.zones}
        for rule in self.rules:
            if rule.zone not in zones:
                raise ValueError(f"rule {rule.id} watches zone {rule.zone}, which camera {self.id} does not have")
        if len(zones) < len(self.zones):
            raise ValueError(f"camera {self.id} has two zones of one name")
        if len({rule.id for rule in self.rules}) < len(self.rules):
            raise ValueError(f"camera {self.id} has two rules of one name")
        return self


class EdgeSettings(Settings):
    """The whole file."""

    ward: Slug
    box: Slug
    data_dir: Path
    time_zone: str = "Asia/Ho_Chi_Minh"
    mqtt: MqttSettings
    centre: CentreSettings | None = None
    detector: Annotated[SsdliteSettings | YoloSettings, Field(discriminator="kind")] = SsdliteSettings()
    analysis: AnalysisSettings = AnalysisSettings()
    telemetry_every_s: Seconds = 10.0
    metrics: MetricsSettings | None = None
    outbox_max_records: int = Field(default=1_000_000, ge=100)
    media_max_mb: int = Field(default=2_000, ge=10, description="disk for snapshots; the oldest go first")
    cameras: tuple[CameraSettings, ...] = Field(min_length=1, max_length=64)

    @field_validator("cameras")
    @classmethod
    def _one_of_each(cls, cameras: tuple[CameraSettings, ...]) -> tuple[CameraSettings, ...]:
        if len({camera.id for camera in cameras}) < len(cameras):
            raise ValueError("two cameras have one name")
        return cameras

    @field_validator("time_zone")
    @classmethod
    def _time_zone_exists(cls, name: str) -> str:
        Schedule(name, None)
        return name
