"""The words that belong to every service, in the language of the visit."""

from PySide6.QtCore import Property, QObject, Signal

from flows.languages import Language
from ui.i18n.catalogue import Catalogue


class WordsBridge(QObject):
    """The catalogue of one language as a map from key to text; QML puts values into `{placeholders}`."""

    tableChanged = Signal()

    def __init__(self, catalogue: Catalogue, language: Language, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._catalogue = catalogue
        self._language = language

    def speak(self, language: Language) -> None:
        """Change to `language`."""
        if language is not self._language:
            self._language = language
            self.tableChanged.emit()

    @Property("QVariantMap", notify=tableChanged)  # type: ignore[arg-type]  # the stubs omit names of Qt types
    def table(self) -> dict[str, str]:
        """All texts of the language by dotted key."""
        return dict(self._catalogue[self._language])

    @Property("QVariantMap", constant=True)  # type: ignore[arg-type]  # the stubs omit names of Qt types
    def everyLanguage(self) -> dict[str, dict[str, str]]:
        """All texts of all languages, for the screens that speak several at once."""
        return {language.value: dict(texts) for language, texts in self._catalogue.items()}
