from __future__ import annotations

import pytest

from api.access.passwords import WeakPasswordError, hash_password, matches
from tests.api.running import PASSWORD, RunningApi, problem


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "12345678",
        "87654321",
        "qwertyuiop",
        "aaaaaaaa",
        "abababab",
        "matkhau123",
        "Mật khẩu 123",
        "Password1!",
        "CôngAn2026",
        "hikvision1",
        "nguyenvanlan",
        "2026nguyen-van-lan!",
        "1q2w3e4r",
    ],
)
def test_what_anybody_would_try_first_may_not_be_chosen(password: str) -> None:
    with pytest.raises(WeakPasswordError):
        hash_password(password, "nguyen.van.lan")


@pytest.mark.parametrize(
    "password", [PASSWORD, "demo-an-luu", "very-secret-word", "ổ khoá cửa sau", "🐘🐘🐘🐘🐘🐘🐘🐘", "lan ăn phở"]
)
def test_others_may_and_no_sign_is_asked_for(password: str) -> None:
    assert matches(password, hash_password(password, "lan"))


def test_a_weak_password_is_refused_wherever_one_is_chosen(shared_api: RunningApi) -> None:
    new = {"display_name": "Hoa", "role": "police", "username": "hoa", "password": "matkhau123"}
    with shared_api.client("admin") as admin:
        assert problem(admin.post("/api/v1/users", json=new)) == (422, "weak_password")
        assert problem(admin.post("/api/v1/users/lan/password", json={"password": "12345678"})) == (
            422,
            "weak_password",
        )
        own = {"current": PASSWORD, "new": "12345678"}
        assert problem(admin.post("/api/v1/account/password", json=own)) == (422, "weak_password")
