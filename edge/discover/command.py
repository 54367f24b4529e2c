"""`phoan-edge discover` and `phoan-edge password`: what a technician types, and what happens then."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from contracts.addresses import CAMERA_NETWORKS, Network
from contracts.ids import Slug
from contracts.settings import SettingsError, load
from contracts.status import CameraFault
from edge.capture.rtsp import CameraError
from edge.config import EdgeSettings
from edge.configuration import credentials
from edge.configuration.credentials import Login
from edge.discover import clock, secret, words, write
from edge.discover.describe import PORT, describe
from edge.discover.hosts import HostsError, read_hosts
from edge.discover.search import Camera, Result, Wish, search
from edge.discover.words import Lang
from edge.doctor.language import add_language, language_of
from edge.doctor.settings import PUSHED, read_box

STOPPED: Final = 130
_SLUG: Final = TypeAdapter(Slug)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow `phoan-edge discover`."""
    parser.add_argument("--hosts", metavar="LIST", help="also ask these: 192.168.1.20-40,10.0.0.5,192.168.2.0/24")
    parser.add_argument("--no-multicast", action="store_true", help="ask nobody but the hosts")
    parser.add_argument("--allow", action="append", default=[], metavar="NETWORK", help="cameras may also be there")
    parser.add_argument("--onvif-ports", default=",".join(map(str, clock.PORTS)), help="default: %(default)s")
    parser.add_argument("--rtsp-ports", default=f"{PORT},8554", help="default: %(default)s")
    secret.add_arguments(parser)
    parser.add_argument("--write", action="store_true", help="add the cameras to the box's settings")
    parser.add_argument("--site", help="where the cameras to add are")
    parser.add_argument(
        "--camera",
        action="append",
        default=[],
        metavar="ADDRESS=ID",
        help="add this one only, by this name; may be repeated (default: all, named after the site)",
    )
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")
    add_language(parser)


def add_password_arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow `phoan-edge password`."""
    parser.add_argument("camera", help="the camera's name in the settings")
    secret.add_arguments(parser)
    add_language(parser)


def run(arguments: argparse.Namespace) -> int:
    """Search, show, and write if that is wished. Raises SettingsError with a sentence for the caller."""
    lang = language_of(arguments)
    settings = _settings(arguments.config, needed=arguments.write)
    wish = _wish(arguments, settings, lang)
    logging.getLogger("daemon").setLevel(logging.CRITICAL)  # WSDiscovery's, about interfaces that carry no multicast
    try:
        result = asyncio.run(search(wish))
    except KeyboardInterrupt:
        print(words.say(lang, "stopped"), file=sys.stderr)
        return STOPPED
    configured = _configured(settings, result)
    if arguments.json:
        print(json.dumps(_as_json(result, configured), ensure_ascii=False, indent=2))
    else:
        print(words.table(lang, result, configured))
    if arguments.write and settings:
        said = _write(arguments, settings, _chosen(arguments, settings, result, configured), wish.login, lang)
        print(said, file=sys.stderr if arguments.json else sys.stdout)
    return 0 if result.cameras else 1


def run_password(arguments: argparse.Namespace) -> int:
    """Keep a camera's password, once the camera takes it. Raises SettingsError."""
    lang, own = language_of(arguments), _settings(arguments.config, needed=True)
    running = read_box(arguments.config).settings or own  # the centre may have pushed other cameras
    assert own
    assert running
    camera = next((camera for camera in running.cameras if camera.id == arguments.camera), None)
    if camera is None:
        raise SettingsError(f"camera {arguments.camera} is none of this box's.")
    url = camera.url.get_secret_value()
    login = secret.read_login(
        arguments.user or (credentials.login_of(url) or _ADMIN).user, arguments.password_file, words.say(lang, "ask")
    )
    assert login
    fault = _tried(url, login, running.camera_networks)
    if fault is CameraFault.UNAUTHORIZED:
        print(words.say(lang, "password_refused", camera=camera.id), file=sys.stderr)
        return 2
    credentials.put(credentials.beside(arguments.config), camera.id, login)
    text = arguments.config.read_text(encoding="utf-8")
    if any(one.id == camera.id for one in own.cameras) and (bare := write.without_login(text, camera.id)) != text:
        write.replace(arguments.config, bare)
    print(words.say(lang, "password_untried" if fault else "password_kept", camera=camera.id))
    return 0


_ADMIN: Final = Login.model_validate({"user": "admin", "password": ""})


def _tried(url: str, login: Login, networks: Sequence[Network]) -> CameraFault | None:
    try:
        return describe(url, login, networks=networks).fault
    except CameraError as error:
        return error.fault


def _settings(config: Path, *, needed: bool) -> EdgeSettings | None:
    """The box's file; a search alone does without a good one."""
    try:
        return load(EdgeSettings, config)
    except SettingsError:
        if needed:
            raise
        return None


