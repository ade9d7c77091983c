"""The problems of uploads, for kiosks."""

from central.problems import ProblemKind

NO_SUCH_UPLOAD = ProblemKind("no-such-upload", 404, "This kiosk has no such upload")
UPLOAD_DIFFERS = ProblemKind("upload-differs", 409, "There is another upload of this id")
NO_SUCH_RECIPIENT = ProblemKind("no-such-recipient", 422, "The key set has no key for this recipient")
TOO_OFTEN = ProblemKind("too-often", 429, "Too many uploads were opened")
