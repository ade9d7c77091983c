"""The officers' inbox over HTTP: bearer tokens, RFC 9457 problems; what was not read is not changed."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, FastAPI, Header, Query, Response
from fastapi import Path as PathParameter
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException

from central import answers
from central.inbox.bodies import (
    MOST_LISTED,
    Acceptance,
    Assignment,
    Case,
    CaseList,
    Days,
    Explanation,
    Gaps,
    GapShown,
    Joining,
    Lines,
    Me,
    Narrowing,
    OpenedCase,
    QuestionAnswers,
    Rejection,
    SurveyAnswers,
    by_language,
    case_body,
    history_body,
    opened_body,
)
from central.inbox.desk import Decision, Desk
from central.inbox.officers import Officers
from central.inbox.problems import (
    CANNOT_JOIN,
    CHANGED,
    DOES_NOT_OPEN,
    NO_PRECONDITION,
    NO_SUCH_ATTACHMENT,
    NO_SUCH_CASE,
    NO_SUCH_FILE,
    NO_SUCH_GAP,
    NO_SUCH_OFFICER,
    NOT_A_PLACE,
    NOT_ALLOWED,
    NOT_SIGNED_IN,
    NOT_YOURS,
    WORDS_MISSING,
    WRONG_STATE,
)
from central.problems import INVALID, ProblemError
from central.proof.judge import Range
from central.store.inbox import CaseState, CaseSummary, Filters, Officer
from central.uploads.kinds import BY_MEDIA_TYPE

CaseId = Annotated[UUID, PathParameter(description="The case.")]
LineNumber = Annotated[int, Query(ge=0, lt=2**63, description="The last line one has.")]
IfMatch = Annotated[str | None, Header(description="The ETag of the case as it was read.")]

_ENDINGS = {name: form.ending for name, form in BY_MEDIA_TYPE.items()}
_DOWNLOADS: dict[str, Any] = {name: {} for name in ("application/octet-stream", *BY_MEDIA_TYPE)}
_OF_CASE = (NOT_SIGNED_IN, NOT_ALLOWED, NO_SUCH_CASE, INVALID)
_OF_DEED = (*_OF_CASE, CHANGED, NO_PRECONDITION)
_OF_DECISION = (*_OF_DEED, WRONG_STATE, NOT_YOURS, WORDS_MISSING)


def create_inbox_app(desk: Desk, officers: Officers) -> FastAPI:
    """The application around `desk`."""
    app = FastAPI(
        title="Officers' inbox",
        version="1.0.0",
        summary="Work on received reports. Who saw what is on record.",
        generate_unique_id_function=lambda route: route.name,
        docs_url=None,
        redoc_url=None,
    )
    answers.install(app)
    _add_reading(app, desk, _signed_in(officers))
    _add_deeds(app, desk, _signed_in(officers))
    _add_files(app, desk, _signed_in(officers))
    _add_survey(app, desk, _signed_in(officers))
    _add_gaps(app, desk, _signed_in(officers))
    return app


def _signed_in(officers: Officers) -> Callable[..., Officer]:
    bearer = HTTPBearer(auto_error=False)

    def officer(given: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> Officer:
        known = officers.by_token(given.credentials) if given is not None else None
        if known is None:
            raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})
        return known

    return officer


def _add_reading(app: FastAPI, desk: Desk, signed_in: Callable[..., Officer]) -> None:
    @app.get("/v1/me", summary="Whose token this is", responses=answers.documented(NOT_SIGNED_IN))
    def get_me(officer: Annotated[Officer, Depends(signed_in)]) -> Me:
        return Me(name=officer.name, role=officer.role.value)

    @app.get(
        "/v1/cases",
        summary="Cases, oldest first, without personal data",
        responses=answers.documented(NOT_SIGNED_IN, INVALID, NOT_A_PLACE),
    )
    def list_cases(
        officer: Annotated[Officer, Depends(signed_in)], query: Annotated[Narrowing, Query()]
    ) -> CaseList:
        filters = Filters(
            query.state, query.report_type, query.kiosk, query.received_from, query.received_before
        )
        page = desk.list(officer, filters, query.after, query.limit)
        return CaseList(cases=[case_body(case) for case in page.cases], next=page.next)

    @app.get(
        "/v1/cases/{case_id}",
        summary="One case, without personal data",
        responses=answers.documented(*_OF_CASE),
    )
    def get_case(
        case_id: CaseId, officer: Annotated[Officer, Depends(signed_in)], response: Response
    ) -> Case:
        return _tagged(desk.summary(officer, case_id), response)

    @app.post(
        "/v1/cases/{case_id}/open",
        summary="Open a case; on record",
        responses=answers.documented(*_OF_CASE, DOES_NOT_OPEN),
    )
    def open_case(
        case_id: CaseId, officer: Annotated[Officer, Depends(signed_in)], response: Response
    ) -> OpenedCase:
        opened = desk.open(officer, case_id)
        _tagged(opened.case, response)
        response.headers["Cache-Control"] = "no-store"
        return opened_body(opened)

    @app.post(
        "/v1/cases/{case_id}/attachments/{number}/open",
        summary="Open an attachment, counted from 0; on record",
        response_class=Response,
        responses={
            200: {"content": _DOWNLOADS, "description": "The bytes, to be saved"},
            **answers.documented(*_OF_CASE, NO_SUCH_ATTACHMENT, DOES_NOT_OPEN),
        },
    )
    def open_attachment(
        case_id: CaseId,
        number: Annotated[int, PathParameter(ge=0, le=29)],
        officer: Annotated[Officer, Depends(signed_in)],
    ) -> Response:
        media_type, data = desk.open_attachment(officer, case_id, number)
        ending = _ENDINGS.get(media_type, "bin")
        return _download(data, media_type, f"attachment-{number + 1:02}.{ending}")

    @app.get(
        "/v1/cases/{case_id}/history",
        summary="Who did and saw what, of one case",
        responses=answers.documented(*_OF_CASE),
    )
    def get_case_history(
        case_id: CaseId, officer: Annotated[Officer, Depends(signed_in)], after: LineNumber = 0
    ) -> Lines:
        return history_body(desk.history(officer, case_id, after, MOST_LISTED))

    @app.get(
        "/v1/history",
        summary="Who did and saw what, of the whole centre",
        responses=answers.documented(NOT_SIGNED_IN, NOT_ALLOWED, INVALID),
    )
    def get_history(officer: Annotated[Officer, Depends(signed_in)], after: LineNumber = 0) -> Lines:
        return history_body(desk.history(officer, None, after, MOST_LISTED))


def _add_files(app: FastAPI, desk: Desk, signed_in: Callable[..., Officer]) -> None:
    @app.post(
        "/v1/cases/{case_id}/files/{file_id}/open",
        summary="Open a file from the visitor's phone; on record",
        response_class=Response,
        responses={
            200: {"content": _DOWNLOADS, "description": "The bytes, to be saved"},
            **answers.documented(*_OF_CASE, NO_SUCH_FILE, DOES_NOT_OPEN),
        },
    )
    def open_file(
        case_id: CaseId,
        file_id: Annotated[UUID, PathParameter(description="As the opened case names it.")],
        officer: Annotated[Officer, Depends(signed_in)],
    ) -> Response:
        found, data = desk.open_file(officer, case_id, file_id)
        media_type = found.file.media_type if found.file is not None else "application/octet-stream"
        return _download(data, media_type, f"file-{file_id.hex[:8]}.{_ENDINGS.get(media_type, 'bin')}")


def _download(data: bytes, media_type: str, name: str) -> Response:
    """Never shown in place: what a visitor sent may be active, or pretend to be something else."""
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(data, headers={**headers, "Content-Type": media_type})


def _add_survey(app: FastAPI, desk: Desk, signed_in: Callable[..., Officer]) -> None:
    @app.get(
        "/v1/tallies",
        summary="What visitors answered to the survey",
        responses=answers.documented(NOT_SIGNED_IN, INVALID),
    )
    def get_tallies(
        officer: Annotated[Officer, Depends(signed_in)], query: Annotated[Days, Query()]
    ) -> SurveyAnswers:
        found = desk.answers(officer, query.first, query.last)
        return SurveyAnswers(
            answers=[
                QuestionAnswers(service=each.service, question=each.question, options=dict(each.options))
                for each in found.answers
            ],
            left_out=found.left_out,
        )


def _add_gaps(app: FastAPI, desk: Desk, signed_in: Callable[..., Officer]) -> None:
    @app.get(
        "/v1/gaps",
        summary="What is absent from the chains of kiosks",
        responses=answers.documented(NOT_SIGNED_IN, NOT_ALLOWED, INVALID),
    )
    def get_gaps(
        officer: Annotated[Officer, Depends(signed_in)],
        kiosk: Annotated[int | None, Query(ge=0, le=9999)] = None,
    ) -> Gaps:
        found = desk.gaps(officer, kiosk)
        return Gaps(
            gaps=[
                GapShown(kiosk=number, first=gap.range.first, last=gap.range.last, state=gap.state)
                for number, gap in found
            ]
        )

    @app.post(
        "/v1/gaps/explain",
        summary="Say why a gap will stay one",
        status_code=204,
        responses=answers.documented(NOT_SIGNED_IN, NOT_ALLOWED, NO_SUCH_GAP, INVALID),
    )
    def explain_gap(body: Explanation, officer: Annotated[Officer, Depends(signed_in)]) -> None:
        desk.explain_gap(officer, body.kiosk, Range(body.first, body.last), body.explanation)


def _add_deeds(app: FastAPI, desk: Desk, signed_in: Callable[..., Officer]) -> None:
    @app.post(
        "/v1/cases/{case_id}/take",
        summary="Begin to work on a received case",
        responses=answers.documented(*_OF_DEED, WRONG_STATE),
    )
    def take(
        case_id: CaseId,
        officer: Annotated[Officer, Depends(signed_in)],
        response: Response,
        if_match: IfMatch = None,
    ) -> Case:
        return _tagged(desk.take(officer, case_id, _version(if_match)), response)

    @app.post(
        "/v1/cases/{case_id}/assign",
        summary="Give a case to an officer",
        responses=answers.documented(*_OF_DEED, WRONG_STATE, NO_SUCH_OFFICER),
    )
    def assign(
        case_id: CaseId,
        body: Assignment,
        officer: Annotated[Officer, Depends(signed_in)],
        response: Response,
        if_match: IfMatch = None,
    ) -> Case:
        return _tagged(desk.assign(officer, case_id, _version(if_match), body.to), response)

    @app.post(
        "/v1/cases/{case_id}/accept",
        summary="Accept a case; its visitor is told",
        responses=answers.documented(*_OF_DECISION),
    )
    def accept(
        case_id: CaseId,
        body: Acceptance,
        officer: Annotated[Officer, Depends(signed_in)],
        response: Response,
        if_match: IfMatch = None,
    ) -> Case:
        decision = Decision(CaseState.ACCEPTED, by_language(body.words), body.official_number)
        return _tagged(desk.decide(officer, case_id, _version(if_match), decision), response)

    @app.post(
        "/v1/cases/{case_id}/reject",
        summary="Reject a case; its visitor is told why",
        responses=answers.documented(*_OF_DECISION),
    )
    def reject(
        case_id: CaseId,
        body: Rejection,
        officer: Annotated[Officer, Depends(signed_in)],
        response: Response,
        if_match: IfMatch = None,
    ) -> Case:
        decision = Decision(CaseState.REJECTED, by_language(body.words))
        return _tagged(desk.decide(officer, case_id, _version(if_match), decision), response)

    @app.post(
        "/v1/cases/{case_id}/join",
        summary="Say that a case adds to an earlier one",
        responses=answers.documented(*_OF_DEED, CANNOT_JOIN),
    )
    def join(
        case_id: CaseId,
        body: Joining,
        officer: Annotated[Officer, Depends(signed_in)],
        response: Response,
        if_match: IfMatch = None,
    ) -> Case:
        return _tagged(desk.join(officer, case_id, _version(if_match), body.to), response)


def _version(if_match: str | None) -> str:
    if if_match is None:
        raise ProblemError(NO_PRECONDITION)
    return if_match.strip().strip('"')


def _tagged(case: CaseSummary, response: Response) -> Case:
    shown = case_body(case)
    response.headers["ETag"] = f'"{shown.version}"'
    return shown
