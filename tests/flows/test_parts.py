"""Parts and lists are woven into packs, and every mistake still names its own file and line."""

import json
import shutil
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from flows.describing.editor_schemas import list_schema, pack_schema, part_schema, texts_schema
from flows.describing.new_pack import NewPackError, write_skeleton
from flows.languages import Language
from flows.loading.pack_document import BadPackError, PackError
from flows.loading.pack_loader import PACKS, load_pack, pack_names
from flows.name_lists import LISTS, list_names, load_list

LANGUAGES = [language.value for language in Language]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of packs with one new service in it, beside the parts that are shipped."""
    packs = tmp_path / "packs"
    write_skeleton("lost_umbrella", packs)
    shutil.copytree(PACKS / "_parts", packs / "_parts")
    shutil.copytree(LISTS, tmp_path / "lists")
    return packs


def change(path: Path, old: str, new: str) -> int:
    """Replace what stands once in a file; returns its line."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def errors(folder: Path) -> tuple[PackError, ...]:
    """What is wrong in the new service."""
    with pytest.raises(BadPackError) as caught:
        load_pack(folder / "lost_umbrella")
    return caught.value.errors


def test_a_new_service_works_at_once(folder: Path) -> None:
    pack = load_pack(folder / "lost_umbrella")
    assert pack.name == "lost_umbrella"
    assert pack.definition.report_type == "LOST_UMBRELLA"
    assert "contact" in pack.pages


@pytest.mark.parametrize("name", ["Lost", "x", "lost-umbrella", "../lost", "a" * 41])
def test_a_name_that_is_none_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(NewPackError, match="is no name"):
        write_skeleton(name, tmp_path)


def test_a_service_that_is_there_is_never_written_over(folder: Path) -> None:
    with pytest.raises(NewPackError, match="is there already"):
        write_skeleton("lost_umbrella", folder)


def test_an_unknown_part_is_named_with_its_line(folder: Path) -> None:
    line = change(folder / "lost_umbrella" / "pack.yaml", "{part: person,", "{part: persn,")
    first = errors(folder)[0]
    assert (first.file, first.line) == ("lost_umbrella/pack.yaml", line)
    assert "did you mean “person”" in first.remedy


def test_a_page_a_part_does_not_have(folder: Path) -> None:
    change(
        folder / "lost_umbrella" / "pack.yaml",
        "{part: person, section: you}",
        "{part: person, section: you, without: [persom]}",
    )
    assert "the part has no page “persom”" in errors(folder)[0].what


def test_a_part_without_section(folder: Path) -> None:
    change(folder / "lost_umbrella" / "pack.yaml", "{part: person, section: you}", "{part: person}")
    assert "add section" in {error.remedy for error in errors(folder)}


def test_a_mistake_inside_a_part_names_the_part(folder: Path) -> None:
    pages = folder / "_parts" / "contact" / "pages.yaml"
    line = change(pages, "kind: email", "kind: e-mail")
    first = errors(folder)[0]
    assert (first.file, first.line) == ("_parts/contact/pages.yaml", line)


def test_words_missing_in_a_part_name_file_and_language(folder: Path) -> None:
    words = folder / "_parts" / "contact" / "texts" / "zh-Hant.yaml"
    change(words, "  reporter.email:", "  reporter.e_mail:")
    found = [error for error in errors(folder) if "reporter.email" in error.what]
    assert found
    assert found[0].file.endswith("zh-Hant.yaml")


def test_the_words_of_a_pack_come_before_those_of_a_part(folder: Path) -> None:
    words = folder / "lost_umbrella" / "texts" / "en.yaml"
    change(words, "  story:\n    title:", "  contact:\n    title: Your telephone\n  story:\n    title:")
    pack = load_pack(folder / "lost_umbrella")
    assert pack.texts[Language.ENGLISH].pages["contact"].title == "Your telephone"


def test_left_out_pages_are_gone_with_their_words(folder: Path) -> None:
    change(
        folder / "lost_umbrella" / "pack.yaml",
        "{part: contact, section: contact}",
        "{part: contact, section: contact, only: [contact]}",
    )
    pack = load_pack(folder / "lost_umbrella")
    assert "second_phone" not in pack.pages
    assert "second_phone" not in pack.texts[Language.ENGLISH].pages


def test_a_condition_of_the_use_joins_that_of_the_page(folder: Path) -> None:
    change(
        folder / "lost_umbrella" / "pack.yaml",
        "{part: contact, section: contact}",
        "{part: contact, section: contact, when: {field: matter.kind, is: other}}",
    )
    page = load_pack(folder / "lost_umbrella").pages["second_phone"]
    assert page.when is not None
    assert page.when.all_ is not None
    assert page.when.all_[0].field == "matter.kind"


def test_an_unknown_list(folder: Path) -> None:
    pages = folder / "lost_umbrella" / "pack.yaml"
    change(
        pages,
        "kind: long_text\n        required: true\n        max_length: 2000",
        "kind: listed\n        options_list: bankz",
    )
    assert any("the list “bankz” is not known" in error.what for error in errors(folder))


# --- lists --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list_names())
def test_every_list_is_whole(name: str) -> None:
    assert load_list(name).by_code


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("list: districts", "list: district", "the file is named districts.yaml"),
        ("en:", "eng:", "eng"),
    ],
)
def test_a_bad_list_is_refused_with_its_line(tmp_path: Path, old: str, new: str, what: str) -> None:
    text = (LISTS / "districts.yaml").read_text(encoding="utf-8")
    (tmp_path / "districts.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadPackError) as caught:
        load_list("districts", tmp_path)
    assert what in str(caught.value)
    assert caught.value.errors[0].line > 0


# --- schemas for editors ------------------------------------------------------------------------------------


def _read(path: Path) -> object:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_what_is_shipped_passes_its_schema() -> None:
    files = {
        pack_schema: [PACKS / name / "pack.yaml" for name in pack_names()],
        part_schema: sorted(PACKS.glob("_parts/*/pages.yaml")),
        texts_schema: sorted(PACKS.glob("*/texts/*.yaml")) + sorted(PACKS.glob("_parts/*/texts/*.yaml")),
        list_schema: sorted(LISTS.glob("*.yaml")),
    }
    for make, paths in files.items():
        validator = Draft202012Validator(json.loads(make()))
        for path in paths:
            found = [
                f"{path.parent.name}/{path.name}: {error.message}"
                for error in validator.iter_errors(_read(path))
            ]
            assert found == []


def test_an_editor_sees_a_wrong_word() -> None:
    validator = Draft202012Validator(json.loads(pack_schema()))
    pack = _read(PACKS / "lost_property" / "pack.yaml")
    assert isinstance(pack, dict)
    pack["group"] = "lost"
    assert not validator.is_valid(pack)


@pytest.mark.parametrize(
    "path", sorted(PACKS.rglob("*.yaml")) + sorted(LISTS.glob("*.yaml")), ids=lambda p: p.name
)
def test_every_file_names_its_schema(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("# yaml-language-server: $schema=")
    schema = path.parent / first.partition("=")[2]
    assert schema.resolve().exists()
