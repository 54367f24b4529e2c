"""Which devices a box reads, over which broker, and what they are watched for, as written in the box's file.

Knows shapes and defaults. Rules are in `edge.devices.rule_settings`, what the box asks of the network in
`edge.devices.probe_settings`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, Final, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, SecretStr, model_validator

from contracts.devices.chirpstack import ChirpStack
from contracts.devices.esphome import EspHome
from contracts.devices.own import OwnShape
from contracts.devices.reading import Adapter
from contracts.devices.tasmota import Tasmota
from contracts.devices.zigbee2mqtt import Zigbee2Mqtt
from contracts.ids import Code, Slug
from contracts.settings import Settings
from edge.devices import defaults
from edge.devices.life import Habit
from edge.devices.rule_settings import DeviceRuleSettings, MetricName
from edge.rules.calendar import Calendar
from edge.rules.schedule import Schedule
from edge.schedule_settings import WindowSettings, days_named, hours
from edge.tls import CaFile

GATEWAY: Final = "gateway"
TopicPart = Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^+#\x00]+$")]
Dialect = Literal["own", "zigbee2mqtt", "tasmota", "esphome", "chirpstack"]
USUAL_PERIOD_S: Final = {"smoke": 3600.0, "heat": 3600.0, "gas": 3600.0, "door": 3600.0, "water": 3600.0}
"""What has a battery speaks rarely; everything else at least every five minutes, unless its owner says otherwise."""


def _bare(value: str) -> str:
    return value.strip("/")


class BrokerSettings(Settings):
    """The broker to which the devices speak: as a rule one on the box itself."""

    host: str = "127.0.0.1"
    port: int = Field(default=1883, ge=1, le=65535)
    username: str | None = None
    password: SecretStr | None = None
    tls_ca: CaFile | None = Field(default=None, description="CA file; given, the connection is TLS")
    protocol: Literal["5", "3.1.1"] = Field(
        default="5", description="with 3.1.1 the broker keeps nothing for the box while it restarts"
    )


class DeviceSettings(Settings):
    """One device. `id` is the inventory's, `address` the name by which its dialect knows it."""

    id: Slug
    kind: Code
    site: Slug | None = Field(default=None, description="absent: the site of all")
    dialect: Dialect = "own"
    address: Annotated[TopicPart, AfterValidator(_bare)] | None = Field(
        default=None, description="absent: its id; of a Zigbee2MQTT gateway always `bridge`"
    )
    gateway: Slug | Literal[True] | None = Field(
        default=None, description="the gateway that it is reached over; true: it is one"
    )
    period_s: float | None = Field(
        default=None,
        gt=0,
        le=604_800,
        description="it speaks at least so often; silent for three times as long is missed",
    )
    camera: Slug | None = Field(default=None, description="a camera of this box that looks at it")
    objects: dict[TopicPart, MetricName] = Field(
        default_factory=dict, max_length=64, description="ESPHome: what objects of the owner's own names measure"
    )
    rules: tuple[DeviceRuleSettings, ...] | None = Field(
        default=None, max_length=16, description="absent: those of its kind"
    )

    @model_validator(mode="after")
    def _one_of_each_rule(self) -> Self:
        names = [rule.id for rule in self.rules or ()]
        if len(set(names)) < len(names):
            raise ValueError(f"device {self.id} has two rules of one name")
        if self.objects and self.dialect != "esphome":
            raise ValueError(f"device {self.id} is no ESPHome device and has no objects")
        return self

    @property
    def is_gateway(self) -> bool:
        return self.gateway is True or self.kind == GATEWAY

    @property
    def known_as(self) -> str:
        """Its address, as the dialect's adapter writes it."""
        if self.dialect == "zigbee2mqtt" and self.is_gateway:
            return "bridge"
        address = self.address or self.id
        return address.lower() if self.dialect == "chirpstack" else address

    @property
    def habit(self) -> Habit:
        period = self.period_s if self.period_s is not None else USUAL_PERIOD_S.get(self.kind, 300.0)
        return Habit(timedelta(seconds=period), self.gateway if isinstance(self.gateway, str) else None)

    def rules_with(self, *, opening: bool) -> tuple[DeviceRuleSettings, ...]:
        return defaults.rules_of(self.kind, opening=opening) if self.rules is None else self.rules


