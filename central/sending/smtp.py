"""E-mail by SMTP submission (RFC 6409): TLS or nothing, and never longer than the deadline."""

import datetime as dt
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum

from central.sending.deadline import cut_off
from central.sending.mail import message
from central.sending.sender import DeliveryError, Letter, Reason


class Security(StrEnum):
    """How the line to the relay is protected. `NONE` is for a relay on this very machine."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Relay:
    """Where e-mail is handed over. Seconds: `timeout_s` for one step, `deadline_s` for all of them."""

    host: str
    port: int
    security: Security
    context: ssl.SSLContext
    user: str = ""
    password: str = ""
    timeout_s: float = 15
    deadline_s: float = 45


@dataclass(frozen=True, slots=True)
class SmtpSender:
    """Sends from `sender`, an address, through `relay`."""

    relay: Relay
    sender: str
    clock: Callable[[], dt.datetime]

    def send(self, letter: Letter) -> None:
        """Hand the e-mail to the relay. Raises `DeliveryError`."""
        mail = message(letter, self.sender, self.clock())
        with _explained(), self._session() as session:
            session.send_message(mail, self.sender, [letter.to])

    @contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        relay = self.relay
        session = self._connected()
        try:
            with cut_off(relay.deadline_s, lambda: session.sock):
                if relay.security is Security.STARTTLS:
                    session.starttls(context=relay.context)
                if relay.user:
                    session.login(relay.user, relay.password)
                yield session
                # From here on the relay has it: however it says goodbye, the letter is sent.
                with suppress(smtplib.SMTPException, OSError):
                    session.quit()
        finally:
            session.close()

    def _connected(self) -> smtplib.SMTP:
        relay = self.relay
        if relay.security is Security.TLS:
            return smtplib.SMTP_SSL(relay.host, relay.port, timeout=relay.timeout_s, context=relay.context)
        return smtplib.SMTP(relay.host, relay.port, timeout=relay.timeout_s)


@contextmanager
def _explained() -> Iterator[None]:
    """Turn what `smtplib` raises into a `DeliveryError`; its words, which quote addresses, end here."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        raise _answered(next(iter(error.recipients.values()))[0]) from None
    except smtplib.SMTPAuthenticationError:
        raise DeliveryError(Reason.LOGIN) from None
    except smtplib.SMTPDataError as error:
        raise _answered(error.smtp_code) from None
    except smtplib.SMTPNotSupportedError:
        raise DeliveryError(Reason.NOT_SECURE) from None
    except ssl.SSLError:
        raise DeliveryError(Reason.NOT_SECURE) from None
    except smtplib.SMTPResponseException:
        raise DeliveryError(Reason.BUSY) from None
    except (smtplib.SMTPException, OSError):
        raise DeliveryError(Reason.UNREACHABLE) from None


def _answered(code: int) -> DeliveryError:
    """A 5xx answer to recipient or content is about this letter; anything else may pass."""
    final = 500 <= code < 600
    return DeliveryError(Reason.REFUSED if final else Reason.BUSY, final=final)
