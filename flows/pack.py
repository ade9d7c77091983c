"""A pack: what one service asks of a visitor, as data. `flows.pack_loader` reads and checks it.

Names of fields are the paths of the case document (`reporter.name_en`). `items[].colour` is asked for each
member of the group `items`; the member's own option is `items[].category`.
"""

from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from config.settings import SiteKind
from flows.conditions import Condition
from flows.fields.check import TextFormat
from flows.icons import Icon
from flows.languages import Language
from flows.view import FieldKind, Keyboard

LANGUAGE_DEFAULT = "{language}"
"""As the default of a choice: the option named like the language of the visit."""

DEFAULT_KEYBOARDS = {
    FieldKind.TEXT: Keyboard.WRITING,
    FieldKind.LONG_TEXT: Keyboard.WRITING,
    FieldKind.NUMBER: Keyboard.DIGITS,
    FieldKind.MONEY: Keyboard.DIGITS,
    FieldKind.PHONE: Keyboard.PHONE,
    FieldKind.EMAIL: Keyboard.EMAIL,
    FieldKind.DOCUMENT: Keyboard.CAPITALS,
    FieldKind.LAST_FOUR: Keyboard.DIGITS,
}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PageKind(StrEnum):
    """What a page is."""

    QUESTION = "question"  # fields; without any, a page to read
    SCAN = "scan"  # a document to the reader
    PHOTOS = "photos"  # pictures of the lost thing


class Option(_Strict):
    """A tile of a choice."""

    value: str
    icon: Icon | None = None
    when: Condition | None = None
    stands_for: dict[SiteKind, str] = Field(
        default_factory=dict, description="What the case says instead, by kind of site."
    )
    marks: str = Field(default="", description="A field of the case that is true when this option is chosen.")


class Preselect(_Strict):
    """An option that is chosen already when the visitor arrives."""

    option: str
    when: Condition


class SameAs(_Strict):
    """The answer is known already: it is taken from `field` and not asked again while `when` holds."""

    field: str
    when: Condition


class FieldDef(_Strict):
    """One answer."""

    field: str
    kind: FieldKind
    required: bool = False
    required_when: Condition | None = None
    when: Condition | None = None
    default: str = ""
    options: tuple[Option, ...] = ()
    options_from: str = Field(default="", description="A group: its other members are the options.")
    preselect: tuple[Preselect, ...] = ()
    same_as: SameAs | None = None
    max_length: int = 0
    format: TextFormat = TextFormat.FREE
    keyboard: Keyboard | None = None
    document: str = Field(
        default="", description="The choice that says which document this number belongs to."
    )
    document_type: str = Field(default="", description="... or the document itself.")
    personal: bool = Field(default=False, description="Masked on the review screen.")
    future: bool = Field(default=False, description="A date that lies ahead; others lie behind.")
    assumed: bool = Field(
        default=False, description="Its default stands in the case even when it was not asked."
    )
    in_case: bool = Field(default=True, description="When false it only steers the questions.")
    in_review: bool = Field(default=True, description="When false it is not shown on the review screen.")

    @cached_property
    def keys(self) -> Keyboard:
        """The keyboard that the field opens."""
        return self.keyboard or DEFAULT_KEYBOARDS.get(self.kind, Keyboard.NONE)

    @cached_property
    def option_values(self) -> tuple[str, ...]:
        """The values of its own options."""
        return tuple(option.value for option in self.options)


class Page(_Strict):
    """One screen, one idea."""

    page: str
    section: str
    kind: PageKind = PageKind.QUESTION
    for_each: str = Field(default="", description="A group: the page is shown for each member.")
    row: str = Field(
        "", description="Row of the review screen; pages in sequence with the same row share it."
    )
    when: Condition | None = None
    final: bool = Field(default=False, description="Nothing comes after it: the visitor goes back or stops.")
    fields: tuple[FieldDef, ...] = ()
    one_of: tuple[str, ...] = Field(
        default=(), description="Fields of this page of which at least one must be answered."
    )
    scan_page: str = Field(
        default="", description="A question page that offers this scan page instead of typing."
    )
    document: str = Field(default="", description="Scan: the choice that says which document.")
    fills: dict[str, str] = Field(default_factory=dict, description="Scan: what was read → field.")
    photos: str = Field(default="", description="Photos: the field that lists them.")
    limit: int = Field(default=0, description="Photos: how many.")