def _with_both(value: str) -> str:
    if not value.endswith("/") or "%prefix%" not in value or "%topic%" not in value:
        raise ValueError("must hold %prefix% and %topic% and end with a slash")
    return value


class TasmotaSettings(Settings):
    full_topic: Annotated[TopicPart, AfterValidator(_with_both)] = "%prefix%/%topic%/"


class ZigbeeSettings(Settings):
    base: TopicPart = "zigbee2mqtt"


class AdoptionSettings(Settings):
    """Take in what announces itself in the way of Home Assistant."""

    site: Slug | None = Field(default=None, description="where it stands; absent: the site of all")
    prefix: TopicPart = "homeassistant"
    gateway: Slug | None = None
    period_s: float = Field(default=3600, gt=0, le=604_800)
    most: int = Field(default=200, ge=1, le=500, description="devices at most: announcements can be forged")


class DevicesSettings(Settings):
    """All that has to do with devices."""

    broker: BrokerSettings = BrokerSettings()
    site: Slug | None = Field(default=None, description="where devices stand that name no site of their own")
    every_s: float = Field(default=60, ge=1, le=3600, description="a sample of each quantity at least so often")
    opening: tuple[WindowSettings, ...] | None = Field(
        default=None, description="when the place is open; absent: nothing is after hours"
    )
    zigbee2mqtt: ZigbeeSettings = ZigbeeSettings()
    tasmota: TasmotaSettings = TasmotaSettings()
    adopt: AdoptionSettings | None = Field(default=None, description="absent: only what is listed is read")
    list: tuple[DeviceSettings, ...] = Field(default=(), max_length=1000)

    @model_validator(mode="after")
    def _devices_agree(self) -> Self:
        _require_once((device.id for device in self.list), "two devices have the name {}")
        spoken = (f"{device.dialect} {device.known_as}" for device in self.list)
        _require_once(spoken, "two devices are {}")
        gateways = {device.id for device in self.list if device.is_gateway}
        for device in self.list:
            if device.site is None and self.site is None:
                raise ValueError(f"device {device.id} needs a site")
            if isinstance(device.gateway, str) and device.gateway not in gateways:
                raise ValueError(f"device {device.id} is reached over {device.gateway}, which is no listed gateway")
            closed = [rule.id for rule in device.rules or () if rule.when == "closed"]
            if closed and self.opening is None:
                raise ValueError(f"rule {closed[0]} of device {device.id} needs opening hours")
        if self.adopt and self.adopt.site is None and self.site is None:
            raise ValueError("devices that are adopted need a site")
        if self.adopt and self.adopt.gateway and self.adopt.gateway not in gateways:
            raise ValueError(f"adopt names {self.adopt.gateway}, which is no listed gateway")
        return self

    @property
    def cameras(self) -> frozenset[str]:
        """Those that look at a device."""
        return frozenset(device.camera for device in self.list if device.camera)

    def site_of(self, device: DeviceSettings) -> str:
        site = device.site or self.site
        assert site is not None  # checked above
        return site

    def opening_hours(self, time_zone: str, calendar: Calendar) -> Schedule | None:
        return None if self.opening is None else hours(self.opening, time_zone, calendar)

    def days_named(self) -> frozenset[str]:
        rules = (rule.days_named() for device in self.list for rule in device.rules or ())
        return days_named(self.opening).union(*rules)

    def adapters(self, ward: str, time_zone: str) -> dict[str, Adapter]:
        """What reads each dialect that is spoken, by its name."""
        spoken = {device.dialect for device in self.list}
        homes = [device for device in self.list if device.dialect == "esphome"]
        objects = {name: metric for device in homes for name, metric in device.objects.items()}
        every: dict[str, Adapter] = {
            "own": OwnShape(ward),
            "zigbee2mqtt": Zigbee2Mqtt(self.zigbee2mqtt.base),
            "tasmota": Tasmota(self.tasmota.full_topic, ZoneInfo(time_zone)),
            "esphome": EspHome(tuple(device.known_as for device in homes), objects),
            "chirpstack": ChirpStack(),
        }
        return {name: adapter for name, adapter in every.items() if name in spoken}


def _require_once(names: Iterable[str], said: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ValueError(said.format(name))
        seen.add(name)
