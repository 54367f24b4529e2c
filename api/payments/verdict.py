"""How a scanned code is judged: what it is to the point at which somebody stands, or whose it is. Pure.

An unknown bank, or a code that nobody registered, is unknown and no more: it is no word for fraud.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from contracts import payment_code
from contracts.payment_code import PaymentCodeError


class Verdict(StrEnum):
    """The first four are of a code at a point; `found` and `unknown` of one that is asked about alone."""

    OURS = "ours"
    PARTLY = "partly"
    NOT_OURS = "not_ours"
    FOREIGN = "foreign"  # no payment code: a link, a phone number, a menu
    BROKEN = "broken"  # a payment code whose checksum or build is wrong: scan again
    FOUND = "found"
    UNKNOWN = "unknown"


REPORTABLE: Final = frozenset({Verdict.PARTLY, Verdict.NOT_OURS, Verdict.FOREIGN})
"""What somebody should look into where it hangs at a payment point."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A scanned text: whom it names, or why it names nobody."""

    payees: frozenset[payment_code.Payee] = frozenset()
    fault: Verdict | None = None


def read(text: str) -> Reading:
    """What a text says; never raises."""
    try:
        return Reading(payment_code.read(text.strip()).payees)
    except PaymentCodeError as error:
        return Reading(fault=Verdict.BROKEN if error.emvco else Verdict.FOREIGN)


def at_point(reading: Reading, fingerprints: Collection[str], allowed: Collection[str]) -> Verdict:
    """What a code is to a point that is paid to `allowed`."""
    if reading.fault:
        return reading.fault
    return Verdict(payment_code.judge(frozenset(fingerprints), frozenset(allowed)).value)


def alone(reading: Reading, *, found: bool) -> Verdict:
    """What a code is that somebody asks about without a point."""
    return reading.fault or (Verdict.FOUND if found else Verdict.UNKNOWN)
