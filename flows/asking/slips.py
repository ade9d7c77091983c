"""Papers besides the receipt: for the other driver, or to be tied to a thing. Printed when asked for.

Only answers of class `printed` ever stand on one.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from flows.answering.known_answers import split
from flows.cases.receipt_builder import both, head, second_language
from flows.conditions import at, holds
from flows.events import Event, PrintEnded, PrintReceipt, SlipAsked
from flows.life.pages import Pages
from flows.life.receipt_printing import ReceiptPrinting
from flows.life.submission import Submission
from flows.life.visit_context import VisitContext
from flows.pack import Slip, SlipLine
from flows.picture.wording import Wording
from flows.ports import Device
from flows.privacy import Place as Shown
from flows.privacy import may_appear
from flows.receipt import Block, Gap, ReceiptDocument, Reference, Rule, Size, Text
from flows.view import SlipButton

MOST_PRINTS = 3
"""Of one slip in a visit: paper is for the next visitor, too."""


@dataclass(frozen=True, slots=True)
class Paper:
    """One piece of paper: a slip, of a member where it is `for_each`."""

    slip: Slip
    slot: int | None = None

    @property
    def name(self) -> str:
        """What its button says."""
        return self.slip.slip if self.slot is None else f"{self.slip.slip}[{self.slot}]"


@dataclass(slots=True)
class Slips:
    """Slips wait until the receipt is out, and are printed one after the other."""

    context: VisitContext
    pages: Pages
    submission: Submission
    printing: dict[str, ReceiptPrinting] = field(default_factory=dict)
    prints: dict[str, int] = field(default_factory=dict)
    waiting: deque[str] = field(default_factory=deque)

    @property
    def is_active(self) -> bool:
        """Whether one waits or is being printed: counts as activity."""
        return bool(self.waiting) or any(each.is_active for each in self.printing.values())

    @property
    def is_receipt_coming(self) -> bool:
        """The receipt is never delayed by a slip."""
        return self.submission.printing.is_active

    def papers(self) -> list[Paper]:
        """The papers that there are now."""
        known = self.pages.known()
        papers: list[Paper] = []
        for slip in known.pack.definition.slips:
            slots = known.slots(slip.for_each) if slip.for_each else (None,)
            papers += [Paper(slip, slot) for slot in slots if holds(slip.when, known, slot)]
        return papers

    def buttons(self) -> tuple[SlipButton, ...]:
        """What the received screen offers."""
        wording = self._wording()
        return tuple(
            SlipButton(
                paper.name,
                wording.fill(wording.texts.slips[paper.slip.slip].ask, paper.slot, paper.slip.for_each),
                self.printing[paper.name].state if paper.name in self.printing else None,
            )
            for paper in self.papers()
        )

    def _wording(self) -> Wording:
        return Wording(self.pages.known(), self.context.site, self.context.language)

    # --- named in the table ---------------------------------------------------------------------------------

    def ask(self, event: Event) -> None:
        """The visitor asks for a slip; the same again while it is coming is no second one."""
        if not isinstance(event, SlipAsked) or event.slip not in (paper.name for paper in self.papers()):
            return
        printing = self.printing.get(event.slip)
        coming = event.slip in self.waiting or (printing is not None and printing.is_active)
        if coming or self.prints.get(event.slip, 0) >= MOST_PRINTS:
            return
        self.printing[event.slip] = ReceiptPrinting()
        self.waiting.append(event.slip)
        self._print_next()

    def note_print(self, event: Event) -> None:
        """A job ended: the receipt's or a slip's."""
        self.submission.note_print(event)
        if isinstance(event, PrintEnded):
            for printing in self.printing.values():
                printing.end(event.job_id, event.outcome)
        self._print_next()

    def tick(self, event: Event) -> None:
        """The receipt first; and never wait for a mute printer for ever."""
        self.submission.tick(event)
        now = self.context.clock.monotonic()
        for printing in self.printing.values():
            printing.give_up(now, self.context.timing.print_deadline_s)
        self._print_next()

    def _print_next(self) -> None:
        busy = any(each.is_active for each in self.printing.values())
        if self.is_receipt_coming or busy or not self.waiting:
            return
        name = self.waiting.popleft()
        paper = next((each for each in self.papers() if each.name == name), None)
        kept = self.submission.kept
        if paper is None or kept is None:
            return
        job_id = self.printing[name].start(
            self.context.clock.monotonic(), self.context.devices[Device.PRINTER], str(self.context.new_id())
        )
        if job_id is not None:
            self.prints[name] = self.prints.get(name, 0) + 1
            document = build_slip(self._wording(), paper, kept.reference, large_print=self.context.large_text)
            self.context.send(PrintReceipt(job_id, document))


def build_slip(wording: Wording, paper: Paper, reference: str, *, large_print: bool) -> ReceiptDocument:
    """Lay a slip out, from top to bottom, in both languages of a receipt."""
    other = replace(wording, language=second_language(wording.language))
    return ReceiptDocument(
        (
            *head(wording, other),
            Rule(),
            *_title(wording, other, paper),
            *(_reference(wording, other, reference) if paper.slip.reference else ()),
            Rule(),
            *_lines(wording, other, paper),
            *_note(wording, other, paper),
            Gap(4),
        ),
        large_print,
    )


def _title(first: Wording, second: Wording, paper: Paper) -> tuple[Block, ...]:
    a, b = (
        each.fill(each.texts.slips[paper.slip.slip].title, paper.slot, paper.slip.for_each)
        for each in (first, second)
    )
    return Text(a, first.language, Size.TITLE, bold=True), Text(b, second.language)


def _reference(first: Wording, second: Wording, digits: str) -> tuple[Block, ...]:
    a, b = first.texts.receipt, second.texts.receipt
    return both(first, second, a.reference, b.reference), Reference(digits)


def _lines(first: Wording, second: Wording, paper: Paper) -> Iterator[Block]:
    """What is of no group first; then the member's own lines, or those of every other with its name above."""
    known, slip = first.known, paper.slip
    for line in slip.lines:
        if not split(at(line.field, 0))[0].startswith(f"{slip.for_each}[].") or not slip.for_each:
            yield from _line(first, second, line, None)
    if not slip.for_each:
        return
    own = [line for line in slip.lines if line.field.startswith(f"{slip.for_each}[].")]
    others = [slot for slot in known.slots(slip.for_each) if slot != paper.slot]
    for slot in others if slip.others else (paper.slot,):
        blocks = [block for line in own for block in _line(first, second, line, slot)]
        if blocks and slip.others and slot is not None:
            yield Gap(2)
            yield both(first, second, *(each.member(slip.for_each, slot) for each in (first, second)))
        yield from blocks


