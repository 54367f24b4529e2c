"""Every route against its own description: what the document allows is served, what it forbids is refused, and nothing
answers otherwise than it says. The requests are made from the document by schemathesis, always the same ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import psycopg
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from contracts.ids import digest_of
from tests.api.access.test_access import (
    EXPECTED,
    MP4,
    TARGETS,
    WATCHED,
    WITH_ITS_TOKEN,
    put_announcement,
    put_people,
    put_registry,
    put_work,
    record,
    sending_box,
)
from tests.api.running import COOKIE, JPEG, TOKENS, RunningApi, commit_event
from tests.support.samples import event

ROUTES = sorted(route for route in EXPECTED if route.partition(" ")[2].startswith("/api/") and "WS" not in route)
NOT_DESCRIBED = {"GET /api/v1/openapi.json"}
EXAMPLES = 6

AnyCase = Case[Any]
Ask = Callable[..., None]
Described = Mapping[str, Mapping[str, Any]]

CHECKS: list[CheckFunction] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def furnished(shared_api: RunningApi) -> Iterator[RunningApi]:
    """An API that has what TARGETS name."""
    put_people(shared_api.conninfo)
    digest = TARGETS["digest"]
    commit_event(shared_api.conninfo, event(snapshot=digest, thumbnail=digest, clip=digest))
    with shared_api.box() as box:
        for content in (JPEG, MP4):
            box.put(f"/api/v1/box/media/{digest_of(content)}", content=content).raise_for_status()
    record(shared_api)
    put_work(shared_api)
    put_registry(shared_api)
    put_announcement(shared_api)
    with shared_api.box() as box:
        box.put("/api/v1/box/configuration", json={"document": WATCHED}).raise_for_status()
    with sending_box(shared_api):
        yield shared_api


@pytest.fixture(scope="module")
def described(furnished: RunningApi) -> Described:
    """The operations of the document, by path and method."""
    with furnished.client() as client:
        document = client.get("/api/v1/openapi.json").json()
    found: Described = schemathesis.openapi.from_dict(document)
    return found


def headers_of(api: RunningApi, route: str, user: str) -> dict[str, str]:
    if "/box/" in route:
        return {"Authorization": f"Bearer {TOKENS['an-luu-1']}"}
    return {"Cookie": f"{COOKIE}={api.session(user)}", "Origin": api.url}


def same_requests(strategy: Any) -> Callable[[Ask], Ask]:
    """Calls the decorated function with EXAMPLES cases, in every run the same."""

    def decorate(function: Ask) -> Ask:
        bounded = settings(
            max_examples=EXAMPLES,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        run: Ask = bounded(given(case=strategy)(function))
        return run

    return decorate


# The API runs in this process, and its libraries draw lots while hypothesis watches.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")
@pytest.mark.parametrize("user", ["admin", "lan"])
@pytest.mark.parametrize("route", sorted(set(ROUTES) - NOT_DESCRIBED))
def test_a_route_answers_as_its_description_says(
    furnished: RunningApi, described: Described, route: str, user: str
) -> None:
    method, _, path = route.partition(" ")
    with psycopg.connect(furnished.conninfo, autocommit=True) as db:
        db.execute(WITH_ITS_TOKEN.encode())  # an earlier route may have shut the box out
    operation = described[path][method]
    named = {name: TARGETS[name] for name in TARGETS if f"{{{name}}}" in path}
    headers = headers_of(furnished, route, user)
    with requests.Session() as session:

        def ask(case: AnyCase, *more: CheckFunction) -> None:
            case.call_and_validate(
                base_url=furnished.url, session=session, headers=headers, checks=[*CHECKS, *more], timeout=20
            )

        @same_requests(operation.as_strategy(GenerationMode.POSITIVE))
        def allowed(case: AnyCase) -> None:
            ask(case)

        @same_requests(operation.as_strategy(GenerationMode.POSITIVE, path_parameters=named))
        def allowed_of_what_is_there(case: AnyCase) -> None:
            ask(case)

        @same_requests(operation.as_strategy(GenerationMode.NEGATIVE))
        def forbidden(case: AnyCase) -> None:
            ask(case, negative_data_rejection)

        allowed_of_what_is_there()
        if user == "admin":
            if named:
                allowed()
            if any(operation.iter_parameters()) or operation.body:
                forbidden()
