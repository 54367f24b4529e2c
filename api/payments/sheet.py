"""What a table of payment points says: CSV as spreadsheets write it, read strictly, line by line. Pure.

Each line is one payee of one point, or a point without any. The first line names the columns, in Vietnamese or English
and in any order: `id`, `name`, `site`, `kind`, `stall`, and either `code` (the whole text of a QR code) or `bank`,
`account` and `service`; `label` tells several codes of a point apart. Commas, semicolons or tabs divide the columns.
What is wrong is said by codes with their line and column; no account is ever repeated.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from api.payments.registry import slug_of
from api.ward.places import fold
from contracts import payment_code
from contracts.banks import Banks
from contracts.ids import SLUG_PATTERN
from contracts.payment_code import Payee, PaymentCodeError

MOST_LINES: Final = 5_000
MOST_CHARACTERS: Final = 1_000_000
MOST_FAULTS: Final = 200

_HEADS: Final = {
    "id": ("id", "ma diem", "ma"),
    "name": ("name", "ten", "ten diem"),
    "site": ("site", "dia diem", "dia ban", "khu vuc", "cho", "tuyen pho"),
    "kind": ("kind", "loai"),
    "stall": ("stall", "so quay", "dia chi", "vi tri"),
    "bank": ("bank", "ngan hang"),
    "account": ("account", "so tai khoan", "tai khoan", "stk"),
    "service": ("service", "dich vu"),
    "label": ("label", "nhan", "ghi chu"),
    "code": ("code", "ma qr", "noi dung qr"),
}
_KINDS: Final = {
    "stall": ("stall", "quay", "sap", "quay hang"),
    "shop": ("shop", "cua hang", "shop house", "nha hang", "quan"),
    "desk": ("desk", "mot cua", "quay mot cua", "bo phan mot cua"),
}
_SERVICES: Final = {
    "QRIBFTTA": ("qribftta", "account", "tai khoan", ""),
    "QRIBFTTC": ("qribfttc", "card", "the"),
    "QRPUSH": ("qrpush", "merchant", "don vi chap nhan"),
    "QRCASH": ("qrcash", "atm"),
}
_KIND_OF: Final = {word: kind for kind, said in _KINDS.items() for word in said}
_SERVICE_OF: Final = {word: service for service, said in _SERVICES.items() for word in said}
_COLUMN_OF: Final = {word: column for column, said in _HEADS.items() for word in said}
_SLUG: Final = re.compile(SLUG_PATTERN)
_BIN: Final = re.compile(r"[0-9]{6}", re.ASCII)
_ACCOUNT: Final = re.compile(r"[0-9A-Za-z]{1,19}", re.ASCII)
_NUMBER: Final = re.compile(r"[0-9]+([.,][0-9]+)?E\+?[0-9]+|[0-9]+[.,]0+", re.ASCII | re.IGNORECASE)
"""How a spreadsheet writes an account that it took for a number: some of its digits are lost."""
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LONGEST: Final = {"name": 80, "stall": 80, "label": 80}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a line; `said` is the word that is not understood, never an account."""

    line: int
    column: str
    code: str
    said: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A line that is right by itself. What the table leaves empty is None; `payees` are those of its code."""

    line: int
    id: str
    name: str | None
    site: str | None
    kind: str | None
    stall: str
    label: str
    payees: tuple[Payee, ...]


@dataclass(slots=True)
class Sheet:
    """All that a table says."""

    rows: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read(text: str, sites: Mapping[str, str], banks: Banks) -> Sheet:
    """Read a table; `sites` are the names of the ward's sites by id."""
    sheet = Sheet()
    if len(text) > MOST_CHARACTERS:
        sheet.faults.append(Fault(1, "", "too_large"))
        return sheet
    lines = _lines(text.removeprefix("\ufeff"), sheet)
    head = next(lines, None)
    if head is None:
        sheet.faults.append(Fault(1, "", "empty"))
        return sheet
    columns = _columns(head[1], sheet)
    if sheet.faults:
        return sheet
    reader = _Reader(sites, banks, sheet)
    n = 0
    for line, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        n += 1
        if n > MOST_LINES:
            sheet.faults.append(Fault(line, "", "too_many_lines"))
            break
        if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
            sheet.faults.append(Fault(line, "", "too_many_cells"))
            continue
        reader.take(line, dict(zip(columns, (_plain(cell) for cell in cells), strict=False)))
        if len(sheet.faults) >= MOST_FAULTS:
            break
    if not sheet.rows and not sheet.faults:
        sheet.faults.append(Fault(1, "", "empty"))
    return sheet


