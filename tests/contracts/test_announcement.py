from __future__ import annotations

import pytest
from pydantic import ValidationError

from contracts.announcement import (
    Priority,
    Template,
    TextError,
    Words,
    fill,
    free,
    known,
    sayable,
    spelled,
)

BY_ID = {template.id: template for template in known()}


def template(vi: str, en: str = "x", **changes: object) -> Template:
    return Template.model_validate(
        {"id": "thu", "name": {"vi": "Thử", "en": "Try"}, "text": {"vi": vi, "en": en}, **changes}
    )


@pytest.mark.parametrize("one", known(), ids=lambda one: one.id)
def test_every_known_text_can_be_filled_in_both_languages(one: Template) -> None:
    for language in ("vi", "en"):
        said = fill(one, language, {"site": "Chợ An Lưu", "stall": "A14", "plate": "34B1-123.45"})
        assert "{" not in said.text
        assert "{" not in said.spoken
        assert "Chợ An Lưu" in said.spoken


def test_only_texts_about_fire_are_approved_beforehand_and_all_of_them_name_114() -> None:
    approved = [one for one in known() if one.preapproved]
    assert approved
    for one in approved:
        assert one.priority is Priority.FIRE
        assert "114" in one.text.vi
        assert "114" in one.text.en
    with pytest.raises(ValidationError, match="only what is said of a fire"):
        template("Mời họp", preapproved=True)


@pytest.mark.parametrize(
    ("value", "heard"),
    [
        ("A14", "A một bốn"),
        ("105", "một không năm"),
        ("b-7/2", "B bảy hai"),
        ("34B1-123.45", "ba bốn B một một hai ba bốn năm"),
    ],
)
def test_numbers_of_stalls_and_vehicles_are_read_sign_by_sign(value: str, heard: str) -> None:
    assert spelled(value, "vi") == heard
    said = fill(BY_ID["kiem-tra-ma-qr"], "vi", {"site": "Chợ", "stall": value})
    assert f"quầy {heard} " in said.spoken
    assert f"quầy {value} " in said.text


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"site": "Chợ"}, "place_missing"),
        ({"site": "Chợ", "stall": "[[x]]"}, "place_not_sayable"),
        ({"stall": "1"}, "place_missing"),
    ],
)
def test_a_place_without_a_value_that_can_be_said_is_refused(values: dict[str, str], code: str) -> None:
    with pytest.raises(TextError) as error:
        fill(BY_ID["kiem-tra-ma-qr"], "vi", values)
    assert error.value.code == code


def test_what_a_speech_program_could_take_for_an_order_is_not_said() -> None:
    assert sayable("Gọi [[h@l'oU]] <break time='9s'/> 114 ngay & đi", "vi") == (
        "Gọi h l'oU break time '9s'/ một một bốn ngay đi"
    )


def test_words_of_ones_own_that_nobody_could_hear_are_refused() -> None:
    with pytest.raises(TextError):
        free("[[ ]] <>", "vi")
    assert free("  Mời  bà con \n họp lúc 19 giờ ", "vi").text == "Mời bà con họp lúc 19 giờ"


@pytest.mark.parametrize("text", ["{who}", "{site.__class__}", "{", "{site!r} {0}"])
def test_a_text_has_known_places_only(text: str) -> None:
    with pytest.raises(ValidationError):
        template(f"Chào {text}", f"Hello {text}")


def test_both_languages_name_the_same_places() -> None:
    with pytest.raises(ValidationError, match="other places"):
        template("Mời quầy {stall}", "The stall")


def test_a_box_may_say_alone_what_the_site_fills() -> None:
    assert {one.id for one in known() if one.plays_alone} == {"bao-chay", "ro-khi-ga"}
    assert Words(vi="a", en="b").vi == "a"
