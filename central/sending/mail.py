"""A letter as an e-mail (RFC 5322)."""

import datetime as dt
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from central.sending.sender import DeliveryError, Letter, Reason


def message(letter: Letter, sender: str, now: dt.datetime) -> EmailMessage:
    """The e-mail. Raises `DeliveryError` for an address that cannot stand in a header."""
    mail = EmailMessage(policy=SMTP)
    local, _, domain = letter.to.rpartition("@")
    try:
        # The library refuses line breaks in every header: nothing a visitor typed can add one.
        mail["To"] = Address(username=local, domain=domain)
    except (ValueError, IndexError):
        raise DeliveryError(Reason.NO_ADDRESS, final=True) from None
    mail["From"] = sender
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{letter.id}@{sender.rpartition('@')[2]}>"
    mail["Subject"] = letter.subject
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(letter.text + "\n")
    mail["Content-Language"] = letter.language  # set_content removes every header of this kind
    return mail
