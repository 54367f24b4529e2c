"""Messages from a Zalo Official Account to one person who wrote to it in the last 48 hours.

HTTP 200 with an `error` that is not 0 is a failure. The access token lasts about a day; the refresh token is worth one
use and gives the next one, so both are kept in the database, in one transaction with their use.
"""

from __future__ import annotations

import hashlib
from typing import Final, Protocol

from ingest.notify.egress import Answer, Egress, NoWayError, as_json, judge
from ingest.notify.parcels import Later, Outcome, Parcel, Refused, Sent
from ingest.notify.settings import ZaloOaChannel

TOKEN_IS_INVALID: Final = frozenset({-216, -124})
TOO_MANY: Final = frozenset({-32})
SERVERS_FAULT: Final = frozenset({-200})


class TokenStore(Protocol):
    """Where the rotating tokens are kept; `held` lets nobody else use them up meanwhile."""

    def access(self, seed: bytes) -> str | None:
        """The access token that is kept, if it descends from this seed."""
        ...

    def renew(self, seed: bytes, stale: str | None, exchange: Exchange) -> str:
        """A newer access token than `stale`. Raises NoWayError."""
        ...


class Exchange(Protocol):
    def __call__(self, refresh_token: str | None) -> tuple[str, str]:
        """A new (access token, refresh token) for the kept refresh token, or for the configured one."""
        ...


class ZaloOa:
    def __init__(self, settings: ZaloOaChannel, egress: Egress, tokens: TokenStore) -> None:
        self._settings = settings
        self._egress = egress
        self._tokens = tokens
        configured = settings.refresh_token.get_secret_value()
        self._seed = hashlib.sha256(configured.encode()).digest()

    def send(self, parcel: Parcel, text: str) -> Outcome:
        try:
            token = self._tokens.access(self._seed) or self._tokens.renew(self._seed, None, self._exchange)
            answer = self._send(token, text)
            if answer.content.get("error") in TOKEN_IS_INVALID:
                answer = self._send(self._tokens.renew(self._seed, token, self._exchange), text)
        except NoWayError as error:
            return error.outcome
        return _judge(answer)

    def _send(self, token: str, text: str) -> Answer:
        content = {"recipient": {"user_id": self._settings.user}, "message": {"text": text}}
        return self._egress.post(
            f"{self._settings.base_url.rstrip('/')}/v3.0/oa/message/cs",
            self._settings,
            content=as_json(content),
            headers={"Content-Type": "application/json", "access_token": token},
        )

    def _exchange(self, refresh_token: str | None) -> tuple[str, str]:
        answer = self._egress.post(
            f"{self._settings.token_url.rstrip('/')}/v4/oa/access_token",
            self._settings,
            form={
                "app_id": self._settings.app_id,
                "refresh_token": refresh_token or self._settings.refresh_token.get_secret_value(),
                "grant_type": "refresh_token",
            },
            headers={"secret_key": self._settings.secret_key.get_secret_value()},
        )
        access, refresh = answer.content.get("access_token"), answer.content.get("refresh_token")
        if isinstance(access, str) and access and isinstance(refresh, str) and refresh:
            return access, refresh
        if answer.content.get("error") or 400 <= answer.status < 500:
            raise NoWayError("zalo_refresh_token_refused")
        raise NoWayError("zalo_no_token")


def _judge(answer: Answer) -> Outcome:
    error = answer.content.get("error")
    if error == 0:
        return Sent()
    if not isinstance(error, int):
        return Later("malformed_answer") if answer.status < 400 else judge(answer)
    if error in TOO_MANY:
        return Later(f"zalo_{error}", answer.retry_after_s or 60.0)
    if error in SERVERS_FAULT or error in TOKEN_IS_INVALID:
        return Later(f"zalo_{error}")
    return Refused(f"zalo_{error}")
