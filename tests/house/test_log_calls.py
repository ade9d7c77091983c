"""Every way into the log is the catalogue: read from the source of all rooms of the kiosk."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.events import Primitive, catalogue

HOUSE = Path(__file__).parents[2]
ROOMS = ("config", "flows", "devices", "ui", "kiosk")

TALKERS = {
    "config/log.py",  # the way into the log
    "kiosk/cli.py",  # what people type, and what they read
    "kiosk/commands/console.py",
    "kiosk/commands/development.py",
    "kiosk/commands/flows.py",
    "kiosk/commands/installation.py",
    "kiosk/commands/maintenance.py",
    "kiosk/commands/outbox.py",
    "kiosk/commands/pictures.py",
    "kiosk/development/supervise.py",  # tells the developer's terminal what its children say
    "ui/input/deploy.py",  # a command of the set-up
    "devices/camera/file_child.py",  # answers its parent on standard output
}
"""May write to a stream or use the standard library's logging; nothing else may."""

BYPASSES = re.compile(
    r"(logging\..*|logger\..*|warnings\.warn|syslog\..*|traceback\.print_\w+|faulthandler\..*|"
    r"sys\.(stdout|stderr)(\..*)?|print|pprint|typer\.(echo|secho)|qDebug|qWarning|qCritical|qInfo)"
)
QML_BYPASSES = re.compile(r"\bconsole\.\w+\((?!\"no words for the key\", key\))|\bprint\(")
"""Qt's messages reach the log as `screen_warned`, without words; a missing key of the catalogue is a bug."""

CODES = {
    ("process_started", "version"): {"version"},
    ("process_failed", "exception"): {"kind", "__name__"},
    ("process_failed", "place"): {"place", "at"},
    ("pack_refused", "pack"): {"name"},
    ("library_warned", "library"): {"library"},
    ("screen_child_died", "exit"): {"word"},
    ("device_history_lost", "exception"): {"__name__"},
    ("device_worker_failed", "exception"): {"exception"},
    ("device_worker_failed", "place"): {"place"},
    ("restart_asked", "part"): {"what"},  # the name of a device or process, looked up before
    ("network_checked", "hop"): {"broken"},
    ("self_test_recorded", "test"): {"test"},  # known to the list of self-tests
    ("inspection_recorded", "item"): {"item"},  # known to the checklist
    ("centre_explained", "problem"): {"code"},
    ("centre_explained", "described_by"): {"described_by", "nothing"},
}
"""Fields without a closed vocabulary, and the only names they may be filled from. Whoever adds one answers
for it: nothing that a visitor entered may ever reach that name."""


def calls(source: str) -> Iterator[tuple[ast.Call, ast.AST]]:
    """Every call of `config.log.log`, also where it was handed in as `log` or `_log`, with its module."""
    module = ast.parse(source)
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and _is_log(node.func):
            yield node, module


def _is_log(called: ast.expr) -> bool:
    match called:
        case ast.Name(id="log"):
            return True
        case ast.Attribute(value=ast.Name(id="math")):
            return False
        case ast.Attribute(attr="log" | "_log"):
            return True
    return False


def events_of(said: ast.expr, module: ast.AST) -> set[str]:
    """The events that an expression can be; empty if that cannot be told."""
    match said:
        case ast.Attribute(value=ast.Name(), attr=name) if name.isupper():
            return {name.lower()}
        case ast.IfExp(body=one, orelse=other):
            return events_of(one, module) | events_of(other, module)
        case ast.Name(id=name):
            return _all_of(_given(name, module), module)
        case ast.Subscript(value=ast.Name(id=name)):
            tables = [value.values for value in _given(name, module) if isinstance(value, ast.Dict)]
            return _all_of([each for values in tables for each in values], module)
    return set()


def _given(name: str, module: ast.AST) -> list[ast.expr]:
    """Every value that a module gives a name."""
    return [
        node.value
        for node in ast.walk(module)
        if isinstance(node, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == name for target in node.targets)
    ]


def _all_of(values: list[ast.expr], module: ast.AST) -> set[str]:
    each = [events_of(value, module) for value in values]
    return set().union(*each) if each and all(each) else set()


