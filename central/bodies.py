"""Reading the body of a request within bounds, and saying so in the contract."""

from typing import Any, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from central import problems
from central.problems import ProblemError

REF = "#/components/schemas/{model}"

_Model = TypeVar("_Model", bound=BaseModel)


async def read(request: Request, limit: int) -> bytes:
    """The body, of which never more than `limit` bytes are taken in. Raises `ProblemError`."""
    declared = request.headers.get("content-length", "0")
    if not declared.isdigit() or int(declared) > limit:
        raise ProblemError(problems.TOO_LARGE)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise ProblemError(problems.TOO_LARGE)
    return bytes(body)


async def read_model(request: Request, model: type[_Model], limit: int) -> _Model:
    """The body as JSON of a model. Raises `ProblemError`; `RequestValidationError`, without what was sent."""
    body = await read(request, limit)
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        known = [
            name for name in model.model_fields if any(name in problem["loc"] for problem in error.errors())
        ]
        raise RequestValidationError(
            [{"loc": ("body", name)} for name in known] or [{"loc": ("body",)}]
        ) from None


def documented(media_type: str, schema: dict[str, Any]) -> dict[str, Any]:
    """`openapi_extra` of an operation that reads its body itself."""
    return {"requestBody": {"required": True, "content": {media_type: {"schema": schema}}}}


def json_of(model: type[BaseModel]) -> dict[str, Any]:
    """`openapi_extra` of an operation that reads `model` itself."""
    return documented("application/json", {"$ref": REF.format(model=model.__name__)})
