"""A box's settings: which cameras, what they watch for, and how the centre is reached. One strict YAML file.

Knows shapes and defaults. Zones, lines and rules are in `edge.rule_settings`.
"""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr, field_validator, model_validator

from contracts.addresses import CAMERA_NETWORKS, literal, within
from contracts.ids import Slug
from contracts.inventory import Polygon
from contracts.settings import Settings
from edge.announce.settings import AnnounceSettings
from edge.capture.lookup import host_of
from edge.devices.probe_settings import ProbeSettings
from edge.devices.settings import DevicesSettings
from edge.footage.settings import ClipSettings, RecordingSettings, UplinkSettings
from edge.geometry import share_ground
from edge.health.settings import HealthSettings
from edge.payment.settings import RULE as PAYMENT_RULE
from edge.payment.settings import PaymentPointSettings
from edge.release.settings import UpdateSettings
from edge.rule_settings import AnyRule as AnyRule
from edge.rule_settings import IntrusionSettings as IntrusionSettings
from edge.rule_settings import (
    LineCrossingSettings,
    LineSettings,
    Seconds,
    ZoneRuleSettings,
)
from edge.rule_settings import OccupancySettings as OccupancySettings
from edge.rule_settings import ZoneSettings as ZoneSettings
from edge.rules.calendar import Calendar
from edge.rules.schedule import DAYS, Schedule
from edge.schedule_settings import HolidaySettings
from edge.tls import CaFile, require_pair


