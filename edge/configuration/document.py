"""The document that the centre pushes, over the box's own file: what it may name, what comes of both, what is told.

Pure. Top fields that the document names take the place of the file's; what belongs to the box itself it may not name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from contracts.configuration import BOXS_OWN, OWN_PARTS, Document
from contracts.settings import SettingsError, sentence
from edge.capture.lookup import host_of
from edge.config import EdgeSettings
from edge.configuration.credentials import Login, Logins, bare, login_of, logins_of, with_login

URLS = ("url", "sub_url")


def merged(base: EdgeSettings, document: Document, logins: Logins) -> EdgeSettings:
    """The settings that `document` makes of the box's own. Raises SettingsError with one sentence."""
    for name in sorted(BOXS_OWN & document.keys()):
        raise SettingsError(f"field {name} belongs to the box itself and cannot be pushed.")
    own = {name: getattr(base, name) for name in base.model_fields_set if name not in document}
    given = {**document, **_with_own_parts(document, base)}
    if "cameras" in document:
        given["cameras"] = _cameras(document, base, logins)
    try:
        return EdgeSettings.model_validate({**own, **given})
    except ValidationError as error:
        raise SettingsError(_by_name(sentence(error), document)) from None
    except RecursionError:
        raise SettingsError("the configuration lies too deep within itself.") from None


def with_logins(settings: EdgeSettings, logins: Logins) -> EdgeSettings:
    """The box's own file with the passwords that are kept beside it."""
    if not logins:
        return settings
    cameras = [
        camera.model_dump(by_alias=True, exclude_unset=True)
        | {
            name: with_login(url.get_secret_value(), logins.get(camera.id))
            for name in URLS
            if (url := getattr(camera, name)) is not None
        }
        for camera in settings.cameras
    ]
    own = {name: getattr(settings, name) for name in settings.model_fields_set}
    return EdgeSettings.model_validate({**own, "cameras": cameras})


def told(settings: EdgeSettings) -> dict[str, Any]:
    """What the centre may know of the settings, as a document that it could push."""
    exclude: dict[str, bool | set[str]] = {
        **dict.fromkeys(BOXS_OWN, True),
        **{n: set(of) for n, of in OWN_PARTS.items()},
    }
    document = settings.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude=exclude)
    for camera, shown in zip(settings.cameras, document.get("cameras", ()), strict=False):
        shown |= {name: bare(url.get_secret_value()) for name in URLS if (url := getattr(camera, name)) is not None}
    return document


def _with_own_parts(document: Document, base: EdgeSettings) -> dict[str, Any]:
    """The document's sections of which the box has a part of its own, with that part. Raises SettingsError."""
    found = {}
    for field, parts in OWN_PARTS.items():
        section, own = document.get(field), getattr(base, field)
        if not isinstance(section, Mapping):
            continue
        for part in sorted(parts & section.keys()):
            raise SettingsError(f"field {field}.{part} belongs to the box itself and cannot be pushed.")
        held = {part: getattr(own, part) for part in parts if own is not None and part in own.model_fields_set}
        found[field] = {**section, **held}
    return found


def _cameras(document: Document, base: EdgeSettings, logins: Logins) -> object:
    """The document's cameras with the passwords that this box knows."""
    cameras = document["cameras"]
    if not isinstance(cameras, list):
        return cameras
    borne = logins_of(base.cameras, logins)
    return [_camera(camera, borne, logins) if isinstance(camera, Mapping) else camera for camera in cameras]


def _camera(camera: Mapping[str, Any], borne: Mapping[tuple[str, str | None], Login], logins: Logins) -> dict[str, Any]:
    return {**camera, **dict(_addresses(camera, borne, logins))}


def _addresses(
    camera: Mapping[str, Any], borne: Mapping[tuple[str, str | None], Login], logins: Logins
) -> Iterator[tuple[str, str]]:
    name = camera.get("id")
    for field in URLS:
        url = camera.get(field)
        if not isinstance(url, str) or not isinstance(name, str):
            continue
        if login_of(url) or "@" in url.partition("://")[2].partition("/")[0]:
            raise SettingsError(f"camera {name}: the address in field {field} bears a password, which never travels.")
        yield field, with_login(url, logins.get(name) or borne.get((name, host_of(url))))


def _by_name(said: str, document: Document) -> str:
    """The sentence with devices, cameras, zones, lines and rules by their names instead of their places in lists."""
    devices = document.get("devices")
    listed = devices.get("list") if isinstance(devices, Mapping) else ()
    for number, device in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(device, Mapping):
            said = said.replace(f"devices.list[{number}]", f"of device {device.get('id', number + 1)}", 1)
    cameras = document.get("cameras")
    for number, camera in enumerate(cameras if isinstance(cameras, list) else ()):
        if not isinstance(camera, Mapping):
            continue
        place = f"cameras[{number}]"
        for part in ("zones", "lines", "rules", "payment_points"):
            things = camera.get(part)
            for index, thing in enumerate(things if isinstance(things, list) else ()):
                if isinstance(thing, Mapping) and f"{place}.{part}[{index}]" in said:
                    named = f"{part.rstrip('s').replace('_', ' ')} {thing.get('id', index + 1)}"
                    said = said.replace(f"{place}.{part}[{index}]", f"{place}.{named}", 1)
        said = said.replace(f"{place}.", f"of camera {camera.get('id', number + 1)}, ", 1)
    return said
