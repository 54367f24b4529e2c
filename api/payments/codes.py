"""What a code or an account becomes in the registry: the columns of each payee, without the account. Pure."""

from __future__ import annotations

from collections.abc import Collection

from api.payments.key import WardKey
from api.payments.registry import StepError
from contracts import payment_code
from contracts.payment_code import Payee, PaymentCodeError

Columns = dict[str, str]


def payees_of_code(text: str) -> frozenset[Payee]:
    """Whom a code names. Raises StepError `payment_code_broken`, or `payment_code_foreign` for another kind of code."""
    try:
        return payment_code.read(text.strip()).payees
    except PaymentCodeError as error:
        raise StepError("payment_code_broken" if error.emvco else "payment_code_foreign") from None


def payees_of_account(bank: str, account: str, service: str) -> frozenset[Payee]:
    """Whom a VietQR code for this account names. Raises StepError."""
    try:
        return payment_code.read(payment_code.vietqr(bank, account.upper(), service=service)).payees
    except PaymentCodeError:
        raise StepError("account_wrong") from None


def columns(payee: Payee, key: WardKey, label: str = "") -> Columns:
    """What is kept of a payee."""
    return {
        "fingerprint": payment_code.fingerprint(payee, key.key),
        "guid": payee.guid,
        "bin": payee.bin,
        "last_four": payee.last_four,
        "service": payee.service,
        "label": label,
        "key_id": key.id,
    }


def bins(payees: Collection[Payee]) -> list[str]:
    """The banks that a code names, each once."""
    return sorted({payee.bin for payee in payees if payee.bin})
