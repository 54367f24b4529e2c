"""What the stand-in keeps, what it was asked, and how it says no."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Json = Any


@dataclass(frozen=True, slots=True)
class Asked:
    """One request."""

    verb: str
    path: str
    body: Json
    headers: dict[str, str]


class RefusedError(Exception):
    """An answer that is no success."""

    def __init__(self, code: int, message: str, **more: object) -> None:
        super().__init__(message)
        self.code, self.body = code, {"message": message, **more}


@dataclass
class Store:
    """What Grafana keeps, beyond the life of its process."""

    version: str = "12.3.1"
    password: str = "mat-khau-quan-tri"
    database_password: str = "mat-khau-doc"
    rewrites: bool = False
    """Whether it brings dashboards into a newer form, as a newer Grafana does."""

    datasources: dict[str, Json] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)
    folders: dict[str, Json] = field(default_factory=dict)
    dashboards: dict[str, list[Json]] = field(default_factory=dict)
    groups: dict[tuple[str, str], Json] = field(default_factory=dict)
    templates: dict[str, Json] = field(default_factory=dict)
    timings: dict[str, Json] = field(default_factory=dict)
    contacts: dict[str, Json] = field(default_factory=dict)
    policy: Json = field(
        default_factory=lambda: {"receiver": "grafana-default-email", "group_by": ["grafana_folder", "alertname"]}
    )
    accounts: dict[int, Json] = field(default_factory=dict)
    tokens: dict[str, int] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    users: dict[str, tuple[str, str]] = field(default_factory=dict)
    dies_at: int | None = None
    """At which change from now on it is killed, before it has answered."""
    fails: dict[str, list[int]] = field(default_factory=dict)
    """What the next requests of a verb are answered with, without being done."""

    @property
    def changes(self) -> list[Asked]:
        """All requests but questions."""
        return [one for one in self.asked if one.verb != "GET"]


Route = tuple[str, str, str, Callable[..., tuple[int, Json]]]
"""Verb, pattern of the path, the role that it needs, and what is done."""
