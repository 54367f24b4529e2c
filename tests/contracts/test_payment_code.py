from __future__ import annotations

import hashlib
import hmac
import string
from contextlib import suppress

import pytest
import qr_pay
import vietnam_qr_pay
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import emvco, payment_code
from contracts.payment_code import Payee, PaymentCodeError, Verdict, judge

STATIC = "00020101021138570010A00000072701270006970436011308810004580860208QRIBFTTA53037045802VN6304BE11"
DYNAMIC = "00020101021238540010A00000072701240006970436011010203040500208QRIBFTTA53037045405250005802VN62220818CHO AN LUU SAP A1263043348"  # noqa: E501
NAMED = "00020101021138540010A00000072701240006971005011009876543210208QRIBFTTA5204541153037045802VN5917CHO AN LUU SAP 126009HAI DUONG6304F461"  # noqa: E501
TO_CARD = "00020101021138600010A00000072701300006970415011697041512345678900208QRIBFTTC53037045802VN63041966"
KEY = b"sixteen bytes or more"


def a_vietqr(**changes: str) -> str:
    """A sealed code whose field 38 has the given fields."""
    return emvco.sealed({"00": "01", "38": emvco.written(changes), "58": "VN"})


@pytest.mark.parametrize(
    ("text", "payee"),
    [
        (STATIC, Payee("A000000727", "0881000458086", "970436", "QRIBFTTA")),
        (DYNAMIC, Payee("A000000727", "1020304050", "970436", "QRIBFTTA")),
        (NAMED, Payee("A000000727", "0987654321", "971005", "QRIBFTTA")),
        (TO_CARD, Payee("A000000727", "9704151234567890", "970415", "QRIBFTTC")),
    ],
)
def test_worked_codes_name_their_payee(text: str, payee: Payee) -> None:
    assert payment_code.read(text).payees == {payee}


def test_amount_note_and_name_are_told_but_are_not_who_is_paid() -> None:
    code = payment_code.read(DYNAMIC)
    assert (code.amount, code.currency, code.note) == ("25000", "704", "CHO AN LUU SAP A12")
    assert (payment_code.read(NAMED).name, payment_code.read(NAMED).city) == ("CHO AN LUU SAP 12", "HAI DUONG")
    other = payment_code.vietqr("970436", "1020304050", amount=99, note="another", name="somebody")
    assert payment_code.read(other).payees == code.payees


def test_several_schemes_in_one_code_are_several_payees() -> None:
    text = emvco.sealed({
        "00": "01",
        "02": "4111111111111111",
        "26": emvco.written({"00": "A000000775", "01": "0123456789"}),
        "38": emvco.written({"00": "A000000727", "01": emvco.written({"00": "970436", "01": "123"}), "02": "QRIBFTTA"}),
        "45": emvco.written({"00": "vn.other", "02": "b", "05": "x"}),
    })  # fmt: skip
    assert payment_code.read(text).payees == {
        Payee("02", "4111111111111111"),
        Payee("A000000775", "0123456789"),
        Payee("A000000727", "123", "970436", "QRIBFTTA"),
        Payee("VN.OTHER", "0201B0501X"),
    }


@pytest.mark.parametrize(
    ("text", "code", "claims"),
    [
        ("https://vietqr.example/pay?to=123", "checksum_missing", False),
        ("", "checksum_missing", False),
        (STATIC.replace("BE11", "BE12"), "checksum_wrong", True),
        (emvco.sealed({"00": "01", "58": "VN"}), "nobody_is_paid", True),
        (a_vietqr(**{"01": "0006970436010312"}), "template_without_guid", True),
        (a_vietqr(**{"00": "A000000727", "01": emvco.written({"00": "97043", "01": "12"})}), "bank_wrong", True),
        (a_vietqr(**{"00": "A000000727", "01": emvco.written({"00": "970436"})}), "account_wrong", True),
        (
            a_vietqr(**{"00": "A000000727", "01": emvco.written({"00": "970436", "01": "1" * 20})}),
            "account_wrong",
            True,
        ),
        (a_vietqr(**{"00": "A000000727", "01": emvco.written({"00": "970436", "01": "12 34"})}), "account_wrong", True),
        (a_vietqr(**{"00": "A000000727", "01": "0006970436019912"}), "cut_short", True),
    ],
)
def test_what_cannot_be_relied_on_is_refused_with_its_reason(text: str, code: str, claims: bool) -> None:
    with pytest.raises(PaymentCodeError) as caught:
        payment_code.read(text)
    assert (caught.value.code, caught.value.emvco) == (code, claims)


