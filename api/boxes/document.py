"""Whether a configuration may be pushed to a box, as far as the centre can tell, and what it changes. Pure.

The shape is that of the box's own settings (contracts/box_settings.json, which the box's program writes); what only the
box can judge, it refuses with a reason.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from contracts.configuration import BOXS_OWN, OWN_PARTS, canonical

SECTIONS: Final = {"devices": "DevicesSettings"}
"""The definition of each field of which the box keeps a part."""

ADDRESS: Final = re.compile(r"^rtsps?://[!-~]+$")
WITH_LOGIN: Final = re.compile(r"^[a-z]+://[^/?#]*@")
MOST_FAULTS: Final = 50

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: where, with dots, and the rule that it breaks."""

    where: str
    code: str


@cache
def schema() -> dict[str, Any]:
    """The JSON schema of what may be pushed."""
    whole: dict[str, Any] = json.loads(files("contracts").joinpath("box_settings.json").read_bytes())
    whole["properties"] = {name: of for name, of in whole["properties"].items() if name not in BOXS_OWN}
    whole["required"] = ["cameras"]
    for field, parts in OWN_PARTS.items():
        section = whole["$defs"][SECTIONS[field]]["properties"]
        for part in parts:
            del section[part]
    whole["title"] = "BoxConfiguration"
    whole["description"] = "What a box watches; what belongs to the box itself is not in it."
    return whole


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(schema())


def faults(document: Document, sites: Collection[str]) -> list[Fault]:
    """Everything that is wrong with `document`, of which all stands at some of `sites`; at most MOST_FAULTS."""
    try:
        if b"\\u0000" in canonical(document):
            return [Fault("", "text")]
    except (ValueError, RecursionError):
        return [Fault("", "text")]
    shape = [fault for error in _validator().iter_errors(document) for fault in _of_shape(error)]
    return (shape or list(_of_sense(document, sites)))[:MOST_FAULTS]


def _of_shape(error: ValidationError) -> Iterator[Fault]:
    """What an error of the schema says; of several kinds of rule only the one that is meant, and of what may be absent
    what is wrong within it.
    """
    inner_errors = list(_within_optional(error))
    if inner_errors:
        for inner in inner_errors:
            yield from _of_shape(inner)
        return
    within: Any = error.schema
    told = within.get("discriminator") if isinstance(within, Mapping) else None
    if error.validator != "oneOf" or not told or not isinstance(error.instance, Mapping):
        where = [str(part) for part in error.absolute_path]
        if error.validator == "required":
            needed: Any = error.validator_value
            there: Any = error.instance
            where += [name for name in needed if name not in there][:1]
        yield Fault(".".join(where), str(error.validator))
        return
    meant = told["mapping"].get(error.instance.get(told["propertyName"]))
    if meant is None:
        yield Fault(".".join([*(str(part) for part in error.absolute_path), told["propertyName"]]), "enum")
        return
    for inner in error.context or ():
        number = inner.schema_path[0]
        if isinstance(number, int) and within["oneOf"][number].get("$ref") == meant:
            yield from _of_shape(inner)


def _within_optional(error: ValidationError) -> Iterator[ValidationError]:
    """What is wrong within a thing that may also be null."""
    kinds: Any = error.validator_value
    if error.validator != "anyOf" or error.instance is None or len(kinds) != 2 or {"type": "null"} not in kinds:
        return
    meant = 1 - kinds.index({"type": "null"})
    yield from (inner for inner in error.context or () if inner.schema_path[0] == meant)


def _of_sense(document: Document, sites: Collection[str]) -> Iterator[Fault]:
    """What does not agree with itself, or with the ward."""
    cameras = document["cameras"]
    yield from _repeated("cameras", (camera["id"] for camera in cameras))
    for number, camera in enumerate(cameras):
        place = f"cameras.{number}"
        if camera["site"] not in sites:
            yield Fault(f"{place}.site", "unknown_site")
        for field in ("url", "sub_url"):
            url = camera.get(field)
            if url is None:
                continue
            if not ADDRESS.match(url):
                yield Fault(f"{place}.{field}", "address")
            elif WITH_LOGIN.match(url):
                yield Fault(f"{place}.{field}", "password_in_address")
        yield from _of_watching(place, camera)
    yield from _of_devices(document, sites)


