"""Enquiries at the gateway: sealed questions in, sealed answers out."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from central import answers, bodies
from central.enquiries.desk import Enquiries
from central.enquiries.messages import MAX_SEALED
from central.gateway.identity import caller
from central.problems import DOES_NOT_OPEN, INVALID, TOO_LARGE, ProblemError
from central.sealed.base import Base64, Kid, UnreadableError

_MAX_BODY = MAX_SEALED + 1024


class Enquiry(BaseModel):
    """A question, sealed to the key `kid`: docs/reference/enquiries.md."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    kid: Kid
    sealed: Annotated[Base64, Field(max_length=MAX_SEALED)]


class EnquiryAnswer(BaseModel):
    """The answer, sealed to the key that the question named."""

    model_config = ConfigDict(extra="forbid")

    sealed: Annotated[Base64, Field(max_length=MAX_SEALED)]


def router(enquiries: Enquiries) -> APIRouter:
    """The operation of enquiries, for the gateway."""
    questions = APIRouter()

    @questions.post(
        "/v1/enquiries",
        summary="Ask about a report",
        responses=answers.documented(DOES_NOT_OPEN, INVALID, TOO_LARGE),
        openapi_extra=bodies.json_of(Enquiry),
    )
    async def post_enquiry(request: Request) -> EnquiryAnswer:
        """Whether there is such a report is told neither by the status nor by the time it takes."""
        asked = await bodies.read_model(request, Enquiry, _MAX_BODY)
        kiosk = caller(request).kiosk
        try:
            answer = await run_in_threadpool(enquiries.answer, kiosk, asked.id, asked.kid, asked.sealed)
        except UnreadableError as error:
            raise ProblemError(DOES_NOT_OPEN, str(error)) from None
        return EnquiryAnswer(sealed=answer)

    return questions
