"""What a code that was read is to the point where it hangs, and what of it may be told. Pure.

An account is never told: codes are told apart by a fingerprint, and a bank is no secret.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from contracts import payment_code
from contracts.banks import known, name_of
from contracts.payment_code import VIETQR, Payee, PaymentCodeError, Verdict
from edge.payment.allowed import Allowed
from edge.payment.candidate import Nature
from edge.rules.command import Why

KEY_DIGITS: Final = 12
"""Of a fingerprint: enough to tell codes apart, and too few to try accounts by for whoever has no key anyway."""

_HOST: Final = re.compile(r"[a-z0-9.-]{1,120}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Told:
    """What may be told of a code: `key` tells it from others, `facts` are its bank and the end of the account, or the
    host of a page.
    """

    nature: Nature
    key: str
    facts: Why


def judged(text: str, allowed: Allowed | None, salt: bytes) -> Told | None:
    """What a text is; None for a payment code while it is not known who may be paid. `salt` hides what is no payment
    code, of which nothing else is known.
    """
    try:
        code = payment_code.read(text)
    except PaymentCodeError as error:
        key = hmac.new(salt, text.encode(), hashlib.sha256).hexdigest()[:KEY_DIGITS]
        return Told(Nature.BROKEN, key, {}) if error.emvco else Told(Nature.FOREIGN, key, _host(text))
    if allowed is None:
        return None
    prints = {payment_code.fingerprint(payee, allowed.key): payee for payee in code.payees}
    ours = payment_code.judge(prints.keys(), allowed.payees) is Verdict.OURS
    # Of a code that names the shop's own payee too, the other one is what matters.
    digest = min(prints.keys() if ours else prints.keys() - allowed.payees)
    return Told(Nature.OURS if ours else Nature.NOT_OURS, digest[:KEY_DIGITS], _facts(prints[digest]))


def _host(text: str) -> Why:
    """Where the address of a page leads: whoever has it blocked must know. Its path may name a person."""
    try:
        parts = urlsplit(text.strip())
        host = parts.hostname or ""
    except ValueError:
        return {}
    return {"host": host} if parts.scheme in ("http", "https") and _HOST.fullmatch(host) else {}


def _facts(payee: Payee) -> Why:
    if payee.guid != VIETQR:
        return {}
    name = name_of(payee.bin, known())
    return {
        "bank": payee.bin,
        **({"bank_name": name} if name else {}),
        **({"last_four": payee.last_four} if payee.last_four else {}),
    }
