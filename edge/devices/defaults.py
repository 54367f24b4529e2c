"""Which rules a device has whose owner named none, by its kind. docs/devices.md says where the limits come from.

A rule whose metric a device does not measure costs nothing, so kinds list all that such devices are sold with.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from contracts.event import EventKind, Severity
from edge.devices.rule_settings import DeviceRuleSettings as Rule

SMOKE: Final = Rule(id="smoke", kind=EventKind.SMOKE, metric="smoke", severity=Severity.CRITICAL)
HEAT: Final = Rule(id="heat", kind=EventKind.HEAT, metric="heat", severity=Severity.CRITICAL)
TEMPERATURE: Final = Rule(
    id="temperature",
    kind=EventKind.HEAT,
    metric="temperature",
    severity=Severity.CRITICAL,
    raises=60,
    clears=55,
    hold_s=10,
    calm_s=60,
)
GAS: Final = Rule(id="gas", kind=EventKind.GAS, metric="gas", severity=Severity.CRITICAL)
GAS_SHARE: Final = Rule(
    id="gas-lel", kind=EventKind.GAS, metric="gas_lel", severity=Severity.CRITICAL, raises=10, clears=5, hold_s=5
)
LOAD: Final = Rule(
    id="load",
    kind=EventKind.AFTER_HOURS_LOAD,
    metric="current_a",
    severity=Severity.HIGH,
    raises=0.5,
    clears=0.3,
    hold_s=300,
    calm_s=120,
    when="closed",
)
MAINS: Final = Rule(
    id="mains",
    kind=EventKind.MAINS_LOST,
    metric="power.mains",
    severity=Severity.HIGH,
    above=False,
    hold_s=5,
    calm_s=15,
)
BATTERY: Final = Rule(
    id="on-battery", kind=EventKind.MAINS_LOST, metric="ups.on_battery", severity=Severity.HIGH, hold_s=5, calm_s=15
)
DOOR: Final = Rule(
    id="door", kind=EventKind.DOOR_OPENED, metric="contact_open", severity=Severity.MEDIUM, calm_s=5, when="closed"
)
WATER: Final = Rule(id="water", kind=EventKind.WATER_LEAK, metric="water_leak", severity=Severity.HIGH, calm_s=60)
CARBON_MONOXIDE: Final = Rule(
    id="co-alarm", kind=EventKind.AIR_QUALITY, metric="co_alarm", severity=Severity.CRITICAL, calm_s=60
)
CARBON_MONOXIDE_SHARE: Final = Rule(
    id="co",
    kind=EventKind.AIR_QUALITY,
    metric="co_ppm",
    severity=Severity.CRITICAL,
    raises=50,
    clears=30,
    hold_s=600,
    calm_s=300,
)
CARBON_DIOXIDE: Final = Rule(
    id="co2",
    kind=EventKind.AIR_QUALITY,
    metric="co2_ppm",
    severity=Severity.LOW,
    raises=5000,
    clears=3000,
    hold_s=900,
    calm_s=300,
)
DUST: Final = Rule(
    id="pm25",
    kind=EventKind.AIR_QUALITY,
    metric="pm25",
    severity=Severity.MEDIUM,
    raises=150,
    clears=110,
    hold_s=3600,
    calm_s=900,
)

ANYWHERE: Final = (SMOKE, HEAT, GAS, CARBON_MONOXIDE)
"""What a device says that is made to raise an alarm is believed of every device."""

RULES: Final[Mapping[str, tuple[Rule, ...]]] = MappingProxyType(
    {
        "smoke": (*ANYWHERE, TEMPERATURE),
        "heat": (*ANYWHERE, TEMPERATURE),
        "gas": (*ANYWHERE, GAS_SHARE),
        "meter": (*ANYWHERE, LOAD),
        "plug": (*ANYWHERE, LOAD),
        "ups": (*ANYWHERE, MAINS, BATTERY, TEMPERATURE),
        "door": (*ANYWHERE, DOOR),
        "water": (*ANYWHERE, WATER),
        "air": (*ANYWHERE, CARBON_MONOXIDE_SHARE, CARBON_DIOXIDE, DUST),
        "gateway": (MAINS, BATTERY),
    }
)
"""By the kind of device."""


def rules_of(kind: str, *, opening: bool) -> tuple[Rule, ...]:
    """The rules of such a device. Without opening hours nothing is after hours."""
    return tuple(rule for rule in RULES.get(kind, ANYWHERE) if opening or rule.when == "always")


GUARDS: Final = frozenset({"smoke", "heat", "gas", "gateway", "ups"})

PAYING: Final = frozenset({"soundbox", "pos", "plug"})
"""The centre finds out what their silence means, a stall's or a whole street's: each by itself is a note."""


def missed(kind: str) -> Severity:
    """How bad it is that such a device is silent."""
    if kind in PAYING:
        return Severity.LOW
    return Severity.HIGH if kind in GUARDS else Severity.MEDIUM
