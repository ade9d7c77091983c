import QtQuick
import "../controls"
import "../theme"

// What the machine says while a test runs.
Label {
    color: Theme.accent
    even: true
    size: Theme.smallText
    visible: text !== ""
    width: parent?.width ?? 0
}
