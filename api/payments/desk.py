"""What all routes of payment points share: the key, the names of banks, how often one may scan, and who may do what.

Viewers, such as helpers of the community, may only patrol. Everybody else reads the registry and proposes; who decides
is police or an administrator, and never the one who proposed.
"""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends
from starlette.requests import HTTPConnection

from api.access.auth import User
from api.access.limits import Buckets
from api.access.permissions import Person
from api.config import ApiSettings
from api.payments import key
from api.problems import ProblemError
from contracts import banks
from contracts.banks import BanksError
from contracts.settings import SettingsError

PROPOSES: Final = frozenset({"admin", "operator", "police", "technician"})
DECIDES: Final = frozenset({"admin", "police"})

SCANS_PER_SECOND: Final = 1.0
SCANS_AT_ONCE: Final = 40
"""Who walks along a row of stalls scans one in some seconds; who tries account numbers one by one would scan faster."""


class Desk:
    """Owns what the settings say of payment points. Raises SettingsError for a key or a table that cannot be used."""

    def __init__(self, settings: ApiSettings) -> None:
        self.key = key.read(settings.payment_key_file)
        try:
            self.banks = banks.extended(settings.banks_file) if settings.banks_file else banks.known()
        except BanksError as error:
            raise SettingsError(f"field banks_file: {error}") from None
        self.scans = Buckets(SCANS_PER_SECOND, SCANS_AT_ONCE)


def desk_of(connection: HTTPConnection) -> Desk:
    desk: Desk = connection.app.state.payments
    return desk


TheDesk = Annotated[Desk, Depends(desk_of)]


async def may_propose(user: User) -> Person:
    if user.role not in PROPOSES:
        raise ProblemError(403, "patrols_only", "This role scans codes on patrol and does not keep the registry")
    return user


Registrar = Annotated[Person, Depends(may_propose)]


async def may_decide(user: User) -> Person:
    if user.role not in DECIDES:
        raise ProblemError(403, "may_not_decide", "Police and administrators decide changes of the registry")
    return user


Decider = Annotated[Person, Depends(may_decide)]
