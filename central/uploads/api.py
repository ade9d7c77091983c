"""Uploads at the gateway: a kiosk opens a way for a phone, watches it, and closes it."""

import asyncio
import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from central import answers, bodies
from central.gateway.identity import caller
from central.problems import INVALID, TOO_LARGE
from central.recipients import Recipient
from central.sealed.base import Sha256
from central.uploads.desk import LARGEST_FILE, MOST_FILES, Status, Uploads
from central.uploads.kinds import Kind
from central.uploads.problems import NO_SUCH_RECIPIENT, NO_SUCH_UPLOAD, TOO_OFTEN, UPLOAD_DIFFERS

MOST_WAIT_S = 25
_LOOK_S = 0.5
_MAX_BODY = 1024


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class UploadOpening(_Model):
    """A way for a phone; `id` is a fresh UUID, `limit` how many files it takes."""

    id: UUID
    limit: Annotated[int, Field(ge=1, le=MOST_FILES, strict=True)]
    recipient: Recipient
    language: Literal["zh-Hant", "zh-Hans", "en"] | None = None


class UploadClosing(_Model):
    """Whether a case will name what came."""

    keep: Annotated[bool, Field(strict=True)]


class UploadWay(_Model):
    """What the QR code says, and until when it works."""

    address: Annotated[str, Field(max_length=300)]
    ends_at: dt.datetime


class UploadFile(_Model):
    """A file that is here, sealed. `sha256` is of what the phone sent."""

    file_id: UUID
    kind: Kind
    size: Annotated[int, Field(ge=1, le=LARGEST_FILE)]
    sha256: Sha256


class UploadStatus(_Model):
    """How an upload stands. `version` rises with every change."""

    state: Literal["open", "closed"]
    version: Annotated[int, Field(ge=1, lt=2**31)]
    ends_at: dt.datetime
    files: Annotated[list[UploadFile], Field(max_length=MOST_FILES)]


Since = Annotated[int | None, Query(ge=0, lt=2**31, description="The version one has.")]
Wait = Annotated[int, Query(ge=0, le=MOST_WAIT_S, description="Seconds to wait for another version.")]


def router(uploads: Uploads) -> APIRouter:
    """The operations of uploads, for the gateway."""
    ways = APIRouter()

    @ways.post(
        "/v1/uploads",
        summary="Open a way for a visitor's phone",
        status_code=201,
        response_description="Opened now",
        responses={
            200: {"model": UploadWay, "description": "Opened before: the same way again"},
            **answers.documented(NO_SUCH_RECIPIENT, UPLOAD_DIFFERS, TOO_OFTEN, INVALID, TOO_LARGE),
        },
        openapi_extra=bodies.json_of(UploadOpening),
    )
    async def post_upload(request: Request, response: Response) -> UploadWay:
        """The kiosk shows `address` as a QR code, as it is."""
        asked = await bodies.read_model(request, UploadOpening, _MAX_BODY)
        kiosk = caller(request).kiosk
        way = await run_in_threadpool(
            uploads.open, kiosk, asked.id, asked.limit, asked.recipient, asked.language
        )
        response.status_code = 201 if way.created else 200
        return UploadWay(address=way.address, ends_at=way.ends_at)

    @ways.get(
        "/v1/uploads/{upload_id}",
        summary="What has arrived",
        responses=answers.documented(NO_SUCH_UPLOAD, INVALID),
    )
    async def get_upload(
        upload_id: UUID, request: Request, since: Since = None, wait: Wait = 0
    ) -> UploadStatus:
        """With `since` and `wait` the answer comes with another version, or when the time is over."""
        kiosk, clock = caller(request).kiosk, asyncio.get_running_loop().time
        end = clock() + wait
        while True:
            status = await run_in_threadpool(uploads.status, kiosk, upload_id)
            if status.version != since or clock() >= end:
                return _shown(status)
            await asyncio.sleep(min(_LOOK_S, max(0.0, end - clock())))

    @ways.delete(
        "/v1/uploads/{upload_id}/files/{file_id}",
        summary="Erase a file",
        status_code=204,
        response_class=Response,
        responses=answers.documented(NO_SUCH_UPLOAD, INVALID),
    )
    async def delete_upload_file(upload_id: UUID, file_id: UUID, request: Request) -> Response:
        """A file that is not there is erased already."""
        await run_in_threadpool(uploads.drop, caller(request).kiosk, upload_id, file_id)
        return Response(status_code=204)

    @ways.post(
        "/v1/uploads/{upload_id}/close",
        summary="Take nothing more",
        responses=answers.documented(NO_SUCH_UPLOAD, INVALID, TOO_LARGE),
        openapi_extra=bodies.json_of(UploadClosing),
    )
    async def close_upload(upload_id: UUID, request: Request) -> UploadStatus:
        """Without `keep` everything that came is erased now."""
        asked = await bodies.read_model(request, UploadClosing, _MAX_BODY)
        kiosk = caller(request).kiosk
        return _shown(await run_in_threadpool(uploads.close, kiosk, upload_id, keep=asked.keep))

    return ways


def _shown(status: Status) -> UploadStatus:
    return UploadStatus(
        state="open" if status.is_open else "closed",
        version=status.version,
        ends_at=status.ends_at,
        files=[
            UploadFile(
                file_id=file.file_id, kind=Kind(file.kind), size=file.size, sha256=(file.sha256 or b"").hex()
            )
            for file in status.files
        ],
    )