class Group(_Strict):
    """Things of which a visitor may name several, one member for each chosen option."""

    chosen_by: str = Field(description="The multi-choice field whose options are the members.")
    again: str = Field(default="", description="A multi-choice field of a member ...")
    again_option: str = Field(
        default="", description="... whose option asks for a second member of the same kind."
    )
    limit: int = 20


class NextStepDef(_Strict):
    """An advice after the report."""

    step: str
    icon: Icon | None = None
    when: Condition | None = None


class Definition(_Strict):
    """`pack.yaml`."""

    pack: str
    version: str
    report_type: str
    icon: Icon
    minutes: int
    languages: tuple[Language, ...]
    sections: tuple[str, ...]
    groups: dict[str, Group] = Field(default_factory=dict)
    pages: tuple[Page, ...]
    next_steps: tuple[NextStepDef, ...] = ()


def _label_only(value: Any) -> Any:
    return {"label": value} if isinstance(value, str) else value


class OptionText(_Strict):
    """Words of a tile; `name` is the label as it stands inside a sentence, where that differs."""

    label: str
    name: str = ""
    hint: str = ""


class FieldText(_Strict):
    """Words of a field."""

    label: str
    hint: str = ""
    options: dict[str, Annotated[OptionText, BeforeValidator(_label_only)]] = Field(default_factory=dict)


class PageText(_Strict):
    """Words of a page: a question, and one line of help."""

    title: str
    help: str = ""


class LegalText(_Strict):
    """A text the force must approve. The version and a hash of the words are kept with each case."""

    version: str
    needs_sign_off: bool
    paragraphs: tuple[str, ...]


class ReceiptTexts(_Strict):
    """Words on paper."""

    force: str
    kiosk: str
    title: str
    reference: str
    official: str
    provisional: str
    scan: str
    scan_page: str
    """Said only where the site has a page that gives receipts as PDF."""
    scan_privacy: str
    next: str
    enquiries: str
    not_a_memo: str


class Words(_Strict):
    """Words that answers are shown with. In braces stands what is put in."""

    date: str = Field(description="{day} {month} {year}")
    months: tuple[str, ...] = Field(min_length=12, max_length=12)
    date_time: str = Field(description="{date} {time}")
    between: str = Field(description="{start} {end}")
    unknown: str
    photo: str
    photos: str = Field(description="{count}")
    separator: str
    labelled: str = Field(description="{label} {value}")
    second: str = Field(description="{item} {number}")


class Texts(_Strict):
    """`texts/<language>.yaml`."""

    language: Language
    service: str
    pages: dict[str, PageText]
    fields: dict[str, FieldText]
    rows: dict[str, str]
    privacy: LegalText
    declaration: LegalText
    next_steps: dict[str, str] = Field(default_factory=dict)
    receipt: ReceiptTexts
    words: Words


class Pack(_Strict):
    """A checked service: definition and texts."""

    definition: Definition
    texts: dict[Language, Texts]

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
        """The page that asks a field; photo fields included."""
        asked = {each.field: page for page in self.definition.pages for each in page.fields}
        return asked | {page.photos: page for page in self.definition.pages if page.photos}

    @property
    def steps(self) -> int:
        """Steps a visitor counts: collection statement, each section, review, declaration with receipt."""
        return len(self.definition.sections) + 3


class PackBook(_Strict):
    """The packs a kiosk knows, in the order in which they are offered."""

    packs: dict[str, Pack]

    def __getitem__(self, name: str) -> Pack:
        return self.packs[name]
