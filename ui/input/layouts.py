"""The keys of every keyboard, as data: rows from top to bottom, keys from left to right, ten wide."""

from dataclasses import dataclass
from enum import StrEnum

from flows.languages import Language
from flows.view import Keyboard
from ui.input.engine import Method


class Role(StrEnum):
    """What a key does, and how it looks."""

    INSERT = "insert"  # puts its text into the field
    COMPOSE = "compose"  # goes to the input method
    METHOD = "method"  # changes the input method
    ACTION = "action"  # belongs to the keyboard itself
    DONE = "done"


class Action(StrEnum):
    """Keys that belong to the keyboard itself. Words: `keyboard.<value>` of the catalogue."""

    BACKSPACE = "backspace"
    SHIFT = "shift"
    SYMBOLS = "symbols"
    LETTERS = "letters"
    CHINESE = "chinese"
    SPACE = "space"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Key:
    """One key. `text` is what it puts or composes; without a `label` its `name` gives word or icon."""

    name: str
    role: Role
    label: str = ""
    corner: str = ""
    text: str = ""
    span: float = 1.0
    chosen: bool = False


Row = tuple[Key, ...]
Rows = tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Layer:
    """What decides the keys of a keyboard at this moment."""

    keyboard: Keyboard
    language: Language
    method: Method = Method.LATIN
    methods: tuple[Method, ...] = (Method.LATIN,)
    shifted: bool = False
    symbols: bool = False
    methods_shown: bool = False


_DIGITS = "1234567890"
_LETTERS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_RADICALS = dict(
    zip("abcdefghijklmnopqrstuvwxyz", "日月金木水火土竹戈十大中一弓人心手口尸廿山女田難卜重", strict=True)
)
_STROKES = (("h", "一", "橫"), ("s", "丨", "豎"), ("p", "丿", "撇"), ("n", "丶", "點"), ("z", "乙", "折"))
_STROKE_NAMES_SIMPLIFIED = {"橫": "横", "豎": "竖", "點": "点"}
_LATIN_SYMBOLS = ("@#$%&*-+=/", "()\"':;!?,.")
_CHINESE_SYMBOLS = ("@#$%&*-+=/", "（）「」：；！？，。")
_SIMPLIFIED_SYMBOLS = ("@#$%&*-+=/", "（）“”：；！？，。")
_MARKS = {
    Language.TRADITIONAL_CHINESE: "，。、？！：；「」…",
    Language.SIMPLIFIED_CHINESE: "，。、？！：；“”…",
    Language.ENGLISH: "，。、？！：；「」…",
}
_DOMAINS = {
    Language.TRADITIONAL_CHINESE: ("@gmail.com", "@yahoo.com.hk", "@outlook.com", "@icloud.com"),
    Language.SIMPLIFIED_CHINESE: ("@qq.com", "@163.com", "@outlook.com", "@icloud.com"),
    Language.ENGLISH: ("@gmail.com", "@yahoo.com", "@outlook.com", "@icloud.com"),
}
_KEYPAD = ("123", "456", "789")
_KEYPAD_SPAN = 2.4
_WIDE = 1.5
_ROW = 10.0


def rows(layer: Layer) -> Rows:
    """The rows of keys for `layer`. Every row fits ten tenths; a shorter one is meant to be centred."""
    match layer.keyboard:
        case Keyboard.DIGITS:
            return _digits()
        case Keyboard.AMOUNT:
            return _keypad_with(".0")
        case Keyboard.PHONE:
            return _keypad_with("+0")
        case Keyboard.CAPITALS:
            return _capitals()
        case Keyboard.EMAIL:
            return _email(layer.language)
        case _:
            return _writing(layer)


def marks(language: Language) -> Row:
    """Punctuation that fills the candidate row while nothing is being composed."""
    return _inserts(_MARKS[language])


def _inserts(characters: str) -> Row:
    return tuple(Key(character, Role.INSERT, character, text=character) for character in characters)


def _action(action: Action, span: float = _WIDE) -> Key:
    return Key(action.value, Role.DONE if action is Action.DONE else Role.ACTION, span=span)


def _space(span: float) -> Key:
    return Key(Action.SPACE.value, Role.INSERT, text=" ", span=span)


def _digits() -> Rows:
    last = (_action(Action.BACKSPACE), *_inserts("0"), _action(Action.DONE))
    return _keypad((*map(_inserts, _KEYPAD), last))


def _keypad_with(left: str) -> Rows:
    """A keypad whose last row begins with `left`; Done has a row of its own."""
    last = (*_inserts(left), _action(Action.BACKSPACE))
    return (*_keypad((*map(_inserts, _KEYPAD), last)), (_action(Action.DONE, 3 * _KEYPAD_SPAN),))


