"""The keyboard as QML sees it: which keys there are now, and what a press does to the field.

Text enters a field the way any input method puts it there, by `QInputMethodEvent`: at the cursor, in place of
the selection, underlined while it is being composed, and never as anything but plain text.
"""

from dataclasses import asdict
from typing import TypeAlias

from PySide6.QtCore import Property, QCoreApplication, QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QInputMethodEvent, QKeyEvent, QTextCharFormat
from shiboken6 import isValid

from flows.languages import Language
from flows.view import Keyboard
from ui.input.engine import Composition, InputEngine, Method
from ui.input.glyphs import Glyphs
from ui.input.layouts import Action, Key, Layer, Role, Row, Rows, marks, rows

_METHOD_PREFIX = "mode:"

Plain: TypeAlias = dict[str, str | float | bool]


class KeyboardBridge(QObject):
    """State of the one keyboard of a visit. It ends with the process, so nobody inherits a method or a word.

    Signals:
        keys_changed: other keys are there.
        composed: what is being composed, or its candidates, changed.
        done: the visitor has finished typing.
    """

    keys_changed = Signal()
    composed = Signal()
    done = Signal()

    def __init__(self, engine: InputEngine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._target: QObject | None = None
        self._keyboard = Keyboard.NONE
        self._language = Language.ENGLISH
        self._chosen: dict[Language, Method] = {}
        self._shifted = False
        self._symbols = False
        self._methods_shown = False
        self._composition = Composition()
        self._drawable: list[int] = []
        self._glyphs = Glyphs()

    @Property(list, notify=keys_changed)
    def rows(self) -> list[list[Plain]]:
        """Rows of keys as maps of `layouts.Key`."""
        return [_plain_row(row) for row in self._rows()]

    @Property(list, notify=keys_changed)
    def marks(self) -> list[Plain]:
        """Punctuation for the candidate row while it is idle; empty where there is no candidate row."""
        return _plain_row(marks(self._language)) if self._composes() else []

    @Property(list, notify=composed)
    def candidates(self) -> list[str]:
        """What the composed keys may mean, the likeliest first."""
        return [self._composition.candidates[place] for place in self._drawable]

    @Property(str, notify=composed)
    def preedit(self) -> str:
        """What is being composed."""
        return self._composition.preedit

    @Property(str, notify=keys_changed)
    def method(self) -> str:
        """The input method in use."""
        return self._method().value

    @Slot(QObject, str, str)
    def open(self, target: QObject | None, keyboard: str, language: str) -> None:
        """Type into `target` from now on. The texts are values of `Keyboard` and `Language`."""
        self._cancel()
        self._target = target
        self._keyboard, self._language = Keyboard(keyboard), Language(language)
        self._shifted = self._symbols = self._methods_shown = False
        self._use(self._method())

    @Slot(str)
    def press(self, name: str) -> None:
        """A key was touched."""
        key = next(
            (key for row in (*self._rows(), marks(self._language)) for key in row if key.name == name), None
        )
        if key is not None:
            self._act(key)

    @Slot(int)
    def choose(self, index: int) -> None:
        """A candidate was touched."""
        if 0 <= index < len(self._drawable):
            self._show(self._engine.choose(self._drawable[index]))

    @Slot()
    def settle(self) -> None:
        """Make what is being composed final by its likeliest meaning."""
        while self._drawable:
            self.choose(0)
        self._cancel()

    def close(self) -> None:
        """Release the input method."""
        self._target = None
        self._engine.close()

    # --- what keys do

    def _act(self, key: Key) -> None:
        match key.role:
            case Role.COMPOSE:
                self._show(self._engine.feed(key.text))
            case Role.INSERT:
                self._insert(key)
            case Role.METHOD:
                self._change_method(Method(key.name.removeprefix(_METHOD_PREFIX)))
            case Role.DONE:
                self.settle()
                self.done.emit()
            case Role.ACTION:
                self._change(Action(key.name))

    def _insert(self, key: Key) -> None:
        if self._composition.preedit:
            self.settle()
            if key.name == Action.SPACE:
                return
        self._commit(key.text)
        if self._shifted:
            self._shifted = False
            self.keys_changed.emit()

    def _change(self, action: Action) -> None:
        match action:
            case Action.BACKSPACE:
                self._erase()
                return
            case Action.SHIFT:
                self._shifted = not self._shifted
            case Action.SYMBOLS | Action.LETTERS:
                self.settle()
                self._symbols = action is Action.SYMBOLS
            case _:
                self._methods_shown = True
        self.keys_changed.emit()

    def _change_method(self, method: Method) -> None:
        self._cancel()
        self._chosen[self._language] = method
        self._symbols = self._shifted = False
        self._methods_shown = self._methods_shown and method is not Method.LATIN
        self._use(method)

    def _use(self, method: Method) -> None:
        self._engine.use(method, self._language)
        self.keys_changed.emit()

    def _erase(self) -> None:
        if self._composition.preedit:
            self._show(self._engine.backspace())
            return
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            self._send(QKeyEvent(kind, Qt.Key.Key_Backspace, Qt.KeyboardModifier.NoModifier))

    # --- the field

    def _show(self, composition: Composition) -> None:
        self._composition = composition
        self._drawable = [
            place for place, text in enumerate(composition.candidates) if self._glyphs.draw(text)
        ]
        event = QInputMethodEvent(composition.preedit, _underlined(composition.preedit))
        event.setCommitString(self._fitting(composition.commit))
        self._send(event)
        self.composed.emit()

    def _cancel(self) -> None:
        self._engine.clear()
        if self._composition != Composition():
            self._show(Composition())

    def _commit(self, text: str) -> None:
        event = QInputMethodEvent("", [])
        event.setCommitString(self._fitting(text))
        self._send(event)

    def _send(self, event: QEvent) -> None:
        field = self._field()
        if field is not None:
            QCoreApplication.sendEvent(field, event)

    def _field(self) -> QObject | None:
        """The field, unless its page took it away."""
        return self._target if self._target is not None and isValid(self._target) else None

    def _fitting(self, text: str) -> str:
        """As much of `text` as `maximumLength` of the field allows, in whole characters."""
        field = self._field()
        limit = field.property("maximumLength") if field is not None else None
        if field is None or limit is None:
            return text
        held, selected = str(field.property("text")), str(field.property("selectedText") or "")
        room = int(limit) - _units(held) + _units(selected)
        while text and _units(text) > room:
            text = text[:-1]
        return text

    # --- what there is

    def _method(self) -> Method:
        offered = self._engine.methods(self._language)
        if self._keyboard is not Keyboard.WRITING:
            return Method.LATIN
        chosen = self._chosen.get(self._language, offered[0])
        return chosen if chosen in offered else offered[0]

    def _composes(self) -> bool:
        return self._method() is not Method.LATIN

    def _rows(self) -> Rows:
        if self._keyboard is Keyboard.NONE:
            return ()
        writing = self._keyboard is Keyboard.WRITING
        return rows(
            Layer(
                keyboard=self._keyboard,
                language=self._language,
                method=self._method(),
                methods=self._engine.methods(self._language) if writing else (Method.LATIN,),
                shifted=self._shifted,
                symbols=self._symbols,
                methods_shown=self._methods_shown or self._composes(),
            )
        )


def _plain_row(row: Row) -> list[Plain]:
    return [asdict(key) for key in row]


def _units(text: str) -> int:
    """UTF-16 units, as Qt counts the length of a field."""
    return len(text.encode("utf-16-le")) // 2


def _underlined(preedit: str) -> list[QInputMethodEvent.Attribute]:
    length = _units(preedit)
    line = QTextCharFormat()
    line.setFontUnderline(True)
    return [
        QInputMethodEvent.Attribute(QInputMethodEvent.AttributeType.TextFormat, 0, length, line),
        QInputMethodEvent.Attribute(QInputMethodEvent.AttributeType.Cursor, length, 1, None),
    ]