def faults_of_call(call: ast.Call, module: ast.AST) -> Iterator[str]:
    """What is wrong with one call."""
    events = events_of(call.args[0], module) if len(call.args) == 1 else set()
    if not events:
        yield "the event cannot be told from the source"
    if any(keyword.arg is None for keyword in call.keywords):
        yield "fields must be written out"
    said = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    for event in sorted(events):
        spec = catalogue().events.get(event)
        if spec is None:
            yield f"{event} is not in the catalogue"
            continue
        if set(spec.fields) != set(said):
            yield f"{event} has the fields {sorted(spec.fields)}, not {sorted(said)}"
        for name in set(spec.fields) & set(said):
            if spec.fields[name] in _OPEN and not _last_name(said[name]) <= CODES.get((event, name), set()):
                yield f"{event}.{name} has no closed vocabulary: say in CODES where it comes from"


_OPEN = {Primitive.CODE, Primitive.VERSION, Primitive.EXCEPTION, Primitive.PLACE}


def _last_name(value: ast.expr) -> set[str]:
    match value:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return {name}
        case ast.Call(func=called):
            return _last_name(called)
        case ast.Subscript(value=inner):
            return _last_name(inner)
        case ast.BoolOp(values=values):
            return set().union(*map(_last_name, values))
        case ast.Constant(value=str(word)):
            return {word}
    return {"?"}


def bypasses(source: str) -> Iterator[str]:
    """Other ways to say something."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and BYPASSES.fullmatch(ast.unparse(node.func)):
            yield f"{node.lineno}: {ast.unparse(node.func)}"


def sources(suffix: str = ".py") -> Iterator[Path]:
    for room in ROOMS:
        yield from sorted((HOUSE / room).rglob(f"*{suffix}"))


def test_every_call_is_as_the_catalogue_says() -> None:
    wrong = [
        f"{path.relative_to(HOUSE)}:{call.lineno}: {fault}"
        for path in sources()
        for call, place in calls(path.read_text(encoding="utf-8"))
        for fault in faults_of_call(call, place)
    ]
    assert wrong == []


def test_nothing_else_speaks() -> None:
    wrong = [
        f"{path.relative_to(HOUSE)}:{found}"
        for path in sources()
        if str(path.relative_to(HOUSE)) not in TALKERS
        for found in bypasses(path.read_text(encoding="utf-8"))
    ]
    wrong += [
        f"{path.relative_to(HOUSE)}: {found}"
        for path in sources(".qml")
        for found in QML_BYPASSES.findall(path.read_text(encoding="utf-8"))
    ]
    assert wrong == []


def test_every_event_is_said_somewhere() -> None:
    said = {
        event
        for path in sources()
        for call, place in calls(path.read_text(encoding="utf-8"))
        for event in events_of(call.args[0], place)
    }
    assert set(catalogue().events) - said == {"event_refused"}  # said by the log itself


def test_a_field_is_closed_or_answered_for() -> None:
    known = catalogue()
    open_fields = {
        (event, name)
        for event, spec in known.events.items()
        for name, kind in spec.fields.items()
        if kind in _OPEN
    }
    assert open_fields == set(CODES)


@pytest.mark.parametrize(
    ("planted", "fault"),
    [
        ("log('visit_started')", "cannot be told"),
        ("log(Event.VISITOR_NAMED, name=name)", "not in the catalogue"),
        ("log(Event.VISIT_STARTED, name=name)", "has the fields []"),
        ("log(Event.VISIT_ENDED)", "has the fields ['ending']"),
        ("log(Event.VISIT_ENDED, **fields)", "must be written out"),
        ("log(Event.PACK_REFUSED, pack=answers['reporter.name_en'])", "no closed vocabulary"),
        ("log(event)", "cannot be told"),
    ],
)
def test_a_planted_call_is_found(planted: str, fault: str) -> None:
    source = f"from config.log import log\ndef act(event):\n    {planted}\n"
    found = [each for call, place in calls(source) for each in faults_of_call(call, place)]
    assert any(fault in each for each in found)


@pytest.mark.parametrize(
    "planted",
    [
        "print(name)",
        "logging.getLogger('x')",
        "logging.warning(name)",
        "sys.stderr.write(name)",
        "warnings.warn(name)",
        "traceback.print_exc()",
        "typer.echo(name)",
    ],
)
def test_a_planted_bypass_is_found(planted: str) -> None:
    assert list(bypasses(planted))
