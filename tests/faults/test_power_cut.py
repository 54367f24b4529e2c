"""Each file that the box keeps, cut off at any byte or overwritten anywhere: the box starts, keeps what can be read,
sets the rest aside and says so. The outbox has tests of its own (tests/edge/centre/test_damage.py).
"""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from contracts.announcement import Announce, FireSound, FireSounds, Priority
from contracts.command import PaymentPoints, PointPayees
from contracts.ids import new_id
from edge.announce.journal import Journal as Announcements
from edge.announce.sounds import LIST, Sounds
from edge.broken import part_of, untold
from edge.footage.recorder import Recorder
from edge.footage.ring import Ring
from edge.footage.segments import Segment, cut, name_of, segments_of
from edge.footage.settings import RecordingSettings
from edge.payment.allowed import FILE, AllowSets
from edge.release.journal import Journal, Progress, Step
from tests.support.films import street
from tests.support.samples import NOON

CAMERA = "quang-trung-1"

fuzz = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
damages = st.builds(
    lambda share, length, filling: (share, length, filling),
    st.floats(0, 0.9999),
    st.sampled_from([0, 1, 16, 600]),  # 0 cuts the rest off
    st.sampled_from([b"\x00", b"\xff", b"7"]),
)
Damage = tuple[float, int, bytes]


def damaged(data: bytes, damage: Damage) -> bytes:
    share, length, filling = damage
    at = int(len(data) * share)
    return data[:at] + filling * min(length, len(data) - at) + data[at + length :] if length else data[:at]


class Film:
    """The bytes of a segment, in a form that a failing test does not print."""

    def __init__(self, data: bytes) -> None:
        self.data = data


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Film:
    """A segment as a killed box leaves it, of some ten groups of pictures."""
    folder = tmp_path_factory.mktemp("recordings")
    ring = Ring(CAMERA, seconds=60, max_bytes=10**8)
    recorder = Recorder(RecordingSettings(segment_s=60), {CAMERA: ring}, folder, now=lambda: NOON)
    ring.begin(street().video)
    for packet in street().packets[:200]:
        ring.take(packet)
        recorder.tick()
    (segment,) = segments_of(folder / CAMERA)
    data = segment.path.read_bytes()
    recorder.close()
    assert len(data) > 100_000
    return Film(data)


def start_recorder(data_dir: Path) -> list[Segment]:
    """What a box that starts finds of its recordings."""
    ring = Ring(CAMERA, seconds=60, max_bytes=10**8)
    folder = data_dir / "recordings"
    Recorder(RecordingSettings(segment_s=60), {CAMERA: ring}, folder, now=lambda: NOON).close()
    return segments_of(folder / CAMERA)


@fuzz
@given(damage=damages)
def test_a_recording(film: Film, damage: Damage) -> None:
    with tempfile.TemporaryDirectory() as name:
        data_dir = Path(name)
        folder = data_dir / "recordings" / CAMERA
        folder.mkdir(parents=True)
        left = damaged(film.data, damage)
        (folder / name_of(NOON)).write_bytes(left)
        found = start_recorder(data_dir)
        if found:
            (segment,) = found
            assert segment.ended
            cut(found, NOON, NOON + timedelta(seconds=5), data_dir / "cut.mp4")
        else:
            assert [part_of(folder) for folder in untold(data_dir)] == (["recordings"] if left else [])
        assert start_recorder(data_dir) == found


def test_of_a_recording_that_is_cut_all_groups_before_the_cut_are_kept(film: Film, tmp_path: Path) -> None:
    ends = []
    for share in (0.35, 0.6, 0.95):
        folder = tmp_path / f"{share}" / "recordings" / CAMERA
        folder.mkdir(parents=True)
        (folder / name_of(NOON)).write_bytes(film.data[: int(len(film.data) * share)])
        (segment,) = start_recorder(tmp_path / f"{share}")
        assert segment.ended
        ends.append((segment.ended - NOON).total_seconds() / 20)
    assert ends == pytest.approx([0.35, 0.6, 0.95], abs=0.2)


@fuzz
@given(damage=damages)
@example(damage=(0.76171875, 1, b"\xff"))  # in a text that no index holds
def test_what_is_to_be_announced(damage: Damage) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "announcements.db"
        journal = Announcements(path, NOON)
        for _ in range(30):
            expires_at = NOON + timedelta(hours=1)
            wanted = Announce(
                id=new_id(), speakers=("loa-1",), digest="ab" * 32, text="x", priority=Priority.URGENT,
                expires_at=expires_at,
            )  # fmt: skip
            journal.hear(wanted, ["loa-1"], NOON)
        journal.close()
        size = path.stat().st_size
        path.write_bytes(damaged(path.read_bytes(), damage))
        again = Announcements(path, NOON)
        waiting = again.waiting("loa-1")
        told = [part_of(folder) for folder in untold(Path(name))]
        assert len(waiting) == 30 or told == ["announcements"] or int(damage[0] * size) == 0
        for what in waiting:
            assert again.begin(what, NOON)
        assert again.untold() == []
        again.close()


@fuzz
@given(damage=damages)
def test_who_may_be_paid(damage: Damage) -> None:
    with tempfile.TemporaryDirectory() as name:
        said = PaymentPoints(key="QUJD" * 12, points=(PointPayees(id="sap-1", payees=("ab" * 32,)),))
        AllowSets(Path(name)).hear(said)
        path = Path(name) / FILE
        path.write_bytes(damaged(path.read_bytes(), damage))
        again = AllowSets(Path(name))
        assert again.key is not None or [part_of(folder) for folder in untold(Path(name))] == ["payment-points"]
        again.hear(said)
        assert AllowSets(Path(name)).of("sap-1") == again.of("sap-1") is not None


@fuzz
@given(damage=damages)
def test_what_is_said_of_a_fire(damage: Damage) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "sounds"
        sounds = FireSounds(sounds=(FireSound(template="fire", site="cho", text="Cháy", digest="ab" * 32),))
        Sounds(folder).keep(sounds)
        path = folder / LIST
        path.write_bytes(damaged(path.read_bytes(), damage))
        again = Sounds(folder)
        again.keep(sounds)
        assert Sounds(folder).fire("fire", "cho") is not None


@fuzz
@given(damage=damages)
def test_the_journal_of_updates(damage: Damage) -> None:
    with tempfile.TemporaryDirectory() as name:
        Journal(Path(name)).write(Progress(step=Step.TRIAL, wish=new_id(), version="0.2.0"))
        path = Path(name) / "journal.json"
        path.write_bytes(damaged(path.read_bytes(), damage))
        assert Journal(Path(name)).now.step in (Step.TRIAL, Step.BACK)