def _wish(arguments: argparse.Namespace, settings: EdgeSettings | None, lang: Lang) -> Wish:
    networks = tuple(settings.camera_networks if settings else CAMERA_NETWORKS) + tuple(map(_network, arguments.allow))
    try:
        hosts = read_hosts(arguments.hosts, networks) if arguments.hosts else ()
    except HostsError as error:
        raise SettingsError(str(error)) from None
    if arguments.no_multicast and not hosts:
        raise SettingsError("There is nobody to ask: give --hosts, or leave --no-multicast out.")
    return Wish(
        hosts=hosts,
        multicast=not arguments.no_multicast,
        login=secret.read_login(arguments.user, arguments.password_file, words.say(lang, "ask")),
        onvif_ports=read_ports(arguments.onvif_ports),
        rtsp_ports=read_ports(arguments.rtsp_ports),
        networks=networks,
    )


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        raise SettingsError(f"--allow {text} is no network; write it as 192.168.5.0/24.") from None


def read_ports(text: str) -> tuple[int, ...]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts or len(parts) > 8 or not all(part.isdigit() and 0 < int(part) < 65536 for part in parts):
        raise SettingsError(f"{text!r} is no list of ports; write it as 80,8080, with 8 at most.")
    return tuple(map(int, parts))


def _configured(settings: EdgeSettings | None, result: Result) -> dict[str, str]:
    """The names that cameras have in the box's settings already, by place: those of which it takes a stream."""
    names = {
        _plain(url.get_secret_value()): camera.id
        for camera in (settings.cameras if settings else ())
        for url in (camera.url, camera.sub_url)
        if url is not None
    }
    return {
        camera.place: name
        for camera in result.cameras
        if (name := next((names[url] for stream in camera.streams if (url := _plain(stream.url)) in names), None))
    }


def _plain(url: str) -> str:
    """An address as it is compared: without a password, with its port."""
    rest = credentials.bare(url).partition("://")[2]
    authority, slash, path = rest.partition("/")
    return f"{authority if re.search(r':[0-9]+$', authority) else f'{authority}:{PORT}'}{slash}{path}"


def _write(
    arguments: argparse.Namespace,
    settings: EdgeSettings,
    entries: Sequence[write.Entry],
    login: Login | None,
    lang: Lang,
) -> str:
    if not entries:
        return words.say(lang, "nothing")
    text = arguments.config.read_text(encoding="utf-8")
    write.replace(arguments.config, write.add_cameras(text, entries))
    if login:
        for entry in entries:
            credentials.put(credentials.beside(arguments.config), entry.id, login)
    names = ", ".join(entry.id for entry in entries)
    said = [words.say(lang, "written", n=len(entries), file=arguments.config, names=names)]
    if any(finding.code == PUSHED for finding in read_box(arguments.config).findings):
        said.append(words.say(lang, "pushed"))
    return "\n".join(said)


def _chosen(
    arguments: argparse.Namespace, settings: EdgeSettings, result: Result, configured: Mapping[str, str]
) -> list[write.Entry]:
    """The new cameras to add, each with its name."""
    fresh = {camera.place: camera for camera in result.cameras if camera.choice and camera.place not in configured}
    wanted = dict(_named(text) for text in arguments.camera)
    if unknown := sorted(wanted.keys() - fresh.keys()):
        raise SettingsError(f"There is no new camera with a stream at {unknown[0]}; look at the table.")
    if not fresh:
        return []
    site = _site(arguments.site, settings)
    names = wanted or dict(zip(fresh, _free_names(site, settings, len(fresh)), strict=True))
    return [_entry(fresh[place], name, site) for place, name in names.items()]


def _named(text: str) -> tuple[str, str]:
    host, equals, name = text.partition("=")
    try:
        if equals:
            return host.strip(), _SLUG.validate_python(name.strip())
    except ValidationError:
        pass
    raise SettingsError(f"--camera {text} must be ADDRESS=ID, the id of small letters, digits and hyphens, as cho-1.")


def _site(said: str | None, settings: EdgeSettings) -> str:
    sites = sorted({camera.site for camera in settings.cameras})
    if said is None and len(sites) == 1:
        return sites[0]
    if said is None:
        raise SettingsError("Say where the cameras are: --site, such as --site cho-an-luu.")
    try:
        return _SLUG.validate_python(said)
    except ValidationError:
        raise SettingsError(f"--site {said} must be of small letters, digits and hyphens, as cho-an-luu.") from None


def _free_names(site: str, settings: EdgeSettings, count: int) -> list[str]:
    taken = {camera.id for camera in settings.cameras} | {settings.box}
    names: list[str] = []
    number = 1
    while len(names) < count:
        name = f"{site[:36].rstrip('-')}-{number}"
        if name not in taken:
            names.append(name)
        number += 1
    return names


def _entry(camera: Camera, name: str, site: str) -> write.Entry:
    assert camera.choice
    return write.Entry(name, site, camera.choice.main.url, camera.choice.sub.url if camera.choice.sub else None)


def _as_json(result: Result, configured: Mapping[str, str]) -> dict[str, Any]:
    cameras = [
        {**asdict(camera), "fault": camera.fault and camera.fault.value, "configured": configured.get(camera.place)}
        for camera in result.cameras
    ]
    return {"cameras": cameras, "outside": result.outside}
