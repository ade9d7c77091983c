"""Answering with problems: every error of an application, those of the framework included (RFC 9457)."""

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from central.problems import BLANK, MEDIA_TYPE, ProblemError, ProblemKind

BUSY_S = 5
"""When to come again while the database is away."""

_LOG = logging.getLogger(__name__)


def install(app: FastAPI) -> None:
    """Answer every error of `app` with a problem, those of the framework included."""
    app.add_exception_handler(ProblemError, _on_problem)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(ClientDisconnect, _on_gone)
    for kind in (OperationalError, PoolTimeoutError):
        app.add_exception_handler(kind, _on_database_away)
    app.add_exception_handler(Exception, _on_bug)


def documented(*kinds: ProblemKind) -> dict[int | str, dict[str, Any]]:
    """The problems of an operation for its `responses`: by status with their types, and any other."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    types: dict[int | str, list[str]] = {}
    for kind in kinds:
        types.setdefault(kind.status, []).append(kind.type)
    words = {status: " or ".join(names) for status, names in types.items()}
    words["default"] = "Any other problem"
    return {status: {"description": text, "content": content} for status, text in words.items()}


async def _on_problem(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ProblemError)  # noqa: S101 - what Starlette registered this handler for
    kind = error.kind
    body = {
        "type": kind.type,
        "title": kind.title,
        "status": kind.status,
        "detail": error.detail,
        **error.more,
    }
    present = {name: value for name, value in body.items() if value is not None}
    return _respond(kind.status, present, error.headers)


async def _on_http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - what Starlette registered this handler for
    return _respond(error.status_code, _plain(error.status_code), dict(error.headers or {}))


async def _on_validation(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - what Starlette registered this handler for
    places = sorted({".".join(map(str, problem["loc"])) for problem in error.errors()})
    return _respond(422, {**_plain(422), "detail": "not valid: " + ", ".join(places[:5])})


async def _on_gone(_request: Request, _error: Exception) -> JSONResponse:
    return _respond(400, _plain(400))  # nobody hears it; a kiosk that went away is no error of ours


async def _on_database_away(_request: Request, error: Exception) -> JSONResponse:
    _LOG.error("the database is away: %s", type(error).__name__)
    return _respond(503, _plain(503), {"Retry-After": str(BUSY_S)})


async def _on_bug(_request: Request, _error: Exception) -> JSONResponse:
    return _respond(500, _plain(500))


def _plain(status: int) -> dict[str, Any]:
    return {"type": BLANK, "title": HTTPStatus(status).phrase, "status": status}


def _respond(status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse(body, status_code=status, headers=headers, media_type=MEDIA_TYPE)
