"""Who may do what at the inbox: one table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from central.store.inbox import Role


class Action(StrEnum):
    """What can be done at the inbox; also its name in the history."""

    LIST = "listed"
    OPEN = "opened"
    TAKE = "taken"
    ASSIGN = "assigned"
    ACCEPT = "accepted"
    REJECT = "rejected"
    JOIN = "joined"
    READ_HISTORY = "history_read"
    READ_GAPS = "gaps_read"
    EXPLAIN_GAP = "gap_explained"
    READ_TALLIES = "tallies_read"


_EVERYONE = frozenset(Role)
_AT_WORK = frozenset({Role.OFFICER, Role.SUPERVISOR, Role.COMPLAINTS})
_OVERSIGHT = frozenset({Role.SUPERVISOR, Role.AUDITOR})
_IN_CHARGE = frozenset({Role.SUPERVISOR, Role.COMPLAINTS})
_SUPERVISOR = frozenset({Role.SUPERVISOR})

ALLOWED: Mapping[Action, frozenset[Role]] = {
    Action.LIST: _EVERYONE,
    Action.OPEN: _AT_WORK,
    Action.TAKE: _AT_WORK,
    Action.ASSIGN: _IN_CHARGE,
    Action.ACCEPT: _AT_WORK,
    Action.REJECT: _AT_WORK,
    Action.JOIN: _AT_WORK,
    Action.READ_HISTORY: _OVERSIGHT | _IN_CHARGE,
    Action.READ_GAPS: _OVERSIGHT,
    Action.EXPLAIN_GAP: _SUPERVISOR,
    Action.READ_TALLIES: _EVERYONE,
}
"""An auditor sees everything that was done with reports, and no document.

The office that takes complaints sees its own history; what it sees is only ever complaints (`Role.room`).
"""


@dataclass(frozen=True, slots=True)
class Permissions:
    """The table, narrowed by `confidential`: report types of which only one role works on cases."""

    confidential: Mapping[str, Role] = field(default_factory=dict)

    def allows(self, role: Role, action: Action, report_type: str | None = None) -> bool:
        """Whether `role` may do `action`, on a case of `report_type` where there is one."""
        if role not in ALLOWED[action]:
            return False
        if role is Role.COMPLAINTS:
            return True  # its room is narrower than any report type
        needed = self.confidential.get(report_type or "")
        return needed is None or role in (needed, Role.AUDITOR)

    def hidden_types(self, role: Role) -> tuple[str, ...]:
        """Report types that `role` does not even see in a list."""
        return tuple(kind for kind in self.confidential if not self.allows(role, Action.LIST, kind))


class InboxSettings(BaseModel):
    """The section `inbox` of `centre.json`: which role alone works on which report type."""

    model_config = ConfigDict(extra="forbid")

    confidential: dict[str, Role] = {}

    def permissions(self) -> Permissions:
        """The table for these settings."""
        return Permissions(self.confidential)
