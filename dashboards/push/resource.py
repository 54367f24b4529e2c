"""Something that Grafana shall hold: how it is read, compared and written. Knows no particular kind of thing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dashboards.push.compare import difference, same
from dashboards.push.grafana import Grafana


@dataclass(frozen=True, slots=True)
class Stored:
    """What Grafana holds: the part to compare, and the whole answer, which a change may have to name."""

    value: Any
    whole: Any = None


@dataclass(frozen=True, slots=True)
class Resource:
    """`read` gives None where there is nothing yet; `write` is told what was read. `secret`: fields never shown.
    `anew`: write it even if nothing differs, since what is secret cannot be compared. `exact`: one field too many is a
    difference, too.
    """

    what: str
    wanted: Any
    read: Callable[[Grafana], Stored | None]
    write: Callable[[Grafana, Stored | None], None]
    secret: frozenset[str] = frozenset()
    anew: bool = False
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be done about a resource. `differs`: more than only its secrets, which are written anew."""

    resource: Resource
    stored: Stored | None
    differs: bool

    @property
    def new(self) -> bool:
        return self.stored is None

    def diff(self) -> str:
        """From what Grafana holds to what is wanted, as people read it."""
        held, resource = self.stored and self.stored.value, self.resource
        return difference(resource.wanted, held, resource.secret, exact=resource.exact)


def change(resource: Resource, grafana: Grafana) -> Change | None:
    """What has to change, None where Grafana holds it as wanted."""
    stored = resource.read(grafana)
    differs = stored is None or not same(resource.wanted, stored.value, exact=resource.exact)
    return Change(resource, stored, differs) if differs or resource.anew else None
