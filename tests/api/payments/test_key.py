from __future__ import annotations

import stat
from pathlib import Path

import pytest

from api.payments import key
from api.payments.key import PaymentKey
from api.problems import ProblemError
from contracts import payment_code
from contracts.settings import SettingsError
from tests.api.program import called, started


def test_a_made_key_is_the_owners_alone_and_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "payments.key"
    done = started("payments", "key", "make", path)
    assert done.returncode == 0
    assert "payment_key_file" in done.stdout
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(path.read_bytes()) == 32
    assert key.read(path).of("an-luu").key == payment_code.ward_key(path.read_bytes(), "an-luu")
    again = called("payments", "key", "make", path)
    assert again.returncode == 2
    assert "never replaced" in again.stderr
    assert "Traceback" not in again.stderr


@pytest.mark.parametrize(
    ("content", "mode", "said"),
    [(b"x" * 31, 0o600, "less than 32 bytes"), (b"x" * 32, 0o644, "others may read"), (None, 0, "cannot be read")],
)
def test_a_key_that_cannot_be_used_is_told_in_one_sentence(
    tmp_path: Path, content: bytes | None, mode: int, said: str
) -> None:
    path = tmp_path / "payments.key"
    if content is not None:
        path.write_bytes(content)
        path.chmod(mode)
    with pytest.raises(SettingsError, match=said):
        key.read(path)


def test_wards_have_keys_of_their_own() -> None:
    one = PaymentKey(b"m" * 32)
    assert one.of("an-luu").key != one.of("phuong-4").key
    assert one.of("an-luu").id != one.of("phuong-4").id
    assert one.fits([("an-luu", one.of("an-luu").id)])
    with pytest.raises(ProblemError) as other:
        one.require_fit([("an-luu", PaymentKey(b"n" * 32).of("an-luu").id)])
    assert other.value.document.code == "payment_key_changed"
    with pytest.raises(ProblemError) as none:
        PaymentKey(None).of("an-luu")
    assert (none.value.document.status, none.value.document.code) == (503, "no_payment_key")
