from __future__ import annotations

from pathlib import Path

import httpx

from contracts.inventory import Inventory
from demo import speaker, ward
from demo.processes import Processes, free_port, wait_for_port
from edge.config import EdgeSettings
from tests.support.speakers import tone


def test_the_stand_in_keeps_what_it_is_given_and_says_so(tmp_path: Path) -> None:
    processes, port = Processes(tmp_path / "logs"), free_port()
    started = processes.start("speaker", ["demo.speaker", str(tmp_path / "heard"), str(port)])
    try:
        wait_for_port(port, started, "the loudspeaker")
        url = f"http://127.0.0.1:{port}"
        assert httpx.post(url + speaker.PATH, content=tone(0.5)).status_code == 204
        assert httpx.post(url + speaker.PATH, content=b"no sound").status_code == 415
        assert httpx.post(url + "/other", content=tone(0.5)).status_code == 400
    finally:
        processes.stop_all()
    (kept,) = (tmp_path / "heard").glob("*.wav")
    assert kept.read_bytes() == tone(0.5)
    assert "playing 0.5 s of sound" in (tmp_path / "logs" / "speaker.log").read_text()


def test_the_sample_box_speaks_over_the_speaker_of_the_sample_inventory(tmp_path: Path) -> None:
    settings = EdgeSettings.model_validate(
        ward.edge_settings(
            data_dir=tmp_path,
            mqtt={"host": "127.0.0.1", "port": 1883},
            api_url="http://127.0.0.1:8080",
            box_token="x" * 32,
            camera_urls={camera.id: "rtsp://127.0.0.1/1" for camera in ward.CAMERAS},
            speaker_url="http://127.0.0.1:9/play",
        )
    )
    (one,) = settings.announce.speakers
    inventory = Inventory.model_validate(ward.inventory("x" * 32))
    listed = [device for device in inventory.wards[0].devices if device.kind == "speaker"]
    assert [(device.id, device.site, device.box) for device in listed] == [(one.id, one.site, settings.box)]
    rule = settings.announce.rule_for("smoke", one.site)
    assert rule
    assert rule.template == "bao-chay"
