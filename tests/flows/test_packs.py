"""Good packs load; bad ones are refused with file, line, place and remedy."""

import shutil
from pathlib import Path

import pytest

from flows.languages import Language
from flows.loading.pack_loader import (
    PACKS,
    BadPackError,
    PackError,
    check_packs,
    load_pack,
    load_packs,
    pack_names,
    usable_packs,
)
from flows.view import FieldKind

OWN = Path(__file__).parent / "packs"
YAML = "pack.yaml"
ENGLISH = "texts/en.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(OWN / "lost_property", tmp_path / "lost_property")
    return tmp_path / "lost_property"


def errors_of(folder: Path) -> tuple[PackError, ...]:
    with pytest.raises(BadPackError) as refused:
        load_pack(folder)
    return refused.value.errors


def change(folder: Path, file: str, old: str, new: str) -> int:
    """Replace the first `old`; gives its line."""
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_every_pack_is_good() -> None:
    assert check_packs() == []
    assert "lost_property" in pack_names()


def test_every_language_is_there() -> None:
    pack = load_packs(["lost_property"], OWN)["lost_property"]
    assert set(pack.texts) == set(Language)


MAY_BE_LONG_AGO = {"reporter.dob", "permit.dob", "event.when"}


def test_only_births_and_what_is_reported_may_be_decades_ago() -> None:
    days = {
        each.field: each
        for pack in load_packs(pack_names()).packs.values()
        for each in pack.fields.values()
        if each.kind in (FieldKind.DATE, FieldKind.WHEN)
    }
    unbounded = {name for name, each in days.items() if not (each.future or each.within_years)}
    assert unbounded == MAY_BE_LONG_AGO


