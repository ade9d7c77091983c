"""Packs written in a test: the definition by hand, the words made from the names."""

from pathlib import Path
from typing import Any

import yaml

from config.settings import SiteKind, Timing
from flows.events import LanguageChosen, ServiceChosen, Touch
from flows.languages import Language
from flows.loading.pack_loader import load_packs
from flows.pack import PackBook
from flows.ports import Device, DeviceState
from tests.flows.conftest import SITES, Person

_HEAD: dict[str, Any] = {
    "version": "1",
    "report_type": "SMALL",
    "icon": "shield",
    "group": "crime",
    "minutes": 3,
    "languages": ["zh-Hant", "zh-Hans", "en"],
}


def write_pack(folder: Path, name: str, definition: str, **texts: Any) -> Path:
    """Write a pack into `folder`; `texts` are put over the words made from its names."""
    data = _HEAD | {"pack": name, "sections": ["all"]} | yaml.safe_load(definition)
    for page in data["pages"]:
        page.setdefault("section", "all")
    (folder / name / "texts").mkdir(parents=True, exist_ok=True)
    dump(folder / name / "pack.yaml", data)
    for language in data["languages"]:
        dump(folder / name / "texts" / f"{language}.yaml", words_of(data, language) | texts)
    return folder / name


def dump(path: Path, data: Any) -> None:
    """Write YAML as people would."""
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")


def words_of(data: dict[str, Any], language: str) -> dict[str, Any]:
    """Words of everything that needs some: its own name."""
    pages = data["pages"]
    fields = [each for page in pages for each in page.get("fields", [])]
    rows = {page["row"]: f"Row {page['row']}" for page in pages if page.get("row")}
    added = [name for name, group in data.get("groups", {}).items() if not (group or {}).get("chosen_by")]
    words: dict[str, Any] = {
        "language": language,
        "service": f"Service {data['pack']}",
        "pages": {page["page"]: _page(page) for page in pages},
        "fields": {each["field"]: _field(each) for each in fields},
        "rows": rows,
        "groups": {name: {"label": name.title(), "name": name} for name in added},
        "next_steps": {each["step"]: f"Do {each['step']}" for each in data.get("next_steps", [])},
        "slips": {
            each["slip"]: {"title": each["slip"], "ask": f"Print {each['slip']}"}
            for each in data.get("slips", [])
        },
    }
    if data.get("kind") != "information":
        words["privacy"] = {"version": "1", "needs_sign_off": True, "paragraphs": ["Why we ask."]}
    return words


def _page(page: dict[str, Any]) -> dict[str, Any]:
    words: dict[str, Any] = {"title": f"Page {page['page']}"}
    return words | {"paragraphs": ["Please read."]} if page.get("kind") == "notice" else words


def _field(each: dict[str, Any]) -> dict[str, Any]:
    options = {option["value"]: option["value"] for option in each.get("options", [])}
    return {"label": each["field"].rpartition(".")[2]} | ({"options": options} if options else {})


def visitor(packs: PackBook | Path, *services: str) -> Person:
    """Somebody at the first page of the first of `services`, which the site offers."""
    person = arriving(packs, *services).touch(Touch.NO, Touch.NO, Touch.NO)
    person.handle(ServiceChosen(services[0]))
    return person.next()


def arriving(packs: PackBook | Path, *services: str) -> Person:
    """Somebody at the first emergency question."""
    book = load_packs(services, packs) if isinstance(packs, Path) else packs
    languages = ["en", "zh-Hant"]
    site = SITES[SiteKind.REPORT_ROOM].model_copy(update={"services": list(services), "languages": languages})
    person = Person(book, site, Timing())
    for device in Device:
        person.device(device, DeviceState.READY)
    person.touch(Touch.START)
    person.handle(LanguageChosen(Language.ENGLISH))
    return person
