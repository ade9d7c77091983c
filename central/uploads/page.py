"""The page of a visitor's phone, at the public listener: choose files, see what was taken."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool

from central import answers, bodies
from central.enquiries.codes import Codes
from central.languages import LANGUAGES
from central.public.receipts import network
from central.store.enquiries import ATTEMPTS_KEPT, Limit, attempt
from central.store.uploads import Upload
from central.uploads.desk import LARGEST_FILE, Uploads
from central.uploads.forms import Event, FormFiles, Mark, NotAFormError, boundary_of
from central.uploads.incoming import Refusal
from central.uploads.kinds import Kind
from central.uploads.preferred import preferred
from central.uploads.receiver import Outcome, Receiver
from central.uploads.wording import WORDS, Words

MOST_BODY = 64 << 20
"""Of a form with all its files."""

_WRONG_PER_ADDRESS = 60
_FILES_PER_UPLOAD = 200
_AT_ONCE = 16
_AT_ONCE_PER_UPLOAD = 3
_BLOCK = 64 << 10
_STYLE = (
    "html{font:1.125rem/1.6 system-ui,sans-serif;color:#14202e;background:#eef2f7}"
    "body{margin:0;padding:1rem}"
    "main{max-width:34rem;margin:0 auto;background:#fff;border-top:.3rem solid #12335c;border-radius:.5rem;"
    "padding:.75rem 1.25rem 1.5rem}"
    "nav a,nav b{display:inline-block;padding:.75rem .75rem .75rem 0}"
    "h1{font-size:1.5rem;line-height:1.3;color:#12335c;margin:.75rem 0}p{margin:.5rem 0}a{color:#12335c}"
    ".limits{color:#4a5a6c;font-size:1rem}"
    "button,label{display:block;box-sizing:border-box;width:100%;margin:1rem 0;padding:1.1rem;border:0;"
    "border-radius:.5rem;background:#12335c;color:#fff;font:inherit;font-weight:bold;text-align:center}"
    "input{display:block;width:100%;margin:1rem 0;font:inherit}"
    "label{background:none;color:inherit;padding:0;margin:1rem 0 0;text-align:left}"
    ".scripted label{background:#12335c;color:#fff;padding:1.1rem;text-align:center}"
    ".scripted button{display:none}"
    ".scripted input{position:absolute;opacity:0;width:1px;height:1px}"
    ".scripted input:focus+button{display:none}"
    "ol{padding:0 0 0 1.5rem}li{margin:.75rem 0;overflow-wrap:anywhere}li p{margin:0}"
    "progress{display:block;width:100%;height:1rem}.good{color:#14532d}.bad{color:#8a1c1c}"
)
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
}
_PAGES = Environment(
    loader=PackageLoader("central.uploads"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)
_SCRIPT = files("central.uploads").joinpath("templates/upload.js").read_text("utf-8")


class BusyError(Exception):
    """As many files arrive as this process takes at once."""


class _TooOftenError(Exception):
    """Too many wrong tokens from an address, or too many files for one upload."""


@dataclass(frozen=True, slots=True)
class Gate:
    """How many requests with files are under way: in all, and for each upload."""

    _under_way: Counter[bytes] = field(default_factory=Counter)

    @contextmanager
    def enter(self, token: bytes) -> Iterator[None]:
        """For as long as a request lasts. Raises `BusyError`."""
        if self._under_way.total() >= _AT_ONCE or self._under_way[token] >= _AT_ONCE_PER_UPLOAD:
            raise BusyError
        self._under_way[token] += 1
        try:
            yield
        finally:
            self._under_way[token] -= 1
            if not self._under_way[token]:
                del self._under_way[token]


@dataclass(frozen=True, slots=True)
class PhonePage:
    """The page, over the uploads of a centre."""

    uploads: Uploads
    codes: Codes
    gate: Gate = field(default_factory=Gate)

    async def show(self, token: str, request: Request) -> Response:
        """The page, or that its link no longer works."""
        try:
            upload = await run_in_threadpool(self._upload, token, _address(request))
        except _TooOftenError:
            return _page(request, None, status=429)
        return _page(request, upload)

    async def take_form(self, token: str, request: Request) -> Response:
        """A form without script: all its files, and the page again with what became of them."""
        try:
            upload = await run_in_threadpool(self._upload, token, _address(request))
            if upload is None:
                return _page(request, None)
            outcomes = await self._received(upload, _form_events(request))
        except _TooOftenError:
            return _page(request, None, status=429)
        words = WORDS[_language(request, upload)]
        results = [_said(outcome, words) for outcome in outcomes] or [(False, words.nothing)]
        return _page(request, upload, results)

    async def take_file(self, token: str, request: Request) -> Response:
        """One file, as the script sends it; a sentence."""
        try:
            upload = await run_in_threadpool(self._upload, token, _address(request))
            if upload is None:
                return _sentence(404, Outcome(refusal=Refusal.CLOSED), WORDS[_language(request)])
            [outcome] = await self._received(upload, _file_events(request))
        except _TooOftenError:
            return _sentence(429, Outcome(refusal=Refusal.BUSY), WORDS[_language(request)])
        status = _STATUS.get(outcome.refusal, 422) if outcome.refusal is not None else 201
        return _sentence(status, outcome, WORDS[_language(request, upload)])

    async def _received(self, upload: Upload, events: AsyncIterator[Sequence[Event]]) -> list[Outcome]:
        receiver = Receiver(self.uploads, upload)
        try:
            with self.gate.enter(upload.token):
                async for some in events:
                    await run_in_threadpool(receiver.take, some)
        except BusyError:
            return [Outcome(refusal=Refusal.BUSY)]
        except NotAFormError:
            pass
        finally:
            await run_in_threadpool(receiver.break_off)
        return receiver.outcomes

    def _upload(self, token: str, address: str) -> Upload | None:
        """The upload of a token. Raises `_TooOftenError`."""
        upload = self.uploads.by_token(token)
        bucket, most = (
            (self.codes.bucket("upload-address", network(address)), _WRONG_PER_ADDRESS)
            if upload is None
            else (self.codes.bucket("upload", upload.upload_id.hex), _FILES_PER_UPLOAD)
        )
        with self.uploads.store.writing() as db:
            wait = attempt(db, [Limit(bucket, most, ATTEMPTS_KEPT)], self.uploads.clock())
        if wait is not None:
            raise _TooOftenError
        return upload


def router(page: PhonePage) -> APIRouter:
    """The page and what belongs to it, for the public listener."""
    phone = APIRouter()

    # The QR code holds the path in capitals: its alphanumeric mode has no others.
    @phone.get("/U/{token}", include_in_schema=False)
    @phone.get(
        "/u/{token}",
        summary="The page on which a phone chooses files",
        response_class=Response,
        responses={
            200: {"content": {"text/html": {}}, "description": "The page"},
            404: {"content": {"text/html": {}}, "description": "Wrong, closed or too old: one answer"},
            429: {"content": {"text/html": {}}, "description": "Too often"},
            **answers.documented(),
        },
    )
    async def get_upload_page(token: str, request: Request) -> Response:
        return await page.show(token, request)

    @phone.post("/U/{token}", include_in_schema=False)
    @phone.post("/u/{token}", include_in_schema=False)
    async def post_upload_form(token: str, request: Request) -> Response:
        return await page.take_form(token, request)

    @phone.post("/U/{token}/files", include_in_schema=False)
    @phone.post(
        "/u/{token}/files",
        summary="One file of a phone",
        response_class=JSONResponse,
        status_code=201,
        responses={
            201: {"content": {"application/json": {}}, "description": "Taken"},
            404: {"content": {"application/json": {}}, "description": "Wrong, closed or too old: one answer"},
            413: {"content": {"application/json": {}}, "description": "Too large"},
            422: {"content": {"application/json": {}}, "description": "Refused, and why"},
            429: {"content": {"application/json": {}}, "description": "Too often"},
            503: {"content": {"application/json": {}}, "description": "As many arrive as can at once"},
            **answers.documented(),
        },
        openapi_extra=bodies.documented(
            "application/octet-stream", {"type": "string", "format": "binary", "maxLength": LARGEST_FILE}
        ),
    )
    async def post_upload_file(token: str, request: Request) -> Response:
        return await page.take_file(token, request)

    @phone.get("/u.js", include_in_schema=False)
    def get_upload_script() -> Response:
        return Response(_SCRIPT, media_type="text/javascript")

    @phone.get("/u.css", include_in_schema=False)
    def get_upload_style() -> Response:
        return Response(_STYLE, media_type="text/css")

    return phone


_STATUS = {Refusal.TOO_LARGE: 413, Refusal.CLOSED: 404, Refusal.BUSY: 503}


async def _form_events(request: Request) -> AsyncIterator[Sequence[Event]]:
    form = FormFiles(boundary_of(request.headers.get("content-type", "")))
    async for block in _blocks(request):
        yield form.feed(block)
    form.end()


async def _file_events(request: Request) -> AsyncIterator[Sequence[Event]]:
    yield [Mark.BEGIN]
    async for block in _blocks(request):
        yield [block]
    yield [Mark.END]


async def _blocks(request: Request) -> AsyncIterator[bytes]:
    """The body in pieces worth a change of threads. Ends with `ClientDisconnect` when the phone goes away."""
    block = bytearray()
    async for chunk in request.stream():
        block += chunk
        if len(block) >= _BLOCK:
            yield bytes(block)
            block.clear()
    if block:
        yield bytes(block)


def _address(request: Request) -> str:
    return request.client.host if request.client is not None else ""


def _language(request: Request, upload: Upload | None = None) -> str:
    """What the visitor asks for, or the kiosk said, or the phone speaks."""
    asked = request.query_params.get("lang", "")
    said = upload.language if upload is not None else None
    return next((each for each in (asked, said) if each in LANGUAGES), None) or preferred(
        request.headers.get("accept-language", "")
    )


def _said(outcome: Outcome, words: Words) -> tuple[bool, str]:
    """Whether it was taken, and the sentence."""
    if outcome.file is None:
        return False, words.refusals[outcome.refusal or Refusal.BUSY]
    size = f"{max(0.1, outcome.size / 1_000_000):.1f} MB"
    return True, f"{words.kinds[Kind(outcome.file.kind)]} ({size}): {words.arrived}"


def _sentence(status: int, outcome: Outcome, words: Words) -> Response:
    good, text = _said(outcome, words)
    return JSONResponse({"ok": good, "text": text}, status)


def _page(
    request: Request,
    upload: Upload | None,
    results: Sequence[tuple[bool, str]] = (),
    status: int | None = None,
) -> Response:
    language = _language(request, upload)
    words = WORDS[language]
    content = _PAGES.get_template("upload.html").render(
        language=language,
        languages=LANGUAGES,
        all=WORDS,
        words=words,
        most=0 if upload is None else upload.most,
        results=results,
        large=words.refusals[Refusal.TOO_LARGE],
        largest=LARGEST_FILE,
    )
    headers: Mapping[str, str] = _HEADERS if status != 429 else {**_HEADERS, "Retry-After": "3600"}
    return Response(content, status or (404 if upload is None else 200), headers, "text/html")
