"""The code that a person carries from the wall to a box."""

from __future__ import annotations

import base64
import hashlib

import pytest

from contracts.enrolment import (
    ALPHABET,
    CodeError,
    EnrolmentCode,
    EnrolmentRequest,
    fingerprint_of,
    new_secret,
    parse_code,
)

CODE = EnrolmentCode("0123456789ABC", fingerprint_of(b"the key of an authority"))


def test_a_code_is_six_groups_of_five_signs_that_cannot_be_mixed_up() -> None:
    groups = str(CODE).split("-")
    assert [len(group) for group in groups] == [5] * 6
    assert set("".join(groups)) <= set(ALPHABET)
    assert not set("ILOU") & set(ALPHABET)


def test_a_code_is_read_as_people_type_it() -> None:
    text = str(CODE)
    for typed in (text.lower(), text.replace("-", ""), text.replace("-", " "), f"  {text}\n", text.replace("0", "O")):
        assert parse_code(typed) == CODE
    assert parse_code(text.replace("1", "l")) == CODE


def test_every_wrong_sign_is_found() -> None:
    text = str(CODE).replace("-", "")
    for place, right in enumerate(text):
        for wrong in ALPHABET:
            if wrong != right:
                with pytest.raises(CodeError, match="check"):
                    parse_code(text[:place] + wrong + text[place + 1 :])


def test_neighbours_that_changed_places_are_found_but_for_the_rarest() -> None:
    missed = 0
    for _ in range(50):
        text = str(EnrolmentCode(new_secret(), CODE.fingerprint)).replace("-", "")
        for place in range(len(text) - 1):
            swapped = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
            if swapped != text:
                try:
                    parse_code(swapped)
                    missed += 1
                except CodeError:
                    pass
    assert missed <= 15, "of 1,450"


@pytest.mark.parametrize(
    ("typed", "why"), [("", "length"), ("AAAAA", "length"), ("U" * 30, "sign"), ("ế" * 30, "sign")]
)
def test_what_is_no_code_is_refused_with_the_reason(typed: str, why: str) -> None:
    with pytest.raises(CodeError, match=why):
        parse_code(typed)


def test_secrets_differ_and_have_sixty_five_bits() -> None:
    assert len({new_secret() for _ in range(1000)}) == 1000
    assert len(ALPHABET) ** len(new_secret()) == 2**65


def test_a_fingerprint_is_the_first_eighty_bits_of_the_keys_digest() -> None:
    digest = hashlib.sha256(b"key").digest()
    rfc_4648 = base64.b32encode(digest[:10]).decode()
    assert fingerprint_of(b"key") == rfc_4648.translate(str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", ALPHABET))


def test_a_secret_is_told_on_the_wire_and_nowhere_else() -> None:
    request = EnrolmentRequest(secret=new_secret(), certificate_request="x", mqtt_password="y" * 40)
    assert request.secret.get_secret_value() in request.model_dump_json()
    assert request.secret.get_secret_value() not in repr(request)
    assert CODE.secret not in repr(CODE)
