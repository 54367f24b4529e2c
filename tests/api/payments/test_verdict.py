from __future__ import annotations

import pytest

from api.payments import verdict
from api.payments.verdict import Verdict
from contracts import emvco, payment_code

OURS = payment_code.vietqr("970436", "0881000458086")
OTHER = payment_code.vietqr("970422", "1020304050")
BOTH = emvco.sealed(
    {**{key: value for key, value in emvco.read(OURS).items() if key != "63"}, "39": emvco.read(OTHER)["38"]}
)


def judged(text: str) -> Verdict:
    reading = verdict.read(text)
    prints = [payee.account for payee in reading.payees]
    return verdict.at_point(reading, prints, {"0881000458086"})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (OURS, Verdict.OURS),
        (f"  {OURS}\n", Verdict.OURS),
        (payment_code.vietqr("970436", "0881000458086", amount=50_000, note="RAU"), Verdict.OURS),
        (OTHER, Verdict.NOT_OURS),
        (payment_code.vietqr("999999", "0881"), Verdict.NOT_OURS),
        (BOTH, Verdict.PARTLY),
        (OURS[:-4] + "0000", Verdict.BROKEN),
        (OURS[:30], Verdict.BROKEN),
        ("https://example.com/pay", Verdict.FOREIGN),
        ("", Verdict.FOREIGN),
    ],
)
def test_a_code_at_a_point(text: str, found: Verdict) -> None:
    assert judged(text) == found


def test_a_code_alone_is_found_or_unknown_and_never_more() -> None:
    reading = verdict.read(OTHER)
    assert verdict.alone(reading, found=True) == Verdict.FOUND
    assert verdict.alone(reading, found=False) == Verdict.UNKNOWN
    assert verdict.alone(verdict.read("xin chào"), found=False) == Verdict.FOREIGN