def devices_of(document: Document) -> list[dict[str, Any]]:
    """The devices that a sound document lists, each with its site."""
    section = document.get("devices") or {}
    return [{"site": section.get("site"), **device} for device in section.get("list", ())]


def sites_of(document: Document) -> set[str]:
    """Every site at which a sound document puts something, what will be adopted included."""
    section = document.get("devices") or {}
    named = [section.get("site"), (section.get("adopt") or {}).get("site")]
    named += [thing["site"] for thing in (*document.get("cameras", ()), *devices_of(document))]
    return {site for site in named if site is not None}


def _of_devices(document: Document, sites: Collection[str]) -> Iterator[Fault]:
    """What does not agree among the devices, or with the cameras that look at them."""
    section, listed = document.get("devices") or {}, devices_of(document)
    at = {camera["id"]: camera["site"] for camera in document["cameras"]}
    gateways = {device["id"] for device in listed if device.get("gateway") is True or device["kind"] == "gateway"}
    if section.get("site") not in (None, *sites):
        yield Fault("devices.site", "unknown_site")
    yield from _of_adoption(section, sites, gateways)
    yield from _repeated("devices.list", (device["id"] for device in listed), at)
    for number, device in enumerate(listed):
        place = f"devices.list.{number}"
        if device["site"] is None:
            yield Fault(f"{place}.site", "required")
        elif device["site"] not in sites:
            yield Fault(f"{place}.site", "unknown_site")
        if isinstance(over := device.get("gateway"), str) and over not in gateways:
            yield Fault(f"{place}.gateway", "unknown_gateway")
        if (camera := device.get("camera")) and at.get(camera) != device["site"]:
            yield Fault(f"{place}.camera", "elsewhere" if camera in at else "unknown_camera")


def _of_adoption(section: Mapping[str, Any], sites: Collection[str], gateways: Collection[str]) -> Iterator[Fault]:
    """What does not agree about devices that announce themselves."""
    adopt = section.get("adopt")
    if adopt is None:
        return
    site, gateway = adopt.get("site"), adopt.get("gateway")
    if site is None and section.get("site") is None:
        yield Fault("devices.site", "required")
    if site not in (None, *sites):
        yield Fault("devices.adopt.site", "unknown_site")
    if gateway is not None and gateway not in gateways:
        yield Fault("devices.adopt.gateway", "unknown_gateway")


def _of_watching(place: str, camera: Mapping[str, Any]) -> Iterator[Fault]:
    zones, lines = camera.get("zones", ()), camera.get("lines", ())
    shapes = [zone["id"] for zone in zones]
    yield from _repeated(f"{place}.zones", shapes)
    yield from _repeated(f"{place}.lines", (line["id"] for line in lines), shapes)
    yield from _repeated(f"{place}.rules", (rule["id"] for rule in camera.get("rules", ())))
    known = {"zone": set(shapes), "line": {line["id"] for line in lines}}
    for number, rule in enumerate(camera.get("rules", ())):
        for field, there in known.items():
            if field in rule and rule[field] not in there:
                yield Fault(f"{place}.rules.{number}.{field}", f"unknown_{field}")


def _repeated(place: str, names: Iterable[str], taken: Iterable[str] = ()) -> Iterator[Fault]:
    seen = set(taken)
    for number, name in enumerate(names):
        if name in seen:
            yield Fault(f"{place}.{number}.id", "repeated")
        seen.add(name)


def changes(before: Document, after: Document) -> dict[str, list[str]]:
    """Which cameras come, go and change, and which other fields do: for the audit."""
    were, are = ({camera["id"]: camera for camera in document.get("cameras", ())} for document in (before, after))
    names = sorted((before.keys() | after.keys()) - {"cameras"})
    found = {
        "added": sorted(are.keys() - were.keys()),
        "removed": sorted(were.keys() - are.keys()),
        "changed": sorted(name for name in were.keys() & are.keys() if were[name] != are[name]),
        "fields": [name for name in names if before.get(name) != after.get(name)],
    }
    return {name: things for name, things in found.items() if things}
