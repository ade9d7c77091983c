"""How a centre sends: the section `sending` of its `centre.json`."""

import datetime as dt
import ipaddress
import ssl
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from central.sending.sender import Sender
from central.sending.sms import Gateway, SmsSender
from central.sending.smtp import Relay, Security, SmtpSender
from central.sending.spool import MailSpool, TextSpool
from central.store.messages import Channel

SPOOL = "spool"
_LOCAL = ("localhost", "localhost.")


class SendingError(Exception):
    """The settings are not usable; `args[0]` says which and why."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SpoolSettings(_Section):
    """Files in the centre's directory."""

    by: Literal["spool"] = "spool"


class SmtpSettings(_Section):
    """A mail relay. Files are named relative to the centre's directory."""

    by: Literal["smtp"]
    host: Annotated[str, Field(min_length=1)]
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Security = Security.STARTTLS
    user: str = ""
    password_file: str = ""
    ca_file: str = ""

    @model_validator(mode="after")
    def _protected(self) -> Self:
        if self.security is Security.NONE and not _is_local(self.host):
            raise ValueError("security none is only for a relay on this machine")
        if bool(self.user) != bool(self.password_file):
            raise ValueError("user and password_file belong together")
        return self


class SmsSettings(_Section):
    """A text message gateway. The default `body` is `{"to": "{to}", "text": "{text}"}`."""

    by: Literal["http"]
    url: str
    body: dict[str, Any] = Field(default={"to": "{to}", "text": "{text}"})
    token_file: str = ""
    ca_file: str = ""

    @model_validator(mode="after")
    def _protected(self) -> Self:
        url = urlsplit(self.url)
        if url.scheme not in ("https", "http") or not url.hostname or url.username or url.password:
            raise ValueError("url must be https://host/path, without a password in it")
        if url.scheme == "http" and not _is_local(url.hostname):
            raise ValueError("url must be https, unless the gateway is on this machine")
        if "{to}" not in _strings(self.body) or "{text}" not in _strings(self.body):
            raise ValueError("body must have the values {to} and {text}")
        return self


class SendingSettings(_Section):
    """`sender` is the address visitors see; after `give_up_days` a message is tried no more, and kept."""

    sender: Annotated[str, Field(pattern=r"^[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+$")] = (
        "no-reply@report-centre.invalid"
    )
    give_up_days: Annotated[int, Field(ge=1, le=30)] = 3
    email: Annotated[SpoolSettings | SmtpSettings, Field(discriminator="by")] = SpoolSettings()
    sms: Annotated[SpoolSettings | SmsSettings, Field(discriminator="by")] = SpoolSettings()


def read_settings(section: Any) -> SendingSettings:
    """Check the section. Raises `SendingError`, which names the setting and never quotes its value."""
    try:
        return SendingSettings.model_validate(section)
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(("sending", *map(str, problem["loc"])))
        raise SendingError(f"{place}: {problem['msg']}") from None


def senders(
    settings: SendingSettings, directory: Path, clock: Callable[[], dt.datetime]
) -> Mapping[Channel, Sender]:
    """The sender of each channel. Raises `SendingError` when a file that is named is not there."""
    return {
        Channel.EMAIL: _mail(settings, directory, clock),
        Channel.SMS: _sms(settings.sms, directory),
    }


def _mail(settings: SendingSettings, directory: Path, clock: Callable[[], dt.datetime]) -> Sender:
    email = settings.email
    if isinstance(email, SpoolSettings):
        return MailSpool(directory / SPOOL / Channel.EMAIL.value, settings.sender, clock)
    password = _secret(directory, "email.password_file", email.password_file)
    context = _context(directory, "email.ca_file", email.ca_file)
    relay = Relay(email.host, email.port, email.security, context, email.user, password)
    return SmtpSender(relay, settings.sender, clock)


def _sms(sms: SpoolSettings | SmsSettings, directory: Path) -> Sender:
    if isinstance(sms, SpoolSettings):
        return TextSpool(directory / SPOOL / Channel.SMS.value)
    token = _secret(directory, "sms.token_file", sms.token_file)
    return SmsSender(Gateway(sms.url, sms.body, _context(directory, "sms.ca_file", sms.ca_file), token))


def _secret(directory: Path, setting: str, name: str) -> str:
    if not name:
        return ""
    try:
        return (directory / name).read_text().strip()
    except (OSError, UnicodeDecodeError):
        raise SendingError(f"sending.{setting}: cannot be read") from None


def _context(directory: Path, setting: str, name: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(directory / name) if name else None)
    except (OSError, ssl.SSLError):
        raise SendingError(f"sending.{setting}: no certificate can be read from it") from None


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in _LOCAL


def _strings(value: Any) -> set[str]:
    if isinstance(value, Mapping):
        return set().union(*map(_strings, value.values()))
    if isinstance(value, list):
        return set().union(*map(_strings, value))
    return {value} if isinstance(value, str) else set()
