"""The newest pack bundle, for kiosks: part of the central report API."""

import logging
from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from starlette.concurrency import run_in_threadpool

from central import answers, problems
from central.gateway.identity import caller
from central.packs.bundle import MAX_BUNDLE, BundleError
from central.packs.offers import Offer, Shelf

_LOG = logging.getLogger(__name__)
_BYTES = "application/octet-stream"

KnownTag = Annotated[
    str | None,
    Header(alias="If-None-Match", max_length=80, description="The ETag of the bundle that the kiosk has."),
]


def number_for(shelf: Shelf, kiosk: int) -> int:
    """The number of the bundle that is offered to a kiosk; 0 for none."""
    offer = _offer(shelf, kiosk)
    return 0 if offer is None else offer.number


def router(shelf: Shelf) -> APIRouter:
    """The operation of `shelf`."""
    routes = APIRouter()

    @routes.get(
        "/v1/packs",
        summary="The newest pack bundle for this kiosk",
        response_class=Response,
        responses={
            200: {
                "description": "As the force signed it: docs/reference/bundles.md",
                "content": {
                    _BYTES: {"schema": {"type": "string", "format": "binary", "maxLength": MAX_BUNDLE}}
                },
                "headers": {"ETag": {"schema": {"type": "string"}}},
            },
            204: {"description": "No bundle is offered to this kiosk"},
            304: {"description": "The kiosk has it"},
            **answers.documented(problems.INVALID),
        },
    )
    async def get_packs(request: Request, known: KnownTag = None) -> Response:
        """For a kiosk whose own number is lower than the answer to its heartbeat says."""
        return await run_in_threadpool(_answer, shelf, caller(request).kiosk, known)

    return routes


def _answer(shelf: Shelf, kiosk: int, known: str | None) -> Response:
    offer = _offer(shelf, kiosk)
    if offer is None:
        return Response(status_code=204)
    headers = {"ETag": offer.etag, "Cache-Control": "no-store"}
    if known == offer.etag:
        return Response(status_code=304, headers=headers)
    return Response(shelf.bundle(offer), media_type=_BYTES, headers=headers)


def _offer(shelf: Shelf, kiosk: int) -> Offer | None:
    try:
        return shelf.read().for_kiosk(kiosk)
    except (BundleError, OSError) as error:  # reports go on being received without it
        _LOG.error("no packs are offered: %s", error)
        return None