MUTANTS = [
    # file, what is written, what is written instead, what the error says, what the remedy says
    (YAML, "kind: multi_choice", "kind: multichoice", "not known", "multi_choice"),
    (YAML, "icon: shopping-bag", "icon: shoping-bag", "not known", "shopping-bag"),
    (YAML, "    section: loss", "    section: los", "section “los” is not known", "loss"),
    (YAML, "    row: role", "    rwo: role", "“rwo” is not known", "row"),
    (YAML, "minutes: 4", "minutes: four", "no whole number", "digits"),
    (YAML, "minutes: 4\n", "", "“minutes” is missing", "add minutes"),
    (YAML, "pack: lost_property", "pack: lost_things", "folder", "pack: lost_property"),
    (
        YAML,
        "chosen_by: loss.categories",
        "chosen_by: loss.categorys",
        "no choice of several",
        "loss.categories",
    ),
    (YAML, "again_option: another", "again_option: more", "has no option “more”", "name"),
    (YAML, "  - page: district", "  - page: theft", "stands twice", "remove"),
    (YAML, "field: reporter.phone_alt", "field: reporter.phone", "stands twice", "remove"),
    (YAML, "field: items[].colour", "field: colour", "no name of a field", "items[].colour"),
    (YAML, "field: items[].colour", "field: reporter.colour", "each of items", "items[]."),
    (YAML, "field: loss.direction", "field: pack.direction", "common part", "another name"),
    (
        YAML,
        '{field: loss.suspected_theft, is: "yes"}',
        "{field: loss.suspected_theft, is: maybe}",
        "no option",
        "use one of",
    ),
    (
        YAML,
        '{field: loss.suspected_theft, is: "yes"}',
        '{field: loss.suspect_theft, is: "yes"}',
        "not known",
        "loss.suspected_theft",
    ),
    (
        YAML,
        '{field: loss.suspected_theft, is: "yes"}',
        "{field: reporter.phone, answered: true}",
        "loop",
        "before",
    ),
    (YAML, '{field: loss.suspected_theft, is: "yes"}', "{field: loss.suspected_theft}", "exactly one of", ""),
    (
        YAML,
        '{field: loss.suspected_theft, is: "yes"}',
        '{field: loss.suspected_theft, has: "yes"}',
        "one answer",
        "is",
    ),
    (
        YAML,
        '{field: loss.suspected_theft, is: "yes"}',
        '{all: [{field: loss.suspected_theft, is: "yes"}, {field: loss.suspected_theft, is: "no"}]}',
        "unreachable",
        "condition",
    ),
    (
        YAML,
        '{field: "items[].add", has: details}',
        '{field: "items[].add", is: details}',
        "several answers",
        "has",
    ),
    (YAML, "within_weeks: 6", "within_weeks: soon", "no whole number", "digits"),
    (
        YAML,
        "{field: loss.when, within_weeks: 6}",
        "{field: loss.address, within_weeks: 6}",
        "no date",
        "date",
    ),
    (
        YAML,
        "    final: true\n    when: {field: loss.theft_choice, is: officer}",
        "    final: true",
        "final",
        "reachable",
    ),
    (YAML, "default: self", "default: myself", "no option", "self"),
    (
        YAML,
        "[reporter.phone, reporter.email]",
        "[reporter.phone, reporter.mail]",
        "always asks",
        "reporter.email",
    ),
    (YAML, "[reporter.phone, reporter.email]", "[reporter.phone]", "one of one", "required: true"),
    (YAML, "        max_length: 80\n", "", "how much may be typed", "max_length"),
    (YAML, "max_length: 80", "max_length: 99999", "how much may be typed", "4000"),
    (YAML, "      name: reporter.name_en", "      nam: reporter.name_en", "cannot be read", "name"),
    (YAML, "    scan_page: scan_document", "    scan_page: scan_documnt", "no scan page", "scan_document"),
    (YAML, "{scanned: scan_document}", "{scanned: identity}", "no scan page", "scan_document"),
    (YAML, "        document: reporter.doc_type\n", "", "whose number", "document"),
    (YAML, "    limit: 3", "    limit: 0", "no photo could be taken", "limit"),
    (
        YAML,
        "sections: [you, items, loss, contact]",
        "sections: [you, items, loss, contact, more]",
        "no page",
        "remove",
    ),
    (YAML, "languages: [zh-Hant, zh-Hans, en]", "languages: [zh-Hant, en]", "does not name", "languages"),
    (YAML, "languages: [zh-Hant, zh-Hans, en]", "languages: [zh-Hant, zh-Hans]", "also printed", "add en"),
    (YAML, "languages: [zh-Hant, zh-Hans, en]", "languages: [zh-Hant, zh-Hans, fr]", "not known", "en"),
    (
        YAML,
        "    row: place\n    fields:\n      - field: loss.place_kind",
        "    row: x\n    fields:\n      - field: loss.place_kind",
        "",
        "",
    ),
    (YAML, "  - page: when\n", "  - page: when\n    page: again\n", "twice", "one of them"),
    (YAML, "minutes: 4", "minutes: [4", "not YAML", "quotes"),
    (ENGLISH, "  role:\n    title: Who lost it?", "  rolle:\n    title: Who lost it?", "missing", "role"),
    (ENGLISH, "  theft: Stolen?\n", "  theft: Stolen?\n  thief: Who?\n", "used nowhere", "remove"),
    (ENGLISH, "      wallet:", "      walet:", "missing", "wallet"),
    (ENGLISH, "    title: Who lost it?\n", "", "“title” is missing", "title"),
    (ENGLISH, "title: Who lost it?", 'title: ""', "no words", "write"),
    (ENGLISH, "title: Who lost it?", f"title: {'Who ' * 30}", "too long", "at most 60"),
    (ENGLISH, "title: Who lost it?", "title: Who lost your {item}?", "only on pages", "item"),
    (ENGLISH, '"Tell us about your {item}"', '"Tell us about your {itm}"', "nothing is known", "item"),
    (ENGLISH, 'photos: "{count} photos"', "photos: photos", "{count} is missing", "words"),
    (ENGLISH, 'Tel. {desk_phone}"\n  not', 'Tel. {fax}"\n  not', "nothing is known", "desk"),
    (ENGLISH, "language: en", "language: zh-Hant", "named en", "language: en"),
    (ENGLISH, "  needs_sign_off: true\n", "", "“needs_sign_off” is missing", "needs_sign_off"),
]


@pytest.mark.parametrize(("file", "old", "new", "what", "remedy"), MUTANTS)
def test_a_mutant_is_refused_with_its_remedy(
    folder: Path, file: str, old: str, new: str, what: str, remedy: str
) -> None:
    change(folder, file, old, new)
    errors = errors_of(folder)
    assert any(what in error.what and remedy in error.remedy for error in errors), errors
    assert all(error.line >= 1 and error.place and error.remedy for error in errors)


def test_an_error_names_file_and_line(folder: Path) -> None:
    line = change(folder, YAML, "{scanned: scan_document}", "{scanned: identity}")
    (error,) = errors_of(folder)
    assert (error.file, error.line) == ("lost_property/pack.yaml", line)
    assert str(error).startswith(f"lost_property/pack.yaml:{line}: pages.4.when: ")


