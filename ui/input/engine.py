"""Chinese typing, free of Qt: letters in, text and candidates out. Learns nothing and writes nothing."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from flows.languages import Language
from ui.input.rime import BACKSPACE, Folders, Rime, RimeError


class Method(StrEnum):
    """A way of writing."""

    CANGJIE = "cangjie"
    QUICK = "quick"
    JYUTPING = "jyutping"
    STROKE = "stroke"
    PINYIN = "pinyin"
    LATIN = "latin"


METHODS: dict[Language, tuple[Method, ...]] = {
    Language.TRADITIONAL_CHINESE: (
        Method.CANGJIE,
        Method.QUICK,
        Method.JYUTPING,
        Method.STROKE,
        Method.PINYIN,
        Method.LATIN,
    ),
    Language.SIMPLIFIED_CHINESE: (
        Method.PINYIN,
        Method.STROKE,
        Method.JYUTPING,
        Method.CANGJIE,
        Method.QUICK,
        Method.LATIN,
    ),
    Language.ENGLISH: (
        Method.LATIN,
        Method.CANGJIE,
        Method.QUICK,
        Method.JYUTPING,
        Method.STROKE,
        Method.PINYIN,
    ),
}
"""The methods offered to a language; the first is the one a visit starts with."""

SCHEMAS = {
    Method.CANGJIE: "cangjie5",
    Method.QUICK: "quick5",
    Method.JYUTPING: "jyut6ping3",
    Method.STROKE: "stroke",
    Method.PINYIN: "luna_pinyin",
}
CANDIDATES = 120
"""More than anyone pages through; the rarest characters of a full code are within it."""

_SHARED = Path("/usr/share/rime-data")
_NOWHERE = Path("/dev/null/rime")
"""The user's folder of librime. It can neither exist nor be made, so nothing can ever be written there."""

_SIMPLIFIED = "simplification"
_HONG_KONG = "variants_hk"


@dataclass(frozen=True, slots=True)
class Composition:
    """What typing led to. `commit` is text that became final with this very step."""

    preedit: str = ""
    candidates: tuple[str, ...] = ()
    commit: str = ""


class InputEngine:
    """Turns key presses into Chinese text. Without librime or its data it offers Latin only."""

    def __init__(self, compiled: Path) -> None:
        self._compiled = compiled
        self._rime: Rime | None = None
        self._problem = self._missing()

    @property
    def problem(self) -> str:
        """Why Chinese cannot be typed, for technicians; empty when all is well."""
        return self._problem

    def methods(self, language: Language) -> tuple[Method, ...]:
        """What can be offered now, the usual one first."""
        return (Method.LATIN,) if self._problem else METHODS[language]

    def use(self, method: Method, language: Language) -> None:
        """Type by `method`. Methods by sound write the forms of `language`."""
        self.clear()
        if method is Method.LATIN or self._problem:
            return
        rime = self._opened()
        if rime is None:
            return
        rime.select_schema(SCHEMAS[method])
        simplified = language is Language.SIMPLIFIED_CHINESE
        rime.set_option(_SIMPLIFIED, value=simplified)
        rime.set_option(_HONG_KONG, value=not simplified)

    def feed(self, letter: str) -> Composition:
        """Press a letter key of the method in use, `a` to `z` or the apostrophe between syllables."""
        if self._rime is not None:
            self._rime.press(ord(letter))
        return self._now()

    def backspace(self) -> Composition:
        """Take back the last key of what is being composed."""
        if self._rime is not None and self._rime.preedit():
            self._rime.press(BACKSPACE)
        return self._now()

    def choose(self, index: int) -> Composition:
        """Take a candidate by its place in `Composition.candidates`; other places change nothing."""
        if self._rime is not None and 0 <= index < CANDIDATES:
            self._rime.select(index)
        return self._now()

    def clear(self) -> None:
        """Forget what is being composed."""
        if self._rime is not None:
            self._rime.clear()
            self._rime.take_commit()

    def close(self) -> None:
        """Release librime; typing afterwards opens it again."""
        if self._rime is not None:
            self._rime.close()
            self._rime = None

    def _now(self) -> Composition:
        if self._rime is None:
            return Composition()
        return Composition(self._rime.preedit(), self._rime.candidates(CANDIDATES), self._rime.take_commit())

    def _opened(self) -> Rime | None:
        if self._rime is None:
            try:
                self._rime = Rime(Folders(_SHARED, self._compiled, _NOWHERE))
            except RimeError as error:
                self._problem = str(error)
        return self._rime

    def _missing(self) -> str:
        schemas = sorted(
            schema for schema in SCHEMAS.values() if not (self._compiled / f"{schema}.schema.yaml").is_file()
        )
        return f"{self._compiled} lacks {', '.join(schemas)}; run ui.input.deploy" if schemas else ""