def _lines(text: str, sheet: Sheet) -> Iterator[tuple[int, list[str]]]:
    """The lines with their numbers; a table that is no CSV from some line on ends there."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_divider(text), strict=True)
    while True:
        try:
            cells = next(reader, None)
        except csv.Error:
            sheet.faults.append(Fault(reader.line_num, "", "not_csv"))
            return
        if cells is None:
            return
        if cells:
            yield reader.line_num, cells


def _divider(text: str) -> str:
    """What divides the columns of the first line: Excel in Vietnamese writes semicolons."""
    first = next(iter(text.splitlines()), "")
    return max((",", ";", "\t"), key=first.count)


def _columns(head: list[str], sheet: Sheet) -> list[str]:
    found: list[str] = []
    for cell in head:
        name = fold(_plain(cell)).replace("_", " ").strip()
        column = _COLUMN_OF.get(name, "")
        if name and not column:
            sheet.faults.append(Fault(1, "", "unknown_column", _plain(cell)[:40]))
        elif column and column in found:
            sheet.faults.append(Fault(1, column, "column_twice"))
        found.append(column)
    if "id" not in found and "name" not in found:
        sheet.faults.append(Fault(1, "id", "column_missing"))
    if "code" not in found and not {"bank", "account"} <= set(found):
        sheet.faults.append(Fault(1, "code", "column_missing"))
    return found


def _plain(cell: str) -> str:
    """Without what spreadsheets put around a text to keep it one."""
    text = cell.strip().strip("\u00a0\u200b").strip()
    if text.startswith('="') and text.endswith('"'):
        return text[2:-1].strip()
    return text.removeprefix("'").strip()


class _Reader:
    """Reads lines one by one, and holds what is wrong with each."""

    def __init__(self, sites: Mapping[str, str], banks: Banks, sheet: Sheet) -> None:
        self._sites = {site: site for site in sites} | {fold(name): site for site, name in sites.items()}
        self._banks = {bin_: bin_ for bin_ in banks} | {_bare(bank.name): bin_ for bin_, bank in banks.items()}
        self._sheet = sheet

    def take(self, line: int, cells: Mapping[str, str]) -> None:
        before = len(self._sheet.faults)
        id_ = self._id(line, cells)
        for column, longest in _LONGEST.items():
            value = cells.get(column, "")
            if len(value) > longest or _CONTROL.search(value):
                self._blame(line, column, "not_a_line")
        site = self._known(line, "site", cells.get("site", ""), self._sites, "unknown_site")
        kind = self._known(line, "kind", cells.get("kind", ""), _KIND_OF, "unknown_kind")
        payees = self._payees(line, cells)
        if len(self._sheet.faults) == before:
            name, stall, label = cells.get("name") or None, cells.get("stall", ""), cells.get("label", "")
            self._sheet.rows.append(Row(line, id_, name, site, kind, stall, label, payees))

    def _id(self, line: int, cells: Mapping[str, str]) -> str:
        said, name = cells.get("id", ""), cells.get("name", "")
        if said and not _SLUG.fullmatch(said):
            self._blame(line, "id", "not_an_id", said)
        elif not said and not name:
            self._blame(line, "name", "empty_cell")
        return said or slug_of(name)

    def _known(self, line: int, column: str, said: str, known: Mapping[str, str], code: str) -> str | None:
        if not said:
            return None
        found = known.get(fold(said))
        if found is None:
            self._blame(line, column, code, said)
        return found

    def _payees(self, line: int, cells: Mapping[str, str]) -> tuple[Payee, ...]:
        code, bank, account = (cells.get(column, "") for column in ("code", "bank", "account"))
        if code and (bank or account):
            self._blame(line, "code", "code_and_account")
        elif code:
            return self._of_code(line, code)
        elif bank or account:
            return self._of_account(line, bank, account, cells.get("service", ""))
        return ()

    def _of_code(self, line: int, code: str) -> tuple[Payee, ...]:
        try:
            return tuple(sorted(payment_code.read(code).payees))
        except PaymentCodeError as error:
            self._blame(line, "code", "code_broken" if error.emvco else "code_foreign")
            return ()

    def _of_account(self, line: int, bank: str, account: str, service: str) -> tuple[Payee, ...]:
        before = len(self._sheet.faults)
        bin_ = self._banks.get(_bare(bank)) or (bank if _BIN.fullmatch(bank) else "")
        if not bank:
            self._blame(line, "bank", "empty_cell")
        elif not bin_:
            self._blame(line, "bank", "unknown_bank", bank)
        plain = account.replace(" ", "")
        if not account:
            self._blame(line, "account", "empty_cell")
        elif _NUMBER.fullmatch(plain):
            self._blame(line, "account", "account_as_number")
        elif not _ACCOUNT.fullmatch(plain):
            self._blame(line, "account", "account_wrong")
        way = _SERVICE_OF.get(fold(service))
        if way is None:
            self._blame(line, "service", "unknown_service", service)
        if way is None or len(self._sheet.faults) > before:
            return ()
        return tuple(payment_code.read(payment_code.vietqr(bin_, plain.upper(), service=way)).payees)

    def _blame(self, line: int, column: str, code: str, said: str = "") -> None:
        self._sheet.faults.append(Fault(line, column, code, _CONTROL.sub(" ", said)[:40]))


def _bare(name: str) -> str:
    """A bank's name as people vary it: without spaces, capitals and diacritics."""
    return fold(name).replace(" ", "")
