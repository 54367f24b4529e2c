from __future__ import annotations

import json
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from contracts.settings import load
from edge.config import EdgeSettings
from tests.support.commands import edge

SECRET = "mat-khau-khong-ai-duoc-thay-0123456789"
GOOD: dict[str, Any] = {
    "ward": "an-luu",
    "box": "an-luu-1",
    "data_dir": "data",
    "mqtt": {"host": "localhost", "port": 1883, "username": "an-luu-1", "password": SECRET},
    "centre": {"url": "http://localhost:8000", "token": SECRET},
    "cameras": [
        {
            "id": "quang-trung-1",
            "site": "quang-trung",
            "url": f"rtsp://admin:{SECRET}@192.168.2.7/stream",
            "zones": [{"id": "via-he", "polygon": [[0, 0], [1, 0], [1, 1]]}],
            "rules": [
                {
                    "id": "ngoai-gio",
                    "kind": "intrusion",
                    "zone": "via-he",
                    "schedule": [{"from": "22:00", "to": "05:00"}],
                }
            ],
        }
    ],
}
MISSING = object()
RULE = "cameras[0].rules[0].intrusion"
WRONG: list[tuple[str, list[str | int], object]] = [
    ("box", ["box"], MISSING),
    ("box", ["box"], "Hộp 1"),
    ("colour", ["colour"], "blue"),
    ("mqtt.port", ["mqtt", "port"], 99999),
    ("mqtt.hots", ["mqtt", "hots"], "x"),
    ("mqtt.tls_ca", ["mqtt", "tls_ca"], "no-such-file.pem"),
    ("centre.url", ["centre", "url"], f"ftp://admin:{SECRET}@centre"),
    ("centre.token", ["centre", "token"], SECRET[:20]),
    ("time_zone", ["time_zone"], "Asia/Ha_Noi"),
    ("detector", ["detector"], {"kind": "psychic"}),
    ("detector.yolo.weights", ["detector"], {"kind": "yolo"}),
    ("analysis.fps", ["analysis"], {"fps": 0}),
    ("cameras", ["cameras"], GOOD["cameras"] * 2),
    ("cameras[0].url", ["cameras", 0, "url"], f"http://admin:{SECRET}@192.168.2.7/stream"),
    ("cameras[0].url", ["cameras", 0, "url"], ["rtsp://", SECRET]),
    ("cameras[0].sub_url", ["cameras", 0, "sub_url"], f"http://admin:{SECRET}@192.168.2.7/small"),
    ("file", ["cameras", 0, "sub_url"], f"rtsp://admin:{SECRET}@8.8.8.8/small"),
    ("cameras[0].zones[0].polygon", ["cameras", 0, "zones", 0, "polygon"], [[0, 0], [1, 1]]),
    ("cameras[0].zones[0].polygon[1][0]", ["cameras", 0, "zones", 0, "polygon", 1, 0], 1.5),
    ("cameras[0]", ["cameras", 0, "rules", 0, "zone"], "long-duong"),
    ("cameras[0]", ["cameras", 0, "zones"], GOOD["cameras"][0]["zones"] * 2),
    ("cameras[0]", ["cameras", 0, "rules"], GOOD["cameras"][0]["rules"] * 2),
    ("cameras[0].rules[0]", ["cameras", 0, "rules", 0, "kind"], "telepathy"),
    (f"{RULE}.min_seconds", ["cameras", 0, "rules", 0, "min_seconds"], -1),
    (f"{RULE}.schedule[0].from", ["cameras", 0, "rules", 0, "schedule", 0, "from"], "25:00"),
    (f"{RULE}.schedule[0].from", ["cameras", 0, "rules", 0, "schedule", 0, "from"], 1320),
    ("file", ["cameras", 0, "rules", 0, "schedule", 0, "days"], ["monday"]),
    ("file", ["cameras", 0, "rules", 0, "schedule", 0, "not_on"], ["tet_tay"]),
]


def changed(where: list[str | int], value: object) -> dict[str, Any]:
    """GOOD with one value in another way, or without it."""
    whole = deepcopy(GOOD)
    part: Any = whole
    for step in where[:-1]:
        part = part[step]
    if value is MISSING:
        del part[where[-1]]
    else:
        part[where[-1]] = value
    return whole


def check(config: Path) -> subprocess.CompletedProcess[str]:
    return edge("--config", config, "check")


def started(config: Path, command: str) -> subprocess.CompletedProcess[str]:
    """The command as a process of its own."""
    typed = [sys.executable, "-m", "edge", "--config", str(config), command]
    return subprocess.run(typed, capture_output=True, text=True, check=False)


def written(folder: Path, text: str | dict[str, Any]) -> Path:
    config = folder / "edge.yaml"
    config.write_text(text if isinstance(text, str) else yaml.safe_dump(text, allow_unicode=True), encoding="utf-8")
    return config


