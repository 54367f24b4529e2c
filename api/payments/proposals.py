"""What a proposal means, step by step: codes and accounts become the columns of payees, and each step must fit the
registry after those before it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from api.access.permissions import Person
from api.payments import codes
from api.payments.desk import Desk
from api.payments.key import WardKey
from api.payments.models import AddPayee, AddPoint, EndPoint, NewPayee, Proposal, Wanted
from api.payments.registry import Registry, StepError
from api.problems import ProblemError, not_found
from storage.payment_points import Step

_TITLES: Final = {
    "no_such_point": "There is no such payment point in this ward",
    "unknown_site": "There is no such site in this ward",
    "point_exists": "There is a payment point of this name already",
    "point_ended": "The payment point has ended",
    "payee_there": "The payment point is paid to that account already",
    "payee_not_there": "The payment point is not paid to that account",
    "too_many_payees": "A payment point is paid to 16 accounts at most",
    "payment_code_broken": "The code cannot be read as a whole",
    "payment_code_foreign": "The code is no payment code",
    "account_wrong": "No code can name this bank and account",
}


def steps_of(proposal: Proposal, registry: Registry, user: Person, desk: Desk) -> list[Step]:
    """The steps, which `registry` has taken then. Raises ProblemError 404 for a place that the user does not see, 422
    for what does not fit, and 503 without a key.
    """
    steps: list[Step] = []
    for wanted in proposal.steps:
        for step in _steps(wanted, registry, proposal.ward, user, desk):
            _take(registry, step)
            steps.append(step)
    return steps


def _take(registry: Registry, step: Step) -> None:
    try:
        registry.take(step)
    except StepError as error:
        raise ProblemError(422, error.code, _TITLES[error.code]) from None


def _steps(wanted: Wanted, registry: Registry, ward: str, user: Person, desk: Desk) -> list[Step]:
    """What a wish means, step by step. Raises ProblemError 404 for a place that the user does not see, and 422."""
    if isinstance(wanted, AddPoint):
        _require_site(user, ward, wanted.site, "site")
        point = wanted.id or registry.free_name(wanted.name)
        new = Step("add_point", point, wanted.site, wanted.name, wanted.kind, wanted.stall, wanted.hours)
        bare = Step("add_payee", point, wanted.site)
        return [new, *(step for payee in wanted.payees for step in _payees(bare, payee, desk.key.of(ward)))]
    known = registry.points.get(wanted.point)
    if known is None:
        raise not_found("payment point")
    _require_site(user, ward, known.site, "payment point")
    step = Step(wanted.action, wanted.point, known.site)
    if isinstance(wanted, EndPoint):
        return [step]
    if isinstance(wanted, AddPayee):
        return _payees(step, wanted, desk.key.of(ward))
    return [replace(step, fingerprint=wanted.fingerprint)]


def _require_site(user: Person, ward: str, site: str, what: str) -> None:
    if not user.sees.covers(ward, site):
        raise not_found(what)


def _payees(step: Step, new: NewPayee, key: WardKey) -> list[Step]:
    """A step for each payee that a code names."""
    try:
        if new.code is not None:
            found = codes.payees_of_code(new.code)
        else:
            found = codes.payees_of_account(new.bank or "", new.account or "", new.service)
    except StepError as error:
        raise ProblemError(422, error.code, _TITLES[error.code]) from None
    return [replace(step, **codes.columns(payee, key, new.label)) for payee in sorted(found)]
