"""What a tour plays, and what the page of the services makes of it."""

import json
from pathlib import Path

import pytest

from flows.languages import Language
from flows.loading.pack_loader import pack_names
from kiosk.played import playbook, tour
from kiosk.played.bystander import Bystander
from kiosk.played.tour import Length, Wanted

DOCS = Path(__file__).parents[2] / "docs"
MOST_BYTES, MOST_BYTES_OF_ALL = 250_000, 6_000_000


@pytest.mark.parametrize("service", pack_names())
def test_every_service_has_a_typical_visit_in_every_language(service: str) -> None:
    script = tour.script(service, Length.TYPICAL)
    assert script.fill is None
    for language in Language:
        answers = script.wanted(language=language.value).answers
        assert None not in [playbook.in_language(answer, language) for answer in answers.values()]


def test_what_is_not_said_is_everything_and_what_is_unknown_is_named() -> None:
    assert Wanted.of(["nuisance"], None, None).lengths == tuple(Length)
    assert Wanted.of(["nuisance"], ["typical"], ["en"]).languages == (Language.ENGLISH,)
    with pytest.raises(ValueError, match="no such service: nonsense"):
        Wanted.of(["nonsense"], None, None)


def test_the_newest_message_since_the_visit_began_has_the_check(tmp_path: Path) -> None:
    spool = tmp_path / "spool" / "sms"
    spool.mkdir(parents=True)
    visitor = Bystander(tmp_path)
    visitor.take_along({"reference": "004276384875", "document": {"receipt_code": "7KQ2M9XWHT"}})
    assert visitor.recall("receipt_code") == "7KQ2M9XWHT"
    (spool / "old.json").write_text(json.dumps({"text": "Your report 004276384875 is here."}))
    assert visitor.recall("check") == ""
    (spool / "new.json").write_text(json.dumps({"text": "Report 004276384875: your check is 123456."}))
    (spool / "old.json").unlink()
    assert visitor.recall("check") == "123456"
    visitor._since += 1000.0
    assert visitor.recall("check") == ""


def test_the_pictures_of_the_services_are_small() -> None:
    sizes = [path.stat().st_size for path in (DOCS / "pictures" / "services").glob("*.png")]
    assert all(size <= MOST_BYTES for size in sizes)
    assert sum(sizes) <= MOST_BYTES_OF_ALL
