"""Every error of the APIs as an RFC 9457 problem. Titles are for people; a kiosk reads `type`.

Knows no HTTP: `central.answers` answers with them.
"""

from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from central.sealed.base import Sha256

MEDIA_TYPE = "application/problem+json"
BLANK = "about:blank"


class Problem(BaseModel):
    """RFC 9457. `type` is a path of this contract or `about:blank`; `missing` belongs to parts-missing."""

    model_config = ConfigDict(extra="forbid")

    type: Annotated[str, Field(pattern=r"^(about:blank|/problems/[a-z-]{1,64})$", max_length=74)]
    title: Annotated[str, Field(min_length=1, max_length=200)]
    status: Annotated[int, Field(ge=400, le=599)]
    detail: Annotated[str | None, Field(max_length=1000)] = None
    missing: Annotated[list[Sha256] | None, Field(max_length=300)] = None


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """A problem this API can answer."""

    name: str
    status: int
    title: str

    @property
    def type(self) -> str:
        """The problem type: a path, relative to the centre."""
        return f"/problems/{self.name}" if self.name else BLANK


WRONG_KIOSK = ProblemKind("wrong-kiosk", 403, "The envelope is of another kiosk than the certificate")
CASE_DIFFERS = ProblemKind("case-differs", 422, "This case was already received with other content")
PARTS_MISSING = ProblemKind("parts-missing", 409, "Parts of the case are not here yet")
NOT_AN_ENVELOPE = ProblemKind("not-an-envelope", 422, "The body is not an envelope for this case")
DOES_NOT_OPEN = ProblemKind("does-not-open", 422, "The envelope cannot be opened")
PART_DIFFERS = ProblemKind("part-differs", 422, "The body does not have the SHA-256 of its name")
TOO_LARGE = ProblemKind("too-large", 413, "The body is larger than this API takes")
TOO_MANY_PARTS = ProblemKind("too-many-parts", 422, "There are as many parts of this case as one can have")
NO_KEY_SET = ProblemKind("no-key-set", 503, "No key set has been published yet")
INVALID = ProblemKind("", 422, "The request is not as this contract says")
"""What the framework refuses by itself: `about:blank`."""
KINDS = (
    WRONG_KIOSK,
    CASE_DIFFERS,
    PARTS_MISSING,
    NOT_AN_ENVELOPE,
    DOES_NOT_OPEN,
    PART_DIFFERS,
    TOO_LARGE,
    TOO_MANY_PARTS,
    NO_KEY_SET,
)


@dataclass(
    eq=False
)  # Python itself writes to an exception that passes a context manager: it cannot be frozen
class ProblemError(Exception):
    """Raise to answer with a problem. `detail` never quotes what was sent."""

    kind: ProblemKind
    detail: str | None = None
    more: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
