from __future__ import annotations

import json
import string
from datetime import timedelta
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from edge.capture.mask import COLOUR
from edge.config import CameraSettings
from edge.payment.allowed import AllowSets
from edge.payment.codes import said as sentences
from edge.payment.survey import Fitness, drawn, fitness, save, survey
from edge.payment.words import WORDS
from tests.edge.payment.stalls import OTHER, PAGE, POINT, REGION, TEXT, frame, said, stall
from tests.support.samples import NOON

LEFT = ((0.02, 0.2), (0.35, 0.2), (0.35, 0.9), (0.02, 0.9))


def camera(**changes: object) -> CameraSettings:
    settings: dict[str, Any] = {"id": "cho-1", "site": "cho", "url": "rtsp://127.0.0.1/1"}
    return CameraSettings.model_validate(settings | {"payment_points": [{"id": POINT, "region": REGION}]} | changes)


@pytest.mark.parametrize(
    ("pixels", "expected"),
    [(1.9, Fitness.UNREADABLE), (2.0, Fitness.RISKY), (2.5, Fitness.FAIR), (2.9, Fitness.FAIR), (3.0, Fitness.GOOD)],
)
def test_so_many_pixels_are_enough(pixels: float, expected: Fitness) -> None:
    assert fitness(pixels) is expected


def looks(**changes: Any) -> list[Any]:
    return [frame(stall(seed=seed, **changes), NOON + timedelta(seconds=seed)) for seed in range(4)]


@pytest.mark.parametrize(
    ("text", "nature"), [(TEXT, "ours"), (OTHER, "not_ours"), (PAGE, "foreign"), (TEXT[:-1] + "7", "broken")]
)
def test_a_code_in_a_region_is_the_points_own_or_not(tmp_path: Path, text: str, nature: str) -> None:
    allow = AllowSets(tmp_path)
    allow.hear(said(TEXT))
    (code,) = survey(camera(), allow, looks(text=text)).codes
    assert (code.point, code.nature, code.read, code.looks, code.way) == (POINT, nature, 4, 4, "native")
    assert code.pixels_per_module == pytest.approx(3, rel=0.05)


def test_a_small_code_is_told_with_how_it_was_read(tmp_path: Path) -> None:
    (code,) = survey(camera(), AllowSets(tmp_path), looks(pixels_per_module=2.1, noise=28)).codes
    assert (code.way, code.fitness, code.nature) == ("enlarged", "risky", "unknown")
    assert (code.bank_name, code.last_four) == ("Vietcombank", "8086")


def test_a_code_outside_of_the_regions_and_a_region_without_one_are_told_too(tmp_path: Path) -> None:
    found = survey(camera(), AllowSets(tmp_path), looks(at=(20, 120)))
    (code,) = found.codes
    assert code.point is None
    (region,) = found.regions
    assert (region.width, region.height, region.known, region.codes) == (320, 252, False, 0)


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("at", [(300, 120), (20, 120)])
def test_what_is_said_names_no_account_and_leaves_nothing_open(
    tmp_path: Path, language: str, at: tuple[int, int]
) -> None:
    found = survey(camera(), AllowSets(tmp_path), looks(at=at))
    text = "\n".join(sentences(found, language))
    for shown in (text, json.dumps(found.to_json())):
        assert "0881000458086" not in shown
        assert "8086" in shown
    assert "{" not in text
    assert POINT in text


def test_both_languages_say_the_same_things() -> None:
    def fields(text: str) -> set[str | None]:
        return {field for _, field, _, _ in string.Formatter().parse(text) if field}

    assert {key: fields(text) for key, text in WORDS["vi"].items()} == {
        key: fields(text) for key, text in WORDS["en"].items()
    }


def test_the_picture_shows_codes_and_regions_and_not_what_is_masked(tmp_path: Path) -> None:
    settings = camera(masks=[((0.0, 0.0), (0.3, 0.0), (0.3, 0.15), (0.0, 0.15))])
    frames = looks()
    found = survey(settings, AllowSets(tmp_path), frames)
    picture = drawn(settings, frames[-1], found)
    colours = {tuple(int(level) for level in pixel) for pixel in picture.reshape(-1, 3)}
    assert {(255, 160, 60), (80, 200, 80)} <= colours
    assert (picture[:50, :150] == COLOUR[0]).all()
    save(picture, tmp_path / "anh.png")
    written = cv2.imread(str(tmp_path / "anh.png"))
    assert written is not None
    assert np.array_equal(written, picture)
