"""Every error of the API as an RFC 9457 problem. Titles are for people; a kiosk reads `type`."""

import logging
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from central.sealed.base import Sha256

MEDIA_TYPE = "application/problem+json"
_BLANK = "about:blank"


class Problem(BaseModel):
    """RFC 9457. `type` is a path of this contract or `about:blank`; `missing` belongs to parts-missing."""

    model_config = ConfigDict(extra="forbid")

    type: Annotated[str, Field(pattern=r"^(about:blank|/problems/[a-z-]{1,64})$", max_length=74)]
    title: Annotated[str, Field(min_length=1, max_length=200)]
    status: Annotated[int, Field(ge=400, le=599)]
    detail: Annotated[str | None, Field(max_length=1000)] = None
    missing: Annotated[list[Sha256] | None, Field(max_length=300)] = None


_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """A problem this API can answer."""

    name: str
    status: int
    title: str

    @property
    def type(self) -> str:
        """The problem type: a path, relative to the centre."""
        return f"/problems/{self.name}" if self.name else _BLANK


WRONG_KIOSK = ProblemKind("wrong-kiosk", 403, "The envelope is of another kiosk than the certificate")
CASE_DIFFERS = ProblemKind("case-differs", 422, "This case was already received with other content")
PARTS_MISSING = ProblemKind("parts-missing", 409, "Parts of the case are not here yet")
NOT_AN_ENVELOPE = ProblemKind("not-an-envelope", 422, "The body is not an envelope for this case")
DOES_NOT_OPEN = ProblemKind("does-not-open", 422, "The envelope cannot be opened")
PART_DIFFERS = ProblemKind("part-differs", 422, "The body does not have the SHA-256 of its name")
TOO_LARGE = ProblemKind("too-large", 413, "The body is larger than this API takes")
TOO_MANY_PARTS = ProblemKind("too-many-parts", 422, "There are as many parts of this case as one can have")
NO_KEY_SET = ProblemKind("no-key-set", 503, "No key set has been published yet")
INVALID = ProblemKind("", 422, "The request is not as this contract says")
"""What the framework refuses by itself: `about:blank`."""
KINDS = (
    WRONG_KIOSK,
    CASE_DIFFERS,
    PARTS_MISSING,
    NOT_AN_ENVELOPE,
    DOES_NOT_OPEN,
    PART_DIFFERS,
    TOO_LARGE,
    TOO_MANY_PARTS,
    NO_KEY_SET,
)
BUSY_S = 5
"""When to come again while the database is away."""


@dataclass(
    eq=False
)  # Python itself writes to an exception that passes a context manager: it cannot be frozen
class ProblemError(Exception):
    """Raise to answer with a problem. `detail` never quotes what was sent."""

    kind: ProblemKind
    detail: str | None = None
    more: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


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
    return {"type": _BLANK, "title": HTTPStatus(status).phrase, "status": status}


def _respond(status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse(body, status_code=status, headers=headers, media_type=MEDIA_TYPE)
