from __future__ import annotations

import stat
from pathlib import Path

import pytest
import yaml

from contracts.settings import SettingsError, load
from edge.config import EdgeSettings
from edge.discover.write import Entry, add_cameras, replace, without_login

HEAD = "# hộp ở chợ\nward: an-luu\nbox: hop-1\ndata_dir: /tmp/x\nmqtt:\n  host: centre  # trung tâm\n"
NEW = Entry("cho-2", "cho", "rtsp://10.0.0.2/main", "rtsp://10.0.0.2/sub")

FILES = {
    "no cameras": HEAD,
    "no last newline": HEAD.rstrip(),
    "an empty list": HEAD + "cameras: []\ntime_zone: Asia/Ho_Chi_Minh\n",
    "an empty field": HEAD + "cameras:\ntime_zone: Asia/Ho_Chi_Minh\n",
    "a list": HEAD
    + "cameras:\n  - id: cho-1  # cổng\n    site: cho\n    url: rtsp://10.0.0.1/a\n\n# hết\nprobes: null\n",
    "a list at the edge": HEAD + "cameras:\n- {id: cho-1, site: cho, url: 'rtsp://10.0.0.1/a'}\n",
    "a list with zones": HEAD + "cameras:\n  - id: cho-1\n    site: cho\n    url: rtsp://10.0.0.1/a\n    zones:\n"
    "      - id: z\n        polygon: [[0, 0],\n          [1, 0], [1, 1]]\n  # ghi chú\ndetector:\n  kind: ssdlite\n",
    "a list at the end": HEAD + "cameras:\n    -   id: cho-1\n        site: cho\n        url: rtsp://10.0.0.1/a",
}


@pytest.mark.parametrize("name", FILES)
def test_a_camera_is_added_and_the_rest_stays_as_it_is_written(name: str) -> None:
    before = FILES[name]
    after = add_cameras(before, [NEW])
    old, new = yaml.safe_load(before), yaml.safe_load(after)
    added = {"id": "cho-2", "site": "cho", "url": "rtsp://10.0.0.2/main", "sub_url": "rtsp://10.0.0.2/sub"}
    assert new == {**old, "cameras": [*(old.get("cameras") or []), added]}
    for line in before.splitlines():
        if not line.startswith("cameras:"):
            assert line in after.splitlines()


def test_one_camera_after_the_other() -> None:
    text = HEAD
    for number in range(4):
        text = add_cameras(text, [Entry(f"cho-{number}", "cho", f"rtsp://10.0.0.{number}/a")])
    assert [camera["id"] for camera in yaml.safe_load(text)["cameras"]] == ["cho-0", "cho-1", "cho-2", "cho-3"]


@pytest.mark.parametrize("text", ["{ward: x}", "[1]", "", HEAD + "cameras: [{id: a, site: b, url: 'rtsp://10.0.0.1'}]"])
def test_a_file_that_cannot_be_added_to_is_told(text: str) -> None:
    with pytest.raises(SettingsError):
        add_cameras(text, [NEW])


def test_passwords_are_taken_out_of_one_cameras_addresses_only() -> None:
    text = HEAD + (
        "cameras:\n- {id: cho-1, site: cho, url: 'rtsp://u:bi-mat@10.0.0.1/a', sub_url: \"rtsp://u:bi-mat@10.0.0.1/b\"}\n"
        "- id: cho-2\n  site: cho\n  url: rtsp://u:bi-mat@10.0.0.2/a # cổng sau\n"
    )
    after = without_login(text, "cho-2")
    assert after.count("bi-mat") == 2
    assert yaml.safe_load(after)["cameras"][1]["url"] == "rtsp://10.0.0.2/a"
    assert "# cổng sau" in after
    after = without_login(after, "cho-1")
    assert "bi-mat" not in after
    assert yaml.safe_load(after)["cameras"][0]["sub_url"] == "rtsp://10.0.0.1/b"
    with pytest.raises(SettingsError, match="cho-9"):
        without_login(text, "cho-9")


def test_the_file_is_replaced_whole_with_its_mode_and_only_when_it_is_good(tmp_path: Path) -> None:
    config = tmp_path / "edge.yaml"
    config.write_text(HEAD)
    config.chmod(0o640)
    replace(config, add_cameras(HEAD, [NEW]))
    assert [camera.id for camera in load(EdgeSettings, config).cameras] == ["cho-2"]
    assert stat.S_IMODE(config.stat().st_mode) == 0o640
    good = config.read_text()
    with pytest.raises(SettingsError, match=r"edge.yaml: .*two cameras have one name"):
        replace(config, add_cameras(good, [NEW]))
    assert config.read_text() == good
    assert [path.name for path in tmp_path.iterdir()] == ["edge.yaml"]
