"""The life cycle and a pack, drawn as Mermaid from the very tables the machine runs on. The same text every
time.
"""

from flows.conditions import Condition
from flows.life.lifecycle import COVER_MOVES, MOVES, Cover, State, Trigger
from flows.pack import Pack, PackKind, Page, PageKind

_SHAPES = {
    PageKind.QUESTION: ("[", "]"),
    PageKind.SCAN: ("[/", "/]"),
    PageKind.PHOTOS: ("[/", "/]"),
    PageKind.FILES: ("[/", "/]"),
    PageKind.LIST: ("[[", "]]"),
    PageKind.NOTICE: ("([", "])"),
}


def life_cycle() -> str:
    """States and the moves between them. What happens within a state, and the end from everywhere, is left
    out.
    """
    arrows: dict[tuple[str, str, str], list[str]] = {}
    for move in MOVES:
        if move.dest is None or move.trigger is Trigger.END:
            continue
        for source in move.sources:
            arrow = (source.value, move.dest.value, move.when.partition(".")[2])
            arrows.setdefault(arrow, []).append(move.trigger.value)
    lines = ["stateDiagram-v2", f"    [*] --> {State.ATTRACT.value}"]
    for (start, end, when), triggers in arrows.items():
        condition = f" [{when}]" if when else ""
        lines.append(f"    {start} --> {end} : {', '.join(triggers)}{condition}")
    lines.append(f"    {State.WIPED.value} --> [*]")
    return "\n".join(lines) + "\n"


def covers() -> str:
    """What may lie over a screen."""
    lines = ["stateDiagram-v2", f"    [*] --> {Cover.CLEAR.value}"]
    lines += [
        f"    {source.value} --> {move.dest.value} : {move.trigger.value}"
        for move in COVER_MOVES
        for source in move.sources
    ]
    return "\n".join(lines) + "\n"


def pack_diagram(pack: Pack) -> str:
    """The pages of a pack in order, with the conditions under which each is shown."""
    first = "privacy" if pack.has_statement else "services"
    last = "review" if pack.definition.kind is PackKind.REPORT else "finish"
    lines = ["flowchart TD", f"    {first}([{first}])"]
    for section in pack.definition.sections:
        lines.append(f"    subgraph {section}")
        lines += [f"        {_node(page)}" for page in pack.definition.pages if page.section == section]
        lines.append("    end")
    lines.append(f"    {last}([{last}])")
    previous = first
    for page in pack.definition.pages:
        lines.append(f"    {previous} --> {page.page}")
        if page.hand_over is not None:
            lines.append(f"    {page.page} --> {page.hand_over.pack}[[{page.hand_over.pack}]]")
        elif not page.final:
            previous = page.page
    lines.append(f"    {previous} --> {last}")
    return "\n".join(lines) + "\n"


def _node(page: Page) -> str:
    opening, closing = _SHAPES[page.kind]
    text = page.page
    if page.for_each:
        text += f"<br/>for each of {page.for_each}"
    if page.when is not None:
        text += f"<br/>if {in_words(page.when)}"
    if page.final:
        text += "<br/>ends here"
    if page.helper:
        text += "<br/>helps"
    return f'{page.page}{opening}"{text}"{closing}'


def in_words(condition: Condition) -> str:
    """A condition as a line of text."""
    if condition.field is not None:
        return f"{condition.field} {_test(condition)}"
    if condition.any_ is not None:
        return "(" + " or ".join(map(in_words, condition.any_)) + ")"
    if condition.all_ is not None:
        return " and ".join(map(in_words, condition.all_))
    if condition.not_ is not None:
        return f"not {in_words(condition.not_)}"
    if condition.where is not None:
        return f"some of {condition.member}: {in_words(condition.where)}"
    return _fact(condition)


def _fact(condition: Condition) -> str:
    if condition.scanned is not None:
        return f"{condition.scanned} was read"
    if condition.offers is not None:
        return f"{condition.offers} is offered here"
    if condition.site is not None:
        return f"the site is {condition.site.value}"
    return f"more than {condition.more_than} of {condition.of or condition.chosen}"


def _test(condition: Condition) -> str:
    if condition.answered is not None:
        return "is answered" if condition.answered else "is not answered"
    if condition.within_weeks is not None:
        return f"is within {condition.within_weeks} weeks"
    if condition.within_days is not None:
        return f"is at most {condition.within_days} days ahead"
    if condition.at_least_days_ahead is not None:
        return f"is at least {condition.at_least_days_ahead} days ahead"
    if condition.has is not None:
        return f"has {condition.has}"
    return "is " + " or ".join(condition.values())
