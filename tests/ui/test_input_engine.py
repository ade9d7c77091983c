"""Typing by every method, and that nothing typed is kept."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.languages import Language
from ui.input import rime
from ui.input.engine import METHODS, Composition, InputEngine, Method

HANT, HANS, EN = Language.TRADITIONAL_CHINESE, Language.SIMPLIFIED_CHINESE, Language.ENGLISH


@pytest.fixture
def engine(rime_tables: Path) -> Iterator[InputEngine]:
    engine = InputEngine(rime_tables)
    yield engine
    engine.close()


def _type(engine: InputEngine, letters: str) -> Composition:
    composition = Composition()
    for letter in letters:
        composition = engine.feed(letter)
    return composition


@pytest.mark.parametrize(
    ("method", "language", "letters", "wanted", "preedit"),
    [
        (Method.CANGJIE, HANT, "rohf", "喺", "口人竹火"),
        (Method.CANGJIE, HANT, "jjyt", "𨋢", "十十卜廿"),
        (Method.CANGJIE, HANS, "ana", "間", "日弓日"),
        (Method.QUICK, HANT, "cv", "銀", "金女"),
        (Method.JYUTPING, HANT, "hoenggong", "香港", "hoeng gong"),
        (Method.JYUTPING, HANS, "ngobin", "我边", "ngo bin"),
        (Method.STROKE, HANT, "hspn", "木", "一丨丿丶"),
        (Method.PINYIN, HANT, "qianbao", "錢包", "qian bao"),
        (Method.PINYIN, HANT, "wei", "為", "wei"),
        (Method.PINYIN, HANS, "qianbao", "钱包", "qian bao"),
        (Method.PINYIN, EN, "yinhang", "銀行", "yin hang"),
    ],
)
def test_methods_write_the_forms_of_the_language(
    engine: InputEngine, method: Method, language: Language, letters: str, wanted: str, preedit: str
) -> None:
    engine.use(method, language)
    composition = _type(engine, letters)
    assert composition.preedit == preedit
    assert wanted in composition.candidates[:12]
    chosen = engine.choose(composition.candidates.index(wanted))
    assert chosen == Composition(commit=wanted)


def test_a_part_can_be_chosen_before_the_rest(engine: InputEngine) -> None:
    engine.use(Method.JYUTPING, HANT)
    composition = _type(engine, "hoenggong")
    rest = engine.choose(composition.candidates.index("香"))
    assert rest.preedit == "香gong"
    assert rest.commit == ""
    whole = engine.choose(rest.candidates.index("江"))
    assert whole.commit == "香江"


def test_backspace_takes_back_one_key_and_then_nothing(engine: InputEngine) -> None:
    engine.use(Method.CANGJIE, HANT)
    _type(engine, "ab")
    assert engine.backspace().preedit == "日"
    assert engine.backspace() == Composition()
    assert engine.backspace() == Composition()


def test_a_candidate_that_is_not_there_changes_nothing(engine: InputEngine) -> None:
    engine.use(Method.CANGJIE, HANT)
    before = _type(engine, "rohf")
    for index in (-1, len(before.candidates), 10_000):
        assert engine.choose(index) == before


def test_changing_the_method_forgets_what_was_composed(engine: InputEngine) -> None:
    engine.use(Method.PINYIN, HANS)
    _type(engine, "qian")
    engine.use(Method.STROKE, HANS)
    assert _type(engine, "h").preedit == "一"


@pytest.mark.parametrize("method", [method for method in METHODS[HANT] if method is not Method.LATIN])
def test_choosing_does_not_teach(engine: InputEngine, method: Method) -> None:
    letters = {Method.STROKE: "hs", Method.CANGJIE: "oj", Method.QUICK: "oj"}.get(method, "si")
    engine.use(method, HANT)
    first = _type(engine, letters)
    for _ in range(6):
        engine.choose(7)
        again = _type(engine, letters)
    assert again.candidates == first.candidates


def test_nothing_typed_reaches_a_file(
    rime_tables: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for variable in ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.chdir(tmp_path)
    before = _snapshot(rime_tables)
    already_open = set(_open_for_writing())
    engine = InputEngine(rime_tables)
    for method, letters in (
        (Method.JYUTPING, "hoenggong"),
        (Method.PINYIN, "xianggang"),
        (Method.CANGJIE, "hapi"),
    ):
        engine.use(method, HANT)
        _type(engine, letters)
        open_files = _open_for_writing()
        engine.choose(0)
    engine.close()
    assert list(tmp_path.rglob("*")) == []
    assert _snapshot(rime_tables) == before
    assert set(open_files) <= already_open
    assert capfd.readouterr() == ("", "")


def _snapshot(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in folder.rglob("*")}


def _open_for_writing() -> list[str]:
    writable = []
    for descriptor in Path("/proc/self/fdinfo").iterdir():
        try:
            flags = int(descriptor.read_text().split("flags:")[1].split()[0], 8)
            path = str(Path(f"/proc/self/fd/{descriptor.name}").readlink())
        except FileNotFoundError:  # the descriptor of this very listing
            continue
        if flags & os.O_ACCMODE and path.startswith("/") and not path.startswith("/dev"):
            writable.append(path)
    return writable


def test_without_data_there_is_latin_and_a_reason(tmp_path: Path) -> None:
    engine = InputEngine(tmp_path)
    assert engine.methods(HANT) == (Method.LATIN,)
    assert "ui.input.deploy" in engine.problem
    engine.use(Method.CANGJIE, HANT)
    assert engine.feed("a") == engine.backspace() == engine.choose(0) == Composition()


def test_without_the_library_there_is_latin_and_a_reason(
    rime_tables: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rime, "_load", rime._load.__wrapped__)  # past the library that is loaded already
    monkeypatch.setattr(rime, "LIBRARY", "libnot-there.so.1")
    engine = InputEngine(rime_tables)
    engine.use(Method.PINYIN, HANS)
    assert engine.methods(HANS) == (Method.LATIN,)
    assert "librime1" in engine.problem
    assert engine.feed("a") == Composition()


def test_all_is_well_without_a_problem(engine: InputEngine) -> None:
    assert engine.problem == ""
    assert [engine.methods(language)[0] for language in Language] == [
        Method.CANGJIE,
        Method.PINYIN,
        Method.LATIN,
    ]
    assert all(set(engine.methods(language)) == set(Method) for language in Language)
