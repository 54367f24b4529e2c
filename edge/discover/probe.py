"""Asks everybody on this network which of them are ONVIF cameras (WS-Discovery). Multicast does not cross routers, so
cameras of other networks are found by a list of hosts only.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import unquote, urlsplit

from contracts.addresses import literal

log = logging.getLogger(__name__)

WAIT_S: Final = 3.0
_ONVIF: Final = "http://www.onvif.org/ver10/network/wsdl"
_TYPE: Final = "NetworkVideoTransmitter"
_SCOPE: Final = "onvif://www.onvif.org/"


@dataclass(frozen=True, slots=True)
class Answer:
    """A camera that answered: where its ONVIF is, and what it calls itself."""

    host: str
    port: int
    name: str = ""
    hardware: str = ""


def probe(wait_s: float = WAIT_S) -> list[Answer]:
    """The cameras that answer in time; none where this machine has no network that carries multicast."""
    from wsdiscovery import QName
    from wsdiscovery.discovery import ThreadedWSDiscovery

    discovery = ThreadedWSDiscovery()
    try:
        discovery.start()
    except OSError as error:
        log.debug("no multicast here: %s", error)
        return []
    try:
        services = discovery.searchServices(types=[QName(_ONVIF, _TYPE)], timeout=wait_s)
        return answers(
            (service.getXAddrs(), [str(scope.getValue()) for scope in service.getScopes()]) for service in services
        )
    except Exception as error:  # whatever the library makes of what others send
        log.debug("the search by multicast broke off: %s", type(error).__name__)
        return []
    finally:
        discovery.stop()


def answers(services: Iterable[tuple[Iterable[str], Iterable[str]]]) -> list[Answer]:
    """The addresses and scopes of services as cameras: each host and port once."""
    found: dict[tuple[str, int], Answer] = {}
    for addresses, scopes in services:
        told = _scopes(scopes)
        for address in addresses:
            try:
                parts = urlsplit(address)
                port = parts.port or (443 if parts.scheme == "https" else 80)
            except ValueError:
                continue
            if parts.scheme == "http" and parts.hostname and _is_plain(parts.hostname):
                answer = Answer(parts.hostname, port, told.get("name", ""), told.get("hardware", ""))
                found.setdefault((answer.host, port), answer)
    return list(found.values())


def _is_plain(host: str) -> bool:
    """Whether it is a name, or an address that everybody takes for the same: 192.168.1.010 is 192.168.1.8 to some."""
    try:
        return literal(host) is None or bool(ip_address(host))
    except ValueError:
        return False


def _scopes(scopes: Iterable[str]) -> dict[str, str]:
    """`onvif://www.onvif.org/name/KX-Y2001` and the like, by their first word."""
    found = {}
    for scope in scopes:
        kind, _, value = scope.removeprefix(_SCOPE).partition("/")
        if scope.startswith(_SCOPE) and value:
            found[kind] = "".join(letter for letter in unquote(value) if letter.isprintable())[:60]
    return found
