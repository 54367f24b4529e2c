from __future__ import annotations

import json
from pathlib import Path

import pytest

from contracts import banks
from contracts.banks import BanksError


def test_known_banks_have_names_and_an_unknown_one_is_just_unknown() -> None:
    assert banks.name_of("970436", banks.known()) == "Vietcombank"
    assert banks.name_of("999999", banks.known()) is None


def test_a_ward_lays_its_own_table_over_the_known_one(tmp_path: Path) -> None:
    own = tmp_path / "banks.json"
    own.write_text(json.dumps({"970436": {"name": "VCB"}, "971005": {"name": "Viettel Money"}}))
    table = banks.extended(own)
    assert [banks.name_of(bank, table) for bank in ("970436", "971005", "970415")] == [
        "VCB",
        "Viettel Money",
        "VietinBank",
    ]
    assert banks.name_of("971005", banks.known()) is None


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"97043": {"name": "x"}}', '{"970436": {}}', '{"970436": {"name": "x", "y": 1}}']
)
def test_a_table_that_is_wrong_is_refused_in_a_sentence(tmp_path: Path, text: str) -> None:
    own = tmp_path / "banks.json"
    own.write_text(text)
    with pytest.raises(BanksError, match=r"^The table of banks .*banks\.json .*\.$"):
        banks.extended(own)


def test_a_table_that_is_missing_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BanksError, match="cannot be read"):
        banks.extended(tmp_path / "none.json")
