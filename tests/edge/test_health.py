"""Real footage, spoilt and disturbed: what befalls a camera is noticed in time, and nothing else is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import copy
from datetime import timedelta
from functools import cache
from itertools import chain, islice

import numpy as np
import pytest
from av.video.frame import VideoFrame
from pydantic import SecretStr

from contracts.event import EventKind
from contracts.status import CameraFault, CameraState
from edge.capture.mask import Mask
from edge.config import CameraSettings
from edge.health.condition import Patience, Reading, Standing, Verdict, decide
from edge.health.settings import CheckSettings, HealthSettings
from edge.health.watch import CameraHealth, Check
from edge.rules.command import Close, Command, Open, Update
from edge.sight.gate import shrink
from tests.support import footage
from tests.support.footage import Effect, Pixels, blurred, looped, warped
from tests.support.samples import NOON

WELL_S = 40
"""How long a camera is well before something befalls it."""

Story = list[tuple[int, str]]
"""When what was said: `covered`, or `-covered` when it was over. Seconds count from when something began."""

COVERED, BLURRED, MOVED, DARK, FROZEN = "covered", "blurred", "moved", "dark", "frozen"

BEFALLS: list[tuple[str, Effect, str, int]] = [
    ("a hand", footage.hand, COVERED, 10),
    ("a white bag", footage.bag, COVERED, 8),
    ("a lens cap", footage.black, COVERED, 8),
    ("a little out of focus", blurred(2), BLURRED, 40),
    ("out of focus", blurred(4), BLURRED, 40),
    ("far out of focus", blurred(15), BLURRED, 40),
    ("turned by 4 %", warped(x=0.04), MOVED, 25),
    ("turned by 10 %", warped(x=0.1), MOVED, 25),
    ("tilted by 8 %", warped(y=0.08), MOVED, 25),
    ("turned away", footage.mirrored, MOVED, 25),
    ("rolled by 8 degrees", warped(degrees=8), MOVED, 25),
    ("zoomed by a fifth", warped(zoom=1.2), MOVED, 30),
    ("lights out", footage.lit(lambda _: 0.05), DARK, 65),
    ("frozen", lambda picture, _: footage.street()[7], FROZEN, 135),
]

DISTURBS: list[tuple[str, Effect]] = [
    ("nothing", footage.untouched),
    ("a crowd", footage.crowd),
    ("a bus that stops", footage.bus),
    ("dusk", footage.lit(lambda second: max(0.25, 1 - second / 60))),
    ("exposure in steps", footage.lit(lambda second: (1, 0.6, 1.3, 0.8)[second // 10 % 4])),
    ("headlights", footage.headlights),
    ("infrared", footage.infrared),
    ("rain", footage.rain),
    ("fog", footage.fog),
    ("wind", lambda picture, second: warped(x=0.004 * (-1) ** second)(picture, second)),
]


def told(story: Story, at: int, commands: Iterable[tuple[CheckSettings, Command]]) -> None:
    for settings, command in commands:
        if not isinstance(command, Update):
            name = settings.kind.removeprefix("camera_")
            story.append((at, f"-{name}" if isinstance(command, Close) else name))


def watched(
    pictures: Iterable[Pixels], health: CameraHealth | None = None, mask: Mask | None = None, first: int = 0
) -> Story:
    """What a camera's health says of pictures that come a second apart, from second `first` on."""
    health, mask, story = health or CameraHealth(HealthSettings()), mask or Mask(()), Story()
    for second, picture in enumerate(pictures, first):
        grey = mask.burn(shrink(VideoFrame.from_ndarray(picture, format="bgr24")))
        at = NOON + timedelta(seconds=second)
        told(story, second - WELL_S, health.observe(at, grey, mask.burn(picture.copy()), mask))
    return story


def after_well(pictures: Iterable[Pixels]) -> Story:
    """What is said of pictures of a camera that was well for WELL_S, with the usual settings."""
    health = copy(_well())
    for name, part in vars(_well()).items():
        if isinstance(part, Check):  # all else is never changed, but replaced
            setattr(health, name, copy(part))
    return watched(pictures, health, first=WELL_S)


@cache
def _well() -> CameraHealth:
    health = CameraHealth(HealthSettings())
    assert watched(looped(WELL_S), health) == []
    return health


