"""A pack: what one service asks of a visitor, as data. `flows.loading.pack_loader` reads and checks it.

Names of fields are the paths of the case document (`reporter.name_en`). `items[].colour` is asked for each
member of the group `items`; the member's own option is `items[].category`.
"""

from enum import StrEnum
from functools import cached_property
from itertools import groupby

from jsonschema.protocols import Validator
from pydantic import Field

from config.settings import SiteKind
from flows.conditions import Condition
from flows.fields.check import TextFormat
from flows.icons import Icon
from flows.languages import Language
from flows.name_lists import NameList
from flows.pack_texts import Texts
from flows.privacy import Privacy
from flows.recipients import Recipient
from flows.strict import Strict
from flows.view import FieldKind, Keyboard, Picture

LANGUAGE_DEFAULT = "{language}"
"""As the default of a choice: the option named like the language of the visit."""

DEFAULT_KEYBOARDS = {
    FieldKind.TEXT: Keyboard.WRITING,
    FieldKind.LONG_TEXT: Keyboard.WRITING,
    FieldKind.NUMBER: Keyboard.DIGITS,
    FieldKind.MONEY: Keyboard.AMOUNT,
    FieldKind.PHONE: Keyboard.PHONE,
    FieldKind.EMAIL: Keyboard.EMAIL,
    FieldKind.DOCUMENT: Keyboard.CAPITALS,
    FieldKind.LAST_FOUR: Keyboard.DIGITS,
}


class PackKind(StrEnum):
    """What a service comes to."""

    REPORT = "report"  # a case, after collection statement, review and declaration
    ENQUIRY = "enquiry"  # an answer of the centre; nothing is kept
    INFORMATION = "information"  # pages to read; nothing personal is asked, so no collection statement


class ServiceGroup(StrEnum):
    """Under which heading the services screen shows a service, in this order."""

    LOST_AND_FOUND = "lost_and_found"
    CRIME = "crime"
    NUISANCE = "nuisance"
    TRAFFIC = "traffic"
    MY_REPORT = "my_report"
    PERMITS = "permits"
    FEEDBACK = "feedback"
    HELP = "help"


class PageKind(StrEnum):
    """What a page is. Each is a state of the life cycle."""

    QUESTION = "question"  # fields
    SCAN = "scan"  # a document or code to the reader
    PHOTOS = "photos"  # pictures by the camera
    LIST = "list"  # the members of a group so far: change, remove, add another
    NOTICE = "notice"  # to read: advice, an answer of the centre, a stop, or the way into another service
    FILES = "files"  # files from the visitor's own phone


class NoticeTone(StrEnum):
    """How a notice page speaks."""

    CALM = "calm"  # information, advice
    OFFICER = "officer"  # this needs an officer: offers to call one, names the desk
    EMERGENCY = "emergency"  # this needs 999 now
    LEGAL = "legal"  # a duty or right by law


class Ask(StrEnum):
    """What the centre is asked when a page is left; the visitor waits for its answer."""

    CHECK = "check"  # to send a one-time check to the contact in the report
    STATUS = "status"  # how the report stands


class HandOver(Strict):
    """The way into another service with the answers so far. Those of the same name go along by themselves."""

    pack: str
    carries: dict[str, str] = Field(
        default_factory=dict, description="Field here → field there, where the names differ."
    )
    sets: dict[str, str] = Field(
        default_factory=dict, description="Field there → the choice that the visitor made by coming this way."
    )


class Option(Strict):
    """A tile of a choice."""

    value: str
    icon: Icon | None = None
    when: Condition | None = None
    stands_for: dict[SiteKind, str] = Field(
        default_factory=dict, description="What the case says instead, by kind of site."
    )
    marks: str = Field(default="", description="A field of the case that is true when this option is chosen.")


class Preselect(Strict):
    """An option that is chosen already when the visitor arrives."""

    option: str
    when: Condition


class SameAs(Strict):
    """The answer is known already: it is taken from `field` and not asked again while `when` holds."""

    field: str
    when: Condition


