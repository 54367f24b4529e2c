"""What signing in leaves in the audit log. tests/api/access/test_auth.py holds the rest of it."""

from __future__ import annotations

from api.access.sessions import MAX_FAILURES
from tests.api.conftest import StartApi
from tests.api.running import PASSWORD, RunningApi, audited

SESSION = "/api/v1/session"


def test_every_try_to_sign_in_is_entered_with_its_address(start_api: StartApi) -> None:
    api = start_api(trusted_proxies=["127.0.0.0/8"])
    with api.client(**{"X-Forwarded-For": "203.0.113.7"}) as client:
        for username, password in (("lan", PASSWORD), ("lan", "wrong"), ("my-secret", "x"), ("nghi", PASSWORD)):
            client.post(SESSION, json={"username": username, "password": password})
        client.delete(SESSION)
        for _ in range(MAX_FAILURES + 1):
            client.post(SESSION, json={"username": "minh", "password": "wrong"})
    entries = audited(api)
    said = [(entry.actor, entry.action, entry.details.get("reason")) for entry in entries]
    bad = "bad_credentials"
    assert said == [
        ("lan", "session.opened", None),
        ("lan", "session.refused", bad),
        ("unknown", "session.refused", bad),
        ("nghi", "session.refused", bad),
        ("lan", "session.closed", None),
        *[("minh", "session.refused", bad)] * MAX_FAILURES,
        ("minh", "session.refused", "too_many_attempts"),
    ]
    assert {entry.client for entry in entries} == {"203.0.113.7"}
    text = repr(entries)
    assert PASSWORD not in text
    assert "wrong" not in text
    assert "my-secret" not in text, "what nobody is called may be a password in the wrong field"


def test_a_page_of_another_site_leaves_no_entry_and_no_session(api: RunningApi) -> None:
    with api.client() as client:
        body = {"username": "lan", "password": PASSWORD}
        assert client.post(SESSION, json=body, headers={"Origin": "http://evil.example"}).status_code == 403
    assert audited(api) == []
