"""A payment code: to whom the money goes. Told apart by the payees it names, never by its amount, note or shop name.

A name on a code is free text that a thief copies, and the checksum proves a clean read, never who printed it. So two
codes are the same exactly when they name the same payees. Shops show several banks' codes: see `judge`.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Set
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from contracts import emvco
from contracts.emvco import EmvcoError, Fields

VIETQR: Final = "A000000727"
"""The GUID of NAPAS in field 38: VietQR."""

SERVICES: Final = frozenset({"QRIBFTTA", "QRIBFTTC", "QRPUSH", "QRCASH"})
"""To an account, to a card, to a merchant, at a cash machine."""

MIN_KEY_BYTES: Final = 16
MIN_MASTER_BYTES: Final = 32

_SCHEMES: Final = tuple(f"{number:02}" for number in range(2, 26))
_MERCHANTS: Final = tuple(f"{number:02}" for number in range(26, 52))
_BIN: Final = re.compile(r"[0-9]{6}", re.ASCII)
_ACCOUNT: Final = re.compile(r"[0-9A-Z]{1,19}", re.ASCII)


class PaymentCodeError(ValueError):
    """The text is no payment code that can be relied on. `code` says why.

    `emvco`: whether it claims to be one, and is broken; otherwise it is something else, such as the address of a page.
    """

    def __init__(self, code: str, *, claims: bool) -> None:
        super().__init__(code)
        self.code = code
        self.emvco = claims


@dataclass(frozen=True, slots=True, order=True)
class Payee:
    """Who is paid, as one template of a code says it.

    `guid` names the scheme ("A000000727" is VietQR; "02" to "25" are the card schemes' own fields), `bin` the bank
    where the scheme is VietQR, `account` the account, card or merchant number, `service` the way of payment.
    """

    guid: str
    account: str
    bin: str = ""
    service: str = ""

    @property
    def last_four(self) -> str:
        """What may be shown of the account; nothing of one that is not longer than that."""
        return self.account[-4:] if len(self.account) > 4 else ""


@dataclass(frozen=True, slots=True)
class PaymentCode:
    """What a code says. Everything but `payees` may change from one sale to the next, or be made up."""

    payees: frozenset[Payee]
    amount: str | None = None
    currency: str | None = None
    name: str | None = None
    city: str | None = None
    merchant_category: str | None = None
    note: str | None = None


class Verdict(StrEnum):
    """What a code is to a payment point. `PARTLY`: it names a payee of the point and another one beside it."""

    OURS = "ours"
    PARTLY = "partly"
    NOT_OURS = "not_ours"


def read(text: str) -> PaymentCode:
    """Read a code strictly. Raises PaymentCodeError, and nothing else, for whatever is not one.

    Its codes are those of `contracts.emvco`, and `nobody_is_paid`, `template_without_guid`, `bank_wrong` and
    `account_wrong`.
    """
    try:
        fields = emvco.read(text)
        payees = frozenset(_payees(fields))
        extra = emvco.fields(fields.get("62", ""))
    except EmvcoError as error:
        raise PaymentCodeError(error.code, claims=emvco.looks_like_one(text)) from None
    if not payees:
        raise PaymentCodeError("nobody_is_paid", claims=True)
    return PaymentCode(
        payees=payees,
        amount=fields.get("54"),
        currency=fields.get("53"),
        name=fields.get("59"),
        city=fields.get("60"),
        merchant_category=fields.get("52"),
        note=extra.get("08"),
    )


def _payees(fields: Fields) -> list[Payee]:
    schemes = [Payee(key, _plain(fields[key])) for key in _SCHEMES if fields.get(key)]
    return schemes + [_merchant(emvco.fields(fields[key])) for key in _MERCHANTS if fields.get(key)]


def _merchant(template: Fields) -> Payee:
    """The payee of one of the fields 26 to 51. Of schemes other than VietQR every field but the service counts."""
    guid = _plain(template.get("00", ""))
    if not guid:
        raise EmvcoError("template_without_guid")
    if guid == VIETQR:
        return _vietqr(template)
    rest = {key: _plain(value) for key, value in template.items() if key != "00"}
    return Payee(guid, rest["01"] if list(rest) == ["01"] else emvco.written(rest))


def _vietqr(template: Fields) -> Payee:
    to = emvco.fields(template.get("01", ""))
    bank, account, service = _plain(to.get("00", "")), _plain(to.get("01", "")), _plain(template.get("02", ""))
    if not _BIN.fullmatch(bank):
        raise EmvcoError("bank_wrong")
    if not _ACCOUNT.fullmatch(account):
        raise EmvcoError("account_wrong")
    return Payee(VIETQR, account, bank, service)


def _plain(value: str) -> str:
    """As it is compared: upper case, without spaces around it."""
    return value.strip().upper()


def judge(code: Set[Payee] | Set[str], allowed: Set[Payee] | Set[str]) -> Verdict:
    """What a code is to a point that is paid to `allowed`; both as payees, or both as their fingerprints.

    A code is ours only when everybody whom it names is: a thief can print the shop's own payee beside another.
    """
    if not code or code.isdisjoint(allowed):
        return Verdict.NOT_OURS
    return Verdict.OURS if code <= allowed else Verdict.PARTLY


def fingerprint(payee: Payee, key: bytes) -> str:
    """What is stored instead of an account: HMAC-SHA256 of the payee with the ward's key, 64 hex digits.

    Account numbers are few enough to be tried one by one, so a digest without a key would hide nothing. Raises
    ValueError for a key that could be tried too.
    """
    if len(key) < MIN_KEY_BYTES:
        raise ValueError(f"the key of payment codes must have at least {MIN_KEY_BYTES} bytes")
    parts = json.dumps((payee.guid, payee.bin, payee.account, payee.service))
    return hmac.new(key, parts.encode(), hashlib.sha256).hexdigest()


def ward_key(master: bytes, ward: str) -> bytes:
    """The key of a ward's fingerprints, made from the centre's master key: a box of one ward learns nothing of another.

    Raises ValueError for a master key that is too short.
    """
    if len(master) < MIN_MASTER_BYTES:
        raise ValueError(f"the master key of payment codes must have at least {MIN_MASTER_BYTES} bytes")
    return hmac.new(master, f"payment-codes:{ward}".encode(), hashlib.sha256).digest()


def key_id(key: bytes) -> str:
    """A short name of a ward's key, which tells nothing of it: whether two fingerprints can be compared at all."""
    return hmac.new(key, b"name of this key", hashlib.sha256).hexdigest()[:16]


def vietqr(
    bank: str, account: str, *, amount: int | None = None, name: str = "", city: str = "", note: str = "",
    service: str = "QRIBFTTA",
) -> str:  # fmt: skip
    """The text of a VietQR code. Amounts are in đồng. Raises PaymentCodeError for what no code can say."""
    try:
        to = emvco.written({"00": bank, "01": account})
        fields = {
            "00": "01",
            "01": "11" if amount is None else "12",
            "38": emvco.written({"00": VIETQR, "01": to, "02": service}),
            "53": "704",
            "54": "" if amount is None else str(amount),
            "58": "VN",
            "59": name[:25],
            "60": city[:15],
            "62": emvco.written({"08": note[:25]}) if note else "",
        }
        text = emvco.sealed({key: value for key, value in fields.items() if value})
    except EmvcoError as error:
        raise PaymentCodeError(error.code, claims=True) from None
    read(text)
    return text
