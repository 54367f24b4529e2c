from __future__ import annotations

import unicodedata

import pytest

from api.ward.places import Found, find, fold, site_words, words
from storage.places import NamedRow
from storage.search import Spot

AN_LUU = "Phường An Lưu Thị trấn An Lưu Kinh Môn Hải Phòng Hải Dương"
MY_THO = "Phường 4, Mỹ Tho "
NAMES = [
    NamedRow("an-luu", "cho-an-luu", "cho-1", "Chợ An Lưu", "Cổng chính", AN_LUU, {"san": "Sân gửi xe"}),
    NamedRow("an-luu", "quang-trung", "qt-1", "Phố Quang Trung", "Ngã ba", AN_LUU, {"via-he": "Vỉa hè"}),
    NamedRow("an-luu", "quang-trung", "qt-2", "Phố Quang Trung", "Cổng trường", AN_LUU, {"duong": "Lòng đường"}),
    NamedRow("an-luu", "mot-cua", None, "Bộ phận Một cửa", None, AN_LUU, {}),
    NamedRow("phuong-4", "yersin", "ys-1", "Đường Yersin", "Yersin", MY_THO, {}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("Quang Trung", "quang trung"),
        ("ĐƯỜNG Nguyễn Trãi", "duong nguyen trai"),
        ("đầu phố", "dau pho"),
        ("Ðường", "ðuong"),  # an Icelandic letter that only looks the same
        ("ỗ ộ ợ ữ ỵ", "o o o u y"),
        ("Straße 12", "straße 12"),
        ("", ""),
    ],
)
def test_folding_takes_case_and_diacritics_away(typed: str, folded: str) -> None:
    assert fold(typed) == folded
    assert fold(unicodedata.normalize("NFD", typed)) == folded
    assert fold(folded) == folded


def test_words_are_what_stands_between_signs() -> None:
    assert words("Cổng chợ, An_Lưu (2)—x") == {"cong", "cho", "an", "luu", "2", "x"}


@pytest.mark.parametrize(
    ("typed", "cameras"),
    [
        ("quang trung", ["qt-1", "qt-2"]),
        ("QUANG TRUNG", ["qt-1", "qt-2"]),
        ("trung quang", ["qt-1", "qt-2"]),
        ("qua tr", ["qt-1", "qt-2"]),
        ("cho an luu", ["cho-1"]),
        ("đường quang trung", ["qt-1", "qt-2"]),
        ("duong quang trung", ["qt-1", "qt-2"]),
        ("Đ. Quang Trung", ["qt-1", "qt-2"]),
        ("quang trung street", ["qt-1", "qt-2"]),
        ("phố yersin", ["ys-1"]),
        ("pho yersin", ["ys-1"]),
        ("chợ", ["cho-1"]),
        ("cong chinh", ["cho-1"]),
        ("cong truong", ["qt-2"]),
        ("gui xe", ["cho-1/san"]),
        ("cổng", ["cho-1", "qt-2"]),
        ("long duong", ["qt-2/duong"]),
        ("quang trung via he", ["qt-1/via-he"]),
        ("kinh môn", ["cho-1", "qt-1", "qt-2"]),
        ("hải dương quang", ["qt-1", "qt-2"]),
        ("duong", ["cho-1", "qt-1", "qt-2", "ys-1"]),
        ("phường 4", ["ys-1"]),
        ("uang", []),
        ("quang trung yersin", []),
        ("...", []),
    ],
)
def test_every_word_must_begin_a_word_of_the_places_names(typed: str, cameras: list[str]) -> None:
    spots = [f"{spot.camera}/{spot.zone}" if spot.zone else spot.camera for spot in find(typed, NAMES).spots]
    assert spots == cameras


def test_a_device_is_found_by_its_name_and_by_those_of_where_it_stands() -> None:
    device = NamedRow("an-luu", "mot-cua", None, "Bộ phận Một cửa", None, AN_LUU, {}, "khoi-1", "Đầu báo khói kho")
    for typed in ("khoi kho", "một cửa khói", "mot cua"):
        assert find(typed, [*NAMES, device]).spots == (Spot(device="khoi-1"),), typed
    assert find("khói chợ", [*NAMES, device]).spots == ()


def test_wards_and_sites_are_found_by_their_own_names_only() -> None:
    assert find("an lưu", NAMES) == Found(
        ("an-luu",), ("cho-an-luu", "quang-trung", "mot-cua"), (Spot("cho-1"), Spot("qt-1"), Spot("qt-2"))
    )
    assert find("một cửa", NAMES) == Found((), ("mot-cua",), ())
    assert find("cổng chính", NAMES).sites == ()


@pytest.mark.parametrize(
    ("name", "street"),
    [
        ("Phố Quang Trung", True),
        ("ĐƯỜNG Yersin", True),
        ("Đ. Nguyễn Trãi", True),
        ("Le Loi Street", True),
        (unicodedata.normalize("NFD", "Đường Hùng Vương"), True),
        ("Khu phố 3", False),
        ("Chợ Hải Dương", False),
        ("Đình làng", False),
    ],
)
def test_a_street_is_found_by_any_word_for_one_and_nothing_else_is(name: str, street: bool) -> None:
    assert ({"pho", "duong", "street"} <= site_words(name)) is street