A, B, C = Payee("G", "1"), Payee("G", "2"), Payee("G", "3")


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ({A}, Verdict.OURS),
        ({A, B}, Verdict.OURS),
        ({A, C}, Verdict.PARTLY),
        ({C}, Verdict.NOT_OURS),
        (set(), Verdict.NOT_OURS),
    ],
)
def test_a_code_is_ours_when_everybody_it_names_is(code: set[Payee], verdict: Verdict) -> None:
    assert judge(code, {A, B}) is verdict
    prints = [{payment_code.fingerprint(one, KEY) for one in payees} for payees in (code, {A, B})]
    assert judge(*prints) is verdict


def test_fingerprints_hide_the_account_and_differ_between_wards() -> None:
    payee = Payee("A000000727", "0881000458086", "970436", "QRIBFTTA")
    printed = payment_code.fingerprint(payee, KEY)
    assert len(printed) == 64
    assert payee.account not in printed
    assert payment_code.fingerprint(payee, KEY + b"!") != printed
    with pytest.raises(ValueError, match="at least 16 bytes"):
        payment_code.fingerprint(payee, b"short")


def test_fields_do_not_run_into_each_other_in_a_fingerprint() -> None:
    first, second = Payee("G", "1", "2\n3"), Payee("G", "1\n2", "3")
    assert payment_code.fingerprint(first, KEY) != payment_code.fingerprint(second, KEY)


def test_a_short_account_shows_nothing() -> None:
    assert (Payee("G", "1234").last_four, Payee("G", "12345").last_four) == ("", "2345")


@pytest.mark.parametrize(("bank", "account"), [("97043", "12"), ("970436", ""), ("970436", "x" * 120)])
def test_no_code_is_made_that_could_not_be_read(bank: str, account: str) -> None:
    with pytest.raises(PaymentCodeError):
        payment_code.vietqr(bank, account)


BANKS = st.from_regex(r"[0-9]{6}", fullmatch=True)
ACCOUNTS = st.text(string.digits + string.ascii_uppercase, min_size=1, max_size=19)
NOTES = st.text(string.ascii_letters + string.digits + " ", min_size=1, max_size=25).filter(lambda note: note.strip())


@settings(deadline=None)
@given(BANKS, ACCOUNTS, st.none() | st.integers(1, 999_999_999), NOTES)
def test_two_independent_libraries_agree(bank: str, account: str, amount: int | None, note: str) -> None:
    asked = None if amount is None else str(amount)
    written = vietnam_qr_pay.QRPay.init_viet_qr(bank, account, asked, note).build()
    for text in (written, payment_code.vietqr(bank, account, amount=amount, note=note)):
        code = payment_code.read(text)
        assert code.payees == {Payee("A000000727", account, bank, "QRIBFTTA")}
        assert (code.amount, code.note) == (asked, note)
        theirs = vietnam_qr_pay.QRPay(text)
        assert theirs.is_valid
        assert (theirs.consumer.bank_bin, theirs.consumer.bank_number, theirs.amount) == (bank, account, asked)
        flat = qr_pay.decode(text)
        assert (flat["bin_id"], flat["consumer_id"], flat["transaction_amount"]) == (bank, account, asked)


@pytest.mark.parametrize("text", [STATIC, DYNAMIC, NAMED, TO_CARD])
def test_the_other_libraries_read_the_worked_codes_alike(text: str) -> None:
    (payee,) = payment_code.read(text).payees
    theirs, flat = vietnam_qr_pay.QRPay(text), qr_pay.decode(text)
    assert (theirs.consumer.bank_bin, theirs.consumer.bank_number) == (payee.bin, payee.account)
    assert (flat["bin_id"], flat["consumer_id"], flat["service_code"]) == (payee.bin, payee.account, payee.service)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A worked code with a few characters changed, taken out, put in or repeated, and mostly a right checksum."""
    text = draw(st.sampled_from([STATIC, DYNAMIC, NAMED, TO_CARD]))[:-4]
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(text)))
        cut = draw(st.integers(0, 6))
        text = text[:at] + draw(st.text(max_size=4) | st.just(text[at : at + 8])) + text[at + cut :]
    return text + (emvco.checksum(text) if draw(st.booleans()) else "")


@settings(max_examples=400, deadline=None)
@given(mutated() | st.text(max_size=600))
def test_fuzzing_raises_nothing_but_the_own_error(text: str) -> None:
    with suppress(PaymentCodeError):
        code = payment_code.read(text)
        assert code.payees
        assert all(len(payment_code.fingerprint(payee, KEY)) == 64 for payee in code.payees)


def test_each_ward_has_a_key_of_its_own_made_from_the_master_key() -> None:
    master = bytes(range(32))
    key = payment_code.ward_key(master, "an-luu")
    assert key == hmac.new(master, b"payment-codes:an-luu", hashlib.sha256).digest()
    assert key != payment_code.ward_key(master, "phuong-4")
    assert payment_code.key_id(key) != payment_code.key_id(payment_code.ward_key(master, "phuong-4"))
    assert payment_code.key_id(key) not in key.hex()
    with pytest.raises(ValueError, match="32 bytes"):
        payment_code.ward_key(master[:31], "an-luu")
