import QtQuick
import "../controls"
import "../theme"

// What the machine says while a test runs.
Label {
    bold: true
    even: true
    size: Theme.smallText
    visible: text !== ""
    width: parent?.width ?? 0
}
