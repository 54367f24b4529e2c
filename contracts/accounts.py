"""How boxes and devices are called at the broker: login names and the client ids that go with them.

A login is bound to its client id there, so nobody can push another off the broker by taking its client id. Names have
a word before a dot, which no id of ours holds: a box, a device and a program never have one name.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class AccountKind(StrEnum):
    """What signs in with an account."""

    BOX = "box"
    DEVICE = "device"


_PREFIX: Final = {AccountKind.BOX: "box.", AccountKind.DEVICE: "dev."}


def login_of(kind: AccountKind, name: str) -> str:
    """The login name of a box or a device."""
    return f"{_PREFIX[kind]}{name}"


def is_ours(login: str) -> bool:
    """Whether a login at the broker is one of a box or a device, hence one that the centre keeps."""
    return login.startswith(tuple(_PREFIX.values()))


def client_of_box(box: str) -> str:
    """The client id of a box's link, under any account."""
    return f"phoan-edge-{box}"


def client_of(kind: AccountKind, name: str) -> str:
    """The client id to which the account is bound; a device's is its login name."""
    return client_of_box(name) if kind is AccountKind.BOX else login_of(kind, name)


def doctor_login(login: str) -> str:
    """The login with which a box is examined: the same secret and rights, and the running link is left alone."""
    return f"{login}.doctor"


def doctor_client(box: str) -> str:
    """The client id that goes with `doctor_login`."""
    return f"phoan-doctor-{box}"
