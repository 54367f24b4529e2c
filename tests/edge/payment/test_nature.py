from __future__ import annotations

from collections.abc import Mapping

import pytest

from contracts import payment_code
from contracts.emvco import sealed, written
from edge.payment.allowed import Allowed
from edge.payment.candidate import Nature
from edge.payment.nature import judged
from tests.edge.payment.stalls import KEY, OTHER, PAGE, TEXT, fingerprints

SALT = b"muoi"
ALLOWED = Allowed(frozenset(fingerprints(TEXT)), KEY)
FIELDS = {"00": "01", "01": "11", "53": "704", "58": "VN"}


def both() -> str:
    """A code that names the shop's payee, and a thief's beside."""

    def template(bank: str, account: str) -> str:
        to = written({"00": bank, "01": account})
        return written({"00": payment_code.VIETQR, "01": to, "02": "QRIBFTTA"})

    return sealed(
        {"00": "01", "38": template("970436", "0881000458086"), "39": template("970422", "1020304050"), "58": "VN"}
    )


@pytest.mark.parametrize(
    ("text", "nature", "facts"),
    [
        (TEXT, Nature.OURS, {"bank": "970436", "bank_name": "Vietcombank", "last_four": "8086"}),
        (OTHER, Nature.NOT_OURS, {"bank": "970422", "bank_name": "MB", "last_four": "4050"}),
        (both(), Nature.NOT_OURS, {"bank": "970422", "bank_name": "MB", "last_four": "4050"}),
        (PAGE, Nature.FOREIGN, {"host": "vi-du.example"}),
        ("HTTPS://Vi-Du.Example:8443/tra-tien?so=0912345678", Nature.FOREIGN, {"host": "vi-du.example"}),
        ("https://<b>vi-du</b>/", Nature.FOREIGN, {}),
        ("https://[vi-du", Nature.FOREIGN, {}),
        ("ftp://vi-du.example/x", Nature.FOREIGN, {}),
        ("xin chào", Nature.FOREIGN, {}),
        ("", Nature.FOREIGN, {}),
        (TEXT[:-1] + ("0" if TEXT[-1] != "0" else "1"), Nature.BROKEN, {}),
    ],
    ids=[
        "ours",
        "theirs",
        "both",
        "page",
        "PAGE",
        "no host",
        "broken host",
        "no page",
        "greeting",
        "nothing",
        "wrong checksum",
    ],
)
def test_what_a_code_is(text: str, nature: Nature, facts: Mapping[str, str]) -> None:
    told = judged(text, ALLOWED, SALT)
    assert told is not None
    assert (told.nature, told.facts) == (nature, facts)


def test_a_payment_code_is_not_judged_while_nobody_is_known_and_anything_else_is() -> None:
    assert judged(TEXT, None, SALT) is None
    told = judged(PAGE, None, SALT)
    assert told is not None
    assert told.nature is Nature.FOREIGN


@pytest.mark.parametrize("text", [TEXT, OTHER, both(), PAGE, TEXT[:-1] + "0"])
def test_nothing_that_is_told_shows_an_account_or_the_text(text: str) -> None:
    told = judged(text, ALLOWED, SALT)
    assert told is not None
    shown = f"{told.key} {dict(told.facts)}"
    assert not any(account in shown for account in ("0881000458086", "1020304050", "000458086", text))
    assert len(told.key) == 12


def test_the_key_of_a_code_is_the_fingerprint_of_whom_it_pays() -> None:
    told = judged(OTHER, ALLOWED, SALT)
    assert told is not None
    assert told.key == fingerprints(OTHER)[0][:12]
