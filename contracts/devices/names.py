"""Under which names the dialects send the same quantity, and in which unit; what becomes of it here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_WORD: Final = re.compile(r"[^a-z0-9]+")
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Meaning:
    """A metric, and how its value becomes one of ours: value * `factor` + `offset`; `inverted` swaps yes and no."""

    metric: str
    factor: float = 1.0
    offset: float = 0.0
    inverted: bool = False

    def apply(self, value: float) -> float:
        return 1.0 - min(max(value, 0.0), 1.0) if self.inverted else value * self.factor + self.offset


FAHRENHEIT: Final = Meaning("temperature", 5 / 9, -160 / 9)

NAMES: Final[Mapping[str, Meaning]] = {
    **{name: Meaning(name) for name in ("smoke", "gas", "temperature", "humidity", "tamper", "vibration", "heat")},
    "smoke_alarm": Meaning("smoke"),
    "gas_alarm": Meaning("gas"),
    "water_leak": Meaning("water_leak"),
    "leak": Meaning("water_leak"),
    "moisture": Meaning("water_leak"),
    "water_leak_status": Meaning("water_leak"),
    "carbon_monoxide": Meaning("co_alarm"),
    "occupancy": Meaning("motion"),
    "presence": Meaning("motion"),
    "motion": Meaning("motion"),
    "pir": Meaning("motion"),
    "door": Meaning("contact_open"),
    "opening": Meaning("contact_open"),
    "window": Meaning("contact_open"),
    "door_open_status": Meaning("contact_open"),
    "battery_low": Meaning("battery_low"),
    "power": Meaning("power_w"),
    "active_power": Meaning("power_w"),
    "power_w": Meaning("power_w"),
    "current": Meaning("current_a"),
    "current_a": Meaning("current_a"),
    "voltage": Meaning("voltage_v"),
    "voltage_v": Meaning("voltage_v"),
    "power_factor": Meaning("power_factor"),
    "factor": Meaning("power_factor"),
    "energy": Meaning("energy_kwh"),
    "energy_kwh": Meaning("energy_kwh"),
    "total_energy": Meaning("energy_kwh"),
    "co": Meaning("co_ppm"),
    "co_ppm": Meaning("co_ppm"),
    "co2": Meaning("co2_ppm"),
    "carbon_dioxide": Meaning("co2_ppm"),
    "pm25": Meaning("pm25"),
    "pm2_5": Meaning("pm25"),
    "illuminance": Meaning("illuminance"),
    "illumination": Meaning("illuminance"),
    "water_level": Meaning("water_cm"),
    "water_cm": Meaning("water_cm"),
    "battery": Meaning("battery_pct"),
    "battery_pct": Meaning("battery_pct"),
    "battery_level": Meaning("battery_pct"),
    "bat_v": Meaning("battery_v"),
    "battery_voltage": Meaning("battery_v"),
    "rssi": Meaning("link.rssi"),
    "wifi_signal": Meaning("link.rssi"),
    "linkquality": Meaning("link.quality"),
    "mains_ok": Meaning("power.mains"),
    "mains": Meaning("power.mains"),
    "on_battery": Meaning("ups.on_battery"),
    "ups_pct": Meaning("ups_pct"),
}
"""By the name as `plain` writes it, where all dialects mean the same by it."""


def plain(name: str) -> str:
    """A name in small letters with underscores: "Water Leak", "waterLeak" and "water-leak" are one."""
    return _WORD.sub("_", _HUMP.sub("_", name).lower()).strip("_")
