import QtQuick
import "../controls"
import "../theme"

// A name and its value, with a line beneath.
Item {
    id: row

    property string name: ""
    property string value: ""
    property color ink: Theme.text

    implicitHeight: Math.max(label.implicitHeight, said.implicitHeight) + 2 * Theme.mm(3)
    width: parent?.width ?? 0

    Label {
        id: label

        color: Theme.muted
        size: Theme.smallText
        text: row.name
        width: Math.round(row.width * 0.42)
        y: Theme.mm(3)
    }
    Label {
        id: said

        anchors.left: label.right
        anchors.leftMargin: Theme.gap
        anchors.right: parent.right
        color: row.ink
        size: Theme.smallText
        text: row.value
        wrapMode: Text.WrapAtWordBoundaryOrAnywhere
        y: Theme.mm(3)
    }
    Rectangle {
        anchors.bottom: parent.bottom
        color: Theme.divider
        height: Theme.hairline
        width: parent.width
    }
}
