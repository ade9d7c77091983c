import QtQuick
import "../theme"

// Shows where the keys of a keypad act: a ring with a gap, visible on any ground.
Rectangle {
    id: ring

    required property Item control
    property color colour: Theme.focus
    property bool shown: control.activeFocus

    anchors.fill: parent
    anchors.margins: -2 * Theme.thickLine
    border.color: colour
    border.width: Theme.thickLine
    color: "transparent"
    radius: Theme.radius + 2 * Theme.thickLine
    visible: shown
    z: 1
}
