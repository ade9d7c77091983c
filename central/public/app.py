"""What the centre shows to everyone: receipts as PDF, how to check one, and the door of kiosks."""

import base64
import hashlib
from collections.abc import Mapping, Sequence

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from fastapi import APIRouter, FastAPI, Request, Response
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.middleware.base import RequestResponseEndpoint

from central import answers
from central.languages import LANGUAGES
from central.public.receipts import Receipts, TooOftenError
from central.public.wording import CERTIFICATE, NOT_HERE, TOO_OFTEN, VERIFY, PageWords

_STYLE = (
    "html{font:1.0625rem/1.6 system-ui,sans-serif;color:#14202e;background:#eef2f7}"
    "body{margin:0;padding:1.5rem}"
    "main{max-width:34rem;margin:0 auto;background:#fff;border-top:.3rem solid #12335c;border-radius:.5rem;"
    "padding:.5rem 1.75rem 1.25rem}"
    "section+section{border-top:1px solid #d5dde6}"
    "h1,h2{font-size:1.375rem;line-height:1.3;color:#12335c;margin:1.25rem 0 .5rem}"
    "p{margin:.5rem 0}code{overflow-wrap:anywhere;font-size:.875rem}a{color:#12335c}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
_PAGES = Environment(loader=PackageLoader("central.public"), autoescape=True, undefined=StrictUndefined)


def create_public_app(receipts: Receipts, authority: bytes, door: Sequence[APIRouter] = ()) -> FastAPI:
    """The application. `authority` is the CA certificate, PEM; `door` what kiosks ask to be enrolled."""
    app = FastAPI(
        title="Public pages of the report centre",
        version="1.0.0",
        generate_unique_id_function=lambda route: route.name,
        docs_url=None,
        redoc_url=None,
    )
    answers.install(app)
    app.middleware("http")(_with_headers)
    app.include_router(_receipt_pages(receipts))
    app.include_router(_check_pages(authority))
    for router in door:
        app.include_router(router)
    return app


async def _with_headers(request: Request, answer: RequestResponseEndpoint) -> Response:
    response = await answer(request)
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def _receipt_pages(receipts: Receipts) -> APIRouter:
    router = APIRouter()

    # The QR code holds the path in capitals: its alphanumeric mode has no others.
    @router.get("/R/{name}", include_in_schema=False)
    @router.get(
        "/r/{name}",
        summary="A receipt as signed PDF",
        response_class=Response,
        responses={
            200: {"content": {"application/pdf": {}}, "description": "The receipt"},
            404: {"content": {"text/html": {}}, "description": "Not here yet, or never: one answer"},
            429: {"content": {"text/html": {}}, "description": "Too often"},
            **answers.documented(),
        },
    )
    def get_receipt(name: str, request: Request) -> Response:
        address = request.client.host if request.client is not None else ""
        try:
            pdf = receipts.find(name, address)
        except TooOftenError:
            return _page(TOO_OFTEN, 429, {"Retry-After": "3600"})
        if pdf is None:
            return _page(NOT_HERE, 404)
        # The name of the file on a telephone tells nothing: others may see the list of downloads.
        named = {"Content-Disposition": 'inline; filename="receipt.pdf"'}
        return Response(pdf, media_type="application/pdf", headers=named)

    return router


def _check_pages(authority: bytes) -> APIRouter:
    router = APIRouter()
    digest = x509.load_pem_x509_certificate(authority).fingerprint(hashes.SHA256())
    fingerprint = digest.hex(":").upper()

    @router.get("/verify", summary="How to check a receipt", response_class=Response)
    def get_verify() -> Response:
        return _page(VERIFY, 200, fingerprint=fingerprint)

    @router.get("/ca.pem", summary="The certificate that receipts are checked with", response_class=Response)
    def get_certificate() -> Response:
        named = {"Content-Disposition": 'attachment; filename="report-centre-ca.pem"'}
        return Response(authority, media_type="application/x-pem-file", headers=named)

    return router


def _page(
    words: Mapping[str, PageWords],
    status: int,
    headers: Mapping[str, str] | None = None,
    fingerprint: str = "",
) -> Response:
    content = _PAGES.get_template("page.html").render(
        languages=LANGUAGES,
        words=words,
        style=_STYLE,
        fingerprint=fingerprint,
        certificate=CERTIFICATE,
    )
    return Response(content, status, headers, "text/html")
