"""Renewal at the gateway: a kiosk asks with the certificate it has for the next one."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from central import answers, bodies
from central.enrolment.problems import NOT_A_REQUEST, REVOKED
from central.enrolment.requests import MAX_REQUEST
from central.enrolment.service import EnrolmentOffice
from central.gateway.identity import caller
from central.problems import INVALID, TOO_LARGE

_MAX_BODY = 2 * MAX_REQUEST


class CertificateRequest(BaseModel):
    """A request for the next certificate (PKCS #10, PEM, P-256), with a new key."""

    model_config = ConfigDict(extra="forbid")

    csr: Annotated[str, Field(max_length=MAX_REQUEST)]


class CertificateAnswer(BaseModel):
    """The next certificate, PEM. The present one is good until its end."""

    model_config = ConfigDict(extra="forbid")

    certificate: Annotated[str, Field(max_length=65_536)]


def router(office: EnrolmentOffice) -> APIRouter:
    """The operation of renewal, for the gateway."""
    renewal = APIRouter()

    @renewal.post(
        "/v1/certificates",
        summary="Renew the certificate",
        responses=answers.documented(REVOKED, NOT_A_REQUEST, INVALID, TOO_LARGE),
        openapi_extra=bodies.json_of(CertificateRequest),
    )
    async def post_certificate(request: Request) -> CertificateAnswer:
        """For the kiosk that the present certificate names, whatever the request says."""
        asked = await bodies.read_model(request, CertificateRequest, _MAX_BODY)
        certificate = await run_in_threadpool(office.renew, caller(request).kiosk, asked.csr)
        return CertificateAnswer(certificate=certificate)

    return renewal
