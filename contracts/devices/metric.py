"""What devices measure: a name for each quantity, its unit, and the range in which a value can be believed.

Names are those of the telemetry on the wire (`contracts.telemetry`). What means yes or no is 1 or 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

YES_OR_NO: Final = "bool"


@dataclass(frozen=True, slots=True)
class Metric:
    """A quantity. Values outside of `lowest` to `highest` are kept, and marked: they are faults of the sensor."""

    name: str
    unit: str
    lowest: float
    highest: float

    def believes(self, value: float) -> bool:
        """Whether a value can be true."""
        return math.isfinite(value) and self.lowest <= value <= self.highest


def _yes_or_no(*names: str) -> list[Metric]:
    return [Metric(name, YES_OR_NO, 0, 1) for name in names]


# Ranges are those of the sensors on the market with some room, not of what is healthy: that is for the rules.
METRICS: Final = {
    metric.name: metric
    for metric in (
        *_yes_or_no("smoke", "gas", "water_leak", "heat", "co_alarm", "motion", "contact_open", "vibration", "tamper"),
        *_yes_or_no("battery_low", "switch_on", "power.mains", "ups.on_battery"),
        Metric("temperature", "°C", -40, 125),
        Metric("humidity", "%", 0, 100),
        Metric("power_w", "W", -50_000, 50_000),
        Metric("voltage_v", "V", 0, 1_000),
        Metric("current_a", "A", 0, 1_000),
        Metric("power_factor", "1", -1, 1),
        Metric("energy_kwh", "kWh", 0, 10_000_000),
        Metric("co_ppm", "ppm", 0, 2_000),
        Metric("co2_ppm", "ppm", 0, 50_000),
        Metric("pm25", "µg/m³", 0, 2_000),
        Metric("gas_lel", "%LEL", 0, 100),
        Metric("water_cm", "cm", 0, 2_000),
        Metric("illuminance", "lx", 0, 200_000),
        Metric("battery_pct", "%", 0, 100),
        Metric("battery_v", "V", 0, 60),
        Metric("ups_pct", "%", 0, 100),
        Metric("link.rssi", "dBm", -150, 20),
        Metric("link.snr", "dB", -40, 40),
        Metric("link.quality", "1", 0, 255),
    )
}
"""By name."""
