"""The page of the services, docs/services.md, made from the packs and from docs/services.json.

`kiosk tour --record docs/services.json` measures; the page itself depends on nothing but the repository.
"""

import json
import tomllib
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from statistics import median

from flows.describing.diagram import in_words, pack_diagram
from flows.describing.new_pack import SKELETON
from flows.languages import Language
from flows.loading.pack_loader import PACKS, load_pack, pack_names
from flows.pack import FieldDef, NoticeTone, Pack, PackKind, Page, PageKind, ServiceGroup

DOCS = Path(__file__).parent
MEASURED = DOCS / "services.json"
PICTURES = "pictures/services"
LENGTHS = ("shortest", "typical", "longest")

_NAMES = {
    Language.TRADITIONAL_CHINESE: "繁體中文",
    Language.SIMPLIFIED_CHINESE: "简体中文",
    Language.ENGLISH: "English",
}

_HEAD = """# The services

<!-- Made by `make docs` from flows/packs and docs/services.json; do not edit. -->

Every service is a pack: data and words, no code ([packs](reference/packs.md), [add one](add-a-service.md)). A
site chooses which it offers, and in which order.

**Time** is by the keystroke-level model (Card, Moran and Newell, 1980), from visits played through the real
screens by the real processes (`make services`): a touch 1.2 s, a key 0.5 s, a new page or field 1.35 s. It is
the time of a visitor who knows all answers and does not hesitate; the machine's own time, and what is done on
a phone, are not in it. *Shortest* answers only what must be answered, *longest* everything there is (two of
each list, one word for each text), *typical* is a written script (`kiosk/played/visits/services`)."""

_CLASSES = """**Privacy** is how far an answer may appear again: hidden (nowhere), masked (a few characters on
the review screen), shown (review), spoken (aloud), printed (on paper), open (in the log)."""

_WHO = {"reports": "officers of the report centre", "complaints": "the complaints office alone"}
_KINDS = {
    PackKind.REPORT: "a report",
    PackKind.ENQUIRY: "asks the centre, keeps nothing",
    PackKind.INFORMATION: "pages to read, keeps nothing",
}
_TONES = {
    NoticeTone.CALM: "advice",
    NoticeTone.OFFICER: "an officer",
    NoticeTone.EMERGENCY: "999",
    NoticeTone.LEGAL: "a duty by law",
}


def page() -> str:
    """docs/services.md."""
    packs = sorted(map(_pack, pack_names()), key=_place)
    measured = json.loads(MEASURED.read_text(encoding="utf-8")) if MEASURED.exists() else {}
    parts = [_HEAD, *_index(packs, measured), _effort(packs), _CLASSES]
    parts += [part for pack in packs for part in _service(pack, measured.get(pack.name, {}))]
    return "\n\n".join(parts).rstrip() + "\n"


def _pack(name: str) -> Pack:
    return load_pack(PACKS / name)


def _place(pack: Pack) -> tuple[int, str]:
    return list(ServiceGroup).index(pack.definition.group), pack.name


# --- all of them ---


def _index(packs: list[Pack], measured: dict[str, dict[str, dict[str, dict[str, float]]]]) -> Iterator[str]:
    headings = tomllib.loads((DOCS.parent / "ui/i18n/en.toml").read_text(encoding="utf-8"))
    yield "## Index"
    for group, members in groupby(packs, key=lambda pack: pack.definition.group):
        rows = ["| service | promised | shortest | typical | longest |", "|---|---:|---:|---:|---:|"]
        for pack in members:
            times = " | ".join(_span(measured.get(pack.name, {}).get(length, {})) for length in LENGTHS)
            name = pack.texts[Language.ENGLISH].service
            rows.append(f"| [{name}](#{pack.name}) | {pack.definition.minutes} min | {times} |")
        yield f"**{headings['services']['group'][group.value]}**"
        yield "\n".join(rows)


def _span(by_language: dict[str, dict[str, float]]) -> str:
    """The seconds over all languages that were measured."""
    seconds = sorted(round(figures["seconds"]) for figures in by_language.values())
    if not seconds:
        return "–"
    return f"{seconds[0]} s" if seconds[0] == seconds[-1] else f"{seconds[0]}–{seconds[-1]} s"


def _effort(packs: list[Pack]) -> str:
    """How many lines a service needs."""
    definitions = [_lines(PACKS / pack.name / "pack.yaml") for pack in packs]
    words = [_lines(PACKS / pack.name / "texts" / "en.yaml") for pack in packs]
    skeleton = _lines(SKELETON / "pack.yaml"), _lines(SKELETON / "texts" / "en.yaml")
    return (
        "**Lines a new service needs** (of data; none of code):\n\n"
        "| | pack.yaml | words, each language |\n|---|---:|---:|\n"
        f"| skeleton of `kiosk flows new`, works at once | {skeleton[0]} | {skeleton[1]} |\n"
        f"| median of the {len(packs)} shipped | {median(definitions):.0f} | {median(words):.0f} |\n"
        f"| smallest | {min(definitions)} | {min(words)} |\n"
        f"| largest | {max(definitions)} | {max(words)} |"
    )


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


# --- one service ---


