from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from api.access.oidc.admission import Known, New, RefusedError, admit, rights_of
from api.access.oidc.settings import CreateAs, OidcSettings
from api.access.oidc.token import Identity
from storage.identities import LinkedRow
from tests.api.access.oidc.test_settings import GOOD

POLICE = CreateAs(claim="realm_access.roles", value="phoan-police", role="police", wards=("an-luu",))
ADMIN = CreateAs(claim="groups", value="phoan-admins", role="admin")
RULES = OidcSettings.model_validate({**GOOD, "create_as": [ADMIN, POLICE]})
LINKED_ONLY = OidcSettings.model_validate(GOOD)
TOTP_ROLES = frozenset({"admin"})


def who(**claims: Any) -> Identity:
    return Identity(GOOD["issuer"], "s-1", claims)


def linked(**changes: Any) -> LinkedRow:
    return replace(LinkedRow("lan", "police", disabled=False, has_totp=False, managed=False), **changes)


@pytest.mark.parametrize(
    ("claims", "rule"),
    [
        ({}, None),
        ({"groups": "phoan-admins"}, ADMIN),
        ({"groups": ["other", "phoan-admins"]}, ADMIN),
        ({"groups": ["phoan-admins-not"]}, None),
        ({"groups": {"phoan-admins": True}}, None),
        ({"groups": [["phoan-admins"]]}, None),
        ({"groups": None}, None),
        ({"realm_access": {"roles": ["phoan-police"]}}, POLICE),
        ({"realm_access.roles": "phoan-police"}, POLICE),
        ({"realm_access": "roles"}, None),
        ({"realm_access": {"roles": ["phoan-police"]}, "groups": "phoan-admins"}, ADMIN),
    ],
)
def test_the_first_rule_that_fits_decides(claims: dict[str, Any], rule: CreateAs | None) -> None:
    assert rights_of(claims, RULES.create_as) == rule


ROLES = {"realm_access": {"roles": ["phoan-police"]}}


@pytest.mark.parametrize(
    ("identity", "row", "settings", "outcome"),
    [
        (who(), None, LINKED_ONLY, "oidc_unknown_user"),
        (who(), None, RULES, "oidc_unknown_user"),
        (who(**ROLES), None, LINKED_ONLY, "oidc_unknown_user"),
        (who(), linked(), RULES, Known("lan", None, strong=False)),
        (who(), linked(disabled=True), RULES, "oidc_unknown_user"),
        (who(**ROLES), linked(), RULES, Known("lan", None, strong=False)),
        (who(**ROLES), linked(managed=True), RULES, Known("lan", POLICE, strong=False)),
        (who(), linked(managed=True), RULES, "oidc_unknown_user"),
        (who(**ROLES), linked(managed=True, disabled=True), RULES, "oidc_unknown_user"),
        (who(), linked(role="admin"), RULES, "oidc_weak"),
        (who(), linked(has_totp=True), RULES, "oidc_weak"),
        (who(amr=["pwd"]), linked(has_totp=True), RULES, "oidc_weak"),
        (who(amr="mfa"), linked(has_totp=True), RULES, Known("lan", None, strong=True)),
        (who(amr=["pwd", "otp"]), linked(role="admin"), RULES, Known("lan", None, strong=True)),
        (who(groups="phoan-admins"), linked(managed=True), RULES, "oidc_weak"),
        (who(**ROLES), None, RULES, "oidc_no_name"),
        (who(**ROLES, preferred_username="hoa"), None, RULES, New("hoa", "hoa", POLICE, strong=False)),
        (
            who(**ROLES, preferred_username="hoa", name="Lê Hoa"),
            None,
            RULES,
            New("hoa", "Lê Hoa", POLICE, strong=False),
        ),
        (who(**ROLES, preferred_username="hoa", name=7), None, RULES, New("hoa", "hoa", POLICE, strong=False)),
        (who(**ROLES, preferred_username="a\x00"), None, RULES, "oidc_no_name"),
        (who(**ROLES, preferred_username="a" * 81), None, RULES, "oidc_no_name"),
        (who(groups="phoan-admins", preferred_username="hoa"), None, RULES, "oidc_weak"),
    ],
    ids=range(22),
)
def test_who_is_let_in_and_as_what(
    identity: Identity, row: LinkedRow | None, settings: OidcSettings, outcome: Known | New | str
) -> None:
    if isinstance(outcome, str):
        with pytest.raises(RefusedError) as refused:
            admit(identity, row, settings, TOTP_ROLES)
        assert refused.value.code == outcome
    else:
        assert admit(identity, row, settings, TOTP_ROLES) == outcome
