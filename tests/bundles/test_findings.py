"""What a technician is told about packs; about 1 s."""

from collections.abc import Mapping

import pytest

from config.settings import Settings
from kiosk import services
from kiosk.bundles import pack_findings
from kiosk.bundles.check import look
from kiosk.findings import Health
from kiosk.post.pack_ledger import Ledger, Refused, heartbeat_facts, read_ledger, write_ledger
from tests.bundles.conftest import Force, fetched


def test_a_service_that_no_pack_has_is_named_and_costs_nothing_else(settings: Settings) -> None:
    site = settings.site.model_copy(update={"services": ["lost_property", "lost_propperty", "../x"]})
    found = list(services.offered(settings.model_copy(update={"site": site})))
    assert [finding.health for finding in found] == [Health.MEND, Health.MEND]
    assert "“lost_propperty”" in found[0].cause
    assert "did you mean “lost_property”" in found[0].remedy


def test_words_of_the_site_that_fit_nothing_are_named(settings: Settings) -> None:
    site = settings.site.model_copy(update={"services": ["lost_property"]})
    words = {"lost_property": {"en": {"pages.nowhere.help": "x"}}}
    found = list(services.offered(settings.model_copy(update={"site": site, "words": words})))
    assert found[0].health is Health.MEND
    assert found[0].cause.startswith("sites/report-room.toml:1: pages.nowhere.help")


def test_the_reason_of_a_refusal_is_told_with_file_line_and_remedy(
    settings: Settings, force: Force, bicycle: Mapping[str, bytes]
) -> None:
    path = "packs/bicycle/texts/en.yaml"
    fetched(settings, force.sign({**bicycle, path: bicycle[path] + b"\nnonsense: x\n"}, 6))
    found = look(settings)
    settings.paths.packs.mkdir(parents=True, exist_ok=True)
    write_ledger(settings.paths.packs, Ledger(in_use=5, refused=found.refused))
    first, mistake = pack_findings.bundle(settings)
    assert first.cause == "visits ask with bundle 5; bundle 6 is not used: its packs have mistakes"
    assert mistake.cause.startswith("bicycle/texts/en.yaml:")
    assert mistake.remedy
    assert heartbeat_facts(settings.paths.packs) == {"packs_number": 5, "packs_refused": 6}
    assert pack_findings.facts(settings)["packs_refusal"] == "mistakes"


@pytest.mark.parametrize("text", ["", "{", '{"in_use": -1}', "[]"])
def test_a_damaged_ledger_is_an_empty_one(settings: Settings, text: str) -> None:
    settings.paths.packs.mkdir(parents=True)
    (settings.paths.packs / "ledger.json").write_text(text)
    assert read_ledger(settings.paths.packs) == Ledger()
    assert heartbeat_facts(settings.paths.packs) == {}


def test_every_reason_has_its_words() -> None:
    from config.events import catalogue

    assert set(catalogue().vocabularies["packs_refusal"]) - set(pack_findings._REASONS) == {"not_written"}
    assert Refused(number=1, reason="x").mistakes == ()
