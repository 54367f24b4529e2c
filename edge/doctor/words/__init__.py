"""The sentences of the doctor: one table a language, from a finding's code and values to plain words. Pure.

The page has the same sentences in its locales; a test compares them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from contracts.report import Finding, Level
from edge.doctor.language import EN, Lang

SIGNS: Final = {Level.OK: "✓", Level.WARN: "!", Level.BAD: "✗"}
TRANSLATED: Final = frozenset({"stream", "reason", "whose"})
"""Values that are codes with words of their own, where the table has them."""

SPAN: Final = "off_s"
"""A value that is a length of time, in seconds."""

_UNITS: Final = (("days", 86_400), ("hours", 3600), ("minutes", 60))
_HEADS: Final = {
    "vi": {Level.OK: "Mọi thứ đều tốt.", Level.WARN: "Có {n} điều cần để ý.", Level.BAD: "Có {n} lỗi cần sửa."},
    "en": {Level.OK: "All is well.", Level.WARN: "{n} things to look after.", Level.BAD: "{n} faults to mend."},
}


@cache
def table(lang: Lang) -> Mapping[str, str]:
    """All sentences of a language by code; words of values under `value.`."""
    text = files("edge.doctor.words").joinpath(f"{lang}.json").read_text(encoding="utf-8")
    found: dict[str, str] = json.loads(text)
    return found


def sentence(finding: Finding, lang: Lang) -> str:
    """The finding in words; its bare code where a newer box has one that this table lacks."""
    text = table(lang).get(finding.code)
    if text is None:
        return finding.code
    values = {name: shown(lang, name, value) for name, value in finding.values.items()}
    try:
        return text.format_map(values)
    except KeyError:
        return finding.code


def shown(lang: Lang, name: str, value: float | str) -> str:
    """A value as people read it: codes in words, a decimal comma in Vietnamese."""
    if isinstance(value, str):
        return table(lang).get(f"value.{value}", value) if name in TRANSLATED else value
    if name == SPAN:
        return _span(lang, abs(value))
    return _number(lang, value)


def _span(lang: Lang, seconds: float) -> str:
    """A length of time in the unit that says most: 2 giờ."""
    unit, size = next(((unit, size) for unit, size in _UNITS if seconds >= size), ("seconds", 1))
    count = seconds if size == 1 else round(seconds / size)
    return table(lang)[f"value.{unit}"].format(n=_number(lang, count))


def _number(lang: Lang, value: float) -> str:
    text = str(round(value)) if abs(value) >= 100 or value == int(value) else f"{value:.1f}"
    return text if lang == EN else text.replace(".", ",")


def head(findings: tuple[Finding, ...], level: Level, lang: Lang) -> str:
    """The sentence that stands above all others."""
    return _HEADS[lang][level].format(n=sum(finding.level is level for finding in findings))
