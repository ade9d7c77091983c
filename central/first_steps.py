"""What somebody who has just made a centre types next."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

from central.centre import Centre, now
from central.inbox.officers import Officers
from central.keys.authority import CA_CERTIFICATE
from central.store import kiosks


def first_steps(centre: Centre, urls: Mapping[str, str]) -> list[str]:
    """Lines to show; none once there are kiosks and officers. `urls` are those of the listeners by name."""
    with closing(centre.store()) as store:
        with store.reading() as db:
            has_kiosks = bool(kiosks.all_kiosks(db))
        has_officers = bool(Officers(store, now).all())
    lines: list[str] = []
    if not has_kiosks:
        lines += _first_kiosk(centre.directory, urls["public"])
    if not has_officers:
        lines += _first_officer(centre.directory, urls["inbox"])
    return lines


def _first_kiosk(directory: Path, door: str) -> Iterator[str]:
    yield "No kiosk is enrolled. In another terminal, here and then at the kiosk:"
    yield f"  {_program('report-centre')} invite 1 --centre {directory}"
    yield f"  {_program('kiosk')} enrol CODE --door {door}"


def _first_officer(directory: Path, inbox: str) -> Iterator[str]:
    yield "No officer is known. In another terminal; the first prints TOKEN, the second lists reports:"
    yield f"  {_program('report-centre')} officers add chan --role officer --centre {directory}"
    trust = directory / CA_CERTIFICATE
    yield f"  curl --cacert {trust} --header 'Authorization: Bearer TOKEN' {inbox}/v1/cases"


def _program(name: str) -> str:
    """A command as it can be typed here: beside the one that runs, if that was called by its path."""
    beside = Path(sys.argv[0]).with_name(name)
    return str(beside) if "/" in sys.argv[0] and beside.exists() else name
