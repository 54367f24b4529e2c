"""Errors as RFC 9457 problem documents with a stable `code`, which the page says in the reader's language."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import psycopg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
TITLES: Final = {status.value: status.phrase for status in HTTPStatus}


class ProblemDocument(BaseModel):
    """What every error response holds."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str = ""


class FieldError(BaseModel):
    """One field that was refused: its name, with dots where it lies within others, and the rule that it broke."""

    field: str
    code: str


class InvalidDocument(ProblemDocument):
    """A request that is not valid, with every field that was refused."""

    errors: list[FieldError]


class ProblemError(HTTPException):
    """An error that the caller shall see. `detail` is for an engineer; users get words for `code`."""

    def __init__(
        self, status: int, code: str, title: str, detail: str = "", headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(status, title, headers)
        self.document = ProblemDocument(title=title, status=status, code=code, detail=detail)


def removed() -> ProblemError:
    """For a picture or a clip that was kept for as long as the settings say."""
    return ProblemError(410, "media_removed", "It was kept for as long as this ward keeps such files, and is removed")


def not_found(what: str) -> ProblemError:
    """Also for what exists elsewhere: who may not see a thing may not learn that it is there."""
    return ProblemError(404, "not_found", f"No such {what}")


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For a route's `responses`: the errors that it decides by itself; api.document knows those that all have."""
    return {status: {"model": ProblemDocument, "description": TITLES[status]} for status in statuses}


def answer_with(document: ProblemDocument, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The response that holds `document`."""
    return JSONResponse(document.model_dump(mode="json"), document.status, headers, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Make every error of `app` a problem document."""

    @app.exception_handler(ProblemError)
    def problem(_request: Request, error: ProblemError) -> JSONResponse:
        return answer_with(error.document, error.headers)

    @app.exception_handler(HTTPException)
    def http(_request: Request, error: HTTPException) -> JSONResponse:
        code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "http_error")
        document = ProblemDocument(title=str(error.detail), status=error.status_code, code=code)
        return answer_with(document, error.headers)

    @app.exception_handler(RequestValidationError)
    def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        found = error.errors()
        where = ".".join(str(part) for part in found[0]["loc"])
        fields = [FieldError(field=_field(one["loc"]), code=one["type"]) for one in found]
        return answer_with(
            InvalidDocument(
                title="Request is not valid",
                status=422,
                code="invalid",
                detail=f"{where}: {found[0]['msg']}",
                errors=fields,
            )
        )

    @app.exception_handler(psycopg.OperationalError)
    def database_away(_request: Request, error: Exception) -> JSONResponse:
        log.error("database does not answer: %s", str(error).strip())
        document = ProblemDocument(title="The database does not answer", status=503, code="database_away")
        return answer_with(document, {"Retry-After": "5"})

    @app.exception_handler(Exception)
    def bug(_request: Request, _error: Exception) -> JSONResponse:
        # The server logs the traceback; the caller learns nothing of our insides.
        return answer_with(ProblemDocument(title="Something is broken here", status=500, code="internal"))


def _field(place: Sequence[Any]) -> str:
    """The name of a field without where it came in: `body`, `query` or `path`."""
    return ".".join(str(part) for part in place[1:])
