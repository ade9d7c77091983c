"""What does not change during a visit: the place, its languages, and the size of a millimetre."""

from PySide6.QtCore import Property, QObject

from config.settings import Settings
from flows.fields.plain import unbroken
from ui.messages import PublicMessage


class SiteBridge(QObject):
    """Constants of this kiosk."""

    def __init__(
        self, settings: Settings, messages: tuple[PublicMessage, ...], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._settings = settings
        self._messages = messages

    @Property(float, constant=True)
    def pixelsPerMm(self) -> float:
        """Pixels of a millimetre on the real display; smaller in a scaled development window."""
        display = self._settings.display
        return (1.0 if display.fullscreen else display.window_scale) / display.mm_per_pixel

    @Property("QVariantMap", constant=True)  # type: ignore[arg-type]  # the stubs omit names of Qt types
    def name(self) -> dict[str, str]:
        """Name of the place per language."""
        return dict(self._settings.site.name)

    @Property("QVariantMap", constant=True)  # type: ignore[arg-type]  # the stubs omit names of Qt types
    def desk(self) -> dict[str, str]:
        """Nearest staffed desk per language."""
        return dict(self._settings.site.desk)

    @Property(str, constant=True)
    def deskPhone(self) -> str:
        """Telephone of that desk; may be empty."""
        return unbroken(self._settings.site.desk_phone)

    @Property("QStringList", constant=True)  # type: ignore[arg-type]  # the stubs omit names of Qt types
    def languages(self) -> list[str]:
        """Offered languages as tags, in order."""
        return list(self._settings.site.languages)

    @Property("QVariantList", constant=True)  # type: ignore[arg-type]  # the stubs omit names of Qt types
    def messages(self) -> list[dict[str, object]]:
        """Public messages of the attract screen: `icon` and a `caption` per language."""
        return [{"icon": message.icon, "caption": dict(message.caption)} for message in self._messages]
