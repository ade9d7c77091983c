"""Every behaviour of a server: judged as the table says, ended by the deadline, never a false "sent"."""

import datetime as dt
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from central.keys.authority import Authority, key_pem, new_key
from tests.prove.proxy.bench import KIOSK, Bench, Row
from tests.prove.proxy.mutants import MUTANTS, Mutant
from tests.prove.proxy.rows import rows

ROWS = {row.name: row for row in rows()}


def _keys(bench: Bench, name: str, authority: Authority, *, from_days: int, days: int) -> None:
    """Trust material like the kiosk's own, but for the certificate."""
    start = dt.datetime.now(dt.UTC) + dt.timedelta(days=from_days)
    key = new_key()
    certificate = authority.certify_kiosk(KIOSK, key.public_key(), start, days)
    folder = bench.directory / name
    folder.mkdir()
    for file in bench.keys.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    (folder / "identity.pem").write_bytes(certificate.public_bytes(Encoding.PEM) + key_pem(key))


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    directory = tmp_path_factory.mktemp("proxy")
    bench = Bench(directory)
    (directory / "foreign").mkdir()
    foreign = Authority.create(directory / "foreign", ("localhost",))
    _keys(bench, "foreign keys", foreign, from_days=0, days=90)
    _keys(bench, "expired keys", Authority.load(directory / "centre"), from_days=-30, days=10)
    bench.gateway.centre.enrol(KIOSK + 1, directory / "keys of another kiosk", 90)
    (directory / "no keys").mkdir()
    yield bench
    bench.close()


def test_there_are_enough_rows_and_each_has_a_name_of_its_own() -> None:
    assert len(ROWS) == len(list(rows())) >= 60


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS.keys())
def test_row(bench: Bench, row: Row) -> None:
    assert bench.check(row) == []


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_planted_bug_is_caught(bench: Bench, monkeypatch: pytest.MonkeyPatch, mutant: Mutant) -> None:
    mutant.plant(monkeypatch)
    found = {name: bench.check(ROWS[name]) for name in mutant.caught_by}
    assert all(found.values()), found