def test_all_mistakes_are_told_at_once(folder: Path) -> None:
    change(folder, YAML, "default: self", "default: me")
    change(folder, YAML, "{scanned: scan_document}", "{scanned: identity}")
    assert len(errors_of(folder)) == 2


def test_a_missing_language_file(folder: Path) -> None:
    (folder / "texts" / "zh-Hans.yaml").unlink()
    (error,) = errors_of(folder)
    assert (error.file, error.what) == ("lost_property/texts/zh-Hans.yaml", "the file is missing")


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"- &a [*a]", b"? [x]\n: y", b"\x01"])
def test_files_that_are_not_packs(folder: Path, content: bytes) -> None:
    (folder / YAML).write_bytes(content)
    assert errors_of(folder)


def test_a_missing_pack_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadPackError, match="the file is missing"):
        load_packs(["nothing"], tmp_path)


def test_traditional_chinese_is_written_as_in_hong_kong() -> None:
    words = (PACKS / "lost_property" / "texts" / "zh-Hant.yaml").read_text(encoding="utf-8")
    assert not set(words) & set("裡著綫爲啓羣")


def test_a_mistake_in_one_pack_costs_its_own_service_only(tmp_path: Path) -> None:
    shutil.copytree(OWN / "lost_property", tmp_path / "lost_property")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "pack.yaml").write_text("pages: [", encoding="utf-8")
    book, refused = usable_packs(["broken", "lost_property", "missing"], tmp_path)
    assert (list(book.packs), refused) == (["lost_property"], ("broken", "missing"))


MORE_MUTANTS = [
    # pack, what is written, what is written instead, what the error says, what the remedy says
    ("payments", "    list_of: payments\n", "    list_of: payment\n", "not known", "payments"),
    (
        "payments",
        "total: payments[].amount",
        "total: payments[].account",
        "no money field",
        "payments[].amount",
    ),
    (
        "payments",
        "    final: true\n    when: {field: event.kind, is: danger}",
        "    final: true",
        "final",
        "condition",
    ),
    ("payments", "pack: mishap,", "pack: payments,", "itself", "another"),
    (
        "payments",
        ", {offers: mishap}]",
        ", {field: event.note, answered: true}]",
        "every site",
        "offers: mishap",
    ),
    ("payments", "event.note: mishap.story", "event.nte: mishap.story", "not known", "event.note"),
    ("payments", "{field: help.two, kind", "{required: true, field: help.two, kind", "helper", "required"),
    ("payments", "receipt_lines: [event.kind]", "receipt_lines: [reporter.name]", "paper", "printed"),
    ("payments", "receipt_lines: [event.kind]", "receipt_lines: [event.knd]", "not known", "event.kind"),
    ("payments", "    limit: 4", "    limit: 400", "too many", "30"),
    ("payments", "at_least: 0", "at_least: 3", "from the start", "0 or 1"),
    ("payments", "kind: sketch,", "kind: sketch, required: true,", "draw", "remove"),
    ("payments", "kind: sketch,", "kind: listed,", "list belong", "options_list"),
    ("payments", "format: plate,", "format: plat,", "not known", "plate"),
    ("payments", "    kind: list\n    list_of: witnesses", "    kind: list\n    list_of: payments", "", ""),
    (
        "payments",
        "  - page: you\n    section: you\n",
        "  - page: you\n    section: you\n    ask: status\n",
        "asked with",
        "enquiry.check",
    ),
    (
        "payments",
        "    helper: true\n    fields: [{field: help.five",
        "    tone: calm\n    final: true\n    fields: [{field: help.five",
        "does not belong",
        "notice",
    ),
    ("payments", "report_type: PAYMENTS\n", "", "no name", "report_type"),
    ("reading", "https://example.org/app", "http://example.org/app", "no https", "https://"),
    (
        "reading",
        "{page: second, section: read, kind: notice, tone: legal}",
        "{page: second, section: read, kind: photos, photos: a.photos, limit: 1}",
        "without words",
        "notice",
    ),
]


@pytest.mark.parametrize(("pack", "old", "new", "what", "remedy"), MORE_MUTANTS)
def test_a_mutant_of_the_newer_constructs_is_refused(
    tmp_path: Path, pack: str, old: str, new: str, what: str, remedy: str
) -> None:
    shutil.copytree(OWN / pack, tmp_path / pack)
    change(tmp_path / pack, YAML, old, new)
    errors = errors_of(tmp_path / pack)
    assert any(what in error.what and remedy in error.remedy for error in errors), errors