class FieldDef(Strict):
    """One answer."""

    field: str
    kind: FieldKind
    required: bool = False
    required_when: Condition | None = None
    when: Condition | None = None
    default: str = ""
    options: tuple[Option, ...] = ()
    options_from: str = Field(default="", description="A group: its other members are the options.")
    options_list: str = Field(
        default="", description="Kind `listed`: a list of `flows/lists`; the answer is the code of an entry."
    )
    picture: Picture | None = Field(
        default=None, description="A choice of several that is shown as a picture to touch."
    )
    preselect: tuple[Preselect, ...] = ()
    same_as: SameAs | None = None
    max_length: int = 0
    format: TextFormat = TextFormat.FREE
    keyboard: Keyboard | None = None
    document: str = Field(
        default="", description="The choice that says which document this number belongs to."
    )
    document_type: str = Field(default="", description="... or the document itself.")
    privacy: Privacy = Field(
        default=Privacy.HIDDEN, description="Where the answer may appear again: nowhere unless said."
    )
    future: bool = Field(default=False, description="A date that lies ahead; others lie behind.")
    within_years: int = Field(
        default=0, description="A date or moment at most so many years ago; without it, any day since 1900."
    )
    not_before: str = Field(default="", description="A date asked before, which this one may not precede.")
    assumed: bool = Field(
        default=False, description="Its default stands in the case even when it was not asked."
    )
    in_case: bool = Field(default=True, description="When false it only steers the questions.")
    in_review: bool = Field(default=True, description="When false it is not shown on the review screen.")

    @cached_property
    def keys(self) -> Keyboard:
        """The keyboard that the field opens."""
        return self.keyboard or DEFAULT_KEYBOARDS.get(self.kind, Keyboard.NONE)

    @property
    def is_kept(self) -> bool:
        """Whether its answer stands in the case. What the centre is asked with never does."""
        return self.in_case and not self.field.startswith("enquiry.")

    @cached_property
    def option_values(self) -> tuple[str, ...]:
        """The values of its own options."""
        return tuple(option.value for option in self.options)


class Page(Strict):
    """One screen, one idea."""

    page: str
    section: str
    kind: PageKind = PageKind.QUESTION
    for_each: str = Field(default="", description="A group: the page is shown for each member.")
    row: str = Field(
        "", description="Row of the review screen; pages in sequence with the same row share it."
    )
    when: Condition | None = None
    final: bool = Field(default=False, description="Notice: nothing comes after it; back, or the end.")
    helper: bool = Field(
        default=False,
        description="A question that completes what was said: at most three a visit, all optional.",
    )
    ask: Ask | None = Field(default=None, description="Question: what the centre is asked when it is left.")
    fields: tuple[FieldDef, ...] = ()
    one_of: tuple[str, ...] = Field(
        default=(), description="Fields of this page of which at least one must be answered, of each member."
    )
    scan_page: str = Field(
        default="", description="A question page that offers this scan page instead of typing."
    )
    document: str = Field(default="", description="Scan: the choice that says which document.")
    fills: dict[str, str] = Field(default_factory=dict, description="Scan: what was read → field.")
    photos: str = Field(default="", description="Photos: the field that lists them.")
    files: str = Field(default="", description="Files: the field that lists them.")
    limit: int = Field(default=0, description="Photos, files: how many.")
    list_of: str = Field(default="", description="List: the group.")
    total: str = Field(default="", description="List: a money field of the group that is summed up.")
    tone: NoticeTone = Field(default=NoticeTone.CALM, description="Notice.")
    hand_over: HandOver | None = Field(
        default=None, description="Notice: Continue leads into another service."
    )
    entries: str = Field(default="", description="Notice: a list of `flows/lists` that is shown in full.")
    code: str = Field(default="", description="Notice: an https address, shown as a QR code to take along.")
    shows_status: bool = Field(
        default=False, description="Notice: what the centre answered to `ask: status`."
    )


class Group(Strict):
    """Things of which a visitor may name several: one member for each chosen option, or added one by one."""

    chosen_by: str = Field(default="", description="The multi-choice field whose options are the members.")
    at_least: int = Field(
        default=1, description="Without `chosen_by`: so many members are there from the start."
    )
    again: str = Field(default="", description="A multi-choice field of a member ...")
    again_option: str = Field(
        default="", description="... whose option asks for a second member of the same kind."
    )
    limit: int = 20


class StepPlace(StrEnum):
    """Where an advice after the report stands."""

    SCREEN = "screen"
    PAPER = "paper"


class NextStepDef(Strict):
    """An advice after the report."""

    step: str
    where: tuple[StepPlace, ...] = Field(default=tuple(StepPlace), min_length=1)
    icon: Icon | None = None
    when: Condition | None = None