def spoilt(effect: Effect, seconds: int) -> Iterator[Pixels]:
    """The film from second WELL_S on, with something happening to it."""
    return (effect(picture, second) for second, picture in enumerate(islice(looped(WELL_S + seconds), WELL_S, None)))


@pytest.mark.parametrize(("effect", "name", "within_s"), [row[1:] for row in BEFALLS], ids=[row[0] for row in BEFALLS])
def test_what_befalls_a_camera_is_said_in_time_and_by_its_name(effect: Effect, name: str, within_s: int) -> None:
    story = after_well(spoilt(effect, within_s + 10))
    assert [said for _, said in story] == [name]
    assert story[0][0] <= within_s


@pytest.mark.parametrize("effect", [row[1] for row in DISTURBS], ids=[row[0] for row in DISTURBS])
def test_weather_traffic_and_light_are_nothing_to_tell(effect: Effect) -> None:
    assert after_well(spoilt(effect, 120)) == []


@pytest.mark.parametrize("effect", [row[1] for row in DISTURBS], ids=[row[0] for row in DISTURBS])
def test_a_box_may_start_in_any_weather_and_traffic(effect: Effect) -> None:
    assert watched(effect(picture, second) for second, picture in enumerate(looped(60))) == []


@pytest.mark.parametrize("bit_rate", ["1000", "200", "60"])
def test_low_bit_rates_are_nothing_to_tell(bit_rate: str) -> None:
    coarse = footage.compressed(looped(60), b=f"{bit_rate}k", maxrate=f"{bit_rate}k", bufsize="100k")
    assert after_well(coarse) == []


@pytest.mark.parametrize(
    ("effect", "name"),
    [(footage.hand, COVERED), (footage.bag, COVERED), (footage.black, COVERED), (blurred(6), BLURRED)],
    ids=["hand", "bag", "cap", "far out of focus"],
)
def test_a_box_that_starts_with_a_spoilt_camera_says_so(effect: Effect, name: str) -> None:
    pictures = (effect(picture, 99) for picture in looped(50))
    assert [said for _, said in watched(pictures)] == [name]


@pytest.mark.parametrize(
    ("effect", "name"),
    [(footage.hand, COVERED), (blurred(4), BLURRED), (warped(x=0.1), MOVED)],
    ids=["hand", "out of focus", "turned"],
)
def test_what_is_put_right_is_over(effect: Effect, name: str) -> None:
    story = after_well(chain(spoilt(effect, 60), looped(40)))
    assert [said for _, said in story] == [name, f"-{name}"]
    assert story[1][0] <= 60 + 25


def test_a_new_view_is_accepted_after_its_time_and_then_is_the_normal_one() -> None:
    health = CameraHealth(HealthSettings.model_validate({"moved": {"accept_after_s": 60}}))
    turned = warped(x=0.15)
    story = watched(chain(looped(WELL_S), spoilt(turned, 130), looped(40)), health)
    assert [said for _, said in story] == [MOVED, "-moved", MOVED]
    assert 130 < story[2][0] <= 155, "turned back is moved again"


def test_a_frozen_picture_is_told_from_a_still_scene_though_both_are_compressed_and_dated() -> None:
    still = np.median(np.array(footage.street()), axis=0).astype(np.uint8)
    frozen = (footage.with_clock(footage.street()[30], number) for number in range(145))
    alive = (footage.with_clock(footage.noisy(still, 2), number) for number in range(145))
    assert [said for _, said in watched(footage.compressed(frozen, crf="25"))] == [FROZEN]
    assert watched(footage.compressed(alive, crf="25")) == []


def test_a_mask_neither_hides_a_move_nor_makes_a_scene_look_frozen_or_covered() -> None:
    mask = Mask([((0.0, 0.0), (0.6, 0.0), (0.6, 1.0), (0.0, 1.0))])
    assert watched(looped(WELL_S + 100), mask=mask) == []
    for effect, seconds, name in ((warped(x=0.1), 40, MOVED), (footage.hand, 20, COVERED)):
        assert [said for _, said in watched(chain(looped(WELL_S), spoilt(effect, seconds)), mask=mask)] == [name]