def test_too_many_pages_are_refused(tmp_path: Path) -> None:
    shutil.copytree(OWN / "reading", tmp_path / "reading")
    pages = "".join(f"  - {{page: more_{n}, section: read, kind: notice}}\n" for n in range(80))
    change(tmp_path / "reading", YAML, "pages:\n", "pages:\n" + pages)
    assert any("80" in error.remedy for error in errors_of(tmp_path / "reading"))


KINDS_OF_MISTAKES = [
    # pack, file, what is written, what is written instead, what the error says, what the remedy says
    ("payments", ENGLISH, 'title: "Page kind"', 'titel: "Page kind"', "“titel” is not known", "title"),
    ("payments", ENGLISH, '  kind: "Row kind"\n', "", "“kind” are missing", "write kind"),
    ("payments", ENGLISH, '  kind:\n    title: "Page kind"\n', "", "“kind” are missing", "write kind"),
    (
        "payments",
        ENGLISH,
        '  "event.note":\n    label: "note"\n',
        "",
        "“event.note” are missing",
        "event.note",
    ),
    ("payments", ENGLISH, 'danger: "danger", ', "", "“danger” are missing", "write danger"),
    ("payments", ENGLISH, '    paragraphs: ["Please read this."]\n', "", "says nothing", "write paragraphs"),
    ("payments", ENGLISH, 'label: "note"', 'label: "note {nothing}"', "nothing is known", "site"),
    ("payments", ENGLISH, '"Page kind"', f'"{"kind " * 40}"', "too long", "at most"),
    ("payments", ENGLISH, '"Please read this."', f'"{"so " * 24}."', "a sentence of", "at most 20"),
    ("payments", ENGLISH, '"Page kind"', "!!python/name:os.system kind", "a tag", "without"),
    ("payments", ENGLISH, "language: en", "language: en\nlanguage: en", "twice", "one of them"),
    ("payments", ENGLISH, "service: Payments", "\tservice: Payments", "not YAML", "indentation"),
    ("payments", YAML, "section: you", "section: yuo", "not known", "you"),
    ("payments", YAML, "  - page: kind\n", "  - page: kind\n    hurry: true\n", "“hurry” is not known", ""),
    ("payments", YAML, "kind: money,", "kind: mony,", "not known", "money"),
    ("payments", YAML, "privacy: masked", "privacy: secret", "not known", "masked"),
    ("payments", YAML, "icon: banknote", "icon: bank-note", "not known", "banknote"),
    ("payments", YAML, "max_length: 20", "max_length: 9000", "typed", "4000"),
    ("payments", YAML, "is: danger", "is: dangr", "no option", "danger"),
    ("payments", YAML, "{offers: mishap}", "{ofers: mishap}", "", ""),
    ("payments", YAML, "answered: true}", "answered: maybe}", "", ""),
    ("payments", YAML, "for_each: witnesses", "for_each: witneses", "not known", "witnesses"),
    (
        "payments",
        YAML,
        "section: what\n    row: drawing",
        "section: you\n    row: drawing",
        "back a section",
        "move",
    ),
    ("payments", YAML, "pages:\n", "pages:\n  - {part: persons, section: you}\n", "not known", "person"),
    ("payments", YAML, "pages:\n", "pages:\n  - {part: person}\n", "“section” is missing", "add section"),
]


@pytest.mark.parametrize(("pack", "file", "old", "new", "what", "remedy"), KINDS_OF_MISTAKES)
def test_a_mistake_is_told_with_file_line_and_remedy(
    tmp_path: Path, pack: str, file: str, old: str, new: str, what: str, remedy: str
) -> None:
    shutil.copytree(OWN / pack, tmp_path / pack)
    line = change(tmp_path / pack, file, old, new)
    told(errors_of(tmp_path / pack), f"{pack}/{file}", line, what, remedy)


def told(errors: tuple[PackError, ...], file: str, line: int, what: str, remedy: str) -> None:
    """One of the errors names the file, a line near what was changed, the mistake and a remedy."""
    fitting = [each for each in errors if what in each.what and remedy in each.remedy and each.remedy]
    assert any(each.file == file and -12 <= each.line - line <= 6 for each in fitting), (line, errors)


