from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from contracts.event import EventKind, Severity
from contracts.incident import Cause
from ingest.notify import texts
from ingest.notify.texts import MOST_CHARACTERS, subject_of, text_of, words
from tests.ingest.notify.samples import due, parcel

ZONE = "Asia/Ho_Chi_Minh"
WALL = "https://tuong.example/"


def test_a_message_says_what_where_when_and_how_severe_in_vietnamese() -> None:
    assert text_of(parcel(due(events=3)), "vi", ZONE, WALL) == (
        "[CAO] Xâm nhập ngoài giờ – Chợ An Lưu, Phường An Lưu\n"
        "Bắt đầu lúc 12:00 10/02 · 3 lần phát hiện\n"
        "Xem trên màn hình trực: https://tuong.example/#/incidents/00000000-0000-0000-0000-000000000065"
    )


def test_it_says_why_somebody_is_told_now_and_what_the_cause_is() -> None:
    silent = due(kind="box_silent", cause="power", step=1, site_name=None)
    assert text_of(parcel(silent), "vi", ZONE, None) == (
        "Chưa có cán bộ nào xác nhận.\n"
        "[CAO] Mất liên lạc với hộp biên – Phường An Lưu\n"
        "Bắt đầu lúc 12:00 10/02\n"
        "Nguyên nhân: mất điện lưới"
    )
    forced = text_of(parcel(due(forced=True, step=1)), "en", ZONE, None)
    assert forced.startswith("The officer on duty asks for help.\n[HIGH] Intrusion out of hours")


def test_a_storm_is_one_message_that_names_the_worst_and_counts_the_rest() -> None:
    storm = [due(number, urgency=1, severity="medium", kind="crowding") for number in range(11)]
    worst = due(50, urgency=3, severity="critical", kind="blocked_fire_lane")
    text = text_of(parcel(*storm, worst, worst), "vi", ZONE, WALL)
    lines = text.splitlines()
    assert lines[0] == "12 sự việc mới tại Phường An Lưu:"
    assert lines[1] == "- [KHẨN CẤP] Lối chữa cháy bị chắn – Chợ An Lưu, Phường An Lưu, 12:00 10/02"
    assert lines[7:] == [
        "- và 6 sự việc khác",
        "Nếu có cháy, gọi ngay 114.",
        "Xem trên màn hình trực: https://tuong.example/",
    ]


def test_two_steps_of_one_incident_are_no_storm() -> None:
    text = text_of(parcel(due(1, step=0), due(2, step=1, incident_id=due(1).incident_id)), "vi", ZONE, None)
    assert text.startswith("Chưa có cán bộ nào xác nhận.\n[CAO]")


def test_a_kind_that_is_not_known_here_is_told_all_the_same() -> None:
    assert "Sự việc cần kiểm tra" in text_of(parcel(due(kind="a_newer_kind")), "vi", ZONE, None)


def test_no_message_is_longer_than_zalo_takes_and_its_link_stays_whole() -> None:
    text = text_of(parcel(*(due(number, site_name="Chợ" * 300) for number in range(9))), "vi", ZONE, WALL)
    assert len(text) == MOST_CHARACTERS
    assert text.endswith(WALL)


def test_a_letter_says_in_its_head_what_it_is_about() -> None:
    text = text_of(parcel(due(step=1)), "vi", ZONE, None)
    assert subject_of(text, "vi") == "Phố An: [CAO] Xâm nhập ngoài giờ – Chợ An Lưu, Phường An Lưu"
    assert "\n" not in subject_of("12 sự việc mới tại Phường An Lưu:\n- x", "vi")


def test_both_languages_say_the_same_things_with_the_same_facts() -> None:
    vi, en = words("vi"), words("en")
    assert vi.keys() == en.keys()
    for key in vi:
        assert set(re.findall(r"{\w+}", vi[key])) == set(re.findall(r"{\w+}", en[key])), key
    kinds = {f"kind.{kind.value}" for kind in EventKind} | {f"severity.{severity.value}" for severity in Severity}
    assert kinds | {f"cause.{cause.value}" for cause in Cause} <= vi.keys()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_texts_are_plain_json(language: str) -> None:
    path = Path(texts.__file__).with_name(f"{language}.json")
    assert all(isinstance(value, str) and value for value in json.loads(path.read_text(encoding="utf-8")).values())
