"""Tallies at the gateway: what a kiosk counted on a day."""

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from starlette.concurrency import run_in_threadpool

from central import answers, bodies
from central.gateway.identity import caller
from central.problems import INVALID, TOO_LARGE
from central.store.tallies import Tally
from central.survey.tallies import MOST_COUNT, MOST_TALLIES, WORD, Tallies

_MAX_BODY = 128 << 10


def _day(text: object) -> object:
    """The framework would read a number as seconds after 1970; the contract says `2026-11-22`."""
    if not (isinstance(text, str) and len(text) == len("2026-11-22")):
        raise ValueError("must be a day")
    return text


Day = Annotated[
    dt.date,
    BeforeValidator(_day),
    WithJsonSchema({"type": "string", "format": "date", "minLength": 10, "maxLength": 10}),
]
Word = Annotated[str, Field(pattern=WORD)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TallyCount(_Model):
    """How often one option of a question was chosen after one service."""

    service: Word
    question: Word
    option: Word
    count: Annotated[int, Field(ge=1, le=MOST_COUNT, strict=True)]


class TallyDay(_Model):
    """All that a kiosk counted on its day; it replaces what the kiosk sent of that day before."""

    day: Day
    counts: Annotated[list[TallyCount], Field(max_length=MOST_TALLIES)]


def router(tallies: Tallies) -> APIRouter:
    """The operation of tallies, for the gateway."""
    survey = APIRouter()

    @survey.post(
        "/v1/tallies",
        summary="Answers to the survey, counted",
        status_code=204,
        response_class=Response,
        responses=answers.documented(INVALID, TOO_LARGE),
        openapi_extra=bodies.json_of(TallyDay),
    )
    async def post_tallies(request: Request) -> Response:
        """Idempotent per kiosk and day. Words that the centre does not know are left out."""
        asked = await bodies.read_model(request, TallyDay, _MAX_BODY)
        counted = [Tally(**each.model_dump()) for each in asked.counts]
        await run_in_threadpool(tallies.take, caller(request).kiosk, asked.day, counted)
        return Response(status_code=204)

    return survey
