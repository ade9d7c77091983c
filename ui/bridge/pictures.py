"""Pictures for QML: icons in colours of the theme, the visitor's photos, the live picture, the QR code.

All live in memory only. Addresses never hold anything a visitor typed.
"""

from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import Property, QByteArray, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter
from PySide6.QtQuick import QQuickImageProvider
from PySide6.QtSvg import QSvgRenderer

ICONS = Path(__file__).parent.parent / "assets" / "icons"
_DEFAULT_EDGE = 48


@lru_cache(maxsize=256)
def _icon_source(name: str) -> str:
    if not name.replace("-", "").isalnum():
        raise ValueError("an icon's name holds letters, digits and hyphens only")
    return (ICONS / f"{name}.svg").read_text(encoding="utf-8")


class IconProvider(QQuickImageProvider):
    """`image://icons/<name>/<rrggbb>`: an icon drawn in that colour."""

    def __init__(self) -> None:
        super().__init__(QQuickImageProvider.ImageType.Image)

    def requestImage(self, address: str, size: QSize, requested: QSize) -> QImage:
        """Draw the icon at `requested` pixels. Raises `FileNotFoundError` for an unknown name."""
        name, _, colour = address.partition("/")
        picture = QSvgRenderer(QByteArray(_icon_source(name).replace("currentColor", f"#{colour}").encode()))
        edge = max(requested.width(), requested.height())
        edge = edge if edge > 0 else _DEFAULT_EDGE
        image = QImage(edge, edge, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        picture.render(painter, QRectF(0, 0, edge, edge))
        painter.end()
        size.setWidth(edge)
        size.setHeight(edge)
        return image


class MemoryProvider(QQuickImageProvider):
    """Pictures by id that were put here and are gone after `forget`."""

    def __init__(self) -> None:
        super().__init__(QQuickImageProvider.ImageType.Image)
        self._images: dict[str, QImage] = {}

    def put(self, picture_id: str, image: QImage) -> None:
        """Keep `image`; the same id again replaces it."""
        self._images[picture_id] = image

    def forget(self) -> None:
        """Drop all pictures."""
        self._images.clear()

    def requestImage(self, address: str, size: QSize, requested: QSize) -> QImage:
        """The picture `address` without what follows a "?", fitted into `requested`; else a blank one."""
        image = self._images.get(address.partition("?")[0])
        if image is None:
            image = QImage(1, 1, QImage.Format.Format_ARGB32_Premultiplied)
            image.fill(Qt.GlobalColor.transparent)
        size.setWidth(image.width())
        size.setHeight(image.height())
        if requested.width() > 0 and requested.height() > 0:
            smooth = Qt.TransformationMode.SmoothTransformation
            return image.scaled(requested, Qt.AspectRatioMode.KeepAspectRatio, smooth)
        return image


class PicturesBridge(QObject):
    """Tells QML that the camera's live picture, or the code to take along, is another one."""

    live_frame_changed = Signal()
    code_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._live_frame = 0
        self._code = 0

    def next_code(self) -> None:
        """Another code is there."""
        self._code += 1
        self.code_changed.emit()

    def next_frame(self) -> None:
        """Another live picture is there."""
        self._live_frame += 1
        self.live_frame_changed.emit()

    @Property(int, notify=live_frame_changed)
    def liveFrame(self) -> int:
        """Number of live pictures so far."""
        return self._live_frame

    @Property(int, notify=code_changed)
    def code(self) -> int:
        """Number of codes so far: an address that tells nothing."""
        return self._code


def code_image(payload: str) -> QImage:
    """A QR code of `payload`, one pixel a module, with its quiet zone."""
    import segno  # 30 ms that the first frame does not wait for

    matrix = [bytes(row) for row in segno.make_qr(payload, error="m").matrix_iter(border=4)]
    edge = len(matrix)
    image = QImage(edge, edge, QImage.Format.Format_RGB32)
    for y, row in enumerate(matrix):
        for x, dark in enumerate(row):
            image.setPixel(x, y, 0xFF000000 if dark else 0xFFFFFFFF)
    return image
