"""Text messages through the HTTP gateway of an operator: one small JSON POST."""

import http.client
import json
import ssl
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from central.sending.deadline import cut_off
from central.sending.sender import DeliveryError, Letter, Reason

_ABOUT_THIS_LETTER = frozenset({400, 404, 410, 413, 422})
_ABOUT_US = frozenset({401, 403, 407})


@dataclass(frozen=True, slots=True)
class Gateway:
    """Where text messages go. In `body` the values `{to}`, `{text}` and `{id}` stand for the letter's."""

    url: str
    body: Mapping[str, Any]
    context: ssl.SSLContext
    token: str = ""
    timeout_s: float = 15
    deadline_s: float = 30


@dataclass(frozen=True, slots=True)
class SmsSender:
    """Posts to `gateway`. Redirects are not followed."""

    gateway: Gateway

    def send(self, letter: Letter) -> None:
        """Hand the text to the gateway. Raises `DeliveryError`."""
        try:
            status = self._post(letter)
        except ssl.SSLError:
            raise DeliveryError(Reason.NOT_SECURE) from None
        except (http.client.HTTPException, OSError):
            raise DeliveryError(Reason.UNREACHABLE) from None
        if 200 <= status < 300:
            return
        if status in _ABOUT_THIS_LETTER:
            raise DeliveryError(Reason.REFUSED, final=True)
        raise DeliveryError(Reason.LOGIN if status in _ABOUT_US else Reason.BUSY)

    def _post(self, letter: Letter) -> int:
        gateway, url = self.gateway, urlsplit(self.gateway.url)
        body = json.dumps(filled(gateway.body, letter), ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json", "Idempotency-Key": f'"{letter.id}"'}
        if gateway.token:
            headers["Authorization"] = f"Bearer {gateway.token}"
        path = (url.path or "/") + (f"?{url.query}" if url.query else "")
        with closing(self._connection()) as connection, cut_off(gateway.deadline_s, lambda: connection.sock):
            connection.request("POST", path, body, headers)
            with connection.getresponse() as response:
                return response.status

    def _connection(self) -> http.client.HTTPConnection:
        gateway, url = self.gateway, urlsplit(self.gateway.url)
        host = url.hostname or ""
        if url.scheme == "https":
            return http.client.HTTPSConnection(
                host, url.port, timeout=gateway.timeout_s, context=gateway.context
            )
        return http.client.HTTPConnection(host, url.port, timeout=gateway.timeout_s)


def filled(template: Any, letter: Letter) -> Any:
    """`template` with the letter in its strings: a value stays a value, whatever is in the letter."""
    if isinstance(template, Mapping):
        return {name: filled(value, letter) for name, value in template.items()}
    if isinstance(template, list):
        return [filled(value, letter) for value in template]
    if not isinstance(template, str):
        return template
    fields = {"{to}": letter.to, "{text}": letter.text, "{id}": letter.id}
    return fields.get(template, template)
