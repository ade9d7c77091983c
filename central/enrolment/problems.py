"""The problems of enrolment."""

from central.problems import ProblemKind

NOT_INVITED = ProblemKind("not-invited", 403, "This code is not valid; ask for a new one")
NOT_A_REQUEST = ProblemKind("not-a-request", 422, "The certificate request cannot be used")
TOO_OFTEN = ProblemKind("too-often", 429, "Too many wrong codes; wait")
REVOKED = ProblemKind("revoked", 403, "The certificates of this kiosk have been revoked")
KINDS = (NOT_INVITED, NOT_A_REQUEST, TOO_OFTEN, REVOKED)
