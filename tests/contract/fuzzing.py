"""Fuzzes an application by its OpenAPI contract, in memory, and counts which documented answers it gave.

Nothing here knows our centre: give it a contract and an ASGI application, or let `Fuzzer.send` call a URL.
"""

import itertools
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode, Response
from schemathesis.core.failures import Failure
from schemathesis.core.result import Ok
from schemathesis.generation.meta import CoveragePhaseData, CoverageScenario
from schemathesis.specs.openapi import checks

from tests.prove import scale

PROBLEM = "application/problem+json"
BLANK = "about:blank"
REFUSALS = ["400", "401", "403", "404", "405", "409", "412", "413", "415", "422", "428", "429"]

_ALWAYS = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
    checks.unsupported_method,
    checks.allow_header_conformance,
    checks.ignored_auth,
]
_CONFIG = {"checks": {"negative_data_rejection": {"expected-statuses": REFUSALS}}}
_PROBLEM_TYPE = re.compile(r"/problems/[a-z-]+|about:blank")


class Outcome(NamedTuple):
    """What an operation answered. `problem` is the type of RFC 9457, empty where the body is no problem."""

    operation: str
    status: int
    problem: str = ""


@dataclass
class Front:
    """Stands where TLS stands: says who calls, a kiosk or nobody, and from which address."""

    app: Callable[..., Any]
    state: dict[str, Any] = field(default_factory=dict)
    address: str | None = None
    """None: another one for each request, so that limits per address do not hide what is behind them."""

    _addresses: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass a request on; what the application starts and ends with is none of ours."""
        address = self.address or f"2001:db8:{next(self._addresses):x}::1"
        await self.app({**scope, "state": dict(self.state), "client": (address, 40_000)}, receive, send)


@dataclass
class Fuzzer:
    """One contract, one application. Every call is checked against the contract and counted in `reached`.

    `takes_all` are the operations that accept whatever fits their schema, whatever exists or opens.
    """

    document: dict[str, Any]
    front: Front
    headers: dict[str, str] = field(default_factory=dict)
    takes_all: frozenset[str] = frozenset()
    anywhere: frozenset[tuple[int, str]] = frozenset()
    """Problems that any operation may answer, beside those it documents."""

    reached: Counter[Outcome] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        config = schemathesis.Config.from_dict(_CONFIG)
        self._schema = schemathesis.openapi.from_dict(self.document, config=config)
        self._schema.app = (
            self.front
        )  # also for what a check asks by itself, as the one of authentication does
        found = [each.ok() for each in self._schema.get_all_operations() if isinstance(each, Ok)]
        self._operations = {each.definition.raw["operationId"]: each for each in found}
        self.documented = set(_documented(self.document))

    def drawn(self, mode: GenerationMode, examples: int) -> None:
        """Send what schemathesis draws from the schemas: data that fits, or data that does not."""
        for operation in self._operations.values():
            if mode is GenerationMode.NEGATIVE and not (operation.body or list(operation.iter_parameters())):
                continue  # there is nothing to get wrong
            with suppress(Unsatisfiable):  # any text fits
                # Given, or schemathesis would count a token it left out as an error of the request.
                cases = operation.as_strategy(generation_mode=mode, headers=self.headers or None)
                run(examples, cases, self.check)

    def cover(self, examples: int) -> None:
        """Send schemathesis' boundary values, and per operation each method that it does not have."""
        for operation in self._operations.values():
            config = self._schema.config.generation_for(operation=operation)
            cases = list(
                self._schema.iter_coverage_cases(
                    operation, generation_modes=list(GenerationMode), generation_config=config
                )
            )
            random.Random(scale.seed()).shuffle(cases)  # noqa: S311 - which ones, not a secret
            cases.sort(key=lambda case: not _is_other_method(case))
            methods = sum(map(_is_other_method, cases))
            for case in cases[: methods + examples]:
                self.check(case)

    def call(self, operation: str, body: Any = None, headers: Mapping[str, str] | None = None,
             query: Mapping[str, Any] | None = None, **path: Any) -> Response:  # fmt: skip
        """Send what one has made oneself. A `body` of bytes goes as it is."""
        found = self._operations[operation]
        content = {} if body is None else {"body": body, "media_type": found.body[0].media_type}
        case = found.Case(
            path_parameters={name: str(value) for name, value in path.items()},
            headers=dict(headers or {}),
            query=dict(query or {}),
            **content,
        )
        return self.check(case)

    def check(self, case: Case[Any]) -> Response:
        """Send a case, count its answer, and check it. Raises `Failure`, or a group of them."""
        response = self.send(case)
        self.count(case, response)
        self.validate(case, response)
        return response

    def send(self, case: Case[Any]) -> Response:
        """The one place that knows where the application is."""
        return case.call(headers=self.headers)

    def count(self, case: Case[Any], response: Response) -> None:
        """Count an answer, unless its request was none of the contract's."""
        if case.method == case.operation.method.upper():
            self.reached[_outcome(case, response)] += 1

    def validate(self, case: Case[Any], response: Response) -> None:
        """Judge an answer by the contract."""
        wanted = [_no_server_error, self._is_documented, *_ALWAYS]
        if _name(case) in self.takes_all and not _has_float(case.body):
            wanted.append(checks.positive_data_acceptance)
        sent = {"headers": self.headers}
        case.validate_response(response, checks=wanted, headers=self.headers, transport_kwargs=sent)

    def walk(self, walks: int, steps: int) -> None:
        """Follow the links of the contract from answer to request."""
        fuzzer = self

        class Walk(self._schema.as_state_machine()):  # type: ignore[misc] # made at run time
            def call(self, case: Case[Any], **_: Any) -> Response:
                return fuzzer.send(case)

            def after_call(self, response: Response, case: Case[Any]) -> None:
                fuzzer.count(case, response)

            def validate_response(self, response: Response, case: Case[Any], *_: Any, **__: Any) -> None:
                fuzzer.validate(case, response)

        seeded(scale.seed())(Walk)
        Walk.run(settings=_settings(walks, stateful_step_count=steps))

    def unreached(self) -> set[Outcome]:
        """What the contract documents and no call was answered with."""
        return self.documented - set(self.reached)

    def _is_documented(self, _context: Any, response: Response, case: Case[Any]) -> None:
        """Stricter than OpenAPI, where `default` covers all: only what the framework says may be new."""
        outcome = _outcome(case, response)
        if outcome in self.documented or (outcome.status, outcome.problem) in self.anywhere:
            return
        if outcome.problem != BLANK or outcome.status not in map(int, REFUSALS):
            raise _failed(case, "Undocumented answer", f"{outcome.status} {outcome.problem}")