SHIPPED = [
    (
        "vehicle_obstruction",
        YAML,
        "is: emergency_access",
        "is: emergency_acces",
        "no option",
        "emergency_access",
    ),
    ("vehicle_obstruction", YAML, "icon: siren", "icon: sirene", "not known", "siren"),
    (
        "vehicle_obstruction",
        ENGLISH,
        "pages:\n",
        "pages:\n  nowhere: {title: Nowhere}\n",
        "used nowhere",
        "remove",
    ),
    ("traffic_accident", YAML, "options_list: insurers", "options_list: insurer", "not known", "insurers"),
    (
        "traffic_accident",
        YAML,
        "registration\n        kind: text\n        format: plate",
        "registration\n        kind: text\n        format: plat",
        "not known",
        "plate",
    ),
    (
        "traffic_accident",
        YAML,
        '{field: "vehicles[].insurer"}',
        '{field: "vehicles[].policy"}',
        "paper",
        "printed",
    ),
    ("traffic_accident", YAML, "list_of: witnesses", "list_of: witness", "not known", "witnesses"),
    (
        "technology_crime",
        YAML,
        "total: transactions[].amount",
        "total: transactions[].method",
        "no money",
        "amount",
    ),
    ("technology_crime", YAML, "    helper: true\n", "    helper: 3\n", "", ""),
    (
        "technology_crime",
        YAML,
        "files: scam.files\n    limit: 30",
        "files: scam.files\n    limit: 99",
        "many",
        "30",
    ),
    ("police_complaint", YAML, "recipient: complaints", "recipient: complaint", "not known", "complaints"),
    (
        "police_complaint",
        YAML,
        "{part: moment, section: event}",
        "{part: momnt, section: event}",
        "not known",
        "moment",
    ),
    ("lost_property", YAML, "kind: multi_choice", "kind: multichoice", "not known", "multi_choice"),
    (
        "found_property",
        YAML,
        "chosen_by: found.categories",
        "chosen_by: found.category",
        "choice of several",
        "found.categories",
    ),
]


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shipped") / "packs"
    shutil.copytree(PACKS, folder)
    return folder


@pytest.mark.parametrize(("pack", "file", "old", "new", "what", "remedy"), SHIPPED)
def test_a_mistake_in_a_shipped_pack_is_told(
    shipped: Path, pack: str, file: str, old: str, new: str, what: str, remedy: str
) -> None:
    whole = (shipped / pack / file).read_bytes()
    line = change(shipped / pack, file, old, new)
    try:
        told(errors_of(shipped / pack), f"{pack}/{file}", line, what, remedy)
    finally:
        (shipped / pack / file).write_bytes(whole)


BOMB = "a: &a [x, x]\n" + "".join(
    f"{b}: &{b} [*{a}, *{a}]\n"
    for a, b in zip("abcdefghijklmnopqrstuvwxy", "bcdefghijklmnopqrstuvwxyz", strict=True)
)
FILES = {
    "not UTF-8": (b"pack: \xff\xfe", "not UTF-8", "save the file as UTF-8"),
    "five megabytes": (b"# " + b"x" * 5_000_000, "too large", "at most"),
    "a tab": (b"pages:\n\t- page: a\n", "not YAML", "indentation"),
    "empty": (b"", "empty", "write"),
    "an alias in itself": (b"- &a [*a]", "itself", "write the value out"),
    "a key that is a list": (b"? [x]\n: y", "a key", "plain word"),
    "a control character": (b"pack: \x01", "character", "UTF-8"),
    "aliases of aliases": (BOMB.encode(), "aliases make too much", "write the values out"),
}


@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("file", [YAML, ENGLISH])
def test_a_file_that_cannot_be_read_is_told(folder: Path, name: str, file: str) -> None:
    content, what, remedy = FILES[name]
    (folder / file).write_bytes(content)
    errors = errors_of(folder)
    assert all(each.remedy and each.line >= 1 for each in errors)
    assert any(
        each.file == f"{folder.name}/{file}" and what in each.what and remedy in each.remedy
        for each in errors
    ), errors[:3]


def test_a_part_without_its_words_is_told(tmp_path: Path) -> None:
    shutil.copytree(PACKS, tmp_path / "packs")
    (tmp_path / "packs" / "_parts" / "person" / "texts" / "en.yaml").unlink()
    errors = errors_of(tmp_path / "packs" / "vehicle_obstruction")
    assert any("missing" in each.what and "en.yaml" in each.file and each.remedy for each in errors), errors
