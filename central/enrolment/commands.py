"""`report-centre invite`, `enrolments`, `revoke` and `certificate`."""

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import segno
import typer
from cryptography import x509

from central.centre import Centre
from central.console import DEFAULT_CENTRE, CentreOption, DatabaseOption, explained
from central.enrolment.service import EnrolmentOffice
from central.keys.authority import SERVER_CERTIFICATE, SERVER_DAYS, Authority
from central.store.enrolments import Enrolment

Kiosk = Annotated[int, typer.Argument(min=0, max=9999, help="Number of the kiosk.")]

certificate_app = typer.Typer(no_args_is_help=True, help="Certificates of the centre itself.")


def install(app: typer.Typer) -> None:
    """Add the commands of enrolment to `app`."""
    app.command("invite")(invite)
    app.command("enrolments")(list_enrolments)
    app.command("revoke")(revoke)
    app.add_typer(certificate_app, name="certificate")


def invite(
    kiosk: Kiosk,
    directory: CentreOption = DEFAULT_CENTRE,
    database: DatabaseOption = None,
    hours: Annotated[int, typer.Option(min=1, max=24 * 14, help="How long the code is good.")] = 24,
    qr: Annotated[bool, typer.Option(help="Show the code as a QR code, too.")] = True,
) -> None:
    """Make a one-time code with which a technician enrols a kiosk. An earlier code is void."""
    with _office(directory, database) as office:
        invited = office.invite(kiosk, dt.timedelta(hours=hours))
    typer.echo(invited.code)
    if qr:
        segno.make(invited.code, micro=False).terminal(compact=True)
    typer.echo(f"At kiosk {kiosk:04d}, until {invited.expires_at:%Y-%m-%d %H:%M} UTC, once:")
    typer.echo(f"  kiosk enrol {invited.code} --door https://ADDRESS_OF_THIS_CENTRE:8445")


def list_enrolments(
    directory: CentreOption = DEFAULT_CENTRE,
    database: DatabaseOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the kiosks with the days their certificates have left."""
    with _office(directory, database) as office:
        found = office.listed()
    now = dt.datetime.now(dt.UTC)
    if as_json:
        typer.echo(json.dumps([_facts(each, now) for each in found], indent=2))
        return
    for each in found:
        typer.echo(f"{each.kiosk:04d}  {_state(each, now)}")


def revoke(kiosk: Kiosk, directory: CentreOption = DEFAULT_CENTRE, database: DatabaseOption = None) -> None:
    """Refuse all certificates a kiosk has until now, and its code."""
    with _office(directory, database) as office:
        known = office.revoke(kiosk)
    if not known:
        typer.echo(f"report-centre: no kiosk {kiosk:04d} was ever enrolled or invited", err=True)
        raise typer.Exit(1)
    typer.echo(f"Kiosk {kiosk:04d} is refused from now on, by servers that run within seconds.")


@certificate_app.command("server")
def renew_server(
    directory: CentreOption = DEFAULT_CENTRE,
    host: Annotated[
        list[str] | None, typer.Option(help="Name or address; repeatable. Without: as it was.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=SERVER_DAYS)] = SERVER_DAYS,
) -> None:
    """Renew the certificate of the server. Kiosks go on without a change; the server must be restarted."""
    with explained():
        folder = Centre(directory).checked()
        hosts = tuple(host or _hosts(folder))
        now = dt.datetime.now(dt.UTC)
        Authority.load(folder).issue_server(hosts, now, days).save(folder)
    typer.echo(f"For {', '.join(hosts)}, until {now + dt.timedelta(days=days):%Y-%m-%d}. Restart the server.")


@contextmanager
def _office(directory: Path, database: str | None) -> Iterator[EnrolmentOffice]:
    with explained():
        centre = Centre(directory, database)
        store = centre.store()
        try:
            yield centre.enrolment(store)
        finally:
            store.close()


def _hosts(directory: Path) -> tuple[str, ...]:
    certificate = x509.load_pem_x509_certificate((directory / SERVER_CERTIFICATE).read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    # An address of the standard library says itself in its shortest form.
    return tuple(str(name.value) for name in names)


def _days_left(each: Enrolment, now: dt.datetime) -> int | None:
    return None if each.not_after is None else (each.not_after - now).days


def _is_revoked(each: Enrolment) -> bool:
    revoked, issued = each.revoked_at, each.issued_at
    return revoked is not None and (issued is None or issued <= revoked)


def _state(each: Enrolment, now: dt.datetime) -> str:
    words: list[str] = []
    left = _days_left(each, now)
    if _is_revoked(each):
        words.append("revoked")
    elif left is not None:
        words.append(f"{left} days left" if left >= 0 else "expired: needs a new code")
    elif each.seen_at is not None:
        words.append("enrolled by an earlier release")
    if each.invited_until is not None and now < each.invited_until:
        words.append(f"invited until {each.invited_until:%Y-%m-%d %H:%M} UTC")
    return ", ".join(words) or "no certificate, no code"


def _facts(each: Enrolment, now: dt.datetime) -> dict[str, Any]:
    return {
        "kiosk": each.kiosk,
        "enrolled_at": _text(each.enrolled_at),
        "not_after": _text(each.not_after),
        "days_left": _days_left(each, now),
        "revoked": _is_revoked(each),
        "invited_until": _text(each.invited_until),
    }


def _text(moment: dt.datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")