def _line(first: Wording, second: Wording, line: SlipLine, slot: int | None) -> Iterator[Block]:
    group, bracket, _ = line.field.partition("[].")
    slots = first.known.slots(group) if bracket and slot is None else (slot,)
    for each in slots:
        yield from _answer(first, second, line, each if bracket else None)


def _answer(first: Wording, second: Wording, line: SlipLine, slot: int | None) -> Iterator[Block]:
    known, definition = first.known, first.known.pack.fields[line.field]
    value = known.value(line.field, slot)
    printable = may_appear(definition.privacy, Shown.PAPER)
    if not printable or value in (None, "", [], {}) or not holds(line.when, known, slot):
        return
    texts = [(each.field(line.field).label, each.full(definition, value, slot)) for each in (first, second)]
    (label, words), (other_label, other_words) = texts
    yield both(first, second, label, other_label)
    yield Text(words, first.language)
    if other_words != words:
        yield Text(other_words, second.language, Size.SMALL)


def _note(first: Wording, second: Wording, paper: Paper) -> tuple[Block, ...]:
    notes = tuple(
        Text(each.fill(words.note, paper.slot, paper.slip.for_each), each.language, Size.SMALL)
        for each in (first, second)
        for words in (each.texts.slips[paper.slip.slip],)
    )
    return (Rule(), *notes) if any(note.text for note in notes) else ()
