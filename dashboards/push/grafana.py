"""One Grafana over its HTTP API, through `grafana-client`: what to ask again, and how its refusals are said.

Reading and replacing may be repeated, so they are tried again when the line or the server fails for a moment. Making is
not: whoever is interrupted there pushes once more, and what was made is found.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from typing import Any, Final, Self
from urllib.parse import quote

import requests
from grafana_client.api import GrafanaApi
from grafana_client.client import GrafanaClientError, GrafanaException

from dashboards.push.settings import GrafanaSettings

OLDEST: Final = 12
"""The first version that all of this is written for."""

PAUSES_S: Final = (0.5, 2.0)
PASSING: Final = frozenset({429, 500, 502, 503, 504})
"""What may go by itself: too many requests, a locked database, a proxy that waits for a restart."""

REPEATABLE: Final = frozenset({"GET", "PUT", "DELETE"})
HANDS_OFF: Final = "X-Disable-Provenance"
"""With this header Grafana lets people change in its pages what came over the API."""


class PushError(Exception):
    """The push cannot go on; the text is one sentence that says why and what to do."""


class Grafana:
    """Asks and tells. `secrets` are never repeated in what is said about a failure."""

    def __init__(
        self, settings: GrafanaSettings, secrets: Iterable[str] = (), sleep: Callable[[float], None] = time.sleep
    ) -> None:
        credential = settings.credential()
        self._api = GrafanaApi.from_url(f"{settings.url.rstrip('/')}/", credential, timeout=settings.timeout_s)
        self._api.client.s.max_redirects = 0  # a redirected change would arrive as a question
        if settings.tls_ca is not None:
            self._api.client.verify = str(settings.tls_ca)
        self._url = settings.url
        own = credential if isinstance(credential, str) else credential[1]
        self._secrets = sorted({one for one in (*secrets, own) if one}, key=len, reverse=True)
        self._sleep = sleep

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._api.client.s.close()

    def check(self) -> str:
        """The version. Raises PushError where it is too old, or where something else answers."""
        health = self.get("/health", "the state of Grafana")
        version = str(health.get("version", "")) if isinstance(health, dict) else ""
        major = re.match(r"v?(\d+)", version)
        if major is None:
            raise PushError(f"What answers at {self._url} is not Grafana, or hides its version; check the address.")
        if int(major[1]) < OLDEST:
            raise PushError(f"Grafana at {self._url} is version {version}; {OLDEST} or newer is needed.")
        self.get("/search?limit=1", "dashboards")  # the first that asks who we are
        return version

    def get(self, path: str, what: str, *, missing: bool = False) -> Any:
        """What is at `path`; None when nothing is there and `missing` allows it."""
        return self._ask("GET", path, what, None, {}, missing)

    def put(self, path: str, what: str, body: object, *, editable: bool = False) -> Any:
        """Replace what is at `path`."""
        return self._ask("PUT", path, what, body, {HANDS_OFF: "true"} if editable else {}, False)

    def post(self, path: str, what: str, body: object, *, editable: bool = False) -> Any:
        """Make something at `path`."""
        return self._ask("POST", path, what, body, {HANDS_OFF: "true"} if editable else {}, False)

    def patch(self, path: str, what: str, body: object) -> Any:
        """Change some fields of what is at `path`."""
        return self._ask("PATCH", path, what, body, {}, False)

    def healthy(self, path: str) -> bool:
        """Whether the data source whose health is at `path` works; Grafana says so with 400 where it does not."""
        try:
            answer = self._api.client.GET(path)
        except GrafanaException:
            return False
        except requests.exceptions.RequestException as error:
            raise PushError(_unreachable(self._url, error)) from None
        return isinstance(answer, dict) and answer.get("status") == "OK"

    def delete(self, path: str, what: str) -> None:
        """Remove what is at `path`; it does not matter if it is gone."""
        self._ask("DELETE", path, what, None, {}, True)

    def _ask(self, verb: str, path: str, what: str, body: object, headers: dict[str, str], missing: bool) -> Any:
        pauses = list(PAUSES_S) if verb in REPEATABLE else []
        while True:
            try:
                return getattr(self._api.client, verb)(path, json=body, headers=headers, accept_empty_json=True)
            except requests.exceptions.Timeout:
                failure = PushError(f"Grafana at {self._url} does not answer in time; see how it fares and push again.")
            except GrafanaException as error:
                if error.status_code == 404 and missing:
                    return None
                failure = self._refusal(error, what)
                if error.status_code not in PASSING:
                    raise failure from None
            except requests.exceptions.JSONDecodeError:
                raise PushError(f"What answers at {self._url} is not Grafana; check the address.") from None
            except requests.exceptions.RequestException as error:
                failure = PushError(_unreachable(self._url, error))
            if not pauses:
                raise failure
            self._sleep(pauses.pop(0))

    def _refusal(self, error: GrafanaException, what: str) -> PushError:
        said = self._clean(_message(error))
        match error.status_code:
            case 401:
                return PushError(
                    f"Grafana at {self._url} does not accept these credentials;"
                    " check the user and the password, or the token."
                )
            case 403:
                return PushError(f"This account may not touch {what}; give it the role Admin, or push with another.")
            case 409 | 412:
                return PushError(
                    f"Somebody else changed {what} meanwhile, or holds its name ({said}); look at it and push again."
                )
            case status if isinstance(error, GrafanaClientError):
                return PushError(f"Grafana refuses {what} ({status}: {said}).")
            case status:
                return PushError(f"Grafana fails at {what} ({status}: {said}); see its log and push again.")

    def _clean(self, text: str) -> str:
        for one in self._secrets:
            text = text.replace(one, "***")
        return text.strip().rstrip(".")[:300]


def part(text: str) -> str:
    """A name as part of a path."""
    return quote(text, safe="")


def _message(error: GrafanaException) -> str:
    response = error.response
    return str(response.get("message", "")) if isinstance(response, dict) else "no reason given"


def _unreachable(url: str, error: requests.exceptions.RequestException) -> str:
    if isinstance(error, requests.exceptions.TooManyRedirects):
        return f"What answers at {url} sends us to another address; give that one."
    if isinstance(error, requests.exceptions.SSLError):
        return f"Grafana at {url} shows a certificate that is not trusted; name its CA as tls_ca."
    return f"Grafana at {url} cannot be reached; check the address and whether it runs."
