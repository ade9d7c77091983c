"""The door: what a kiosk asks before it has a certificate. TLS without a client certificate."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from central import answers, bodies
from central.enrolment.problems import NOT_A_REQUEST, NOT_INVITED, TOO_OFTEN
from central.enrolment.requests import MAX_REQUEST
from central.enrolment.service import EnrolmentOffice
from central.keys.keyset import PublicKey
from central.problems import INVALID, TOO_LARGE

_MAX_BODY = 2 * MAX_REQUEST


class AuthorityAnswer(BaseModel):
    """The certificate of the authority, PEM. The fingerprint in the code says whether to believe it."""

    model_config = ConfigDict(extra="forbid")

    certificate: str


class EnrolmentRequest(BaseModel):
    """A one-time code, and a request for a certificate (PKCS #10, PEM, P-256)."""

    model_config = ConfigDict(extra="forbid")

    kiosk: Annotated[int, Field(ge=0, le=9999, strict=True)]
    secret: Annotated[str, Field(max_length=64)]
    csr: Annotated[str, Field(max_length=MAX_REQUEST)]


class EnrolmentAnswer(BaseModel):
    """What makes a kiosk: its certificate (PEM), who signs key sets, the key set, where its chain begins."""

    model_config = ConfigDict(extra="forbid")

    certificate: str
    roots: tuple[PublicKey, ...]
    key_set: str
    first_sequence: int


def router(office: EnrolmentOffice) -> APIRouter:
    """The operations of the door."""
    door = APIRouter()

    @door.get("/v1/authority", summary="Whom to trust", responses=answers.documented())
    async def get_authority() -> AuthorityAnswer:
        """Asked before TLS can be judged; nothing secret is sent."""
        return AuthorityAnswer(certificate=office.authority_certificate())

    @door.post(
        "/v1/enrolments",
        summary="Enrol a kiosk",
        responses=answers.documented(NOT_INVITED, NOT_A_REQUEST, INVALID, TOO_LARGE, TOO_OFTEN),
        openapi_extra=bodies.json_of(EnrolmentRequest),
    )
    async def post_enrolment(request: Request) -> EnrolmentAnswer:
        """A code works once. Whatever is wrong with one is the same problem."""
        asked = await bodies.read_model(request, EnrolmentRequest, _MAX_BODY)
        address = request.client.host if request.client is not None else ""
        given = await run_in_threadpool(office.enrol, asked.kiosk, asked.secret, asked.csr, address)
        return EnrolmentAnswer(
            certificate=given.certificate,
            roots=given.roots,
            key_set=given.key_set,
            first_sequence=given.first_sequence,
        )

    return door