def _keypad(keys: Rows) -> Rows:
    return tuple(
        tuple(Key(key.name, key.role, key.label, text=key.text, span=_KEYPAD_SPAN) for key in row)
        for row in keys
    )


def _capitals() -> Rows:
    letters = [_inserts(row.upper()) for row in _LETTERS]
    return (
        _inserts(_DIGITS),
        letters[0],
        letters[1],
        (*_inserts("("), *letters[2], _action(Action.BACKSPACE, 2)),
        (*_inserts(")-/"), _space(4), _action(Action.DONE, 3)),
    )


def _email(language: Language) -> Rows:
    chips = _DOMAINS[language]
    letters = [_inserts(row) for row in _LETTERS]
    ends = (".com", ".hk")
    return (
        tuple(Key(chip, Role.INSERT, chip, text=chip, span=_ROW / len(chips)) for chip in chips),
        _inserts(_DIGITS),
        letters[0],
        letters[1],
        (*_inserts("_"), *letters[2], _action(Action.BACKSPACE, 2)),
        (
            Key("@", Role.INSERT, "@", text="@", span=_WIDE),
            *_inserts("-."),
            *(Key(end, Role.INSERT, end, text=end, span=_WIDE + 0.25) for end in ends),
            _action(Action.DONE, 3),
        ),
    )


def _writing(layer: Layer) -> Rows:
    if layer.symbols:
        return (*_symbols(layer), _bottom(layer))
    if layer.method is Method.LATIN:
        return (*_latin(layer), _bottom(layer))
    if layer.method is Method.STROKE:
        return (*_strokes(layer.language), _bottom(layer))
    return (*_chinese(layer), _bottom(layer))


def _latin(layer: Layer) -> Rows:
    letters = [_inserts(row.upper() if layer.shifted else row) for row in _LETTERS]
    shift = Key(Action.SHIFT.value, Role.ACTION, span=_WIDE, chosen=layer.shifted)
    return (
        _inserts(_DIGITS),
        letters[0],
        letters[1],
        (shift, *letters[2], _action(Action.BACKSPACE)),
    )


def _symbols(layer: Layer) -> Rows:
    if layer.method is Method.LATIN:
        first, second = _LATIN_SYMBOLS
        third = _inserts("_~<>€£¥")
    else:
        first, second = (
            _SIMPLIFIED_SYMBOLS if layer.language is Language.SIMPLIFIED_CHINESE else _CHINESE_SYMBOLS
        )
        third = _inserts("、…《》·～＄")
    letters = Key(Action.LETTERS.value, Role.ACTION, span=_WIDE)
    return _inserts(_DIGITS), _inserts(first), _inserts(second), (letters, *third, _action(Action.BACKSPACE))


def _chinese(layer: Layer) -> Rows:
    radicals = layer.method in (Method.CANGJIE, Method.QUICK)
    letters = [tuple(_compose(letter, radicals=radicals) for letter in row) for row in _LETTERS]
    left = Key("，", Role.INSERT, "，", text="，", span=_WIDE)
    if not radicals:
        left = Key("'", Role.COMPOSE, "'", text="'", span=_WIDE)
    return letters[0], letters[1], (left, *letters[2], _action(Action.BACKSPACE))


def _compose(letter: str, *, radicals: bool) -> Key:
    if radicals:
        return Key(letter, Role.COMPOSE, _RADICALS[letter], letter.upper(), letter)
    return Key(letter, Role.COMPOSE, letter, text=letter)


def _strokes(language: Language) -> Rows:
    simplified = language is Language.SIMPLIFIED_CHINESE
    span = _ROW / 3
    keys = tuple(
        Key(
            code,
            Role.COMPOSE,
            shape,
            _STROKE_NAMES_SIMPLIFIED.get(name, name) if simplified else name,
            code,
            span,
        )
        for code, shape, name in _STROKES
    )
    return keys[:3], (*keys[3:], _action(Action.BACKSPACE, span)), _inserts(_DIGITS)


def _bottom(layer: Layer) -> Row:
    symbols = _action(Action.LETTERS if layer.symbols else Action.SYMBOLS, 1.0 if _crowded(layer) else _WIDE)
    left = _left(layer)
    room = _ROW - sum(key.span for key in left) - symbols.span
    done = _WIDE
    return (*left, symbols, _space(room - done), _action(Action.DONE, done))


def _left(layer: Layer) -> Row:
    if len(layer.methods) == 1:
        return ()
    if not _crowded(layer):
        return (_action(Action.CHINESE),)
    return tuple(
        Key(f"mode:{method.value}", Role.METHOD, span=1.0, chosen=method is layer.method)
        for method in layer.methods
    )


def _crowded(layer: Layer) -> bool:
    """Whether the bottom row holds every method; English keeps them behind one key until asked."""
    return len(layer.methods) > 1 and (layer.methods[0] is not Method.LATIN or layer.methods_shown)
