"""Talks with the provider: what it says of itself, its keys, and a code for an ID token.

What it says is kept for a while; a key that is new to us is asked for at once, but not over and over. No redirect is
followed, no proxy of the environment is used, and answers are read to a limit. Used by many threads.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import BaseModel, TypeAdapter, ValidationError

from api.access.oidc.settings import OidcSettings, SafeAddress
from api.access.oidc.token import Identity, UnknownKeyError, read

log = logging.getLogger(__name__)

KEPT_S: Final = 3600.0
AGAIN_S: Final = 5.0
"""After a failure, and before keys are asked for once more, so that nobody makes us call the provider all the time."""

MOST_ANSWERED: Final = 256 * 1024

_JSON: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])


class AwayError(Exception):
    """The provider does not answer, or not as one does; the text is for an engineer and holds no secret."""


class RefusedCodeError(Exception):
    """The provider does not take the code."""


class Metadata(BaseModel):
    """What we need of its description of itself."""

    issuer: str
    authorization_endpoint: SafeAddress
    token_endpoint: SafeAddress
    jwks_uri: SafeAddress
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


@dataclass(frozen=True, slots=True)
class _Known:
    metadata: Metadata
    keys: KeySet
    at: float


class Provider:
    """One provider, and what is known of it."""

    def __init__(
        self,
        settings: OidcSettings,
        clock: Callable[[], float] = time.time,
        passing: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._passing = passing
        self._trusted = ssl.create_default_context(cafile=settings.tls_ca)
        self._lock = threading.Lock()
        self._known: _Known | None = None
        self._failed_at: float | None = None

    def address(self, state: str, nonce: str, verifier: str) -> str:
        """Where the browser goes to sign in. Raises AwayError."""
        endpoint = self._learn().metadata.authorization_endpoint
        asked = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": self._settings.redirect_uri,
            "scope": " ".join(self._settings.scopes),
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge_of(verifier),
            "code_challenge_method": "S256",
        }
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(asked)}"

    def identity(self, code: str, nonce: str, verifier: str) -> Identity:
        """Who the provider says came back with `code`. Raises AwayError, RefusedCodeError or BadTokenError."""
        known = self._learn()
        token = self._exchange(known.metadata, code, verifier)
        try:
            return self._read(token, known, nonce)
        except UnknownKeyError:
            return self._read(token, self._learn(newer_than=known), nonce)

    def _read(self, token: str, known: _Known, nonce: str) -> Identity:
        settings = self._settings
        return read(
            token, known.keys, issuer=settings.issuer, client=settings.client_id, nonce=nonce, now=self._clock()
        )

    def _learn(self, newer_than: _Known | None = None) -> _Known:
        """What is known of the provider, asked for again where it is old, or not newer than that. Raises AwayError."""
        with self._lock:
            known, now = self._known, self._passing()
            if known is not None and now - known.at < (AGAIN_S if known is newer_than else KEPT_S):
                return known
            if self._failed_at is not None and now - self._failed_at < AGAIN_S:
                raise AwayError("it did not answer a moment ago")
            try:
                self._known = self._ask()
            except AwayError as error:
                self._failed_at = self._passing()
                log.error("the provider of the sign-in cannot be used: %s", error)
                raise
            self._failed_at = None
            return self._known

    def _ask(self) -> _Known:
        issuer = self._settings.issuer
        try:
            metadata = Metadata.model_validate(
                self._get(f"{issuer.removesuffix('/')}/.well-known/openid-configuration")
            )
            if metadata.issuer != issuer:
                raise AwayError("it gives itself another name than the settings")
            keys = KeySet.import_key_set({"keys": self._get(metadata.jwks_uri)["keys"]})
        except ValidationError as error:
            fault = error.errors(include_input=False)[0]
            raise AwayError(f"its description: {fault['loc'][0] if fault['loc'] else ''} {fault['msg']}") from None
        except (JoseError, KeyError, TypeError, ValueError) as error:
            raise AwayError(f"its keys cannot be read: {type(error).__name__}") from None
        return _Known(metadata, keys, self._passing())

    def _exchange(self, metadata: Metadata, code: str, verifier: str) -> str:
        """The ID token for `code`."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._settings.redirect_uri,
            "code_verifier": verifier,
        }
        name, secret = self._settings.client_id, self._settings.client_secret.get_secret_value()
        headers: dict[str, str] = {}
        if "client_secret_basic" in metadata.token_endpoint_auth_methods_supported:
            pair = f"{quote(name, safe='')}:{quote(secret, safe='')}"  # RFC 6749 2.3.1
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form |= {"client_id": name, "client_secret": secret}
        status, answer = self._call("POST", metadata.token_endpoint, form=form, headers=headers)
        if 400 <= status < 500:
            raise RefusedCodeError(f"status {status}")
        token = answer.get("id_token")
        if status != 200 or not isinstance(token, str):
            raise AwayError(f"it gives no ID token, status {status}")
        return token

    def _get(self, address: str) -> dict[str, Any]:
        status, answer = self._call("GET", address)
        if status != 200:
            raise AwayError(f"it answers with status {status}")
        return answer

    def _call(
        self,
        method: str,
        address: str,
        *,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, dict[str, Any]]:
        """Status and JSON object of an answer. Raises AwayError when there is none."""
        wait = self._settings.timeout_s
        deadline = self._passing() + 2 * wait
        client = httpx.Client(timeout=wait, verify=self._trusted, trust_env=False, follow_redirects=False)
        request = client.build_request(
            method, address, data=form, headers={"Accept": "application/json", **(headers or {})}
        )
        try:
            with client, closing(client.send(request, stream=True)) as answer:
                body = b""
                for piece in answer.iter_bytes():
                    body += piece
                    if len(body) > MOST_ANSWERED or self._passing() > deadline:
                        raise AwayError("its answer is too long or too slow")
                return answer.status_code, _json(body)
        except (httpx.HTTPError, httpx.StreamError, OSError) as error:
            raise AwayError(type(error).__name__) from None


def challenge_of(verifier: str) -> str:
    """The S256 challenge of PKCE (RFC 7636)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def _json(body: bytes) -> dict[str, Any]:
    try:
        return _JSON.validate_json(body)
    except ValidationError:
        return {}
