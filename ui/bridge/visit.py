"""The visit as QML sees it: a map of what to show, and slots that turn touches into events."""

from collections.abc import Callable

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QQmlPropertyMap

from flows.events import (
    Answered,
    ChangeAsked,
    Event,
    FileDeleted,
    LanguageChosen,
    MemberRemoved,
    PhotoDeleted,
    Rated,
    ServiceChosen,
    SlipAsked,
    Touch,
    Touched,
)
from flows.languages import Language
from flows.view import (
    FilesBody,
    ListBody,
    NoticeBody,
    PhotoBody,
    QuestionBody,
    ScanBody,
    SurveyBody,
    TriageBody,
    ViewState,
)
from ui.bridge.fields import FieldsModel
from ui.bridge.plain import Plain, to_answer, to_plain


def page_key(view: ViewState) -> tuple[str, ...]:
    """Equal for two views exactly when they are the same page: the visitor's place on it must not move."""
    match view.body:
        case QuestionBody(fields=(first, *_)):
            place = first.name
        case TriageBody(question_key=question):
            place = question
        case ScanBody(document=document):
            place = document
        case SurveyBody(question_key=question):
            place = question
        case _:
            place = ""
    return view.screen.value, place


def is_same_page(before: ViewState, after: ViewState) -> bool:
    """Whether the visitor stays where they are.

    Pages that bear nothing but words are told apart by their title, which another language changes, too.
    """
    if page_key(before) != page_key(after):
        return False
    by_title = isinstance(after.body, NoticeBody | ListBody | FilesBody | PhotoBody)
    return not by_title or before.language is not after.language or before.title == after.title


def _shown(view: ViewState) -> dict[str, Plain]:
    body = {} if isinstance(view.body, QuestionBody) else to_plain(view.body) or {}
    if isinstance(view.body, QuestionBody):
        body = {"optional": view.body.optional, "can_scan": view.body.can_scan}
    return {
        "screen": view.screen.value,
        "language": view.language.value,
        "title": view.title,
        "help": view.help,
        "body": body,
        "progress": to_plain(view.progress) or {},
        "notices": to_plain(view.notices),
        "can_back": view.can_back,
        "can_next": view.can_next,
        "can_skip": view.can_skip,
        "overlay": view.overlay.kind.value if view.overlay else "",
        "seconds": view.overlay.seconds if view.overlay else 0,
        "officer_call": view.officer_call.value,
        "calls_reach": view.calls_reach,
        "offers_officer": view.offers_officer,
    }


class VisitBridge(QObject):
    """Renders a `ViewState`, sends back events, decides nothing.

    Signals:
        pageLeft: another page follows; QML drops the present one before its values change under it.
        pageEntered: all values are those of the new page.
    """

    pageLeft = Signal()
    pageEntered = Signal()

    def __init__(self, send: Callable[[Event], None], view: ViewState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._send = send
        self._view = view
        self._shown: dict[str, Plain] = {}
        self._state = QQmlPropertyMap.create(self)
        self._fields = FieldsModel(self)
        self._update(view)

    def show(self, view: ViewState) -> None:
        """Bring the screen to `view`, touching only what differs."""
        before, self._view = self._view, view
        if is_same_page(before, view):
            self._update(view)
            return
        self.pageLeft.emit()
        self._update(view)
        self.pageEntered.emit()

    def _update(self, view: ViewState) -> None:
        for key, value in _shown(view).items():
            if key not in self._shown or self._shown[key] != value:
                self._shown[key] = value
                self._state.insert(key, value)
        self._fields.show(view.body.fields if isinstance(view.body, QuestionBody) else ())

    @Property(QObject, constant=True)
    def state(self) -> QObject:
        """Map of what to show, by the names of `ViewState`."""
        return self._state

    @Property(QObject, constant=True)
    def fields(self) -> QObject:
        """Model of the fields of a question page."""
        return self._fields

    @Slot(str)
    def touch(self, name: str) -> None:
        """A button without data; `name` is a value of `Touch`."""
        self._send(Touched(Touch(name)))

    @Slot()
    def stay(self) -> None:
        """The visitor does something that the visit need not know, such as scrolling: they are still here."""
        self._send(Touched(Touch.MORE_TIME))

    @Slot(str, "QVariant")
    def answer(self, field: str, value: object) -> None:
        """A field changed."""
        self._send(Answered(field, to_answer(value)))

    @Slot(str)
    def chooseLanguage(self, tag: str) -> None:
        """A language button."""
        self._send(LanguageChosen(Language(tag)))

    @Slot(str)
    def startIn(self, tag: str) -> None:
        """A language button of the attract screen: one touch begins and chooses."""
        self._send(Touched(Touch.START))
        self._send(LanguageChosen(Language(tag)))

    @Slot(str)
    def startDeaf(self, tag: str) -> None:
        """ "I am deaf or cannot speak" on the attract screen: one touch leads to written help."""
        self.startIn(tag)
        self._send(Touched(Touch.DEAF))

    @Slot(str)
    def chooseService(self, service: str) -> None:
        """A service tile."""
        self._send(ServiceChosen(service))

    @Slot(str)
    def change(self, target: str) -> None:
        """ "Change" on the review screen."""
        self._send(ChangeAsked(target))

    @Slot(str)
    def deletePhoto(self, photo_id: str) -> None:
        """A photo is to go."""
        self._send(PhotoDeleted(photo_id))

    @Slot(str)
    def removeMember(self, target: str) -> None:
        """A member of a list is to go."""
        self._send(MemberRemoved(target))

    @Slot(str)
    def deleteFile(self, file_id: str) -> None:
        """A file from the visitor's phone is to go."""
        self._send(FileDeleted(file_id))

    @Slot(str)
    def askSlip(self, slip: str) -> None:
        """A slip is to be printed."""
        self._send(SlipAsked(slip))

    @Slot(str)
    def rate(self, option: str) -> None:
        """An option of the survey."""
        self._send(Rated(option))
