"""Decides whom an identity of the provider lets in, and as what. Pure: accounts are looked up by the caller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from api.access.oidc.settings import CreateAs, OidcSettings
from api.access.oidc.token import Identity
from api.texts import Line, Username
from storage.identities import LinkedRow

_USERNAME: TypeAdapter[str] = TypeAdapter(Username)
_LINE: TypeAdapter[str] = TypeAdapter(Line)


class RefusedError(Exception):
    """Not let in; `code` is what the page has words for."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Known:
    """The account that is linked to the identity; `rights` are to be set anew where the provider decides them."""

    username: str
    rights: CreateAs | None
    strong: bool


@dataclass(frozen=True, slots=True)
class New:
    """An account that is to be made."""

    username: str
    display_name: str
    rights: CreateAs
    strong: bool


def admit(
    identity: Identity, linked: LinkedRow | None, settings: OidcSettings, totp_roles: frozenset[str]
) -> Known | New:
    """Who is let in. Raises RefusedError.

    Who has a second factor here, or a role that must have one, gets in only where the provider says that it asked for
    one: another door must not be a weaker one.
    """
    strong = asked_for_second_factor(identity.claims, settings.second_factor_amr)
    rights = rights_of(identity.claims, settings.create_as)
    if linked is None:
        if rights is None:
            raise RefusedError("oidc_unknown_user")
        _require_strength(strong, needed=rights.role in totp_roles)
        username = _username(identity.claims, settings.username_claim)
        return New(username, _display_name(identity.claims, username), rights, strong)
    if linked.disabled or (linked.managed and rights is None):
        raise RefusedError("oidc_unknown_user")
    role = rights.role if linked.managed and rights else linked.role
    _require_strength(strong, needed=linked.has_totp or role in totp_roles)
    return Known(linked.username, rights if linked.managed else None, strong)


def rights_of(claims: Mapping[str, Any], rules: Sequence[CreateAs]) -> CreateAs | None:
    """The first rule that fits."""
    return next((rule for rule in rules if rule.value in _values(claims, rule.claim)), None)


def asked_for_second_factor(claims: Mapping[str, Any], words: frozenset[str]) -> bool:
    """Whether the provider says so (RFC 8176)."""
    return not words.isdisjoint(_values(claims, "amr"))


def _require_strength(strong: bool, *, needed: bool) -> None:
    if needed and not strong:
        raise RefusedError("oidc_weak")


def _values(claims: Mapping[str, Any], name: str) -> list[str]:
    """The texts of a claim, which is one text or a list of them; dots lead into objects."""
    found: Any = claims.get(name)
    if found is None and "." in name:
        first, _, rest = name.partition(".")
        inner = claims.get(first)
        return _values(inner, rest) if isinstance(inner, dict) else []
    items = found if isinstance(found, list) else [found]
    return [item for item in items if isinstance(item, str)]


def _username(claims: Mapping[str, Any], name: str) -> str:
    try:
        return _USERNAME.validate_python(next(iter(_values(claims, name)), ""))
    except ValidationError:
        raise RefusedError("oidc_no_name") from None


def _display_name(claims: Mapping[str, Any], username: str) -> str:
    try:
        return _LINE.validate_python(claims.get("name"))
    except ValidationError:
        return username