class SlipLine(Strict):
    """A line of a slip: the answer of one field, which must be of class `printed`."""

    field: str
    when: Condition | None = None


class Slip(Strict):
    """A paper besides the receipt, for somebody else or to be tied to a thing. Printed when asked for."""

    slip: str
    for_each: str = Field(default="", description="A group: one paper for each member.")
    others: bool = Field(
        default=False, description="With `for_each`: the paper of a member says what the others are."
    )
    when: Condition | None = None
    lines: tuple[SlipLine, ...]
    reference: bool = Field(default=True, description="Carries the reference of the report.")


class Definition(Strict):
    """`pack.yaml`."""

    pack: str
    version: str
    kind: PackKind = PackKind.REPORT
    report_type: str = ""
    icon: Icon
    group: ServiceGroup
    minutes: int
    languages: tuple[Language, ...]
    recipient: Recipient = Field(default=Recipient.REPORTS, description="Whose key opens the case.")
    officer_call: bool = Field(default=True, description="Its screens offer to call an officer.")
    supplement: bool = Field(default=False, description="The case belongs to the report that was looked up.")
    sections: tuple[str, ...]
    groups: dict[str, Group] = Field(default_factory=dict)
    pages: tuple[Page, ...]
    receipt_lines: tuple[str, ...] = Field(
        default=(),
        description="Fields of class `printed` that the receipt shows, besides what groups are of.",
    )
    slips: tuple[Slip, ...] = ()
    next_steps: tuple[NextStepDef, ...] = ()


class Pack(Strict):
    """A checked service: definition and texts."""

    definition: Definition
    texts: dict[Language, Texts]
    lists: dict[str, NameList] = Field(default_factory=dict, description="The lists its pages name.")

    @property
    def name(self) -> str:
        """The name of its folder."""
        return self.definition.pack

    @cached_property
    def pages(self) -> dict[str, Page]:
        """Pages by name, in order."""
        return {page.page: page for page in self.definition.pages}

    @cached_property
    def fields(self) -> dict[str, FieldDef]:
        """Fields by name, in order."""
        return {each.field: each for page in self.definition.pages for each in page.fields}

    @cached_property
    def page_of(self) -> dict[str, Page]:
        """The page that asks a field; fields of photos and files included."""
        asked = {each.field: page for page in self.definition.pages for each in page.fields}
        lists = {page.photos or page.files: page for page in self.definition.pages}
        return asked | {name: page for name, page in lists.items() if name}

    @cached_property
    def page_numbers(self) -> dict[str, int]:
        """The place of each page in the order of the pack, from 0."""
        return {page.page: number for number, page in enumerate(self.definition.pages)}

    @cached_property
    def blocks(self) -> tuple[tuple[str, tuple[Page, ...]], ...]:
        """The pages in order, those in sequence that are asked for each member of a group together."""
        runs = groupby(self.definition.pages, lambda page: page.for_each)
        return tuple((group, tuple(pages)) for group, pages in runs)

    @cached_property
    def pages_of(self) -> dict[str, tuple[Page, ...]]:
        """The pages that are asked for each member of a group, by group; under "" those asked once."""
        names = ("", *self.definition.groups)
        return {
            name: tuple(page for page in self.definition.pages if page.for_each == name) for name in names
        }

    @cached_property
    def list_pages(self) -> dict[str, Page]:
        """The list page of each group whose members are added one by one."""
        return {page.list_of: page for page in self.definition.pages if page.list_of}

    @cached_property
    def case_validator(self) -> Validator:
        """Checks case documents of this pack. Made once: making it takes as long as checking."""
        from flows.cases.case_schema import validator  # it reads packs itself

        return validator(self)

    @property
    def has_statement(self) -> bool:
        """Whether a collection statement comes first."""
        return self.definition.kind is not PackKind.INFORMATION

    @property
    def steps(self) -> int:
        """Steps a visitor counts: collection statement, each section, and of a report its review and
        declaration with receipt.
        """
        ends = 2 if self.definition.kind is PackKind.REPORT else 0
        return self.has_statement + len(self.definition.sections) + ends


class PackBook(Strict):
    """The packs a kiosk knows, in the order in which they are offered."""

    packs: dict[str, Pack]

    def __getitem__(self, name: str) -> Pack:
        return self.packs[name]
