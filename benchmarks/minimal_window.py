"""The peer of the visitor screen: the least QML window of the same size that can still be called one.

`python minimal_window.py DESCRIPTOR WIDTH HEIGHT` writes `shown` after its first frame and stays until the
other end closes.
"""

import os
import socket
import sys

from PySide6.QtCore import QSocketNotifier, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtQml import QQmlApplicationEngine
from PySide6.QtQuick import QQuickWindow

QML = b"""
import QtQuick
import QtQuick.Window

Window {
    visible: true
    Text {
        anchors.centerIn: parent
        text: "Hello"
    }
}
"""


def main() -> int:
    line = socket.socket(fileno=int(sys.argv[1]))
    width, height = map(int, sys.argv[2:4])
    application = QGuiApplication(sys.argv[:1])
    engine = QQmlApplicationEngine()
    engine.setInitialProperties({"width": width, "height": height})
    engine.loadData(QML, QUrl())
    window = engine.rootObjects()[0]
    assert isinstance(window, QQuickWindow)
    said: list[bytes] = []

    def shown() -> None:
        if not said:
            said.append(b"shown\n")
            line.sendall(said[0])

    window.frameSwapped.connect(shown)
    leaving = QSocketNotifier(line.fileno(), QSocketNotifier.Type.Read)
    leaving.activated.connect(lambda: os._exit(0))
    return application.exec()


if __name__ == "__main__":
    sys.exit(main())
