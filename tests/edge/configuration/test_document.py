from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest
from pydantic import SecretStr

from contracts.configuration import BOXS_OWN
from contracts.settings import SettingsError
from edge.config import EdgeSettings
from edge.configuration.credentials import Login
from edge.configuration.document import merged, told, with_logins

CAMERA: dict[str, Any] = {"id": "mot", "site": "cho", "url": "rtsp://10.0.0.1/1"}
LOGIN = Login.model_validate({"user": "xem", "password": "bí mật/@:"})


def base(**more: object) -> EdgeSettings:
    own = {"ward": "an-luu", "box": "an-luu-1", "data_dir": "/d", "mqtt": {"host": "h", "password": "giu-kin"}}
    return EdgeSettings.model_validate(own | more)


def url_of(settings: EdgeSettings, number: int = 0) -> str:
    return settings.cameras[number].url.get_secret_value()


def test_a_document_takes_the_place_of_what_it_names_and_of_nothing_else() -> None:
    settings = merged(base(time_zone="Asia/Bangkok", cameras=[CAMERA], clips=None), {"cameras": []}, {})
    assert settings.cameras == ()
    assert (settings.time_zone, settings.clips, settings.mqtt.host) == ("Asia/Bangkok", None, "h")


@pytest.mark.parametrize("own", sorted(BOXS_OWN))
def test_what_belongs_to_the_box_is_refused(own: str) -> None:
    with pytest.raises(SettingsError, match=rf"^field {own} belongs to the box itself"):
        merged(base(), {own: {}}, {})


def test_devices_are_pushed_and_their_broker_stays_the_box_s() -> None:
    own = base(devices={"site": "cho", "broker": {"host": "b", "password": "giu-kin"}, "list": []})
    pushed = {"devices": {"site": "cho", "list": [{"id": "khoi-1", "kind": "smoke"}]}}
    settings = merged(own, pushed, {}).devices
    assert settings
    assert [device.id for device in settings.list] == ["khoi-1"]
    assert (settings.broker.host, settings.broker.password) == ("b", SecretStr("giu-kin"))
    assert merged(own, {"devices": None}, {}).devices is None
    first = merged(base(), pushed, {}).devices
    assert first
    assert first.broker.host == "127.0.0.1"
    with pytest.raises(SettingsError, match=r"^field devices.broker belongs to the box itself"):
        merged(own, {"devices": {"site": "cho", "broker": {"host": "10.0.0.66"}}}, {})


def test_every_field_that_belongs_to_the_box_is_one() -> None:
    assert EdgeSettings.model_fields.keys() >= BOXS_OWN


def test_passwords_are_put_in_from_the_file_beside() -> None:
    settings = merged(base(), {"cameras": [CAMERA | {"sub_url": "rtsp://10.0.0.1/2"}]}, {"mot": LOGIN})
    assert url_of(settings) == "rtsp://xem:b%C3%AD%20m%E1%BA%ADt%2F%40%3A@10.0.0.1/1"
    sub = settings.cameras[0].sub_url
    assert sub
    assert sub.get_secret_value() == "rtsp://xem:b%C3%AD%20m%E1%BA%ADt%2F%40%3A@10.0.0.1/2"


def test_a_password_in_the_box_s_own_file_goes_to_the_host_that_it_went_to_and_to_no_other() -> None:
    own = base(cameras=[CAMERA | {"url": "rtsp://a:b@10.0.0.1/old"}])
    assert url_of(merged(own, {"cameras": [CAMERA]}, {})) == "rtsp://a:b@10.0.0.1/1"
    elsewhere = CAMERA | {"url": "rtsp://10.0.0.66/1"}
    assert url_of(merged(own, {"cameras": [elsewhere]}, {})) == "rtsp://10.0.0.66/1"


def test_the_box_s_own_file_has_its_passwords_beside_it_too() -> None:
    settings = with_logins(base(cameras=[CAMERA], trial_s=7), {"mot": LOGIN})
    assert url_of(settings).startswith("rtsp://xem:")
    assert settings.trial_s == 7
    assert url_of(with_logins(base(cameras=[CAMERA]), {"hai": LOGIN})) == CAMERA["url"]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (
            {"cameras": [CAMERA | {"url": "rtsp://a:b@10.0.0.1/1"}]},
            "camera mot: the address in field url bears a password, which never travels.",
        ),
        (
            {"cameras": [CAMERA, CAMERA | {"id": "hai", "rotate": 45}]},
            "field of camera hai, rotate: Input should be 0, 90, 180 or 270.",
        ),
        (
            {"cameras": [CAMERA | {"zones": [{"id": "san", "polygon": [[0, 0], [2, 0], [1, 1]]}]}]},
            "field of camera mot, zone san.polygon[1][0]: Input should be less than or equal to 1",
        ),
        (
            {"devices": {"site": "cho", "list": [{"id": "khoi-1", "kind": "smoke", "period_s": 0}]}},
            "field of device khoi-1.period_s: Input should be greater than 0.",
        ),
        ({"cameras": "none"}, "field cameras: Input should be a valid tuple."),
        ({"colour": 1}, "field colour is not known here; check its spelling."),
        ({"cameras": [CAMERA, CAMERA]}, "field cameras: two cameras have one name."),
        ({"cameras": [CAMERA | {"url": "rtsp://8.8.8.8/1"}]}, "field file: camera mot has an address that is in none"),
    ],
)
def test_a_refusal_is_one_sentence_that_names_camera_and_field(document: dict[str, Any], reason: str) -> None:
    with pytest.raises(SettingsError) as caught:
        merged(base(), document, {})
    assert str(caught.value).startswith(reason)
    assert "a:b" not in str(caught.value)


def test_what_is_told_can_be_pushed_and_holds_no_secret() -> None:
    watched = CAMERA | {
        "url": "rtsp://xem:matkhau@10.0.0.1/1",
        "zones": [{"id": "san", "polygon": [[0, 0], [1, 0], [1, 1]]}],
        "rules": [{"kind": "intrusion", "id": "dem", "zone": "san", "schedule": [{"from": "22:00", "to": "05:00"}]}],
    }
    devices = {
        "site": "cho",
        "broker": {"host": "b", "password": "giu-kin"},
        "list": [{"id": "khoi-1", "kind": "smoke"}],
    }
    own = base(cameras=[watched], analysis={"fps": 3}, devices=devices)
    document = told(own)
    written = json.dumps(document)
    assert "matkhau" not in written
    assert "giu-kin" not in written
    assert document.keys() == {"cameras", "analysis", "devices"}
    assert merged(own, json.loads(written), {}) == own


def test_the_schema_that_the_centre_checks_against_is_the_box_s_own() -> None:
    kept = json.loads(files("contracts").joinpath("box_settings.json").read_bytes())
    assert kept == EdgeSettings.model_json_schema(), "write it anew: phoan-edge schema > contracts/box_settings.json"
