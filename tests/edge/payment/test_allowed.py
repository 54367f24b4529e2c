from __future__ import annotations

import logging
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from contracts.command import PaymentPoints, PointPayees
from edge.broken import untold
from edge.payment.allowed import FILE, AllowSets
from tests.edge.payment.stalls import BASE64, KEY, OTHER, POINT, TEXT, fingerprints, said


def test_nobody_is_known_before_the_centre_has_spoken(tmp_path: Path) -> None:
    allow = AllowSets(tmp_path)
    assert (allow.of(POINT), allow.key) == (None, None)


def test_what_the_centre_says_holds_at_once_and_after_a_restart(tmp_path: Path) -> None:
    AllowSets(tmp_path).hear(said(TEXT, OTHER))
    allow = AllowSets(tmp_path)
    known = allow.of(POINT)
    assert known is not None
    assert (known.payees, known.key, allow.key) == (frozenset(fingerprints(TEXT, OTHER)), KEY, KEY)
    allow.hear(said(TEXT))
    changed = allow.of(POINT)
    assert changed is not None
    assert changed.payees == frozenset(fingerprints(TEXT))


def test_a_point_that_is_left_out_or_has_no_payee_is_not_known(tmp_path: Path) -> None:
    allow = AllowSets(tmp_path)
    allow.hear(said(TEXT))
    allow.hear(PaymentPoints(key=BASE64, points=(PointPayees(id="sap-13", payees=()),)))
    assert (allow.of(POINT), allow.of("sap-13")) == (None, None)


def test_the_file_is_for_the_box_alone_and_shows_no_account(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        AllowSets(tmp_path).hear(said(TEXT))
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    assert b"0881000458086" not in (tmp_path / FILE).read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_the_key_is_in_no_text_that_might_be_logged() -> None:
    assert BASE64 not in repr(said(TEXT))
    assert BASE64 not in str(said(TEXT))


def test_a_file_cut_off_at_any_byte_is_set_aside_and_told_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    AllowSets(tmp_path).hear(said(TEXT, OTHER))
    whole = (tmp_path / FILE).read_bytes()
    for length in range(0, len(whole), 7):
        (tmp_path / FILE).write_bytes(whole[:length])
        caplog.clear()
        assert AllowSets(tmp_path).of(POINT) is None
        (told,) = caplog.records
        assert told.levelno == logging.ERROR
        assert not (tmp_path / FILE).exists()
        assert (untold(tmp_path)[-1] / FILE).read_bytes() == whole[:length]


def test_a_draft_that_a_power_cut_left_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / "payment-points.draft").write_bytes(b"{")
    AllowSets(tmp_path).hear(said(TEXT))
    assert AllowSets(tmp_path).of(POINT) is not None


def test_a_disk_that_takes_nothing_is_told_of_and_what_was_said_holds(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    allow = AllowSets(tmp_path / "nowhere")
    allow.hear(said(TEXT))
    assert allow.of(POINT) is not None
    assert caplog.records[-1].levelno == logging.ERROR


WRITER = """
import sys
from pathlib import Path
from edge.payment.allowed import AllowSets
from tests.edge.payment.stalls import OTHER, TEXT, said
allow, words = AllowSets(Path(sys.argv[1])), [said(TEXT), said(TEXT, OTHER)]
while True:
    for word in words:
        allow.hear(word)
"""


def test_a_box_killed_while_it_writes_has_the_old_or_the_new(tmp_path: Path) -> None:
    expected = {frozenset(fingerprints(TEXT)), frozenset(fingerprints(TEXT, OTHER))}
    for kill in range(4):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stderr=subprocess.DEVNULL)
        try:
            before = time.monotonic()
            seen = (tmp_path / FILE).stat().st_mtime_ns if (tmp_path / FILE).exists() else None
            while time.monotonic() - before < 20:
                if (tmp_path / FILE).exists() and (tmp_path / FILE).stat().st_mtime_ns != seen:
                    break
                time.sleep(0.005)
            time.sleep(0.01 + 0.003 * kill)
        finally:
            writer.send_signal(signal.SIGKILL)
            writer.wait()
        known = AllowSets(tmp_path).of(POINT)
        assert known is not None
        assert known.payees in expected
