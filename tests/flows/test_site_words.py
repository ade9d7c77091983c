"""Words of a site over those of a pack: put in before the checks, explained with a line; about 2 s."""

from pathlib import Path

import pytest

from config.layers import from_file
from config.loader import BASE, load
from flows.languages import Language
from flows.loading.pack_document import BadPackError, Document
from flows.loading.pack_loader import PACKS, load_pack, pack_names, usable_packs
from flows.picture import site_words
from flows.picture.site_words import SiteWords

SITE = """
[site]
languages = ["en"]
name = { en = "Kwun Tong" }
address = { en = "200 Lei Yue Mun Road" }
desk = { en = "the desk" }
[words.lost_property.en]
"service" = "Lost on the way"
"""


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of settings with a site of its own."""
    (tmp_path / "sites").mkdir()
    (tmp_path / "profiles").symlink_to(BASE / "profiles")
    monkeypatch.setattr(site_words, "BASE", tmp_path)
    return tmp_path


def words_of(base: Path, text: str) -> SiteWords:
    (base / "sites/kwun-tong.toml").write_text(text, encoding="utf-8")
    settings = load(site="kwun-tong", profile="demo", environ={}, base=base)
    return SiteWords.of(settings.site.code, settings.words)


def errors(words: SiteWords) -> list[str]:
    with pytest.raises(BadPackError) as caught:
        load_pack(PACKS / "lost_property", words)
    return [str(error) for error in caught.value.errors]


def test_a_site_says_it_in_its_own_words(base: Path) -> None:
    words = words_of(base, SITE)
    said = load_pack(PACKS / "lost_property", words)
    own = load_pack(PACKS / "lost_property")
    assert said.texts[Language.ENGLISH].service == "Lost on the way"
    assert said.texts[Language.TRADITIONAL_CHINESE] == own.texts[Language.TRADITIONAL_CHINESE]
    assert load_pack(PACKS / "lost_property") == own, "nothing of a site stays"


def test_words_that_no_pack_has_are_explained_with_the_line_of_the_site(base: Path) -> None:
    [told] = errors(words_of(base, SITE + '"pages.categorie.help" = "…"\n'))
    assert told.startswith("sites/kwun-tong.toml:9: pages.categorie.help: the pack has no such words")
    assert "did you mean" in told


def test_words_that_are_too_long_are_explained_the_same_way(base: Path) -> None:
    told = errors(words_of(base, SITE.replace("Lost on the way", "Lost on the way " * 40)))
    assert {each.startswith("sites/kwun-tong.toml:8: service: ") for each in told} == {True}


def test_words_of_the_law_are_not_a_sites(base: Path) -> None:
    [told] = errors(words_of(base, SITE + '"privacy.paragraphs.0" = "Sign here."\n'))
    assert "the law's words are not a site's" in told


def test_a_mistake_of_a_site_costs_its_words_and_no_service(base: Path) -> None:
    words = words_of(base, SITE + '"pages.nowhere.help" = "…"\n')
    packs, refused = usable_packs(["lost_property", "no_such_pack"], PACKS, words)
    assert refused == ("no_such_pack",)
    assert packs["lost_property"] == load_pack(PACKS / "lost_property")


def test_settings_that_are_no_words_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text('[words]\nlost_property = { en = { "service" = "x" } }\n', encoding="utf-8")
    assert from_file(path).values == {"words.lost_property": {"en": {"service": "x"}}}


def test_a_planted_bug_is_found(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SiteWords, "apply", lambda *_: None)
    with pytest.raises(AssertionError):
        test_a_site_says_it_in_its_own_words(base)


def check_words_stay_in_their_pack() -> None:
    """Both packs take this title from the same part, which is read once for all packs."""
    words = SiteWords(
        "sites/x.toml", {"lost_property": {"en": {"pages.second_phone.title": "Another number"}}}
    )
    packs, refused = usable_packs(["lost_property", "crime_report"], PACKS, words)
    assert refused == ()
    said = {
        name: pack.texts[Language.ENGLISH].pages["second_phone"].title for name, pack in packs.packs.items()
    }
    assert said["lost_property"] == "Another number"
    untouched = packs["crime_report"] == load_pack(PACKS / "crime_report")
    assert untouched  # said without the two packs: their difference takes minutes to write


def test_words_over_those_of_a_part_stay_in_their_pack() -> None:
    check_words_stay_in_their_pack()


def test_words_that_leak_into_another_pack_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site_words, "copy", lambda shared: shared)
    with pytest.raises(AssertionError):
        check_words_stay_in_their_pack()


def test_a_part_is_read_once_for_all_packs(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    honest = Document.read

    def noted(path: Path, name: str) -> Document:
        read.append(name)
        return honest(path, name)

    monkeypatch.setattr(Document, "read", noted)
    usable_packs(pack_names())
    assert len(read) == len(set(read))
