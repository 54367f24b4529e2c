"""The states of a payment point as a camera sees it, what leads from one to another, and which are alarms. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from contracts.event import EventKind, Severity


class PointState(StrEnum):
    """What is known of a point's code."""

    UNKNOWN = "unknown"
    VERIFIED = "verified"
    UNREADABLE = "unreadable"
    COVERED = "covered"
    MISSING = "missing"
    MISMATCH = "mismatch"
    FOREIGN = "foreign"


class Appearance(StrEnum):
    """How the place of the code looks, compared with how it looked when the code was last verified."""

    SAME = "same"
    CHANGED = "changed"
    GONE = "gone"  # as the wall behind it
    UNSURE = "unsure"  # nothing to compare with, or too dark


class Happening(StrEnum):
    """What looks amount to."""

    OURS = "ours"
    SETTLED = "settled"
    WRONG = "wrong"
    NO_PAYMENT_CODE = "no_payment_code"
    UNREAD = "unread"
    CHANGED = "changed"
    GONE = "gone"
    PUT_AWAY = "put_away"  # out of hours: not to be read, and nobody need worry
    CLOSED = "closed"  # the hours have ended
    TOUCHED = "touched"  # out of hours: somebody was before it, and it looks otherwise since


_S, _H = PointState, Happening

TRANSITIONS: Final[dict[tuple[PointState, Happening], PointState]] = {
    (_S.UNKNOWN, _H.OURS): _S.VERIFIED,
    (_S.UNKNOWN, _H.WRONG): _S.MISMATCH,
    (_S.UNKNOWN, _H.NO_PAYMENT_CODE): _S.FOREIGN,
    (_S.UNKNOWN, _H.UNREAD): _S.UNREADABLE,
    (_S.VERIFIED, _H.WRONG): _S.MISMATCH,
    (_S.VERIFIED, _H.NO_PAYMENT_CODE): _S.FOREIGN,
    (_S.VERIFIED, _H.UNREAD): _S.UNREADABLE,
    (_S.VERIFIED, _H.CHANGED): _S.COVERED,
    (_S.VERIFIED, _H.GONE): _S.MISSING,
    (_S.UNREADABLE, _H.OURS): _S.VERIFIED,
    (_S.UNREADABLE, _H.WRONG): _S.MISMATCH,
    (_S.UNREADABLE, _H.NO_PAYMENT_CODE): _S.FOREIGN,
    (_S.UNREADABLE, _H.CHANGED): _S.COVERED,
    (_S.UNREADABLE, _H.GONE): _S.MISSING,
    (_S.COVERED, _H.OURS): _S.VERIFIED,
    (_S.COVERED, _H.WRONG): _S.MISMATCH,
    (_S.COVERED, _H.NO_PAYMENT_CODE): _S.FOREIGN,
    (_S.COVERED, _H.GONE): _S.MISSING,
    (_S.MISSING, _H.OURS): _S.VERIFIED,
    (_S.MISSING, _H.WRONG): _S.MISMATCH,
    (_S.MISSING, _H.NO_PAYMENT_CODE): _S.FOREIGN,
    (_S.MISSING, _H.CHANGED): _S.COVERED,
    # A swap is over when ours was read for a while, or when the place is empty; not because it is hard to read.
    (_S.MISMATCH, _H.SETTLED): _S.VERIFIED,
    (_S.MISMATCH, _H.GONE): _S.MISSING,
    (_S.FOREIGN, _H.SETTLED): _S.VERIFIED,
    (_S.FOREIGN, _H.WRONG): _S.MISMATCH,
    (_S.FOREIGN, _H.GONE): _S.MISSING,
    (_S.VERIFIED, _H.PUT_AWAY): _S.UNKNOWN,
    (_S.UNREADABLE, _H.CLOSED): _S.UNKNOWN,
    (_S.COVERED, _H.CLOSED): _S.UNKNOWN,
    (_S.MISSING, _H.CLOSED): _S.UNKNOWN,
    (_S.UNKNOWN, _H.TOUCHED): _S.COVERED,
    (_S.VERIFIED, _H.TOUCHED): _S.COVERED,
}
"""A pair that is not named changes nothing."""

ALARMS: Final[dict[PointState, tuple[EventKind, Severity]]] = {
    PointState.MISMATCH: (EventKind.PAYMENT_CODE_MISMATCH, Severity.CRITICAL),
    PointState.FOREIGN: (EventKind.PAYMENT_CODE_FOREIGN, Severity.HIGH),
    PointState.COVERED: (EventKind.PAYMENT_CODE_COVERED, Severity.HIGH),
    PointState.MISSING: (EventKind.PAYMENT_CODE_MISSING, Severity.MEDIUM),
    PointState.UNREADABLE: (EventKind.PAYMENT_CODE_UNREADABLE, Severity.LOW),
}
