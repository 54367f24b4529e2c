"""Plays the devices of the sample ward on the demo's broker: soundboxes, a plug, a UPS, a meter, a smoke detector.

`python -m demo.devices FOLDER PORT PASSWORD` runs them as a process of its own. Each speaks its real dialect; what a
visitor breaks with `phoan-demo break` stands in a file of the folder, which is read again all the time.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from contracts.topics import ROOT
from demo import ward
from demo.ward import DemoDevice

ACCOUNT: Final = "devices"
EVERY_S: Final = 4.0
LOOK_EVERY_S: Final = 0.3

Said = tuple[str, dict[str, object]]
"""A topic and what is said under it."""


class Trouble(StrEnum):
    """What a visitor can break."""

    SOUNDBOX = "soundbox"  # the first stall's soundbox is dead
    GATEWAY = "gateway"  # the market's gateway is dead, and all behind it is silent
    POWER = "power"  # the market has no mains: only what the UPS feeds goes on
    SMOKE = "smoke"
    LOAD = "load"  # somebody left a cooker on


MARKET: Final = "cho-an-luu"
SOUNDBOX: Final = "loa-quay-12"
GATEWAY: Final = "gw-cho"
ON_UPS: Final = frozenset({"gateway", "ups", "smoke", "meter"})
"""Kinds that go on without mains."""


def said_by(device: DemoDevice, broken: frozenset[Trouble], at: datetime, turn: int) -> Said | None:
    """What a device says now; nothing while it is dead. Pure."""
    if _dead(device, broken):
        return None
    return _in_dialect(device, _measured(device, broken, turn), at)


def _dead(device: DemoDevice, broken: frozenset[Trouble]) -> bool:
    if Trouble.SOUNDBOX in broken and device.id == SOUNDBOX:
        return True
    if Trouble.GATEWAY in broken and GATEWAY in (device.id, device.gateway):
        return True
    return Trouble.POWER in broken and device.site == MARKET and device.kind not in ON_UPS


def _measured(device: DemoDevice, broken: frozenset[Trouble], turn: int) -> dict[str, float | bool]:
    mains = not (Trouble.POWER in broken and device.site == MARKET)
    wave = (turn * 7 + len(device.id)) % 10 / 10
    match device.kind:
        case "smoke":
            return {"smoke": Trouble.SMOKE in broken, "battery_pct": 87, "temperature": 29 + wave}
        case "ups":
            return {"power.mains": mains, "ups.on_battery": not mains, "ups_pct": 100 if mains else 92 - turn % 40}
        case "plug":
            return {"current_a": 0.3 + 0.05 * wave, "power_w": 65 + 10 * wave, "voltage_v": 228 + wave}
        case "meter":
            left_on = Trouble.LOAD in broken
            return {"current_a": (6.2 if left_on else 0.1) + 0.02 * wave if mains else 0.0, "voltage_v": 229.0}
        case "gateway":
            return {"power.mains": mains}
    return {"battery_pct": 96 - turn % 7, "link.rssi": -61 - round(6 * wave)}


def _in_dialect(device: DemoDevice, measured: dict[str, float | bool], at: datetime) -> Said:
    match device.dialect:
        case "zigbee2mqtt":
            names = {"battery_pct": "battery"}
            said: dict[str, object] = {names.get(name, name): value for name, value in measured.items()}
            return f"zigbee2mqtt/{device.address}", said
        case "tasmota":
            energy = {"Current": measured["current_a"], "Power": measured["power_w"], "Voltage": measured["voltage_v"]}
            return f"tele/{device.address}/SENSOR", {"Time": "1970-01-01T00:00:00", "ENERGY": energy}
    told: dict[str, object] = {"ts": at.isoformat(timespec="milliseconds"), "m": measured}
    return f"{ROOT}/{ward.WARD}/dev/{device.id}/tele", told


def broken_in(folder: Path) -> frozenset[Trouble]:
    """What a visitor has broken."""
    try:
        return frozenset(Trouble(name) for name in json.loads(_file(folder).read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return frozenset()


def set_broken(folder: Path, broken: frozenset[Trouble]) -> None:
    """From now on this is broken, and nothing else."""
    draft = _file(folder).with_suffix(".new")
    draft.write_text(json.dumps(sorted(broken)))
    draft.replace(_file(folder))


def _file(folder: Path) -> Path:
    return folder / "broken.json"


def _turns(folder: Path) -> Iterator[tuple[frozenset[Trouble], int]]:
    """When it is time to speak: regularly, and at once when something was broken or mended."""
    turn, broken, due = 0, broken_in(folder), 0.0
    while True:
        now_broken = broken_in(folder)
        if now_broken != broken or time.monotonic() >= due:
            broken, due, turn = now_broken, time.monotonic() + EVERY_S, turn + 1
            yield broken, turn
        time.sleep(LOOK_EVERY_S)


def play(folder: Path, port: int, password: str) -> None:
    """Play until the process ends. Each device speaks often, so that a visitor does not wait for its silence."""
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="phoan-demo-devices", protocol=mqtt.MQTTv5)
    client.username_pw_set(ACCOUNT, password)
    client.reconnect_delay_set(min_delay=1, max_delay=3)
    client.connect_async("127.0.0.1", port, keepalive=15)
    client.loop_start()
    for broken, turn in _turns(folder):
        if not client.is_connected():
            continue
        at = datetime.now(UTC)
        for device in ward.DEVICES:
            if said := said_by(device, broken, at, turn):
                client.publish(said[0], json.dumps(said[1]), qos=1)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        play(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
