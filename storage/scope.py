"""Which places somebody may see: whole wards, and single sites of others. Every read that shows a place takes one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SitePlace:
    """A site and the ward that it lies in."""

    ward: str
    site: str


@dataclass(frozen=True, slots=True)
class Scope:
    """`whole` wards with all that is in them, and `sites` alone."""

    whole: frozenset[str] = frozenset()
    sites: frozenset[SitePlace] = frozenset()

    @classmethod
    def of_wards(cls, wards: Iterable[str]) -> Scope:
        """All of these wards."""
        return cls(whole=frozenset(wards))

    def __bool__(self) -> bool:
        return bool(self.whole or self.sites)

    def __or__(self, other: Scope) -> Scope:
        return Scope(self.whole | other.whole, self.sites | other.sites)

    @property
    def wards(self) -> list[str]:
        """The wards of which anything may be seen, in order."""
        return sorted(self.whole | {place.ward for place in self.sites})

    def covers(self, ward: str, site: str | None) -> bool:
        """Whether a thing at `site` may be seen; None for one that belongs to the ward as a whole, such as a box."""
        if site is None:
            return ward in self.wards
        return ward in self.whole or SitePlace(ward, site) in self.sites

    def parameters(self) -> dict[str, list[str]]:
        """What the SQL of a read filters by: `wards`, and of these the `whole` ones and the single `sites`."""
        return {
            "wards": self.wards,
            "whole": sorted(self.whole),
            "sites": sorted(place.site for place in self.sites),
        }
