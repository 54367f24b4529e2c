from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.payments import sheet
from api.payments.sheet import Fault, Row
from contracts import banks, payment_code
from contracts.payment_code import VIETQR, Payee

SITES = {"cho-an-luu": "Chợ An Lưu", "quang-trung": "Phố Quang Trung"}
BANKS = banks.known()
HEAD = "id,name,site,kind,stall,bank,account,service,label"
CODE = payment_code.vietqr("970436", "0881000458086", name="CHO AN LUU SAP 12")


def read(*lines: str) -> sheet.Sheet:
    return sheet.read("\n".join(lines), SITES, BANKS)


def faults(*lines: str) -> list[tuple[int, str, str]]:
    return [(fault.line, fault.column, fault.code) for fault in read(*lines).faults]


def test_a_line_is_a_payee_of_a_point() -> None:
    found = read(HEAD, "quay-14,Quầy 14,cho-an-luu,stall,Dãy B,970436,0881000458086,QRIBFTTA,chính")
    payee = Payee(VIETQR, "0881000458086", "970436", "QRIBFTTA")
    assert found.faults == []
    assert found.rows == [Row(2, "quay-14", "Quầy 14", "cho-an-luu", "stall", "Dãy B", "chính", (payee,))]


@pytest.mark.parametrize("place", ["Địa điểm", "Địa bàn"])
def test_excel_in_vietnamese_writes_a_mark_and_semicolons_and_names_columns_its_own_way(place: str) -> None:
    text = (
        f"\ufeffMã điểm;Tên;{place};Loại;Số quầy;Ngân hàng;Số tài khoản\r\n"
        'quay-14;"Quầy 14; rau";CHỢ AN LƯU;Sạp;14;vietcombank;\'0881000458086\r\n\r\n'
    )
    found = sheet.read(text, SITES, BANKS)
    assert found.faults == []
    (row,) = found.rows
    assert (row.name, row.site, row.kind) == ("Quầy 14; rau", "cho-an-luu", "stall")
    assert row.payees[0].account == "0881000458086"
    assert row.payees[0].bin == "970436"


def test_the_whole_text_of_a_code_stands_for_bank_and_account() -> None:
    (row,) = read("id,code", f"quay-14,{CODE}").rows
    assert row.payees == tuple(payment_code.read(CODE).payees)


def test_an_id_is_made_from_the_name_where_none_is_given() -> None:
    (row,) = read("name,bank,account", "Quầy 14,MB,102030").rows
    assert row.id == "quay-14"


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("Quầy 14,,,,,970436,12,,", ("id", "not_an_id")),
        (",,,,,970436,12,,", ("name", "empty_cell")),
        ("q,,nowhere,,,970436,12,,", ("site", "unknown_site")),
        ("q,,,xe,,970436,12,,", ("kind", "unknown_kind")),
        ("q,,,,,Ngân hàng Lạ,12,,", ("bank", "unknown_bank")),
        ("q,,,,,,12,,", ("bank", "empty_cell")),
        ("q,,,,,970436,,,", ("account", "empty_cell")),
        ("q,,,,,970436,1.02E+10,,", ("account", "account_as_number")),
        ("q,,,,,970436,1020304050.0,,", ("account", "account_as_number")),
        ("q,,,,,970436,12-34,,", ("account", "account_wrong")),
        ("q,,,,,970436,12,gì đó,", ("service", "unknown_service")),
        ("q," + "x" * 81 + ",,,,,,,", ("name", "not_a_line")),
        ("q,,,,,,,,,thừa", ("", "too_many_cells")),
    ],
)
def test_a_fault_is_told_with_its_line_and_column(line: str, fault: tuple[str, str]) -> None:
    assert faults(HEAD, "q,,,,,970436,99,,", line) == [(3, *fault)]


def test_a_bank_that_is_not_known_by_its_bin_is_no_fault() -> None:
    (row,) = read(HEAD, "q,,,,,971005,9876543210,,").rows
    assert row.payees[0].bin == "971005"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (CODE.replace("SAP", "SOP"), "code_broken"),
        ("https://example.com/qr", "code_foreign"),
        (CODE[:40], "code_broken"),
    ],
)
def test_a_code_that_is_none_is_a_fault(line: str, code: str) -> None:
    assert faults("id,code", f"q,{line}") == [(2, "code", code)]


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        (("",), (1, "", "empty")),
        ((HEAD,), (1, "", "empty")),
        (("id,tên lạ,bank,account", "q,,970436,1"), (1, "", "unknown_column")),
        (("id,id,code", "q,q,x"), (1, "id", "column_twice")),
        (("bank,account", "970436,1"), (1, "id", "column_missing")),
        (("id,bank", "q,970436"), (1, "code", "column_missing")),
        ((HEAD, 'q,"abc"d,,,,,,,'), (2, "", "not_csv")),
    ],
)
def test_a_table_that_is_none_is_told_so(lines: tuple[str, ...], fault: tuple[int, str, str]) -> None:
    assert fault in faults(*lines)


def test_a_table_is_bounded() -> None:
    many = [f"q-{n},970436,{n}" for n in range(1, sheet.MOST_LINES + 2)]
    found = read("id,bank,account", *many)
    assert len(found.rows) == sheet.MOST_LINES
    assert [fault.code for fault in found.faults] == ["too_many_lines"]
    assert faults("id,bank,account" + "x" * sheet.MOST_CHARACTERS) == [(1, "", "too_large")]
    wrong = read("id,bank,account", *["Q,x,y"] * 1000)
    assert len(wrong.faults) < sheet.MOST_FAULTS + 5


def test_no_fault_repeats_an_account() -> None:
    account = "19034567890123"
    lines = [f"q,,,,,970436,{account}x-,,", f"{account},,,,,Lạ,{account}E+4,,", f"q,,,,,,{account},,"]
    said = [fault.said for fault in read(HEAD, *lines[:1], *lines[2:]).faults]
    assert not any(account in word for word in said)


cells = st.text(max_size=30)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(cells, max_size=11), max_size=6), st.sampled_from([",", ";", "\t"]))
def test_whatever_a_table_holds_it_is_read_or_its_faults_are_told(rows: list[list[str]], divider: str) -> None:
    text = io.StringIO()
    lines = csv.writer(text, delimiter=divider)
    lines.writerow(HEAD.split(","))
    lines.writerows(rows)
    found = sheet.read(text.getvalue(), SITES, BANKS)
    assert found.rows or found.faults
    for fault in found.faults:
        assert isinstance(fault, Fault)
        assert fault.line >= 1
    for row in found.rows:
        assert row.site is None or row.site in SITES
        assert all(payee.account for payee in row.payees)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=400))
def test_any_text_at_all_is_borne(text: str) -> None:
    found = sheet.read(text, SITES, BANKS)
    assert found.rows or found.faults


accounts = st.from_regex(r"[0-9]{6,16}", fullmatch=True)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(accounts, st.sampled_from(sorted(BANKS))), min_size=1, max_size=8))
def test_what_a_spreadsheet_writes_is_read_back(payees: list[tuple[str, str]]) -> None:
    lines = [f"quay-{n};;;;;{BANKS[bank].name};'{account};;" for n, (account, bank) in enumerate(payees)]
    found = read(HEAD.replace(",", ";"), *lines)
    assert found.faults == []
    assert [(row.payees[0].account, row.payees[0].bin) for row in found.rows] == payees