def run(examples: int, strategy: st.SearchStrategy[Any], test: Callable[[Any], object]) -> None:
    """Call `test` with what is drawn. The application remembers, so nothing is replayed or shrunk."""

    @seeded(scale.seed())
    @_settings(examples)
    @given(strategy)
    def drawn(value: Any) -> None:
        test(value)

    drawn()


def _settings(examples: int, **more: Any) -> settings:
    return settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        **more,
    )


def _no_server_error(_context: Any, response: Response, case: Case[Any]) -> None:
    if response.status_code >= 500:
        raise _failed(case, "Server error", f"{response.status_code} {response.content[:200]!r}")
    is_problem = response.headers.get("content-type", [""])[0] == PROBLEM
    if is_problem and response.json()["status"] != response.status_code:
        raise _failed(case, "Problem of another status", str(response.status_code))


def _failed(case: Case[Any], title: str, message: str) -> Failure:
    return Failure(operation=case.operation.label, title=title, message=message)


def _outcome(case: Case[Any], response: Response) -> Outcome:
    is_problem = response.headers.get("content-type", [""])[0] == PROBLEM
    return Outcome(_name(case), response.status_code, response.json()["type"] if is_problem else "")


def _name(case: Case[Any]) -> str:
    name: str = case.operation.definition.raw["operationId"]
    return name


def _is_other_method(case: Case[Any]) -> bool:
    data = case.meta.phase.data if case.meta is not None else None
    return isinstance(data, CoveragePhaseData) and data.scenario is CoverageScenario.UNSPECIFIED_HTTP_METHOD


def _has_float(value: Any) -> bool:
    """JSON Schema takes 3.0 for an integer; a strict reader of JSON need not."""
    if isinstance(value, Mapping):
        return any(map(_has_float, value.values()))
    if isinstance(value, list):
        return any(map(_has_float, value))
    return isinstance(value, float)


def _documented(document: dict[str, Any]) -> Iterator[Outcome]:
    """Our contracts name the problem types of a status in its description."""
    for item in document["paths"].values():
        for operation in item.values():
            for status, answer in operation["responses"].items():
                if status == "default":
                    continue
                is_problem = PROBLEM in answer.get("content", {})
                types = _PROBLEM_TYPE.findall(answer["description"]) if is_problem else [""]
                for problem in types:
                    yield Outcome(operation["operationId"], int(status), problem)


def load(text: str, links: Mapping[str, Mapping[str, Any]] | None = None) -> dict[str, Any]:
    """A contract from its text, with `links` by the operation that they begin at added to its successes."""
    document: dict[str, Any] = json.loads(text)
    for item in document["paths"].values():
        for operation in item.values():
            found = (links or {}).get(operation["operationId"])
            if found:
                operation["responses"]["200"]["links"] = dict(found)
    return document
