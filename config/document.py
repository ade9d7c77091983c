"""Makes what is generated from settings and events: pages of the docs, the enum, journald's catalogue.

`make docs` writes them.
"""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from config.events import EventSpec, catalogue
from config.journal import message_id
from config.layers import PREFIX
from config.leaves import section_of
from config.loader import MACHINE_FILE
from config.settings import Settings

_SIGNS = {Ge: ("≥", "ge"), Gt: (">", "gt"), Le: ("≤", "le"), Lt: ("<", "lt")}
_TYPE_NAMES: Mapping[object, str] = {
    int: "whole number", float: "number", bool: "yes or no", str: "text", Path: "path",
}  # fmt: skip


def event_names() -> str:
    """The events as an enum, so that mypy knows them."""
    head = '''"""The names of all events. Made by `make docs` from events.toml; do not edit."""

from enum import StrEnum


class Event(StrEnum):
    """An event of the catalogue; docs/reference/events.md says what each means."""

'''
    return head + "".join(f'    {name.upper()} = "{name}"\n' for name in catalogue().events)


def journal_catalogue() -> str:
    """systemd/kiosk.catalog: what `journalctl -x` says beneath an event."""
    head = """# Made by `make docs` from config/events.toml; do not edit.
# Its place: /usr/lib/systemd/catalog/kiosk.catalog
# After installing: journalctl --update-catalog. Then `journalctl -x KIOSK_EVENT=device_lost` explains itself.
"""
    return head + "".join(_catalogue_entry(spec) for spec in catalogue().events.values())


def _catalogue_entry(spec: EventSpec) -> str:
    fields = "".join(f"{name}: @KIOSK_{name.upper()}@\n" for name in spec.fields)
    words = f"{spec.words}\n"
    subject = spec.name.replace("_", " ").capitalize()
    return f"\n-- {message_id(spec.name)}\nSubject: {subject}\nDefined-By: report-kiosk\n\n{words}{fields}"


def events_page() -> str:
    """docs/reference/events.md."""
    known = catalogue()
    events = known.events.values()
    rows = [(f"`{spec.name}`", spec.level.value, _fields(spec.fields), spec.words) for spec in events]
    vocabularies = ((f"`{name}`", ", ".join(words)) for name, words in known.vocabularies.items())
    return f"""# Events

<!-- Made by `make docs` from config/events.toml; do not edit. -->

Everything a kiosk writes into its log: one JSON object a line, with `at` (UTC), `process`, `level`, `event`
and the fields named here. There is no free text, so nothing a visitor entered can be among them. A line with
`refused` tells of a fault in the code: fields that are not in the catalogue were left out.

In service every event is an entry of the journal with fields of its own: `KIOSK_EVENT`, `KIOSK_PROCESS` and
one `KIOSK_…` for each field, so that `journalctl KIOSK_EVENT=device_lost KIOSK_DEVICE=printer` finds it and
`journalctl -x` explains it (`systemd/kiosk.catalog`).

{_table(("event", "level", "fields", "meaning"), rows)}
## Vocabularies

{_table(("name", "words"), vocabularies)}"""


def settings_page() -> str:
    """docs/reference/settings.md."""
    return f"""# Settings

<!-- Made by `make docs` from config/settings.py; do not edit. -->

Layers, each over the one before: defaults, `config/sites/<site>.toml`, `config/profiles/<profile>.toml`, the
machine file (`{MACHINE_FILE}`), the environment. A machine file holds what is true of one kiosk alone:

```toml
kiosk_number = 528
profile = "production"

[site]
code = "mtr"

[centre]
url = "https://reports.example"

[devices.printer]
host = "192.0.2.7"
```

In the environment `timing.idle_s` is `{PREFIX}TIMING__IDLE_S`; lists are JSON. A key that does not exist is
an error. A kiosk in service (profile `production`) refuses simulators, a window, a centre or printer on its
own machine, device names that change from start to start, and the kiosk number 0.

{"".join(_sections(Settings, ""))}"""


def _sections(model: type[BaseModel], prefix: str) -> Iterator[str]:
    own = {name: field for name, field in model.model_fields.items() if section_of(field) is None}
    if own:
        title = f"`[{prefix.rstrip('.')}]`" if prefix else "The kiosk"
        yield f"## {title}\n\n{' '.join((model.__doc__ or '').split())}\n\n"
        rows = [_row(f"{prefix}{name}", field) for name, field in own.items()]
        yield f"{_table(('setting', 'type', 'default', 'meaning'), rows)}\n"
    for name, field in model.model_fields.items():
        section = section_of(field)
        if section:
            yield from _sections(section, f"{prefix}{name}.")


def _row(key: str, field: FieldInfo) -> tuple[str, ...]:
    return f"`{key}`", _type(field), _default(field), field.description or ""


def _type(field: FieldInfo) -> str:
    annotation = field.annotation
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return " or ".join(f"`{word.value}`" for word in annotation)
    if get_origin(annotation) is dict:
        return "texts by language"
    if get_origin(annotation) is list:
        return f"list of {_TYPE_NAMES[get_args(annotation)[0]]}s"
    bounds = [f"{sign} {getattr(rule, name)}" for rule in field.metadata for sign, name in _bounds_of(rule)]
    return ", ".join([_TYPE_NAMES[annotation], *bounds])


def _bounds_of(rule: object) -> Iterator[tuple[str, str]]:
    if type(rule) in _SIGNS:
        yield _SIGNS[type(rule)]


def _default(field: FieldInfo) -> str:
    value: Any = field.get_default(call_default_factory=True)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(f"`{item}`" for item in value)
    return f"`{value}`" if value != "" and value != {} else ""


def _fields(fields: Mapping[str, str]) -> str:
    return ", ".join(f"`{name}`" if name == kind else f"`{name}`: {kind}" for name, kind in fields.items())


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
