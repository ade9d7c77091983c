"""The central report API over HTTP. `openapi.json` is generated from here and is the contract."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi import Path as PathParameter
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from central import answers, bodies, problems
from central.bodies import REF
from central.gateway.identity import Admission, Caller, caller
from central.gateway.service import Service
from central.sealed.base import Sha256
from central.sealed.envelope import MAX_ENVELOPE, MAX_PART, MAX_PARTS
from central.store.kiosks import Heartbeat

MAX_HEARTBEAT = 1024
_MOST = 2**31 - 1
_EXAMPLE_JWS = "eyJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl"

Jws = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$",
        max_length=65_536,
        examples=[_EXAMPLE_JWS],
    ),
]
Count = Annotated[int, Field(ge=0, le=_MOST, strict=True, examples=[3])]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Receipt(_Model):
    """The centre has the case. `receipt` is a JWS (EdDSA) over case, envelope hash and official number."""

    receipt: Jws


class PartsHere(_Model):
    """SHA-256 of the parts of a case that the centre has."""

    present: Annotated[list[Sha256], Field(max_length=MAX_PARTS)]


class HeartbeatBody(_Model):
    """What a kiosk says of itself. No personal data. A kiosk of the first release sends the first three."""

    queued: Annotated[Count, Field(description="Cases it holds that have no receipt yet.")]
    oldest_age_s: Annotated[Count, Field(description="For how many seconds it has held the oldest of them.")]
    last_sequence: Annotated[
        int,
        Field(ge=0, le=2**53, strict=True, examples=[41], description="Of the newest case; 0 before any."),
    ]
    quarantined: Annotated[Count | None, Field(description="How many of `queued` wait for a person.")] = None
    release: Annotated[
        str | None, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z.+_-]{0,31}$", examples=["1.4.0"])
    ] = None
    key_set_version: Count | None = None
    packs_number: Annotated[
        Count | None, Field(description="The pack bundle it asks with; without it, the packs of its release.")
    ] = None
    packs_refused: Annotated[Count | None, Field(description="The newest bundle it did not take.")] = None


class Alive(_Model):
    """The centre works. A higher `key_set_version` or `packs_number` than one's own says: fetch it."""

    alive: bool
    key_set_version: Annotated[int, Field(ge=0, le=_MOST, description="0 before the first.")]
    packs_number: Annotated[
        int, Field(ge=0, le=_MOST, description="Of the bundle for this kiosk; 0 for none.")
    ]
    time: Annotated[dt.datetime, Field(examples=["2026-11-21T08:00:00Z"])]


class SignedKeySet(_Model):
    """The newest key set, signed by a root key: docs/reference/keyset.md."""

    key_set: Jws


CaseId = Annotated[
    UUID,
    PathParameter(
        description="The kiosk's id of the case; the idempotency key.",
        examples=["5f1c9f0e-6d0b-4c43-9b52-3f6f2b0c8a11"],
    ),
]
PartName = Annotated[
    str,
    PathParameter(
        pattern=r"^[0-9a-f]{64}$",
        description="SHA-256 of the sealed part.",
        examples=["0123456789abcdef" * 4],
    ),
]


def everyone(_caller: Caller) -> None:
    """Refuses no kiosk: the admission of a gateway without a list of certificates."""


def create_app(
    service: Service,
    admission: Callable[[Caller], None] = everyone,
    routers: Sequence[APIRouter] = (),
    packs_number: Callable[[int], int] = lambda _kiosk: 0,
) -> FastAPI:
    """The application around `service`. `admission` raises for callers that are refused.

    `packs_number` gives the number of the pack bundle that is offered to a kiosk, 0 for none.
    """
    app = FastAPI(
        title="Central report API",
        version="2.0.0",
        summary="Takes sealed reports from kiosks and answers with signed receipts.",
        description=(
            "Mutual TLS: the common name of the client certificate, `kiosk-NNNN`, is the kiosk. "
            "Every error is an RFC 9457 problem. All writes are idempotent."
        ),
        generate_unique_id_function=lambda route: route.name,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        dependencies=[Depends(Admission(admission))],
    )
    answers.install(app)
    app.include_router(_cases(service))
    app.include_router(_life(service, packs_number))
    for router in routers:
        app.include_router(router)
    return app


