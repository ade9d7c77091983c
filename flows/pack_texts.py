"""The words of a pack in one language: `texts/<language>.yaml`. What they are the words of: `flows.pack`."""

from functools import cached_property
from hashlib import sha256
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from flows.languages import Language
from flows.strict import Strict


def _label_only(value: Any) -> Any:
    return {"label": value} if isinstance(value, str) else value


class OptionText(Strict):
    """Words of a tile; `name` is the label as it stands inside a sentence, where that differs."""

    label: str
    name: str = ""
    hint: str = ""


class FieldText(Strict):
    """Words of a field."""

    label: str
    hint: str = ""
    options: dict[str, Annotated[OptionText, BeforeValidator(_label_only)]] = Field(default_factory=dict)


class PageText(Strict):
    """Words of a page: a question, and one line of help; a notice says the rest in paragraphs."""

    title: str
    help: str = ""
    paragraphs: tuple[str, ...] = ()
    needs_sign_off: bool = Field(default=False, description="A notice of the law the force must approve.")


class GroupText(Strict):
    """What a member of a group is called: as a heading, and inside a sentence."""

    label: str
    name: str


class SlipText(Strict):
    """Words of a slip."""

    title: str
    ask: str = Field(description="The button that prints it.")
    note: str = ""


class LegalText(Strict):
    """A text the force must approve. The version and a hash of the words are kept with each case."""

    version: str
    needs_sign_off: bool
    paragraphs: tuple[str, ...]

    @cached_property
    def sha256(self) -> str:
        """The hash of the words."""
        return sha256("\n".join(self.paragraphs).encode()).hexdigest()


class ReceiptTexts(Strict):
    """Words on paper."""

    force: str
    kiosk: str
    title: str
    reference: str
    official: str
    provisional: str
    code: str
    """Beside the receipt code, which is typed at the look-up where nothing can scan it."""
    scan: str
    scan_page: str
    """Said only where the site has a page that gives receipts as PDF."""
    scan_privacy: str
    next: str
    enquiries: str
    not_a_memo: str


class Words(Strict):
    """Words that answers are shown with. In braces stands what is put in."""

    date: str = Field(description="{day} {month} {year}")
    months: tuple[str, ...] = Field(min_length=12, max_length=12)
    date_time: str = Field(description="{date} {time}")
    between: str = Field(description="{start} {end}")
    unknown: str
    photo: str
    photos: str = Field(description="{count}")
    file: str
    files: str = Field(description="{count}")
    separator: str
    labelled: str = Field(description="{label} {value}")
    second: str = Field(description="{item} {number}")
    given: str = Field(description="Instead of an answer that may not be shown again.")
    none: str = Field(description="A list without members.")
    above: str = Field(description="{count}: members of a list that have rows of their own.")
    add: str = Field(description="{item}")
    total: str = Field(description="{amount}")


class Texts(Strict):
    """`texts/<language>.yaml`."""

    language: Language
    service: str
    header: str = Field(
        default="", description="Stands above the pages instead of `service`, where others may look on."
    )
    pages: dict[str, PageText]
    fields: dict[str, FieldText]
    rows: dict[str, str]
    privacy: LegalText | None = None
    declaration: LegalText | None = None
    submit: str = Field(
        default="", description="The button that submits, where the service is no report: “Send thanks”."
    )
    received: str = Field(default="", description="The title afterwards: “We have received your thanks”.")
    groups: dict[str, GroupText] = Field(default_factory=dict)
    next_steps: dict[str, str] = Field(default_factory=dict)
    slips: dict[str, SlipText] = Field(default_factory=dict)
    receipt: ReceiptTexts
    words: Words
