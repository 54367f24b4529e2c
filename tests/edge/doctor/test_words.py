from __future__ import annotations

import json
import re
import string
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.report import BoxReport, Finding, Level, worst
from edge.doctor.command import as_text
from edge.doctor.language import EN, VI, Lang, language_of
from edge.doctor.words import TRANSLATED, head, sentence, shown, table
from edge.doctor.words.handbook import handbook, parts
from tests.support.samples import NOON

ROOT = Path(__file__).parents[3]
CODES = sorted(code for code in table(VI) if not code.startswith("value."))
LANGUAGES: tuple[Lang, ...] = (VI, EN)


def holes(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def raised() -> dict[str, set[str]]:
    """Every code that the doctor's own code can raise, as it is written there."""
    found: dict[str, set[str]] = {}
    for path in [*(ROOT / "edge/doctor").glob("*.py"), *(ROOT / "edge/doctor/cameras").glob("*.py")]:
        for code in re.findall(r'"((?:[a-z0-9]+_)+[a-z0-9]+|processor|accelerator|throttled)"', path.read_text()):
            found.setdefault(code, set()).add(path.name)
    return found


def test_both_languages_have_the_same_sentences_with_the_same_places() -> None:
    assert table(VI).keys() == table(EN).keys()
    for code in table(VI):
        assert holes(table(VI)[code]) == holes(table(EN)[code]), code


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_says_the_same_as_the_box(lang: Lang) -> None:
    page = json.loads((ROOT / f"api/web/locales/{lang}.json").read_text(encoding="utf-8"))
    of_page = {key.removeprefix("finding."): text for key, text in page.items() if key.startswith("finding.")}
    assert of_page == table(lang)


def test_every_code_has_words_and_every_sentence_is_used() -> None:
    written = raised()
    of_cameras = {f"camera_{fault}" for fault in (
        "refused", "unreachable", "unauthorized", "not_found", "timeout", "protocol", "no_video", "corrupt", "stalled",
        "ended",
    )}  # fmt: skip
    assert set(CODES) <= written.keys() | of_cameras
    families = tuple({code.split("_")[0] + "_" for code in CODES if "_" in code})
    codes = {code for code in written if code.startswith(families)}
    others = {"camera_networks", "network_none", "box_id", "settings_bad", "camera_id"}
    assert codes - set(CODES) <= others


@pytest.mark.parametrize("lang", LANGUAGES)
def test_sentences_are_plain_composed_and_end(lang: Lang) -> None:
    for code, text in table(lang).items():
        assert text == unicodedata.normalize("NFC", text), code
        if not code.startswith("value."):
            assert re.search(r"[.!)}a-z]$", text), code
            assert len(text) < 260, code


def test_what_is_wrong_is_always_told_with_what_to_do() -> None:
    """All but those that tell of what is well, or only tell."""
    nothing_to_do = {"report_kept", "camera_busy"}
    for code in CODES:
        if code.endswith(("_good", "_none", "_synchronised", "_pushed", "_running")) or code in nothing_to_do:
            continue
        if code in ("processor", "accelerator", "inference_devices"):
            continue
        assert parts(table(VI)[code])[1], code


def test_values_are_read_in_the_readers_language() -> None:
    finding = Finding(code="camera_slow", level=Level.BAD, values={
        "camera": "cho-1", "stream": "sub", "fps": 1.5, "claimed": 25.0
    })  # fmt: skip
    assert sentence(finding, VI).startswith("Camera 'cho-1', luồng phụ: thật ra chỉ gửi 1,5 hình/giây dù khai báo 25.")
    assert sentence(finding, EN).startswith("Camera 'cho-1', sub-stream: it really sends 1.5 pictures/s")


@pytest.mark.parametrize(
    ("seconds", "vi", "en"),
    [(2.4, "2,4 giây", "2.4 s"), (59, "59 giây", "59 s"), (90, "2 phút", "2 minutes"), (-7200, "2 giờ", "2 hours"),
     (86_400 * 30, "30 ngày", "30 days")],
)  # fmt: skip
def test_lengths_of_time_are_told_in_the_unit_that_says_most(seconds: float, vi: str, en: str) -> None:
    assert (shown(VI, "off_s", seconds), shown(EN, "off_s", seconds)) == (vi, en)


def test_a_code_or_value_of_a_newer_box_is_shown_as_it_is() -> None:
    assert sentence(Finding(code="new_code", level=Level.WARN, values={}), VI) == "new_code"
    assert sentence(Finding(code="camera_slow", level=Level.WARN, values={}), VI) == "camera_slow"
    assert all(shown(VI, name, "no such code") == "no such code" for name in TRANSLATED)


@given(st.text(max_size=60), st.floats(-1e9, 1e9))
def test_no_value_breaks_a_sentence(text: str, number: float) -> None:
    values = {"camera": text, "stream": text, "fps": number, "claimed": number}
    assert sentence(Finding(code="camera_slow", level=Level.WARN, values=values), VI)


def test_the_gravest_come_first() -> None:
    findings = tuple(
        Finding(code=code, level=level)
        for code, level in (("a_good", Level.OK), ("a_bad", Level.BAD), ("a_warn", Level.WARN), ("b_bad", Level.BAD))
    )
    report = BoxReport(at=NOON, version="1", seconds=1, findings=findings)
    assert as_text(report, VI).splitlines() == ["Có 2 lỗi cần sửa.", "", "✗ a_bad", "✗ b_bad", "! a_warn", "✓ a_good"]
    assert head((), Level.OK, EN) == "All is well."
    assert worst([]) is Level.OK


@pytest.mark.parametrize(
    ("said", "environment", "lang"),
    [(None, {}, VI), (None, {"LANG": "en_US.UTF-8"}, EN), (None, {"LANG": "C.UTF-8"}, VI),
     (None, {"LANG": "vi_VN", "LC_ALL": "en_GB"}, EN), ("vi", {"LANG": "en_US"}, VI), ("en", {}, EN)],
)  # fmt: skip
def test_the_language_is_the_terminals_unless_somebody_says_otherwise(
    said: str | None, environment: dict[str, str], lang: Lang
) -> None:
    from argparse import Namespace

    assert language_of(Namespace(lang=said), environment) == lang


def test_the_handbook_is_made_of_the_sentences() -> None:
    assert (ROOT / "docs/findings.md").read_text(encoding="utf-8") == handbook()
    assert all(f"| `{code}` |" in handbook() for code in CODES)