def assert_one_sentence(done: subprocess.CompletedProcess[str], naming: str) -> None:
    assert (done.returncode, done.stdout) == (2, "")
    (sentence,) = done.stderr.splitlines()
    assert naming in sentence
    assert sentence.endswith(".")
    assert "Traceback" not in sentence
    assert SECRET[:20] not in sentence


def test_a_good_file_is_called_good_and_shows_no_secret(tmp_path: Path) -> None:
    done = started(written(tmp_path, GOOD), "check")
    assert (done.returncode, done.stderr) == (0, "")
    assert "is good: box an-luu-1 with 1 cameras" in done.stdout
    assert SECRET not in done.stdout


@pytest.mark.parametrize(
    ("field", "where", "value"), WRONG, ids=[f"{field} {value!s:.20}" for field, _, value in WRONG]
)
def test_a_wrong_value_is_named_with_its_field(
    tmp_path: Path, field: str, where: list[str | int], value: object
) -> None:
    assert_one_sentence(check(written(tmp_path, changed(where, value))), f"field {field}")


@pytest.mark.parametrize(
    ("text", "naming"),
    [
        ("", "must hold fields"),
        ("- box\n- ward\n", "must hold fields"),
        ("box: [an-luu-1\n", "is not YAML"),
        ("box: an-luu-1\n\tward: x\n", "is not YAML"),
        ("box: ${PHOAN_NO_SUCH_NAME}\n", "PHOAN_NO_SUCH_NAME"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, text: str, naming: str) -> None:
    assert_one_sentence(check(written(tmp_path, text)), naming)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert_one_sentence(check(tmp_path / "none.yaml"), "none.yaml: cannot be read")


def test_a_wrong_file_does_not_run_either(tmp_path: Path) -> None:
    assert_one_sentence(started(written(tmp_path, changed(["box"], MISSING)), "run"), "field box is missing")


def test_environment_variables_are_filled_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHOAN_CAMERA_PASSWORD", SECRET)
    config = written(tmp_path, changed(["cameras", 0, "url"], "rtsp://admin:${PHOAN_CAMERA_PASSWORD}@192.168.2.7/s"))
    settings = load(EdgeSettings, config)
    assert settings.cameras[0].url.get_secret_value() == f"rtsp://admin:{SECRET}@192.168.2.7/s"
    assert SECRET not in repr(settings)


def test_a_variable_that_is_not_set_is_named(tmp_path: Path) -> None:
    config = written(tmp_path, changed(["mqtt", "password"], "${PHOAN_NO_SUCH_NAME}"))
    assert_one_sentence(check(config), "PHOAN_NO_SUCH_NAME, which is not set")


def test_a_time_without_quotes_is_not_taken_for_another_time(tmp_path: Path) -> None:
    text = yaml.safe_dump(GOOD).replace("'22:00'", "22:00")
    assert "from: 22:00" in text
    assert_one_sentence(check(written(tmp_path, text)), 'must be a time in quotes, as "22:00"')


def test_the_schema_is_json_that_knows_every_field(tmp_path: Path) -> None:
    done = edge("--config", tmp_path / "none.yaml", "schema")
    assert done.returncode == 0
    assert set(json.loads(done.stdout)["properties"]) == set(EdgeSettings.model_fields)


@pytest.mark.parametrize(
    ("changes", "naming"),
    [
        ({"detector": {"kind": "yolo", "weights": "models/none.pt"}}, "models/none.pt is missing"),
        ({"data_dir": "/proc/phoan"}, "/proc/phoan"),
    ],
)
def test_what_only_running_can_tell_is_one_sentence_too(
    tmp_path: Path, changes: dict[str, object], naming: str
) -> None:
    assert_one_sentence(started(written(tmp_path, {**GOOD, **changes}), "run"), naming)


def test_video_is_kept_as_the_file_says_and_clips_without_a_word() -> None:
    plain = EdgeSettings.model_validate(GOOD)
    assert plain.clips
    assert (plain.clips.before_s, plain.clips.after_s) == (10, 20)
    assert (plain.recording, plain.uplink.daily_mb) == (None, None)
    assert EdgeSettings.model_validate(GOOD | {"clips": None}).clips is None


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"clips": {"before_s": 60, "after_s": 80}}, "longest_s must be at least"),
        ({"recording": {"cameras": ["no-such-camera"]}}, "recording names camera no-such-camera"),
        ({"recording": {"segment_s": 1}}, "segment_s"),
        ({"uplink": {"daily_mb": 0}}, "daily_mb"),
    ],
)
def test_what_makes_no_sense_of_clips_recording_and_uplink_is_refused(change: dict[str, object], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        EdgeSettings.model_validate(GOOD | change)