def test_what_is_switched_off_is_never_said() -> None:
    health = CameraHealth(HealthSettings.model_validate({"covered": {"enabled": False}, "dark": {"enabled": False}}))
    assert watched(chain(looped(WELL_S), spoilt(footage.black, 70)), health) == []


def test_a_tiny_picture_says_nothing() -> None:
    assert watched([np.zeros((16, 640, 3), np.uint8)] * 20) == []


def test_a_camera_without_pictures_is_said_once_with_its_fault_until_it_streams() -> None:
    health, story, whys = CameraHealth(HealthSettings()), Story(), []
    states = [(CameraState.FAILED, CameraFault.STALLED)] * 15 + [(CameraState.FAILED, CameraFault.REFUSED)] * 15
    for second, (state, fault) in enumerate([*states, *[(CameraState.STREAMING, None)] * 10]):
        commands = health.hear(state, fault, NOON + timedelta(seconds=second))
        told(story, second, commands)
        whys += [command.why for _, command in commands if isinstance(command, Open)]
    assert story == [(20, "stalled"), (35, "-stalled")]
    assert whys == [{"fault": "refused", "seconds": 20.0}]


def test_a_camera_whose_clock_is_wrong_for_long_is_said() -> None:
    health, story = CameraHealth(HealthSettings()), Story()
    for second, offset in enumerate([*[-3600.4] * 35, *[0.2] * 40]):
        told(story, second, health.compare_clock(NOON + timedelta(seconds=second), offset))
    assert story == [(30, "wrong_clock"), (65, "-wrong_clock")]


PATIENCE = Patience(timedelta(seconds=3), timedelta(seconds=2), timedelta(seconds=10), timedelta(seconds=20))
VERDICTS = {"b": Verdict.BAD, "u": Verdict.UNCLEAR, "g": Verdict.GOOD, "w": Verdict.BAD}


def replay(verdicts: str, start: int = 0) -> list[str]:
    """What follows from a second each of bad, worse, unclear and good; `.` is a second without a reading."""
    standing, said = Standing(), []
    for second, letter in enumerate(verdicts, start):
        if letter != ".":
            extent = 0.9 if letter == "w" else 0.5
            reading = Reading(NOON + timedelta(seconds=second), VERDICTS[letter], extent, {})
            standing, commands = decide(PATIENCE, standing, reading)
            said += [
                f"{second}: {type(command).__name__} {getattr(command, 'reason', '')}".strip() for command in commands
            ]
    return said


@pytest.mark.parametrize(
    ("verdicts", "said"),
    [
        ("bbbb", ["3: Open"]),
        ("bbgbbb", []),
        ("bubub", ["4: Open"]),
        ("uuuuuuu", []),
        ("bbbbwww", ["3: Open", "4: Update"]),
        ("bbbbggg", ["3: Open", "6: Close restored"]),
        ("bbbbgbgbgugg", ["3: Open", "10: Close restored"]),
        ("bbbbggg" + "b" * 12, ["3: Open", "6: Close restored", "16: Open"]),
        ("b" * 25, ["3: Open", "20: Close accepted"]),
        ("bb" + "." * 20 + "bbbb", ["25: Open"]),
    ],
)
def test_what_lasts_opens_and_what_is_gone_closes_and_nothing_flaps(verdicts: str, said: list[str]) -> None:
    assert replay(verdicts) == said


def test_checks_are_on_by_default_and_have_names_of_their_own() -> None:
    checks = HealthSettings().checks()
    assert {check.kind for check in checks} == {kind for kind in EventKind if kind.startswith("camera_")}
    assert all(check.enabled for check in checks)
    assert HealthSettings.names() == {check.kind.replace("_", "-") for check in checks}


def test_a_rule_may_not_have_the_name_of_a_check() -> None:
    zone = {"id": "cong", "polygon": [[0, 0], [1, 0], [1, 1]]}
    rule = {"id": "camera-covered", "kind": "intrusion", "zone": "cong"}
    settings = {"id": "a", "site": "b", "url": SecretStr("rtsp://x/y"), "zones": [zone], "rules": [rule]}
    with pytest.raises(ValueError, match="has the name of a check of the camera's health"):
        CameraSettings.model_validate(settings)