def _rtsp(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().startswith(("rtsp://", "rtsps://")):
        raise ValueError("must start with rtsp:// or rtsps://")
    if host_of(value.get_secret_value()) is None:
        raise ValueError("must name the camera's host")
    return value


class MqttSettings(Settings):
    host: str
    port: int = Field(default=8883, ge=1, le=65535)
    username: str | None = None
    password: SecretStr | None = None
    tls_ca: CaFile | None = Field(default=None, description="CA file; given, the connection is TLS")
    tls_cert: Path | None = Field(default=None, description="this box's certificate, for a broker that asks for one")
    tls_key: Path | None = Field(default=None, description="and its key")

    @model_validator(mode="after")
    def _certificate_with_its_key(self) -> MqttSettings:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("tls_cert and tls_key go together")
        if self.tls_cert and self.tls_key:
            if self.tls_ca is None:
                raise ValueError("tls_cert needs tls_ca: a certificate is shown over TLS only")
            require_pair(self.tls_cert, self.tls_key)
        return self


class CentreSettings(Settings):
    """Where the box uploads pictures and offers live video."""

    url: str = Field(pattern=r"^https?://[^/\s]+$", description="the API's address without a path")
    token: SecretStr = Field(min_length=32)
    tls_ca: CaFile | None = Field(
        default=None, description="CA file that alone counts for https; absent: what the system trusts"
    )


class SsdliteSettings(Settings):
    """The offline default: an SSDLite person model read by OpenVINO from an installed package."""

    kind: Literal["ssdlite"] = "ssdlite"
    threads: int = Field(default=2, ge=1, le=64, description="CPU threads that may infer at once")
    min_score: float = Field(default=0.25, ge=0.01, le=1)


class YoloSettings(Settings):
    """A YOLO network: an OpenVINO folder or .onnx runs as it is; .pt and TensorRT engines need the extra `yolo`."""

    kind: Literal["yolo"]
    weights: str = Field(description="a file or folder on this box")
    device: str = Field(default="cpu", description="cpu, intel:gpu, intel:npu; for .pt and engines also cuda:0")
    threads: int = Field(default=2, ge=1, le=64, description="CPU threads that may infer at once")
    min_score: float = Field(default=0.25, ge=0.01, le=1)
    licence: str | None = Field(
        default=None, min_length=1, max_length=80, description="for the network's card; absent: what the file says"
    )


class MetricsSettings(Settings):
    """Where Prometheus finds the box's figures; absent, it tells none."""

    host: str = "127.0.0.1"
    port: int = Field(ge=1, le=65535)


class AnalysisSettings(Settings):
    """How often and how closely frames are looked at."""

    fps: float = Field(default=5.0, gt=0, le=30, description="frames a camera, analysed per second at most")
    region_px: int = Field(
        default=240,
        ge=64,
        le=1920,
        description="how closely unknown parts are looked at: so many picture pixels fill one detector input across",
    )
    regions_per_frame: int = Field(default=6, ge=1, le=64, description="detector inputs that a frame may fill at most")
    inputs_per_s: float | None = Field(
        default=None,
        ge=1,
        le=10_000,
        description="detector inputs a second for all cameras together at most; absent: as many as there is time for",
    )
    tracker: Literal["bytetrack", "ocsort"] = Field(
        default="bytetrack", description="what makes tracks of boxes; bytetrack also follows the half hidden"
    )
    quiet: Literal["full", "keyframes"] = Field(
        default="full", description="while nothing moves, decode everything or key frames only"
    )
    decode: Literal["auto", "cpu", "cuda", "qsv", "vaapi", "drm"] = Field(
        default="auto", description="what decodes video; auto takes hardware that is there"
    )


class CameraSettings(Settings):
    id: Slug
    site: Slug
    url: Annotated[SecretStr, AfterValidator(_rtsp)]
    sub_url: Annotated[SecretStr, AfterValidator(_rtsp)] | None = Field(
        default=None,
        description="the same view in a smaller stream, pulled only while somebody watches many cameras at once",
    )
    rotate: Literal[0, 90, 180, 270] = Field(default=0, description="degrees clockwise that make the picture upright")
    masks: tuple[Polygon, ...] = Field(default=(), max_length=32, description="parts of the view that nobody may see")
    health: HealthSettings | None = Field(default=None, description="absent: as the box has it")
    zones: tuple[ZoneSettings, ...] = ()
    lines: tuple[LineSettings, ...] = ()
    rules: tuple[AnyRule, ...] = ()
    payment_points: tuple[PaymentPointSettings, ...] = Field(
        default=(), max_length=32, description="places where this camera can read a shop's payment code"
    )

    @model_validator(mode="after")
    def _payment_points_can_be_seen(self) -> CameraSettings:
        for number, point in enumerate(self.payment_points):
            for other in self.payment_points[:number]:
                if share_ground(point.region, other.region):
                    raise ValueError(f"the regions of payment points {other.id} and {point.id} overlap")
            if any(share_ground(point.region, mask) for mask in self.masks):
                raise ValueError(f"a mask of camera {self.id} covers a part of payment point {point.id}")
        if self.payment_points and any(rule.id == PAYMENT_RULE for rule in self.rules):
            raise ValueError(f"rule {PAYMENT_RULE} of camera {self.id} has the name of the watch on payment codes")
        return self

    @model_validator(mode="after")
    def _rules_watch_what_is_there(self) -> CameraSettings:
        zones, lines = {zone.id for zone in self.zones}, {line.id for line in self.lines}
        for rule in self.rules:
            if isinstance(rule, ZoneRuleSettings) and rule.zone not in zones:
                raise ValueError(f"rule {rule.id} watches zone {rule.zone}, which camera {self.id} does not have")
            if isinstance(rule, LineCrossingSettings) and rule.line not in lines:
                raise ValueError(f"rule {rule.id} watches line {rule.line}, which camera {self.id} does not have")
        if len(zones | lines) < len(self.zones) + len(self.lines):
            raise ValueError(f"camera {self.id} has two zones or lines of one name")
        if len({rule.id for rule in self.rules}) < len(self.rules):
            raise ValueError(f"camera {self.id} has two rules of one name")
        for name in sorted(HealthSettings.names() & {rule.id for rule in self.rules}):
            raise ValueError(f"rule {name} of camera {self.id} has the name of a check of the camera's health")
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
    health: HealthSettings = HealthSettings()
    telemetry_every_s: Seconds = 10.0
    metrics: MetricsSettings | None = None
    outbox_max_records: int = Field(default=1_000_000, ge=100)
    media_max_mb: int = Field(
        default=2_000, ge=10, description="disk for pictures and clips; the oldest of the least severe go first"
    )
    disk_reserve_mb: int = Field(
        default=500,
        ge=0,
        description="disk that pictures, clips and recordings never use: the last of it is the outbox's",
    )
    clips: ClipSettings | None = Field(default=ClipSettings(), description="null: no clips")
    recording: RecordingSettings | None = None
    uplink: UplinkSettings = UplinkSettings()
    holidays: tuple[HolidaySettings, ...] = Field(default=(), description="days that schedules may name, of this place")
    camera_networks: tuple[IPv4Network | IPv6Network, ...] = Field(
        default=CAMERA_NETWORKS, description="where cameras may be; by default private networks and the box itself"
    )
    cameras: tuple[CameraSettings, ...] = Field(default=(), max_length=64)
    devices: DevicesSettings | None = Field(default=None, description="absent: the box reads cameras only")
    announce: AnnounceSettings = AnnounceSettings()
    update: UpdateSettings = UpdateSettings()
    probes: ProbeSettings | None = Field(default=None, description="absent: the box asks nothing of the network")
    trial_s: float = Field(
        default=20.0, ge=1, le=600, description="how long a configuration that the centre pushed is tried"
    )

    @property
    def calendar(self) -> Calendar:
        """The holidays of this place."""
        return Calendar({holiday.id: holiday.holiday() for holiday in self.holidays})

    @model_validator(mode="after")
    def _schedules_name_known_days(self) -> EdgeSettings:
        if len({holiday.id for holiday in self.holidays}) < len(self.holidays):
            raise ValueError("two holidays have one name")
        known = self.calendar.known() | frozenset(DAYS)
        for camera in self.cameras:
            for rule in camera.rules:
                for name in sorted(rule.days_named() - known):
                    raise ValueError(f"rule {rule.id} of camera {camera.id} names the day {name}, which is not known")
            for point in camera.payment_points:
                for name in sorted(point.days_named() - known):
                    raise ValueError(f"payment point {point.id} names the day {name}, which is not known")
        return self

    @model_validator(mode="after")
    def _one_camera_a_payment_point(self) -> EdgeSettings:
        """What is told of a point names it alone, so nothing else that is measured may have its name."""
        taken = {self.box} | {camera.id for camera in self.cameras}
        for camera in self.cameras:
            for point in camera.payment_points:
                if point.id in taken:
                    raise ValueError(f"payment point {point.id} has a name that something else on this box has too")
                taken.add(point.id)
        return self

    @model_validator(mode="after")
    def _devices_fit_in(self) -> EdgeSettings:
        if self.devices is None:
            return self
        known = self.calendar.known() | frozenset(DAYS)
        for name in sorted(self.devices.days_named() - known):
            raise ValueError(f"the devices' hours name the day {name}, which is not known")
        cameras = {camera.id: camera for camera in self.cameras}
        points = {point.id for camera in self.cameras for point in camera.payment_points}
        for device in self.devices.list:
            if device.id in cameras or device.id in points or device.id == self.box:
                raise ValueError(f"device {device.id} has a name that something else on this box has too")
            if device.camera and device.camera not in cameras:
                raise ValueError(f"device {device.id} names camera {device.camera}, which this box does not have")
            if device.camera and cameras[device.camera].site != self.devices.site_of(device):
                raise ValueError(f"device {device.id} and camera {device.camera}, which looks at it, are at two sites")
        return self

    @model_validator(mode="after")
    def _speakers_have_names_of_their_own(self) -> EdgeSettings:
        taken = {self.box} | {camera.id for camera in self.cameras}
        for speaker in self.announce.speakers:
            if speaker.id in taken:
                raise ValueError(f"speaker {speaker.id} has a name that something else on this box has too")
        return self

    @model_validator(mode="after")
    def _cameras_are_where_they_may_be(self) -> EdgeSettings:
        """Names are looked at when they are looked up."""
        for camera in self.cameras:
            for url in filter(None, (camera.url, camera.sub_url)):
                address = literal(host_of(url.get_secret_value()) or "")
                if address is not None and not within(address, self.camera_networks):
                    raise ValueError(f"camera {camera.id} has an address that is in none of camera_networks")
        return self

    @model_validator(mode="after")
    def _records_its_own_cameras(self) -> EdgeSettings:
        recorded = (self.recording and self.recording.cameras) or ()
        for camera in sorted(set(recorded) - {camera.id for camera in self.cameras}):
            raise ValueError(f"recording names camera {camera}, which this box does not have")
        return self

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
