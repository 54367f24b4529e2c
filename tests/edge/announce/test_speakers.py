"""Each kind of speaker against a real one's stand-in: an HTTP server, mosquitto, a program."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from pydantic import SecretStr, ValidationError

from contracts.addresses import CAMERA_NETWORKS
from contracts.announcement import PlayFault, Priority
from contracts.ids import digest_of, new_id
from edge.announce.http_speaker import AxisPlayer, HttpPlayer
from edge.announce.local_speaker import LocalPlayer, play_command
from edge.announce.mqtt_speaker import MqttPlayer
from edge.announce.settings import AnnounceSettings, AxisSpeaker, HttpSpeaker, LocalSpeaker, MqttSpeaker
from edge.announce.speaker import Clip, SpeakerError
from edge.devices.settings import BrokerSettings
from tests.support.mosquitto import Mosquitto
from tests.support.samples import NOON
from tests.support.speakers import PASSWORD, USER, HttpStandIn, player, tone

WAV = tone(0.2)
CLIP = Clip(new_id(), WAV, Priority.URGENT, NOON + timedelta(seconds=90))
SECRET = {"username": USER, "password": SecretStr(PASSWORD)}


class Waits:
    """Waits for nothing, and remembers for how long it was asked to."""

    def __init__(self, goes_on: bool = True) -> None:
        self.asked: list[float] = []
        self._goes_on = goes_on

    def __call__(self, seconds: float) -> bool:
        self.asked.append(seconds)
        return self._goes_on


def http(url: str, **changes: Any) -> HttpPlayer:
    return HttpPlayer(HttpSpeaker(id="loa-1", site="cho", kind="http", url=url, **changes), CAMERA_NETWORKS)


@pytest.fixture
def speaker() -> Iterator[HttpStandIn]:
    stand_in = HttpStandIn(digest=True)
    yield stand_in
    stand_in.stop()


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_the_sound_is_sent_whole_to_who_proves_the_password_by_digest(speaker: HttpStandIn, method: str) -> None:
    waits = Waits()
    one = http(f"{speaker.url}/play?zone=1", method=method, **SECRET)
    one.play(CLIP, waits)
    one.close()
    (call,) = speaker.calls
    assert (call.method, call.path, call.type, call.body) == (method, "/play?zone=1", "audio/wav", WAV)
    assert speaker.refused == 1  # the password itself never went out
    assert waits.asked == [pytest.approx(0.2)]


def test_a_form_holds_the_sound_as_a_file(speaker: HttpStandIn) -> None:
    one = http(f"{speaker.url}/upload", body="form", field="clip", **SECRET)
    one.play(CLIP, Waits())
    one.close()
    (call,) = speaker.calls
    assert call.type.startswith("multipart/form-data")
    assert b'name="clip"; filename="phoan.wav"' in call.body
    assert WAV in call.body


def test_a_wrong_password_is_told_as_a_refusal(speaker: HttpStandIn) -> None:
    one = http(f"{speaker.url}/play", username=USER, password=SecretStr("sai"))
    with pytest.raises(SpeakerError) as error:
        one.play(CLIP, Waits())
    one.close()
    assert error.value.fault is PlayFault.REFUSED
    assert speaker.calls == []


def test_no_redirect_is_followed() -> None:
    elsewhere = HttpStandIn()
    stand_in = HttpStandIn(lambda _: (307, {"Location": f"{elsewhere.url}/"}, b""))
    one = http(f"{stand_in.url}/play")
    with pytest.raises(SpeakerError) as error:
        one.play(CLIP, Waits())
    one.close()
    stand_in.stop()
    elsewhere.stop()
    assert error.value.fault is PlayFault.REFUSED
    assert elsewhere.calls == []


def test_nothing_is_sent_outside_of_the_speakers_networks(speaker: HttpStandIn) -> None:
    settings = HttpSpeaker(id="loa-1", site="cho", kind="http", url=f"http://localhost:{speaker.port}/play")
    one = HttpPlayer(
        settings, [network for network in CAMERA_NETWORKS if str(network) not in ("127.0.0.0/8", "::1/128")]
    )
    with pytest.raises(SpeakerError) as error:
        one.play(CLIP, Waits())
    one.close()
    assert error.value.fault is PlayFault.NOT_ALLOWED
    assert speaker.calls == []
    assert speaker.refused == 0


def test_a_speaker_that_is_off_is_told_as_out_of_reach(speaker: HttpStandIn) -> None:
    speaker.stop()
    one = http(f"{speaker.url}/play")
    with pytest.raises(SpeakerError) as error:
        one.play(CLIP, Waits())
    one.close()
    assert error.value.fault is PlayFault.UNREACHABLE


@pytest.mark.parametrize("plays", [True, False])
def test_an_axis_speaker_gets_plays_and_loses_a_media_clip(plays: bool) -> None:
    def answer(call: Any) -> tuple[int, dict[str, str], bytes]:
        if "action=upload" in call.path:
            return 200, {}, b"OK\nuploaded=12\n"
        return (200, {}, b"OK\n") if plays or "action=play" not in call.path else (400, {}, b"no")

    stand_in = HttpStandIn(answer, digest=True)
    one = AxisPlayer(AxisSpeaker(id="loa-1", site="cho", kind="axis", url=stand_in.url, **SECRET), CAMERA_NETWORKS)
    try:
        one.play(CLIP, Waits())
    except SpeakerError as error:
        assert not plays
        assert error.fault is PlayFault.REFUSED  # noqa: PT017
    one.close()
    stand_in.stop()
    assert [(call.method, call.path) for call in stand_in.calls] == [
        ("POST", "/axis-cgi/mediaclip.cgi?action=upload&media=audio&name=phoan"),
        ("GET", "/axis-cgi/mediaclip.cgi?action=play&clip=12"),
        ("GET", "/axis-cgi/mediaclip.cgi?action=remove&clip=12"),
    ]
    assert WAV in stand_in.calls[0].body


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path)
    broker.start()
    yield broker
    broker.stop()


class Listener:
    """A speaker on the broker."""

    def __init__(self, port: int, topic: str) -> None:
        self.heard: list[bytes] = []
        self.came = threading.Event()
        self._subscribed = threading.Event()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        self._client.on_message = self._on_message
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        self._client.subscribe(topic, 1)
        assert self._subscribed.wait(5)

    def _on_message(self, _client: Any, _data: Any, message: mqtt.MQTTMessage) -> None:
        self.heard.append(bytes(message.payload))
        assert message.properties
        assert message.properties.json()["MessageExpiryInterval"] <= 90  # type: ignore[no-untyped-call]
        self.came.set()

    def stop(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


TOPIC = "phoan/1/an-luu/dev/loa-1/cmd"


def on_broker(port: int) -> MqttPlayer:
    return MqttPlayer(MqttSpeaker(id="loa-1", site="cho", kind="mqtt"), BrokerSettings(port=port), TOPIC, lambda: NOON)


def test_a_speaker_on_the_broker_gets_the_sound_with_its_digest_and_how_long_it_holds(mosquitto: Mosquitto) -> None:
    listener = Listener(mosquitto.port, TOPIC)
    waits = Waits()
    on_broker(mosquitto.port).play(CLIP, waits)
    assert listener.came.wait(5)
    listener.stop()
    (payload,) = listener.heard
    said = json.loads(payload)
    assert base64.b64decode(said["data"]) == WAV
    assert (said["cmd"], said["sha256"], said["priority"], said["ttl"], said["repeat"]) == (
        "play", digest_of(WAV), "urgent", 90, 1,
    )  # fmt: skip
    assert waits.asked == [pytest.approx(0.2)]


def test_a_topic_that_nobody_hears_is_told_as_out_of_reach(mosquitto: Mosquitto) -> None:
    with pytest.raises(SpeakerError, match="no speaker hears") as error:
        on_broker(mosquitto.port).play(CLIP, Waits())
    assert error.value.fault is PlayFault.UNREACHABLE


def test_a_sound_that_the_broker_does_not_take_is_refused_before_it_is_sent(mosquitto: Mosquitto) -> None:
    listener = Listener(mosquitto.port, TOPIC)
    long = Clip(new_id(), tone(10), Priority.NORMAL, CLIP.expires_at)
    with pytest.raises(SpeakerError, match="bytes at most") as error:
        on_broker(mosquitto.port).play(long, Waits())
    listener.stop()
    assert error.value.fault is PlayFault.REFUSED
    assert listener.heard == []


def test_a_broker_that_is_away_is_told_as_out_of_reach(mosquitto: Mosquitto) -> None:
    mosquitto.stop()
    with pytest.raises(SpeakerError) as error:
        on_broker(mosquitto.port).play(CLIP, Waits())
    assert error.value.fault is PlayFault.UNREACHABLE


def local(**changes: Any) -> LocalPlayer:
    return LocalPlayer(LocalSpeaker(id="loa-1", site="cho", kind="local", **changes))


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder in which programs of the box are found, beside the system's own."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/bin")
    return folder


def ticking(seconds: float) -> bool:
    threading.Event().wait(seconds)
    return True


def test_the_program_for_sound_gets_the_sound(path: Path) -> None:
    player(path)
    local(device="plughw:1,0").play(CLIP, ticking)
    (heard,) = path.glob("heard-*.wav")
    assert heard.read_bytes() == WAV
    assert (path / "arguments").read_text().startswith("-q -D plughw:1,0 ")


def test_a_quieter_speaker_gets_less_of_the_same(path: Path) -> None:
    player(path)
    local().play(CLIP.at_volume(50), ticking)
    (heard,) = path.glob("heard-*.wav")
    data = heard.read_bytes()
    assert len(data) == len(WAV)
    assert max(data[45::2]) < 128 or data != WAV
    assert Clip(CLIP.id, data, CLIP.priority, CLIP.expires_at).seconds == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("exit_code", "goes_on", "fault"), [(1, True, PlayFault.PLAYER_FAILED), (0, False, PlayFault.INTERRUPTED)]
)
def test_a_player_that_fails_or_must_give_way_is_told(
    path: Path, exit_code: int, goes_on: bool, fault: PlayFault
) -> None:
    player(path, exit_code=exit_code, lasts_s=0 if goes_on else 30)
    with pytest.raises(SpeakerError) as error:
        local().play(CLIP, ticking if goes_on else Waits(goes_on=False))
    assert error.value.fault is fault


def test_without_a_program_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SpeakerError) as error:
        local().play(CLIP, ticking)
    assert error.value.fault is PlayFault.NO_PLAYER


def test_the_commands_name_a_file_and_nothing_else() -> None:
    sound = Path("/tmp/-x.wav")
    assert play_command("aplay", "/usr/bin/aplay", sound, None) == ["/usr/bin/aplay", "-q", "/tmp/-x.wav"]
    assert play_command("ffplay", "/usr/bin/ffplay", sound, None)[-2:] == ["-i", "file:/tmp/-x.wav"]


@pytest.mark.parametrize(
    ("speaker", "said"),
    [
        ({"kind": "http", "url": "http://8.8.8.8/play"}, "none of the speakers' networks"),
        ({"kind": "http", "url": "http://u:p@10.0.0.9/"}, "without a user name"),
        ({"kind": "http", "url": "http://10.0.0.9/", "username": "a"}, "both a username and a password"),
        ({"kind": "http", "url": "http://10.0.0.9/", **SECRET, "auth": "basic"}, "readably"),
        ({"kind": "local", "device": "-D; rm"}, "pattern"),
    ],
)
def test_settings_that_would_lead_astray_are_refused(speaker: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        AnnounceSettings.model_validate({"speakers": [{"id": "loa-1", "site": "cho", **speaker}]})


def test_a_rule_about_fire_needs_a_speaker_at_its_site_and_no_other_rule_beside_it() -> None:
    one = {"id": "loa-1", "site": "cho", "kind": "local"}
    with pytest.raises(ValidationError, match="no speaker stands at site pho"):
        AnnounceSettings.model_validate({"speakers": [one], "fire": [{"site": "pho"}]})
    with pytest.raises(ValidationError, match="two rules about fire"):
        AnnounceSettings.model_validate(
            {"speakers": [one], "fire": [{"site": "cho"}, {"site": "cho", "kinds": ["heat"]}]}
        )
    good = AnnounceSettings.model_validate({"speakers": [one], "fire": [{"site": "cho"}]})
    assert good.rule_for("smoke", "cho")
    assert good.rule_for("gas", "cho") is None
    assert good.rule_for("intrusion", "cho") is None