def _cases(service: Service) -> APIRouter:
    router = APIRouter()

    @router.put(
        "/v1/cases/{case_id}",
        summary="Receive a case",
        response_model=Receipt,
        response_description="Received before: the same receipt again",
        responses={
            201: {"model": Receipt, "description": "Received now"},
            **answers.documented(
                problems.WRONG_KIOSK,
                problems.PARTS_MISSING,
                problems.CASE_DIFFERS,
                problems.NOT_AN_ENVELOPE,
                problems.DOES_NOT_OPEN,
                problems.TOO_LARGE,
            ),
        },
        openapi_extra=bodies.documented(
            "application/json",
            {"oneOf": [{"$ref": REF.format(model=name)} for name in ("Envelope", "EnvelopeVersion1")]},
        ),
    )
    async def put_case(case_id: CaseId, request: Request, response: Response) -> Receipt:
        """Same case and same body: same receipt. Same case and another body: 422. Parts not here yet: 409."""
        kiosk, body = caller(request).kiosk, await bodies.read(request, MAX_ENVELOPE)
        answer = await run_in_threadpool(service.receive_case, kiosk, case_id, body)
        response.status_code = 201 if answer.created else 200
        return Receipt(receipt=answer.receipt)

    @router.put(
        "/v1/cases/{case_id}/parts/{sha256}",
        summary="Receive a sealed part of an attachment",
        status_code=204,
        response_class=Response,
        responses={
            204: {"description": "Here, now or before"},
            **answers.documented(problems.PART_DIFFERS, problems.TOO_MANY_PARTS, problems.TOO_LARGE),
        },
        openapi_extra=bodies.documented(
            "application/octet-stream", {"type": "string", "format": "binary", "maxLength": MAX_PART}
        ),
    )
    async def put_part(case_id: CaseId, sha256: PartName, request: Request) -> Response:
        """Parts come before their case; the same part again changes nothing."""
        kiosk, sealed = caller(request).kiosk, await bodies.read(request, MAX_PART)
        await run_in_threadpool(service.receive_part, kiosk, case_id, sha256, sealed)
        return Response(status_code=204)

    @router.get(
        "/v1/cases/{case_id}/parts",
        summary="Which parts are here",
        response_description="Those of this kiosk",
        responses=answers.documented(problems.INVALID),
    )
    async def get_parts(case_id: CaseId, request: Request) -> PartsHere:
        """A kiosk resumes an interrupted upload by asking this."""
        return PartsHere(present=await run_in_threadpool(service.part_names, caller(request).kiosk, case_id))

    return router


def _life(service: Service, packs_number: Callable[[int], int]) -> APIRouter:
    router = APIRouter()

    @router.post(
        "/v1/heartbeat",
        summary="A kiosk lives",
        response_description="So does the centre",
        responses=answers.documented(problems.INVALID, problems.TOO_LARGE),
        openapi_extra=bodies.json_of(HeartbeatBody),
    )
    async def post_heartbeat(request: Request) -> Alive:
        """Also the small probe by which a kiosk finds out that the centre is back."""
        body = await bodies.read_model(request, HeartbeatBody, MAX_HEARTBEAT)
        heartbeat = Heartbeat(**body.model_dump())
        kiosk = caller(request).kiosk
        now = await run_in_threadpool(service.beat, kiosk, heartbeat)
        newest = await run_in_threadpool(packs_number, kiosk)
        return Alive(alive=True, key_set_version=service.key_set_version(), packs_number=newest, time=now)

    @router.get(
        "/v1/keyset",
        summary="The newest key set",
        response_description="As its root signed it",
        responses=answers.documented(problems.NO_KEY_SET),
    )
    async def get_key_set() -> SignedKeySet:
        """For a kiosk whose own is older than the answer to its heartbeat says."""
        return SignedKeySet(key_set=service.key_set())

    return router
