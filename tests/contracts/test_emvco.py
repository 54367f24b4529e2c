from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import emvco
from contracts.emvco import EmvcoError

SHORT = emvco.sealed({"00": "01", "58": "VN"})


def test_the_checksum_is_ccitt_false() -> None:
    assert emvco.checksum("123456789") == "29B1"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "checksum_missing"),
        ("https://example.org/pay", "checksum_missing"),
        (SHORT[:-1], "checksum_missing"),
        (SHORT[:-4] + "0000", "checksum_wrong"),
        (SHORT.replace("VN", "US"), "checksum_wrong"),
        (SHORT + " ", "checksum_missing"),
        (SHORT + "\n", "checksum_missing"),
        ("0" * 513, "too_long"),
        (emvco.sealed({"01": "11"}), "format_unknown"),
        (emvco.sealed({"00": "02"}), "format_unknown"),
        (emvco.sealed({"58": "VN", "00": "01"}), "format_unknown"),
    ],
)
def test_what_is_no_code_is_refused_with_its_reason(text: str, code: str) -> None:
    with pytest.raises(EmvcoError) as caught:
        emvco.read(text)
    assert caught.value.code == code


def sealed_as_it_is(body: str) -> str:
    return body + emvco.checksum(body)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("0002015802VN5802VN6304", "repeated"),
        ("00020158VN026304", "not_a_field"),
        ("000201٥٨02VN6304", "not_a_field"),  # Arabic digits are digits too, elsewhere
        ("00020159186304", "cut_short"),
        ("00020159086304", "checksum_missing"),  # a value that swallows the checksum
    ],
)
def test_a_right_checksum_saves_no_broken_text(body: str, code: str) -> None:
    with pytest.raises(EmvcoError) as caught:
        emvco.read(sealed_as_it_is(body))
    assert caught.value.code == code


def test_the_wild_format_and_lower_case_checksums_are_read() -> None:
    wild = emvco.sealed({"00": "00", "58": "VN"})
    assert emvco.read(wild[:-4] + wild[-4:].lower())["58"] == "VN"


def test_an_empty_value_says_nothing_and_breaks_nothing() -> None:
    assert emvco.read(emvco.sealed({"00": "01", "54": "", "58": "VN"}))["54"] == ""


def test_lengths_count_characters() -> None:
    assert emvco.read(emvco.sealed({"00": "01", "59": "Chợ An Lưu"}))["59"] == "Chợ An Lưu"


VALUES = st.dictionaries(
    st.integers(1, 62).map("{:02}".format), st.text(max_size=20).filter(lambda value: value.isprintable()), max_size=6
)


@given(VALUES)
def test_what_is_written_is_read_again(values: dict[str, str]) -> None:
    values = {"00": "01", **values}
    assert emvco.read(emvco.sealed(values)) == {**values, "63": emvco.sealed(values)[-4:]}


@given(st.text(max_size=600))
def test_no_text_raises_anything_else(text: str) -> None:
    for candidate in (text, sealed_as_it_is(f"000201{text}6304")):
        with suppress(EmvcoError):
            assert emvco.read(candidate)["00"] in ("00", "01")
