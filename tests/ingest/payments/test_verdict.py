"""What one look says of points: every combination of what devices, mains, line, banks and codes say."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.payments.evidence import ALIVE, SILENT, UNKNOWN, Box, Device, Point, Site, State, Ward, is_open
from ingest.payments.told import Told
from ingest.payments.verdict import verdicts, verified
from tests.ingest.payments.streets import BOX, SETTINGS, SITE, look, stall, ward, word
from tests.support.samples import NOON

OUT, GOOD, BLIND = State.NOT_PAYABLE, State.PAYABLE, State.UNKNOWN

OWN_DEVICES = [
    # soundbox, plug -> state, cause
    (ALIVE, ALIVE, GOOD, None),
    (ALIVE, SILENT, GOOD, None),  # it runs on its battery, and tells of money
    (ALIVE, UNKNOWN, GOOD, None),
    (ALIVE, None, GOOD, None),
    (SILENT, ALIVE, OUT, "device"),
    (SILENT, SILENT, OUT, "stall"),
    (SILENT, UNKNOWN, OUT, "device"),
    (SILENT, None, OUT, "device"),  # nothing says that more is wrong
    (UNKNOWN, ALIVE, BLIND, "gateway"),
    (UNKNOWN, SILENT, BLIND, "gateway"),
    (UNKNOWN, UNKNOWN, BLIND, "gateway"),
    (UNKNOWN, None, BLIND, "gateway"),
    (None, ALIVE, GOOD, None),
    (None, SILENT, OUT, "stall"),
    (None, UNKNOWN, BLIND, "gateway"),
    (None, None, BLIND, "unwatched"),  # the box is heard, and has nothing to say of these devices
]


@pytest.mark.parametrize(("soundbox", "plug", "state", "cause"), OWN_DEVICES)
def test_a_point_is_what_its_own_devices_say(
    soundbox: float | None, plug: float | None, state: State, cause: str | None
) -> None:
    found = verdicts(ward(stall("q1", soundbox, plug)), {}, look())["q1"]
    assert (found.state, found.cause) == (state, cause)
    assert (found.place == "q1") is (state is OUT)


def test_every_combination_of_devices_is_in_the_table() -> None:
    said = (ALIVE, UNKNOWN, SILENT, None)
    assert {row[:2] for row in OWN_DEVICES} == set(product(said, said))


@pytest.mark.parametrize(("soundbox", "plug", "state", "cause"), OWN_DEVICES)
def test_lost_mains_explain_all_but_a_soundbox_that_lives(
    soundbox: float | None, plug: float | None, state: State, cause: str | None
) -> None:
    found = verdicts(ward(stall("q1", soundbox, plug), mains=0), {}, look())["q1"]
    if state is GOOD:
        assert found.state is GOOD
    else:
        assert (found.state, found.cause, found.place, found.sure) == (OUT, "power", SITE, True)


@pytest.mark.parametrize(("mains", "internet"), list(product((0, 1, None), (0, 1, None))))
def test_a_point_without_devices_is_what_mains_and_line_say(mains: float | None, internet: float | None) -> None:
    found = verdicts(ward(Point("q1", SITE), mains=mains, internet=internet), {}, look())["q1"]
    expected: tuple[State, str | None]
    if mains == 0:
        expected = OUT, "power"
    elif internet == 0:
        expected = OUT, "uplink"
    else:
        expected = (GOOD, None) if internet == 1 else (BLIND, "box")
    assert (found.state, found.cause) == expected


def test_words_that_are_old_are_no_words() -> None:
    old = NOON - SETTINGS.fresh - timedelta(seconds=1)
    found = verdicts(ward(stall("q1", SILENT, SILENT, at=old), mains=0, internet=0, at=old), {}, look())["q1"]
    assert (found.state, found.cause, found.at) == (BLIND, "box", old), "unknown since it was last heard"


def test_a_site_without_any_box_is_not_watched() -> None:
    found = verdicts(Ward([Point("q1", SITE)], {SITE: Site(SITE)}), {}, look())["q1"]
    assert (found.state, found.cause) == (BLIND, "unwatched")


@pytest.mark.parametrize(
    ("out", "alive", "apart_s", "mains", "cause"),
    [
        (3, 3, 90, None, "power"),  # three, and half of the site
        (40, 0, 2, None, "power"),
        (3, 4, 90, None, "stall"),  # less than half: several stalls, one cause
        (2, 0, 0, None, None),  # two may go by chance
        (3, 0, 91, None, None),  # not within three minutes
        (3, 3, 90, 1, "uplink"),  # there is mains, so what they share is the line
        (3, 4, 90, 1, "stall"),
    ],
)
def test_points_that_fall_silent_together_share_a_cause(
    out: int, alive: int, apart_s: int, mains: float | None, cause: str | None
) -> None:
    """The first of `out` stalls fell silent, then each `apart_s` later."""
    told = {f"q{n}": Told(OUT, NOON - timedelta(seconds=apart_s * (out - n)), "stall", f"q{n}") for n in range(out)}
    points = [stall(f"q{n}", SILENT, SILENT) for n in range(out)] + [stall(f"r{n}") for n in range(alive)]
    found = verdicts(ward(*points, mains=mains), told, look())
    causes = {(found[point].cause, found[point].place) for point in told}
    assert causes == ({(cause, SITE)} if cause else {("stall", point) for point in told})
    assert all(found[f"r{n}"].state is GOOD for n in range(alive))


def test_soundboxes_that_fall_silent_together_at_live_stalls_are_one_outage() -> None:
    points = [stall(f"q{n}", SILENT) for n in range(3)] + [stall(f"r{n}") for n in range(9)]
    found = verdicts(ward(*points), {}, look())
    assert {(found[f"q{n}"].cause, found[f"q{n}"].place) for n in range(3)} == {("device", SITE)}


def test_the_last_stalls_of_a_power_cut_keep_its_cause_until_one_is_left() -> None:
    since = NOON - timedelta(hours=2)
    told = {f"q{n}": Told(OUT, since, "power", SITE) for n in range(5)}
    silent = [stall(f"q{n}", SILENT, SILENT) for n in range(5)]
    alive = [stall(f"q{n}") for n in range(5)]
    two = verdicts(ward(*silent[:2], *alive[2:]), told, look())
    assert {(two[f"q{n}"].cause, two[f"q{n}"].place) for n in range(2)} == {("power", SITE)}
    one = verdicts(ward(*silent[:1], *alive[1:]), told, look())
    assert (one["q0"].cause, one["q0"].place) == ("stall", "q0")


def test_a_later_crowd_is_found_beside_one_that_lasts() -> None:
    """Three that were told alone an hour ago and three of now are two groups."""
    told = {f"q{n}": Told(OUT, NOON - timedelta(hours=1), "stall", f"q{n}") for n in range(3)}
    points = [stall(f"q{n}", SILENT, SILENT) for n in range(6)]
    found = verdicts(ward(*points, *(stall(f"r{n}") for n in range(6))), told, look())
    assert {found[f"q{n}"].place for n in range(3, 6)} == {SITE}


@pytest.mark.parametrize(
    ("internet", "dns", "cause"),
    [(1, 1, None), (0, 1, "uplink"), (1, 0, "uplink"), (None, 0, "uplink"), (None, 1, None)],
)
def test_a_line_on_which_names_or_the_internet_are_not_reached_is_out(
    internet: float | None, dns: float | None, cause: str | None
) -> None:
    box = Box(BOX, word(dns) if dns is not None else None, word(internet) if internet is not None else None)
    found = verdicts(ward(stall("q1"), boxes={BOX: box}), {}, look())["q1"]
    assert found.cause == cause
    assert found.place == (BOX if cause else None)


def test_one_of_two_boxes_that_reaches_the_internet_is_enough() -> None:
    boxes = {"a": Box("a", None, word(0)), "b": Box("b", None, word(1))}
    of_both = Ward([stall("q1")], {SITE: Site(SITE, ["a", "b"])}, boxes)
    assert verdicts(of_both, {}, look())["q1"].state is GOOD
    both = replace(of_both, boxes={**boxes, "b": Box("b", None, word(0))})
    assert verdicts(both, {}, look())["q1"].place == SITE


BANK_A, BANK_B = "970436", "970415"


@pytest.mark.parametrize(
    ("payees", "noticed", "probed", "out"),
    [
        ({BANK_A}, {BANK_A}, {}, True),
        ({BANK_A, BANK_B}, {BANK_A}, {}, False),  # the merchant shows the other code
        ({BANK_A, BANK_B}, {BANK_A}, {BANK_B: 0}, True),
        ({BANK_A}, set(), {BANK_A: 0}, True),
        ({BANK_A}, set(), {BANK_A: 1}, False),
        (set(), {BANK_A}, {}, False),  # nobody knows whom it is paid to
    ],
)
def test_a_point_whose_every_bank_is_down_cannot_be_paid_at(
    payees: set[str], noticed: set[str], probed: dict[str, float], out: bool
) -> None:
    point = replace(stall("q1"), banks=frozenset(payees))
    found = verdicts(ward(point, notices=dict.fromkeys(noticed, NOON), banks=probed), {}, look())["q1"]
    assert (found.state, found.cause) == ((OUT, "bank") if out else (GOOD, None))
    assert found.sure is (out and payees == noticed)


def test_a_bank_that_a_box_without_a_line_does_not_reach_is_not_down() -> None:
    point = replace(stall("q1"), banks=frozenset({BANK_A}))
    found = verdicts(ward(point, internet=0, banks={BANK_A: 0}), {}, look())["q1"]
    assert found.cause == "uplink"


@pytest.mark.parametrize(
    ("kind", "out"),
    [
        ("payment_code_mismatch", True),
        ("payment_code_foreign", True),
        ("payment_code_covered", True),
        ("payment_code_missing", True),
        ("payment_code_unreadable", False),
        ("payment_code_added", False),
    ],
)
def test_a_wrong_code_can_not_be_paid_to(kind: str, out: bool) -> None:
    point = replace(stall("q1"), alarms=frozenset({kind}), alarmed_at=NOON)
    found = verdicts(ward(point), {}, look())["q1"]
    assert (found.state, found.cause) == ((OUT, "code") if out else (GOOD, None))
    assert verified(replace(point, code=word(1)), look()) == (None if out else "camera")


@pytest.mark.parametrize(
    ("code", "days", "by"),
    [(1, None, "camera"), (0, None, None), (0, 1, None), (None, 1, "patrol"), (None, 7, "patrol"), (None, 7.1, None)],
)
def test_a_code_is_verified_by_a_camera_now_or_by_a_patrol_of_this_week(
    code: float | None, days: float | None, by: str | None
) -> None:
    scanned = NOON - timedelta(days=days) if days is not None else None
    point = Point("q1", SITE, code=word(code) if code is not None else None, patrolled_at=scanned)
    assert verified(point, look()) == by


@pytest.mark.parametrize(
    ("opens", "closes", "clock", "expected"),
    [
        (None, None, time(3), True),
        (time(5), time(12), time(5), True),
        (time(5), time(12), time(12), False),
        (time(18), time(2), time(1), True),
        (time(18), time(2), time(2), False),
        (time(18), time(2), time(17), False),
    ],
)
def test_a_site_is_open_in_its_hours(opens: time | None, closes: time | None, clock: time, expected: bool) -> None:
    site = Site(SITE, [BOX], [word(0)], opens, closes)
    assert is_open(site, clock) is expected
    found = verdicts(Ward([stall("q1", SILENT, SILENT)], {SITE: site}), {}, look(clock=clock))["q1"]
    assert (found.state is State.CLOSED) is not expected


VALUES = st.sampled_from([ALIVE, UNKNOWN, SILENT, None])
STALLS = st.lists(st.tuples(VALUES, VALUES, st.booleans()), min_size=1, max_size=12)


def at(seconds: int) -> datetime:
    return NOON - timedelta(seconds=seconds)


@given(said=STALLS, mains=st.sampled_from([0, 1, None]), internet=st.sampled_from([0, 1, None]), data=st.data())
def test_the_order_of_what_is_read_does_not_matter(
    said: list[tuple[float | None, float | None, bool]],
    mains: float | None,
    internet: float | None,
    data: st.DataObject,
) -> None:
    points = [
        replace(stall(f"q{n}", soundbox, plug), banks=frozenset({BANK_A} if banked else ()))
        for n, (soundbox, plug, banked) in enumerate(said)
    ]
    shuffled = [replace(point, devices=list(reversed(point.devices))) for point in data.draw(st.permutations(points))]
    one = ward(*points, mains=mains, internet=internet, notices={BANK_A: NOON})
    other = ward(*shuffled, mains=mains, internet=internet, notices={BANK_A: NOON})
    assert verdicts(one, {}, look()) == verdicts(other, {}, look())


@given(said=STALLS, mains=st.sampled_from([1, None]), internet=st.sampled_from([1, None]))
def test_what_nothing_is_heard_of_is_never_out(
    said: list[tuple[float | None, float | None, bool]], mains: float | None, internet: float | None
) -> None:
    """Unless something says that mains or line are gone, or an officer that the bank is."""
    points = [stall(f"q{n}", soundbox, plug) for n, (soundbox, plug, _) in enumerate(said)]
    found = verdicts(ward(*points, mains=mains, internet=internet), {}, look())
    for n, (soundbox, plug, _) in enumerate(said):
        if SILENT not in (soundbox, plug):
            assert found[f"q{n}"].state is not OUT


def test_a_device_of_another_kind_says_that_there_is_power() -> None:
    point = Point("q1", SITE, [Device("a", "soundbox", word(SILENT)), Device("b", "meter", word(ALIVE))])
    assert verdicts(ward(point), {}, look())["q1"].cause == "device"
