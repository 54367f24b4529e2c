"""What to tell the broker so that its accounts are those that are wanted. Pure; it holds no passwords.

An account bears a mark of its password, since the broker tells no passwords: another mark means another password. What
is as it should be is not told again, for the plugin writes its file at every change, and cuts connections at most.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from contracts.accounts import is_ours
from ingest.accounts.roles import Rights

DEFAULTS: Final[Mapping[str, bool]] = {
    "publishClientSend": False,
    "publishClientReceive": False,
    "subscribe": False,
    "unsubscribe": True,
}
"""What is allowed where no role says anything."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account as it is to be. `roles` are named as the account that they are made for."""

    mark: str
    client_id: str | None = None
    roles: tuple[str, ...] = ()
    shut_out: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """What the broker holds, or is to hold."""

    accounts: Mapping[str, Account] = field(default_factory=dict)
    roles: Mapping[str, Rights] = field(default_factory=dict)
    defaults: Mapping[str, bool] = field(default_factory=lambda: DEFAULTS)


@dataclass(frozen=True, slots=True)
class Step:
    """One command to the plugin. `password_of`: the account whose password belongs into it."""

    command: str
    fields: Mapping[str, Any]
    password_of: str | None = None


def steps(wanted: Held, held: Held) -> list[Step]:
    """Roles come before the accounts that have them; who is to be out goes first of all."""
    out = [step for login, account in wanted.accounts.items() for step in _shut_out(login, account, held)]
    found = [*_roles(wanted, held), *_accounts(wanted, held), *_strangers(wanted, held)]
    if dict(held.defaults) != dict(wanted.defaults):
        acls = [{"acltype": kind, "allow": allowed} for kind, allowed in wanted.defaults.items()]
        found.insert(0, Step("setDefaultACLAccess", {"acls": acls}))
    return [*out, *found]


def _shut_out(login: str, account: Account, held: Held) -> Iterator[Step]:
    there = held.accounts.get(login)
    if account.shut_out and there is not None and not there.shut_out:
        yield Step("disableClient", {"username": login})


def _roles(wanted: Held, held: Held) -> Iterator[Step]:
    for name, rights in wanted.roles.items():
        if held.roles.get(name) != rights:
            command = "modifyRole" if name in held.roles else "createRole"
            yield Step(command, {"rolename": name, "acls": _acls(rights)})


def _accounts(wanted: Held, held: Held) -> Iterator[Step]:
    for login, account in wanted.accounts.items():
        there = held.accounts.get(login)
        if account.shut_out:
            continue
        if there is None:
            yield Step("createClient", {"username": login, **_described(account)}, password_of=login)
            continue
        if (there.mark, there.client_id, there.roles) != (account.mark, account.client_id, account.roles):
            # The mark goes with the password, in one command: never one without the other.
            password_of = login if there.mark != account.mark else None
            yield Step("modifyClient", {"username": login, **_described(account)}, password_of)
        if there.shut_out:
            yield Step("enableClient", {"username": login})


def _strangers(wanted: Held, held: Held) -> Iterator[Step]:
    """Accounts and roles that are named as ours and that nobody wants; others are somebody else's business."""
    for login in held.accounts:
        if is_ours(login) and login not in wanted.accounts:
            yield Step("deleteClient", {"username": login})
    for name in held.roles:
        if is_ours(name) and name not in wanted.roles:
            yield Step("deleteRole", {"rolename": name})


def _described(account: Account) -> dict[str, Any]:
    client = {"clientid": account.client_id} if account.client_id else {}
    roles = [{"rolename": name} for name in account.roles]
    return {"textdescription": account.mark, "roles": roles, **client}


def _acls(rights: Rights) -> list[dict[str, Any]]:
    return [{"acltype": right.kind, "topic": right.topic, "allow": True} for right in sorted(rights)]
