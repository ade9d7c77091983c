"""Around an application: how long requests take, and errors that tell where, never what was in them."""

import logging
import time
import traceback
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from central.ops.metrics import Metrics

_LOG = logging.getLogger(__name__)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_CASE = "/v1/cases/{case_id}"
_CREATED = 201


@dataclass(frozen=True, slots=True)
class Observed:
    """Measures `app` and keeps its body below `most` bytes."""

    app: ASGIApp
    listener: str
    metrics: Metrics
    most: int

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status, began, taken = 500, time.perf_counter(), 0

        async def bounded() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            return message if taken <= self.most else {"type": "http.disconnect"}

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, bounded, noted)
        except Exception as error:  # noqa: BLE001 - it was answered already; the words of an error may quote a visitor
            where = traceback.extract_tb(error.__traceback__)[-1]
            _LOG.error("%s at %s:%s", type(error).__name__, where.filename, where.lineno)
        finally:
            self._note(scope, status, time.perf_counter() - began)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "other"
        route = getattr(scope.get("route"), "path", "none")
        self.metrics.requests.labels(self.listener, method, route, str(status)).observe(seconds)
        if route == _CASE and status == _CREATED:
            self.metrics.received.inc()
