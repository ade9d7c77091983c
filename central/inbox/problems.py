"""The problems of the inbox, besides those of the framework."""

from central.problems import ProblemKind

NOT_SIGNED_IN = ProblemKind("", 401, "The token of an officer at work is needed")
NOT_ALLOWED = ProblemKind("not-allowed", 403, "This role may not do that")
NO_SUCH_CASE = ProblemKind("no-such-case", 404, "There is no such case")
NO_SUCH_ATTACHMENT = ProblemKind("no-such-attachment", 404, "The case has no such attachment")
NO_SUCH_FILE = ProblemKind("no-such-file", 404, "The case has no such file, or it is not here")
NO_SUCH_OFFICER = ProblemKind("no-such-officer", 422, "There is no such officer at work")
NO_SUCH_GAP = ProblemKind("no-such-gap", 404, "There is no such gap")
WRONG_STATE = ProblemKind("wrong-state", 409, "The state of the case does not allow that")
NOT_YOURS = ProblemKind("not-yours", 409, "Another officer works on this case")
CANNOT_JOIN = ProblemKind("cannot-join", 422, "The case cannot be joined to that one")
CHANGED = ProblemKind("changed", 412, "The case has changed since it was read")
NO_PRECONDITION = ProblemKind(
    "no-precondition", 428, "If-Match must name the version of the case that was read"
)
WORDS_MISSING = ProblemKind("words-missing", 422, "Words in the language of the visitor are needed")
DOES_NOT_OPEN = ProblemKind("does-not-open-here", 503, "No key of this centre opens the case")
NOT_A_PLACE = ProblemKind("not-a-place", 422, "`after` is not one this list has given")
