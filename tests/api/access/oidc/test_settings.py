from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from api.access.oidc.settings import CALLBACK, OidcSettings, is_safe

GOOD: dict[str, Any] = {
    "issuer": "https://id.example.vn/realms/phuong",
    "client_id": "phoan",
    "client_secret": "dài và bí mật",
    "redirect_uri": f"https://tuong.an-luu.example{CALLBACK}",
}


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://id.example.vn/realms/phuong", True),
        ("http://127.0.0.1:8080/realm", True),
        ("http://[::1]/realm", True),
        ("http://localhost/realm", True),
        ("http://id.example.vn/", False),
        ("http://127.0.0.1.example.vn/", False),
        ("https://user@id.example.vn/", False),
        ("https://id.example.vn/#x", False),
        ("https://", False),
        ("https://[::1", False),
        ("https://id.example.vn:port/", False),
        ("ftp://127.0.0.1/", False),
        ("", False),
    ],
)
def test_secrets_go_over_tls_or_nowhere_else(address: str, safe: bool) -> None:
    assert is_safe(address) is safe


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"issuer": "http://id.example.vn"}, "must begin with https"),
        ({"redirect_uri": "https://tuong.an-luu.example/"}, "followed by /api/v1/session/oidc/callback"),
        ({"redirect_uri": f"https://tuong.an-luu.example{CALLBACK}?next=x"}, "followed by"),
        ({"redirect_uri": f"http://tuong.an-luu.example{CALLBACK}"}, "must begin with https"),
        ({"client_secret": ""}, "at least 8 "),
        ({"scopes": ["profile"]}, "must hold openid"),
        ({"create_as": [{"claim": "groups", "value": "x", "role": "police"}]}, "role police needs wards"),
        ({"tls_ca": "/proc/version"}, "holds no certificates"),
        ({"tls_ca": "/no/such/file"}, "holds no certificates"),
        ({"color": "blue"}, "Extra inputs"),
    ],
)
def test_wrong_settings_are_refused_with_a_sentence(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        OidcSettings.model_validate({**GOOD, **change})
    assert OidcSettings.model_validate(GOOD).create_as == ()


def test_the_secret_is_not_shown() -> None:
    assert GOOD["client_secret"] not in repr(OidcSettings.model_validate(GOOD))
