from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.fernet import Fernet

from api.access import totp
from api.access.totp import Seal, SealError, digest_of_recovery_code, step_of

RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
"""The one of RFC 6238's appendix B: 12345678901234567890 in base 32."""


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_the_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    now = datetime.fromtimestamp(seconds, UTC)
    assert step_of(RFC_SECRET, code, now) == seconds // 30
    assert step_of(RFC_SECRET, code, now + timedelta(seconds=30)) == seconds // 30, "a phone may be late"
    assert step_of(RFC_SECRET, code, now - timedelta(seconds=30)) == seconds // 30, "or early"
    assert step_of(RFC_SECRET, code, now + timedelta(seconds=61)) is None
    assert step_of(RFC_SECRET, code, now - timedelta(seconds=61)) is None


@pytest.mark.parametrize("code", ["", "0", "28708", "2870820", "abcdef", "２８７０８２", "\x00", "-87082"])
def test_what_is_no_code_fits_no_time(code: str) -> None:
    assert step_of(RFC_SECRET, code, datetime.fromtimestamp(59, UTC)) is None


def test_a_secret_is_sealed_with_the_key_and_opened_with_no_other() -> None:
    one, other = (Seal(Fernet.generate_key().decode()) for _ in range(2))
    stored = one.close(RFC_SECRET)
    assert RFC_SECRET not in stored
    assert one.open(stored) == RFC_SECRET
    for wrong in (other, Seal(None)):
        with pytest.raises(SealError):
            wrong.open(stored)


def test_a_secret_from_before_there_was_a_key_still_opens() -> None:
    stored = Seal(None).close(RFC_SECRET)
    assert Seal(Fernet.generate_key().decode()).open(stored) == RFC_SECRET


def test_secrets_and_recovery_codes_are_long_and_never_the_same() -> None:
    assert len({totp.new_secret() for _ in range(50)}) == 50
    assert len(totp.new_secret()) == 32
    codes = totp.new_recovery_codes()
    assert len(set(codes)) == totp.RECOVERY_CODES
    assert all(len(code) == 12 for code in codes)


def test_a_recovery_code_may_be_typed_as_people_type() -> None:
    digest = digest_of_recovery_code("lan", "k7mq-2xw9-tz")
    assert digest == digest_of_recovery_code("lan", "K7MQ 2XW9 TZ")
    assert digest != digest_of_recovery_code("minh", "k7mq-2xw9-tz"), "another user's is another"
    assert digest != digest_of_recovery_code("lan", "k7mq-2xw9-ty")


def test_the_address_for_the_app_names_user_and_issuer() -> None:
    assert totp.uri(RFC_SECRET, "lan").startswith("otpauth://totp/Ph%E1%BB%91%20An:lan?secret=" + RFC_SECRET)
