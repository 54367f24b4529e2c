"""The OpenAPI document: which errors each route answers with, exactly, and that they are problem documents.

What follows from what a route depends on and takes (nobody is signed in, the body is too large) is found here; what a
route decides by itself it says with `problems.documented`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from api.access import auth
from api.problems import MEDIA_TYPE, TITLES

_ANY: Final = "4XX"
"""FastAPI adds an error of its own form where a route names none; this keeps it from doing so, and is left out."""

_FOLLOWS: Final[Mapping[Callable[..., Any], frozenset[int]]] = {
    auth.signed_in_somehow: frozenset({401}),
    auth.signed_in: frozenset({403}),
    auth.known_box: frozenset({401}),
}
_PROBLEM: Final = {"$ref": "#/components/schemas/ProblemDocument"}


def install(app: FastAPI, routers: Iterable[APIRouter]) -> None:
    """Make the document of `app` say what `routers` answer. `app` must name a problem for "4XX" and "5XX"."""
    parts = list(routers)

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            described = FastAPI(title=app.title, version=app.version, responses=app.router.responses)
            for router in parts:
                described.include_router(router)  # so that every route names those problems
            routes = [route for router in parts for route in router.routes if isinstance(route, APIRoute)]
            app.openapi_schema = _exact(described.openapi(), routes)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def errors_of(route: APIRoute) -> frozenset[int]:
    """The errors that follow from what `route` depends on and takes."""
    found = {429}
    for dependant in _all(route.dependant):
        if dependant.call is not None:
            found |= _FOLLOWS.get(dependant.call, frozenset())
        if dependant.path_params:
            found |= {404}
        if dependant.path_params or dependant.query_params or dependant.header_params:
            found |= {422}
        if dependant.body_params:
            found |= {400, 408, 413, 422}
    if 401 in found and not _needs_token(route) and (route.methods or set()) - {"GET"}:
        found |= {403}  # from another site's page
    return frozenset(found)


def _needs_token(route: APIRoute) -> bool:
    return any(dependant.call is auth.known_box for dependant in _all(route.dependant))


def _all(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for part in dependant.dependencies:
        yield from _all(part)


def _exact(document: dict[str, Any], routes: Iterable[APIRoute]) -> dict[str, Any]:
    for route in routes:
        for method in route.methods or ():
            operation = document["paths"].get(route.path_format, {}).get(method.lower())
            if operation is not None:
                operation["responses"] = _responses(operation["responses"], errors_of(route))
    for schema in document["components"]["schemas"].values():
        _mend_required(schema)
    return document


def _mend_required(schema: dict[str, Any]) -> None:
    """What is none is left out of most answers, so nobody may count on it."""
    wanted = schema.pop("required", [])
    kept = [name for name in wanted if {"type": "null"} not in schema["properties"][name].get("anyOf", ())]
    if kept:
        schema["required"] = kept


def _responses(said: Mapping[str, Any], errors: Iterable[int]) -> dict[str, Any]:
    """What FastAPI `said`, with these errors, all of them as problem documents."""
    found = {status: _as_problem(status, answer) for status, answer in said.items() if status != _ANY}
    for error in errors:
        found.setdefault(str(error), _as_problem(str(error), {"description": TITLES[error]}))
    return dict(sorted(found.items()))


def _as_problem(status: str, answer: dict[str, Any]) -> dict[str, Any]:
    if status[0] not in "45":
        return answer
    schema = answer.get("content", {}).get("application/json", {}).get("schema", _PROBLEM)
    return {**answer, "content": {MEDIA_TYPE: {"schema": schema}}}