def _service(pack: Pack, measured: dict[str, dict[str, dict[str, float]]]) -> Iterator[str]:
    definition, words = pack.definition, pack.texts[Language.ENGLISH]
    yield f'<a id="{pack.name}"></a>\n\n## {words.service}'
    yield _purpose(pack)
    yield _facts(pack)
    if measured:
        yield _times(measured)
    if (DOCS / PICTURES / f"{pack.name}.png").exists():
        yield f"![A typical visit, in English and in Chinese]({PICTURES}/{pack.name}.png)"
    yield f"<details><summary>Diagram</summary>\n\n```mermaid\n{pack_diagram(pack)}```\n\n</details>"
    yield f"<details><summary>Fields</summary>\n\n{_fields(pack)}\n\n</details>"
    for title, lines in (
        ("Stops", _stops(pack)),
        ("Hands over", _hand_overs(pack)),
        ("Papers", _papers(pack)),
    ):
        if lines:
            yield f"**{title}**\n\n" + "\n".join(f"* {line}" for line in lines)
    if definition.report_type:
        schema = f"{definition.report_type.lower()}.schema.json"
        yield f"Case: `{definition.report_type}`, [{schema}](reference/cases/{schema})."


def _purpose(pack: Pack) -> str:
    """The comment at the head of its pack."""
    lines = (PACKS / pack.name / "pack.yaml").read_text(encoding="utf-8").splitlines()[1:]
    head = []
    for line in lines:
        if not line.startswith("#"):
            break
        head.append(line.removeprefix("# "))
    return "\n".join(head)


def _facts(pack: Pack) -> str:
    definition = pack.definition
    names = ", ".join(f"{pack.texts[language].service} ({_NAMES[language]})" for language in pack.texts)
    home = PACKS / pack.name
    sizes = [_lines(home / "texts" / f"{language.value}.yaml") for language in pack.texts]
    rows = [
        "| | |",
        "|---|---|",
        f"| names | {names} |",
        f"| pack | `{pack.name}` {definition.version}, {_KINDS[definition.kind]} |",
    ]
    if definition.report_type:
        rows.append(f"| opened by | {_WHO[definition.recipient.value]} |")
    rows += [
        f"| officer call on its screens | {'yes' if definition.officer_call else 'no'} |",
        f"| promised | {definition.minutes} minutes |",
        f"| pages, fields | {len(definition.pages)}, {len(pack.fields)} |",
        f"| lines | pack.yaml {_lines(home / 'pack.yaml')}, words {', '.join(map(str, sizes))} |",
    ]
    return "\n".join(rows)


def _times(measured: dict[str, dict[str, dict[str, float]]]) -> str:
    rows = ["| visit | language | pages | touches | keys | time |", "|---|---|---:|---:|---:|---:|"]
    for length in LENGTHS:
        for language, figures in measured.get(length, {}).items():
            rows.append(
                f"| {length} | {language} | {figures['pages']:.0f} | {figures['taps']:.0f} "
                f"| {figures['keys']:.0f} | {figures['seconds']:.0f} s |"
            )
    return "\n".join(rows)


def _fields(pack: Pack) -> str:
    words = pack.texts[Language.ENGLISH]
    rows = ["| field | words | kind | privacy | asked |", "|---|---|---|---|---|"]
    for page in pack.definition.pages:
        rows += [
            f"| `{each.field}` | {words.fields[each.field].label} | {_kind(each)} | {each.privacy.value} "
            f"| {_need(each, page)} |"
            for each in page.fields
        ]
        if page.photos or page.files:
            what = "photos" if page.kind is PageKind.PHOTOS else "files from a phone"
            rows.append(
                f"| `{page.photos or page.files}` | {words.pages[page.page].title} | {what} | hidden | may |"
            )
    return "\n".join(rows)


def _kind(each: FieldDef) -> str:
    return f"{each.kind.value}, {each.options_list}" if each.options_list else each.kind.value


def _need(each: FieldDef, page: Page) -> str:
    if each.field in page.one_of:
        return "one of them must"
    must = "must" if each.required else "may, sometimes must" if each.required_when else "may"
    return f"{must}, sometimes asked" if each.when or page.when else must


def _stops(pack: Pack) -> list[str]:
    words = pack.texts[Language.ENGLISH]
    return [
        f"{words.pages[page.page].title} → {_TONES[page.tone]} (if {in_words(page.when)})"
        for page in pack.definition.pages
        if page.final and page.when is not None
    ]


def _hand_overs(pack: Pack) -> list[str]:
    return [
        f"to [{page.hand_over.pack}](#{page.hand_over.pack}), with the answers so far"
        + (f" (if {in_words(page.when)})" if page.when else "")
        for page in pack.definition.pages
        if page.hand_over
    ]


def _papers(pack: Pack) -> list[str]:
    if pack.definition.kind is not PackKind.REPORT:
        return []
    words = pack.texts[Language.ENGLISH]
    shown = ", ".join(f"`{name}`" for name in pack.definition.receipt_lines)
    receipt = f"receipt “{words.receipt.title}”: reference, QR code, next steps" + (
        f", {shown}" if shown else ""
    )
    slips = [
        f"slip “{words.slips[slip.slip].title}”"
        + (f", one for each of {slip.for_each}" if slip.for_each else "")
        + ": "
        + ", ".join(f"`{line.field}`" for line in slip.lines)
        for slip in pack.definition.slips
    ]
    return [receipt, *slips]
