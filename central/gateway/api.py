"""The central report API over HTTP. `openapi.json` is generated from here and is the contract."""

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import FastAPI, Request, Response
from fastapi import Path as PathParameter
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from central import problems
from central.gateway.service import Service
from central.problems import MEDIA_TYPE, ProblemError
from central.sealed.envelope import MAX_ENVELOPE, MAX_PART
from central.store.kiosks import Heartbeat

KIOSK_STATE = "kiosk"
"""Where the server puts the kiosk number of the client certificate into the request's state."""

MAX_HEARTBEAT = 1024


class Receipt(BaseModel):
    """The centre has the case. `receipt` is a JWS (EdDSA) over case, envelope hash and official number."""

    model_config = ConfigDict(extra="forbid")

    receipt: str


class PartsHere(BaseModel):
    """SHA-256 of the parts of a case that the centre has."""

    model_config = ConfigDict(extra="forbid")

    present: list[str]


class HeartbeatBody(BaseModel):
    """What a kiosk says of itself. No personal data."""

    model_config = ConfigDict(extra="forbid")

    queued: Annotated[int, Field(ge=0)]
    oldest_age_s: Annotated[int, Field(ge=0)]
    last_sequence: Annotated[int, Field(ge=0)]


class Alive(BaseModel):
    """The centre works."""

    model_config = ConfigDict(extra="forbid")

    alive: bool


CaseId = Annotated[UUID, PathParameter(description="The kiosk's id of the case; the idempotency key.")]
PartName = Annotated[str, PathParameter(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the sealed part.")]


def create_app(service: Service) -> FastAPI:
    """The application around `service`."""
    app = FastAPI(
        title="Central report API",
        version="1.0.0",
        summary="Takes sealed reports from kiosks and answers with signed receipts.",
        description=(
            "Mutual TLS: the common name of the client certificate, `kiosk-NNNN`, is the kiosk. "
            "Every error is an RFC 9457 problem. All writes are idempotent."
        ),
        generate_unique_id_function=lambda route: route.name,
        docs_url=None,
        redoc_url=None,
    )
    problems.install(app)

    @app.put(
        "/v1/cases/{case_id}",
        summary="Receive a case",
        response_model=Receipt,
        responses={201: {"model": Receipt, "description": "Received now"}, **_problems(403, 409, 413, 422)},
        openapi_extra=_body("application/json", {"$ref": _REF.format(model="Envelope")}),
    )
    async def put_case(case_id: CaseId, request: Request, response: Response) -> Receipt:
        """Same case and same body: same receipt. Same case and another body: 422. Parts not here yet: 409."""
        kiosk, body = _kiosk(request), await _read(request, MAX_ENVELOPE)
        answer = await run_in_threadpool(service.receive_case, kiosk, case_id, body)
        response.status_code = 201 if answer.created else 200
        return Receipt(receipt=answer.receipt)

    @app.put(
        "/v1/cases/{case_id}/parts/{sha256}",
        summary="Receive a sealed attachment",
        status_code=204,
        response_class=Response,
        responses=_problems(413, 422),
        openapi_extra=_body("application/octet-stream", {"type": "string", "format": "binary"}),
    )
    async def put_part(case_id: CaseId, sha256: PartName, request: Request) -> Response:
        """Parts come before their case; the same part again changes nothing."""
        kiosk, sealed = _kiosk(request), await _read(request, MAX_PART)
        await run_in_threadpool(service.receive_part, kiosk, case_id, sha256, sealed)
        return Response(status_code=204)

    @app.get("/v1/cases/{case_id}/parts", summary="Which parts are here", responses=_problems(422))
    async def get_parts(case_id: CaseId, request: Request) -> PartsHere:
        """A kiosk resumes an interrupted upload by asking this."""
        return PartsHere(present=await run_in_threadpool(service.part_names, _kiosk(request), case_id))

    @app.post("/v1/heartbeat", summary="A kiosk lives", responses=_problems(413, 422))
    async def post_heartbeat(request: Request, body: HeartbeatBody) -> Alive:
        """Also the small probe by which a kiosk finds out that the centre is back."""
        heartbeat = Heartbeat(body.queued, body.oldest_age_s, body.last_sequence)
        await run_in_threadpool(service.beat, _kiosk(request), heartbeat)
        return Alive(alive=True)

    return app


_REF = "#/components/schemas/{model}"


def _problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems of an operation: its own statuses with their types, and any other."""
    content = {MEDIA_TYPE: {"schema": {"$ref": _REF.format(model="Problem")}}}
    named: dict[int | str, str] = {"default": "Any other problem"}
    for status in statuses:
        types = [kind.type for kind in problems.KINDS if kind.status == status]
        named[status] = " or ".join(types) or HTTPStatus(status).phrase
    return {status: {"description": words, "content": content} for status, words in named.items()}


def _body(media_type: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {media_type: {"schema": schema}}}}


def _kiosk(request: Request) -> int:
    kiosk = getattr(request.state, KIOSK_STATE, None)
    if not isinstance(kiosk, int):
        raise HTTPException(401)
    return kiosk


async def _read(request: Request, limit: int) -> bytes:
    """The body, of which never more than `limit` bytes are taken in."""
    declared = request.headers.get("content-length", "0")
    if not declared.isdigit() or int(declared) > limit:
        raise ProblemError(problems.TOO_LARGE)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise ProblemError(problems.TOO_LARGE)
    return bytes(body)
