"""The levers of a developer as QML sees them: what stands, what may be pulled, and one slot to pull."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QQmlPropertyMap

from ui.bridge.plain import Plain, to_plain

Words = Mapping[str, object]
"""A command of the simulators."""


@dataclass(frozen=True, slots=True)
class Lever:
    """A button: `words` are sent when it is pulled. `standing`: it shows as pressed while the world is so."""

    label: str
    words: Words
    standing: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """Levers that belong together."""

    label: str
    levers: tuple[Lever, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """All about one device, or the network."""

    name: str
    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a device is now.

    `word` is its state as screens hear it, `mood` good, fair, bad or none, `simulated` what was done to it,
    `facts` one text.
    """

    word: str
    mood: str
    simulated: Words
    facts: str


class DockBridge(QObject):
    """Shows what it is given and sends what is pulled; decides nothing."""

    boardsChanged = Signal()

    def __init__(
        self, boards: tuple[Board, ...], pull: Callable[[Words], None], parent: QObject | None = None
    ) -> None:
        """`pull` must return at once."""
        super().__init__(parent)
        self._boards = boards
        self._pull = pull
        self._state = QQmlPropertyMap.create(self)
        for key, value in (("language", "en"), ("officer_call", "none"), ("calls_reach", False)):
            self._state.insert(key, value)  # what the theme of the house reads of a visit
        self._shown: dict[str, Plain] = {}
        self.note("")
        self.show_paper("")
        self.stand({})

    def stand(self, standing: Mapping[str, Standing]) -> None:
        """How everything is now, by the names of the boards."""
        self._put("standing", to_plain(dict(standing)))

    def show_paper(self, address: str) -> None:
        """The picture of the latest paper, by its address; empty if there is none."""
        self._put("paper", address)

    def note(self, text: str) -> None:
        """One line beneath everything: what could not be done."""
        self._put("note", text)

    def _put(self, key: str, value: Plain) -> None:
        if key not in self._shown or self._shown[key] != value:
            self._shown[key] = value
            self._state.insert(key, value)

    @Property(QObject, constant=True)
    def state(self) -> QObject:
        """`standing`, `paper`, `note`."""
        return self._state

    @Property("QVariantList", constant=True)  # type: ignore[arg-type]  # the stubs omit names of Qt types
    def boards(self) -> Plain:
        """All boards; levers are known by board, row and place."""
        return to_plain(self._boards)

    @Slot(int, int, int)
    def pull(self, board: int, row: int, lever: int) -> None:
        """A lever was pulled."""
        self._pull(self._boards[board].rows[row].levers[lever].words)
